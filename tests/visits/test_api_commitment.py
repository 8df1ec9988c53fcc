"""`GET sync` tells of this term's commitment while it is asked for; `POST commitment` accepts it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koumen.core import clock
from koumen.visits.models import Campaign, Clearance, Commitment, Visit, VisitRecord
from koumen.visits.presets.commitment import TEXTS, VERSION
from tests.cast import Cast
from tests.visits.phones import Phone
from tests.visits.stories import LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R13")]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _morning_after() -> Any:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(hill: Cast) -> Visit:
    """Of a campaign that asks for the commitment."""
    today = clock.today()
    held = Campaign.objects.create(
        name="大家访", starts=today, ends=today + timedelta(days=20), state="open", needs_commitment=True
    )
    row = planned(hill, "阿虎")
    Visit.objects.filter(pk=row.pk).update(campaign=held)
    return row


def accept(client: Client, version: str = VERSION) -> tuple[int, Any]:
    body = json.dumps({"version": version})
    return Phone.answer(client.post("/s/hill/api/commitment", body, content_type="application/json"))


def test_it_works(hill: Cast, visit: Visit, client_of: Clients) -> None:
    """Asked, accepted once however often it is sent, not asked again; the record that waited is taken."""
    phone, record = Phone(client_of("teacher1")), uuid4()
    told = phone.get("sync")[1]["commitment"]
    assert told == {"version": VERSION, "lines": [str(line) for line in TEXTS[VERSION]]}
    status, refusal = phone.send(record, visit)
    assert (status, refusal["code"], VisitRecord.objects.count()) == (403, "commitment_needed", 0)
    assert accept(phone.client) == accept(phone.client) == (200, {"version": VERSION})
    assert Commitment.objects.get().staff == hill.staff("teacher1")
    assert Clearance.objects.filter(kind=Clearance.Kind.COMMITMENT).count() == 1
    assert phone.get("sync")[1]["commitment"] is None
    assert phone.send(record, visit)[0] == 200


def test_nobody_is_asked_where_no_campaign_asks(hill: Cast, client_of: Clients) -> None:
    planned(hill, "阿虎")
    assert Phone(client_of("teacher1")).get("sync")[1]["commitment"] is None


def test_another_text_is_not_accepted(visit: Visit, client_of: Clients) -> None:
    status, refusal = accept(client_of("teacher1"), "2019-1")
    assert (status, refusal["code"], Commitment.objects.count()) == (409, "conflict", 0)


@pytest.mark.parametrize(("who", "status"), [("sysadmin", 403), ("teacher3", 404)])
def test_who_makes_no_visits_here_accepts_nothing(visit: Visit, client_of: Clients, who: str, status: int) -> None:
    assert accept(client_of(who))[0] == status


def test_signed_out(client: Client) -> None:
    assert accept(client)[0] == 401


@pytest.mark.parametrize("body", ["", "{}", '{"version": 7}', '{"version": "x", "b": 3}', '{"version": "1234567890-"}'])
def test_what_cannot_be_read_is_named(client_of: Clients, body: str) -> None:
    answer = client_of("teacher1").post("/s/hill/api/commitment", body, content_type="application/json")
    status, refusal = Phone.answer(answer)
    assert status in (400, 422), refusal
    assert refusal["sentence"]
