"""`PUT /s/<org>/api/visits/<id>`: a record from a phone is kept once, whatever happens on the way."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koumen.care.models import Measure, Opinion
from koumen.core import clock, scope
from koumen.visits.models import RecordVersion, Visit, VisitRecord
from tests.cast import Cast
from tests.visits.phones import Phone, answers
from tests.visits.stories import LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
ClientOf = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _morning_after() -> Any:
    with clock.at(LATER):
        yield


@pytest.fixture
def phone(client_of: ClientOf) -> Phone:
    return Phone(client_of("teacher1"))


@pytest.fixture
def visit(cast: Cast) -> Visit:
    with scope.enter(cast.hill.pk):
        return planned(cast, "阿虎")


def inside(cast: Cast) -> Any:
    return scope.enter(cast.hill.pk)


def test_it_works(cast: Cast, phone: Phone, visit: Visit) -> None:
    record = uuid4()
    with inside(cast):
        status, receipt = phone.send(record, visit, entry={"content": "都好", "opinion": "多些课外书"})
    assert (status, receipt["record"], receipt["version"]) == (200, str(record), 1)
    with inside(cast):
        kept = VisitRecord.objects.get()
        assert (kept.pk, kept.content, kept.content_hash) == (record, "都好", receipt["content_hash"])
        assert kept.origin.device == phone.device
        assert Opinion.objects.get().source_id == record
    assert phone.get(f"visits/{record}/receipt") == (200, receipt)


def test_a_record_asks_little_of_the_database(
    cast: Cast, phone: Phone, visit: Visit, django_assert_max_num_queries: Any
) -> None:
    """22 statements, and one more here because the test has a scope open; each costs a millisecond of computing."""
    with inside(cast):
        body = phone.body(visit)
    assert phone.get("sync")[0] == 200  # a new session's first page writes it
    with django_assert_max_num_queries(23):
        assert phone.send_body(uuid4(), body)[0] == 200


def test_the_same_again_gives_the_same_receipt(cast: Cast, phone: Phone, visit: Visit) -> None:
    record = uuid4()
    with inside(cast):
        body = phone.body(visit, entry={"measures": ["study"]})
    first = phone.send_body(record, body)
    phone.now += timedelta(hours=30)
    assert first[0] == 200
    assert phone.send_body(record, body) == first
    with inside(cast):
        assert (VisitRecord.objects.count(), RecordVersion.objects.count(), Measure.objects.count()) == (1, 0, 1)


def test_other_content_under_the_same_id_is_a_conflict_and_both_are_kept(
    cast: Cast, phone: Phone, visit: Visit
) -> None:
    record = uuid4()
    with inside(cast):
        phone.send(record, visit, entry={"content": "第一份"})
        status, told = phone.send(record, visit, entry={"content": "第二份"})
    assert (status, told["code"], told["kept"]["entry"]["content"]) == (409, "conflict", "第一份")
    with inside(cast):
        assert VisitRecord.objects.get().content == "第一份"
        assert RecordVersion.objects.get().entry["content"] == "第二份"


def test_a_person_decides_a_conflict(cast: Cast, phone: Phone, visit: Visit) -> None:
    record = uuid4()
    with inside(cast):
        phone.send(record, visit, entry={"content": "第一份"})
        entry = phone.body(visit, entry={"content": "合在一起"})["entry"]
    url = f"/s/hill/api/visits/{record}/resolve"
    stale = phone.client.post(url, json.dumps({"base_version": 9, "entry": entry}), content_type="application/json")
    done = phone.client.post(url, json.dumps({"base_version": 1, "entry": entry}), content_type="application/json")
    assert (stale.status_code, done.status_code, done.json()["version"]) == (409, 200, 2)
    with inside(cast):
        assert VisitRecord.objects.get().content == "合在一起"


def test_two_phones_record_one_visit(cast: Cast, client_of: ClientOf) -> None:
    with inside(cast):
        visit = planned(cast, "阿虎", along=("subject1",))
        one, other = Phone(client_of("teacher1")), Phone(client_of("subject1"))
        first = one.send(uuid4(), visit, entry={"content": "班主任写的"})
        second = other.send(uuid4(), visit, entry={"content": "同行老师写的"})
    assert (first[0], second[0]) == (200, 409)
    assert second[1]["kept"]["record"] == first[1]["record"]
    with inside(cast):
        assert VisitRecord.objects.count() == 1
        assert RecordVersion.objects.get().entry["content"] == "同行老师写的"


def test_a_newer_version_from_the_same_phone(cast: Cast, phone: Phone, visit: Visit) -> None:
    record = uuid4()
    with inside(cast):
        phone.send(record, visit)
        body = phone.body(visit, entry={"content": "想起来再补一句"}, base_version=1)
        assert phone.send_body(record, body)[1]["version"] == 2
        assert phone.send_body(record, body)[1]["version"] == 2  # the answer was lost, it is sent again
        assert VisitRecord.objects.get().content == "想起来再补一句"


def test_a_late_copy_of_the_first_version_is_accepted_and_changes_nothing(
    cast: Cast, phone: Phone, visit: Visit
) -> None:
    record = uuid4()
    with inside(cast):
        first = phone.body(visit)
        phone.send_body(record, first)
        phone.send(record, visit, entry={"content": "新的"}, base_version=1)
        status, receipt = phone.send_body(record, first)
        assert (status, receipt["version"], VisitRecord.objects.get().content) == (200, 2, "新的")


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_wrong_by_a_day_is_noted_and_put_right(cast: Cast, phone: Phone, visit: Visit, days: int) -> None:
    off, record = timedelta(days=days, seconds=7), uuid4()
    phone.now = LATER + off
    with inside(cast):
        assert visit.starts_at is not None
        said = answers([row.student_id for row in visit.students.all()], visit.starts_at + off)
        body = phone.body(visit, entry=said, times_from="clock")
        status, receipt = phone.send_body(record, body)
        assert (status, receipt["skew_seconds"]) == (200, round(off.total_seconds()))
        phone.now += timedelta(seconds=40)
        body["client_time"] = phone.now.isoformat()
        assert phone.send_body(record, body) == (200, receipt)
        kept = Visit.objects.get(pk=visit.pk)
        assert kept.starts_at is not None
        assert abs((kept.starts_at - visit.starts_at).total_seconds()) <= 60


def test_a_visit_nobody_planned(cast: Cast, phone: Phone) -> None:
    record = uuid4()
    with inside(cast):
        child = cast.student("阿宝")
        body = phone.body(None, student=child.pk, entry=answers([child.pk]))
        for _time in range(2):
            assert phone.send_body(record, body)[0] == 200
        assert (Visit.objects.count(), VisitRecord.objects.count()) == (1, 1)


def test_the_child_has_moved_to_another_class_meanwhile(cast: Cast, phone: Phone, visit: Visit) -> None:
    with inside(cast):
        child = cast.student("阿虎")
        child.school_class = cast.student("阿南").school_class
        child.save()
        assert phone.send(uuid4(), visit)[0] == 200


def test_a_cancelled_visit_says_what_to_do_and_is_taken_as_a_new_one(cast: Cast, phone: Phone, visit: Visit) -> None:
    with inside(cast):
        Visit.objects.filter(pk=visit.pk).update(state=Visit.State.CANCELLED)
        status, told = phone.send(uuid4(), visit)
        assert (status, told["code"]) == (410, "gone")
        child = cast.student("阿虎")
        body = phone.body(None, student=child.pk, entry=answers([child.pk]))
        assert phone.send_body(uuid4(), body)[0] == 200


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"topics": []}, "topics"),
        ({"met_relation": "xx"}, "met_relation"),
        ({"ends_at": "2026-09-12T18:00:00+08:00"}, "ends"),
        ({"starts_at": "2026-09-14T19:00:00+08:00", "ends_at": "2026-09-14T19:40:00+08:00"}, "visit_date"),
        ({"students": []}, "students"),
        ({"students": [4_000_000_000]}, "students"),
        ({"problem_categories": ["C21"]}, "problem_categories"),  # sealed: never written into a record
    ],
)
def test_answers_that_cannot_be_are_named(
    cast: Cast, phone: Phone, visit: Visit, entry: dict[str, Any], field: str
) -> None:
    with inside(cast):
        status, told = phone.send(uuid4(), visit, entry=entry)
        assert (status, told["code"]) == (422, "invalid")
        assert field in told["fields"]
        assert told["sentence"]
        assert not VisitRecord.objects.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"entry": {"content": "长" * 2001}},
        {"entry": {"starts_at": "2026-09-12T19:00:00"}},  # no zone
        {"entry": {"what": "a field the server would drop"}},
        {"files": [{"hash": "abc", "kind": "photo", "size": 1}]},
        {"files": [{"hash": "a" * 64, "kind": "photo", "size": 99_999_999}]},
        {"client_time": "yesterday"},
    ],
)
def test_what_cannot_be_read_is_refused_whole(cast: Cast, phone: Phone, visit: Visit, more: dict[str, Any]) -> None:
    with inside(cast):
        assert phone.send(uuid4(), visit, **more)[0] == 422
        assert not VisitRecord.objects.exists()


class TestRefusals:
    def test_a_colleague_of_the_class_may_not(self, cast: Cast, client_of: ClientOf, visit: Visit) -> None:
        with inside(cast):
            assert Phone(client_of("teacher2")).send(uuid4(), visit)[0] == 404
            assert Phone(client_of("principal")).send(uuid4(), visit)[0] == 403

    def test_a_stranger_learns_nothing(self, cast: Cast, client_of: ClientOf, visit: Visit) -> None:
        with inside(cast):
            status, told = Phone(client_of("teacher3")).send(uuid4(), visit)
        assert (status, told["code"]) == (404, "not_found")

    def test_signed_out_while_offline(self, cast: Cast, visit: Visit) -> None:
        with inside(cast):
            status, told = Phone(Client()).send(uuid4(), visit)
        assert (status, told["code"]) == (401, "signed_out")

    def test_without_the_csrf_token(self, cast: Cast, client_of: ClientOf, visit: Visit) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client_of("teacher1").cookies
        with inside(cast):
            assert Phone(strict).send(uuid4(), visit)[0] == 403

    def test_a_broken_body(self, phone: Phone) -> None:
        response = phone.client.put(f"/s/hill/api/visits/{uuid4()}", b"{broken", content_type="application/json")
        assert phone.answer(response)[0] == 400

    def test_a_wrong_method(self, phone: Phone) -> None:
        assert phone.client.delete(f"/s/hill/api/visits/{uuid4()}").status_code == 405

    def test_somebody_elses_record_id(self, cast: Cast, client_of: ClientOf, phone: Phone, visit: Visit) -> None:
        record = uuid4()
        with inside(cast):
            phone.send(record, visit)
            other = planned(cast, "阿南", lead="teacher2")
            assert Phone(client_of("teacher2")).send(record, other)[0] == 409
            assert VisitRecord.objects.get().visit_id == visit.pk
