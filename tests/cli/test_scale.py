"""The large county to measure with is written by SQL of its own: it must know every column that has to be filled."""

import pytest

from koumen.care.models import Case, DropoutEntry, Measure, Opinion, Task
from koumen.care.queries.dropout import month_lines
from koumen.cli.county import many
from koumen.cli.county.scale_care import fill
from koumen.core import clock, scope
from koumen.registry.models import Flag, Guardianship, Org, Staff
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


@pytest.mark.django_db
def test_its_care_reads_like_any_other() -> None:
    """Sealed texts open, each measure under way is a task, and a flag of the last term waits to be renewed."""
    org = Org.objects.get(slug=next(iter(many.build(1, 1))))
    with scope.enter(org.pk):
        assert Case.objects.filter(state="progress")[0].why.startswith("父母都在外地")
        assert Task.objects.open().filter(about="measure").count() == Measure.objects.open().count() > 100
        assert 0.3 < Opinion.objects.count() / VisitRecord.objects.count() < 0.4
        assert month_lines(clock.today().replace(day=1))[1].numbers["suspected_now"] == 2
        assert set(DropoutEntry.objects.values_list("state", flat=True)) == set(DropoutEntry.State)
        assert Flag.objects.to_renew(clock.today()).filter(category="D12").exists()
    assert not fill(org)
