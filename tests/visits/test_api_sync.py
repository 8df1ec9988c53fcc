"""`GET /s/<org>/api/sync`: a phone holds one's own visits of the days around today, and is told only what changed."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.core import clock, scope
from koumen.core.models import AuditEntry
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Visit
from tests.cast import Cast
from tests.visits.phones import Phone
from tests.visits.stories import EVENING, LATER, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Iterator[None]:
    with scope.enter(cast.hill.pk), clock.at(EVENING - timedelta(hours=3)):
        yield


@pytest.fixture
def phone(client_of: ClientOf) -> Phone:
    return Phone(client_of("teacher1"))


def asked(phone: Phone, before: dict[str, Any] | None = None) -> dict[str, Any]:
    query = f"?since={before['cursor']}&words={before['words']}" if before else ""
    status, told = phone.get(f"sync{query}")
    assert status == 200
    found: dict[str, Any] = told
    return found


def test_it_works(cast: Cast, phone: Phone) -> None:
    visit = planned(cast, "阿梅", "阿乐", along=("subject1",))
    told = asked(phone)
    [one] = told["visits"]
    assert (one["id"], one["mode"], one["state"]) == (str(visit.pk), "01", "planned")
    assert [(c["name"], c["about"]) for c in one["children"]] == [("阿梅", True), ("阿乐", True)]
    assert one["guardians"] == [{"relation": "52", "relation_name": "母亲", "name": "阿梅妈妈", "phone": "10000000001"}]
    assert [c["name"] for c in one["companions"]] == [cast.staff("subject1").name]
    assert one["address"]
    assert {"topics", "modes", "relations", "problems", "measures"} <= told["choices"].keys()


def test_the_second_time_only_what_changed_is_told(cast: Cast, phone: Phone) -> None:
    stays, moves, goes = (planned(cast, name) for name in ("阿梅", "阿虎", "阿宝"))
    first = asked(phone)
    assert len(first["visits"]) == 3
    nothing = asked(phone, first)
    assert (nothing["visits"], nothing["gone"], nothing["choices"]) == ([], [], None)
    assert len(json.dumps(nothing)) < 5_000
    Visit.objects.filter(pk=moves.pk).update(starts_at=EVENING + timedelta(hours=1))
    Visit.objects.filter(pk=goes.pk).update(state=Visit.State.CANCELLED)
    told = asked(phone, first)
    assert ([v["id"] for v in told["visits"]], told["gone"]) == ([str(moves.pk)], [str(goes.pk)])
    assert str(stays.pk) not in json.dumps(told)


@pytest.mark.parametrize("cursor", ["nonsense", "====", "%00", "a" * 27])
def test_a_cursor_that_cannot_be_read_gives_everything(cast: Cast, phone: Phone, cursor: str) -> None:
    planned(cast, "阿虎")
    assert len(asked(phone, {"cursor": cursor, "words": ""})["visits"]) == 1


def test_only_the_days_around_today_and_what_waits_for_a_record(cast: Cast, phone: Phone) -> None:
    day = timedelta(days=1)
    inside = [planned(cast, "阿虎", at=EVENING + n * day) for n in (-10, -1, 0, 6)]
    for n in (-20, 8):
        planned(cast, "阿虎", at=EVENING + n * day)
    assert [one["id"] for one in asked(phone)["visits"]] == [str(one.pk) for one in inside]


def test_address_and_phone_are_there_from_the_day_before_to_the_day_after(cast: Cast, phone: Phone) -> None:
    planned(cast, "阿虎", at=EVENING + timedelta(days=1))
    planned(cast, "阿宝", at=EVENING + timedelta(days=2))
    near, far = asked(phone)["visits"]
    assert near["address"]
    assert near["guardians"][0]["phone"]
    assert (far["address"], far["point"], far["guardians"][0]["phone"]) == (None, None, None)


def test_somebody_elses_visits_never_reach_the_phone(cast: Cast, phone: Phone, client_of: ClientOf) -> None:
    planned(cast, "阿南", lead="teacher2")
    assert asked(phone)["visits"] == []
    assert len(asked(Phone(client_of("teacher2")))["visits"]) == 1


def test_a_companion_sees_no_names_of_adults_and_no_reasons(cast: Cast, client_of: ClientOf) -> None:
    planned(cast, "阿虎", along=("subject1",))
    [one] = asked(Phone(client_of("subject1")))["visits"]
    assert [(g["name"], g["phone"]) for g in one["guardians"]] == [("", None)]


def test_what_came_of_the_last_visit_prepares_the_next(cast: Cast, phone: Phone) -> None:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    recorded(
        cast, by, "阿虎", at=EVENING - timedelta(days=30), next_step="看看作业", measures=("study",), opinion="多些书"
    )
    planned(cast, "阿虎")
    [one] = asked(phone)["visits"]
    assert one["preparation"]["last_next_step"] == "看看作业"
    assert [m["kind"] for m in one["preparation"]["measures"]] == ["学业提升"]


def test_a_kept_record_is_named(cast: Cast, phone: Phone) -> None:
    visit, record = planned(cast, "阿虎"), uuid4()
    first = asked(phone)
    with clock.at(LATER):
        phone.send(record, visit)
        [one] = asked(phone, first)["visits"]
    assert (one["state"], one["record"]) == ("recorded", {"id": str(record), "version": 1})


def test_a_class_of_fifty_fits_into_120_kilobytes_and_few_queries(cast: Cast, phone: Phone) -> None:
    for n in range(50):
        planned(cast, ("阿虎", "阿宝", "阿梅")[n % 3], along=("subject1",), at=EVENING + timedelta(hours=n))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        told = phone.client.get("/s/hill/api/sync")
    assert len(told.json()["visits"]) == 50
    assert len(told.content) < 120_000
    assert len(queries) <= 20


def test_what_leaves_for_a_phone_is_logged(cast: Cast, phone: Phone) -> None:
    planned(cast, "阿虎")
    asked(phone, asked(phone))
    assert [row.changes for row in AuditEntry.objects.filter(verb="visit.to_phone")] == [{"visits": 1}]


class TestRefusals:
    def test_signed_out(self) -> None:
        assert Phone(Client()).get("sync")[0] == 401

    def test_a_stranger(self, client_of: ClientOf) -> None:
        assert Phone(client_of("teacher3")).get("sync")[0] == 404

    def test_who_makes_no_visits(self, client_of: ClientOf) -> None:
        assert Phone(client_of("sysadmin")).get("sync")[0] == 403

    def test_a_cursor_too_long(self, phone: Phone) -> None:
        assert phone.get(f"sync?since={'a' * 6000}")[0] == 422
