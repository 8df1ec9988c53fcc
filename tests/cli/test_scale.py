"""The large county to measure with is written by SQL of its own: it must know every column that has to be filled."""

import pytest

from koumen.cli.county import many
from koumen.core import scope
from koumen.registry.models import Guardianship, Org, Staff
from koumen.visits.models import VisitRecord
from koumen.visits.services.entries import entry_of


@pytest.mark.django_db
def test_a_school_of_it_is_whole() -> None:
    """Every child has two adults, two homes of three a record that reads like any other."""
    found = many.build(1, 1)
    org = Org.objects.get(slug=next(iter(found)))
    with scope.enter(org.pk):
        assert Guardianship.objects.count() == 2 * found[org.slug]
        assert Staff.objects.exclude(languages=[]).count() == 0
        record = VisitRecord.objects.select_related("visit").order_by("pk")[0]
        assert entry_of(record).as_json()["met_relation"] in ("51", "52")
