"""A visit written without a signal: after the sync one case or measure and one numbered opinion, however often sent."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from koumen.care.models import Case, Finding, Measure, NumberCount, Opinion, Task
from koumen.core import clock, scope
from koumen.visits.models import VisitRecord
from tests.cast import Cast
from tests.visits.phones import Phone, answers
from tests.visits.stories import EVENING, LATER, planned

pytestmark = [pytest.mark.rows("R8", "R9", "R10", "R30")]
TICKED: dict[str, Any] = {
    "problem_categories": ["D11", "D31"],
    "problem": "说不想上学了",
    "measures": ["parenting"],
    "next_step": "周一到家里接他",
    "opinion": "希望多开一节体育课",
}


@pytest.fixture(autouse=True)
def _morning_after() -> Iterator[None]:
    with clock.at(LATER):
        yield


def there(cast: Cast) -> dict[str, Any]:
    """What care holds of it."""
    with scope.enter(cast.hill.pk):
        return {
            "records": VisitRecord.objects.count(),
            "cases": [(c.code, c.state, c.reasons) for c in Case.objects.all()],
            "findings": sorted(Finding.objects.values_list("category", "case__number")),
            "measures": [(m.kind, m.state, m.case is not None) for m in Measure.objects.all()],
            "tasks": sorted(Task.objects.values_list("about", "state")),
            "opinions": [(o.code, o.text) for o in Opinion.objects.all()],
            "counts": sorted(NumberCount.objects.values_list("series", "last")),
        }


ONCE = {
    "records": 1,
    "cases": [("A2026-0001", "proposed", ["D31"])],
    "findings": [("D11", 1), ("D31", 1)],
    "measures": [("parenting", "open", True)],
    "tasks": [("case", "open"), ("measure", "open")],
    "opinions": [("2026-0001", "希望多开一节体育课")],
    "counts": [("case", 1), ("opinion", 1)],
}


@pytest.mark.django_db
def test_sent_three_times_it_is_there_once(cast: Cast, client_of: Callable[[str], Client]) -> None:
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk):
        said = phone.body(planned(cast, "阿虎"), entry=TICKED)
    told = [phone.send_body(record, said) for _time in range(3)]
    assert [status for status, _receipt in told] == [200, 200, 200]
    assert told[0][1]["content_hash"] == told[2][1]["content_hash"]
    assert there(cast) == ONCE


@pytest.mark.django_db
def test_a_small_problem_gives_a_measure_and_no_case(cast: Cast, client_of: Callable[[str], Client]) -> None:
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk):
        small = TICKED | {"problem_categories": ["D11"], "measures": ["study"]}
        said = phone.body(planned(cast, "阿虎"), entry=small)
    for _time in range(2):
        assert phone.send_body(record, said)[0] == 200
    found = there(cast)
    assert (found["cases"], found["measures"]) == ([], [("study", "open", False)])
    assert found["opinions"] == ONCE["opinions"]


@pytest.mark.django_db
def test_whoever_writes_it_down_need_not_know_the_child(cast: Cast, client_of: Callable[[str], Client]) -> None:
    """A leader along on a visit notes it: the case is proposed, its team is the class teacher and who noted it."""
    with scope.enter(cast.hill.pk):
        phone = Phone(client_of("principal"))
        said = phone.body(planned(cast, "阿虎", lead="principal"), entry=TICKED)
    assert phone.send_body(uuid4(), said)[0] == 200
    with scope.enter(cast.hill.pk):
        case = Case.objects.get()
        assert {seat.staff.name: seat.part for seat in case.seats.all()} == {"陈老师": "lead", "林校长": "member"}


@pytest.mark.django_db(transaction=True)
def test_two_impatient_phones_at_once_still_give_one(cast: Cast, client_of: Callable[[str], Client]) -> None:
    """Eight sendings of one record at the same moment, over eight connections."""
    clients = [client_of("teacher1") for _n in range(8)]
    with scope.enter(cast.hill.pk):
        record, said = uuid4(), Phone(clients[0]).body(planned(cast, "阿虎"), entry=TICKED)

    def send(client: Client) -> int:
        try:
            with clock.at(LATER):
                return Phone(client).send_body(record, said)[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, clients)) == [200] * 8
    assert there(cast) == ONCE


@pytest.mark.django_db(transaction=True)
def test_two_records_about_one_child_at_once_give_one_case(cast: Cast, client_of: Callable[[str], Client]) -> None:
    """Two visits are synced at the same moment, both naming it: one case, each with its own finding."""
    with scope.enter(cast.hill.pk):
        visits = [planned(cast, "阿虎"), planned(cast, "阿虎", at=EVENING.replace(hour=17))]
        sent = [(client_of("teacher1"), Phone(Client()).body(visit, entry=TICKED)) for visit in visits]
        sent[1][1]["entry"] |= answers(sent[1][1]["entry"]["students"], at=EVENING.replace(hour=17))

    def send(one: tuple[Client, dict[str, Any]]) -> int:
        try:
            with clock.at(LATER):
                return Phone(one[0]).send_body(uuid4(), one[1])[0]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(send, sent)) == [200, 200]
    found = there(cast)
    assert [case[0] for case in found["cases"]] == ["A2026-0001"]
    assert found["counts"] == [("case", 1), ("opinion", 2)]
