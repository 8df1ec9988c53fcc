"""Whom the visitors met may be several people: father and grandmother by video, at once."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.visits.models import RecordVersion, Visit, VisitRecord
from koumen.visits.services.entries import entry_of, from_json
from koumen.visits.services.papers import paper
from koumen.visits.services.spoken import spoken
from tests.cast import Cast
from tests.visits.phones import Phone
from tests.visits.stories import LATER, planned, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]
ActorOf = Callable[[str], Actor]


@pytest.fixture(autouse=True)
def _morning_after() -> Any:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(cast: Cast) -> Visit:
    with scope.enter(cast.hill.pk):
        return planned(cast, "阿虎")


def test_the_page_takes_both_and_offers_both_again(hill: Cast, visit: Visit, client_of: Clients) -> None:
    sent = typed(visit, met_relation=["61", "51"])
    url = reverse("visits:record", kwargs={"org": "hill", "pk": visit.pk})
    assert client_of("teacher1").post(url, sent).status_code == 302
    row = VisitRecord.objects.get()
    assert (row.met_relation, row.also_met) == ("51", ["61"])
    page = client_of("teacher1").get(url.replace("/record/", "/revise/"))
    assert page.context["form"]["met_relation"].value() == ["51", "61"]
    shown = client_of("teacher1").get(reverse("visits:visit", kwargs={"org": "hill", "pk": visit.pk}))
    assert "父亲、祖父" in shown.content.decode()


def test_the_phone_says_one_or_all_and_the_order_does_not_matter(cast: Cast, visit: Visit, client_of: Clients) -> None:
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk):
        first = phone.send(record, visit, entry={"met_relation": ["61", "51"]})
        again = phone.send(record, visit, entry={"met_relation": ["51", "61"]})
        other = phone.send(record, visit, entry={"met_relation": "61"})
        assert (first[0], again, other[0]) == (200, first, 409)
        assert other[1]["kept"]["entry"]["met_relation"] == ["51", "61"]
        assert RecordVersion.objects.get().entry["met_relation"] == "61"


def test_one_person_reads_as_before_several_were_possible(cast: Cast, visit: Visit, client_of: Clients) -> None:
    """The content of a record about one person has the same hash whether it is sent as a word or as a list."""
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk):
        first = phone.send(record, visit, entry={"met_relation": "52"})
        assert phone.send(record, visit, entry={"met_relation": ["52"]}) == first
        kept = entry_of(VisitRecord.objects.get()).as_json()
        assert kept["met_relation"] == "52"
        assert "also_met" not in kept


@pytest.mark.parametrize("met", [[], ["xx"], ["52"] * 13, "", ["52", "xx"]])
def test_nobody_or_an_unknown_one_is_refused(cast: Cast, visit: Visit, client_of: Clients, met: object) -> None:
    with scope.enter(cast.hill.pk):
        status, told = Phone(client_of("teacher1")).send(uuid4(), visit, entry={"met_relation": met})
        assert (status, VisitRecord.objects.count()) == (422, 0)
    assert any("met_relation" in name for name in told["fields"]), told


def test_a_kept_version_and_the_paper_name_everybody(
    hill: Cast, visit: Visit, actor: ActorOf, client_of: Clients
) -> None:
    Phone(client_of("teacher1")).send(uuid4(), visit, entry={"met_relation": ["61", "51"]})
    visit = Visit.objects.select_related("record", "lead", "school_class").get(pk=visit.pk)
    said = json.loads(json.dumps(entry_of(visit.record).as_json()))
    assert spoken(from_json(said))["met_relation"] == "父亲、祖父"
    document = Document(BytesIO(paper(visit, by=actor("teacher1"))))
    text = "".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    assert "父亲、祖父(阿虎爷爷)" in text
