"""Reminders of tasks: the owner first, upward only when overdue, one message a person and day."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from koumen.care.jobs.tasks import remind_daily
from koumen.care.models import Task
from koumen.care.services.task_reminders import is_owners_day, is_upward_day
from koumen.care.services.tasks import give
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R11")]
Actors = Callable[..., Actor]
MORNING = datetime(2026, 11, 23, 0, 25, tzinfo=UTC)
DUE = date(2026, 11, 25)


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def said(days: int) -> dict[int, str]:
    """What the job of that many days after Monday says, by account."""
    before = set(OutboxMessage.objects.values_list("pk", flat=True))
    with clock.at(MORNING + timedelta(days=days)):
        assert remind_daily(0)["failed"] == 0
    return {row.account_id or 0: row.subject for row in OutboxMessage.objects.exclude(pk__in=before)}


def test_the_owner_is_told_the_day_before_on_the_day_and_the_day_after(hill: Cast, actor: Actors) -> None:
    give(hill.staff("subject1"), by=actor("teacher1"), title="课后辅导", due=DUE)
    owner, giver = hill.account("subject1").pk, hill.account("teacher1").pk
    assert said(0) == {}
    assert list(said(1)) == [owner]
    assert list(said(2)) == [owner]
    assert list(said(3)) == [owner]  # one day overdue: nobody else yet
    assert list(said(4)) == [giver]  # two days: upward
    assert said(5) == {}


def test_run_twice_on_a_day_it_says_nothing_twice(hill: Cast, actor: Actors) -> None:
    give(hill.staff("subject1"), by=actor("teacher1"), title="课后辅导", due=DUE)
    assert len(said(2)) == 1
    assert said(2) == {}


def test_many_tasks_are_one_message(hill: Cast, actor: Actors) -> None:
    for n in range(5):
        give(hill.staff("subject1"), by=actor("teacher1"), title=f"第{n}件", due=DUE)
    assert said(2) == {hill.account("subject1").pk: "您有 5 项任务到期"}


def test_what_nobody_gave_goes_up_to_the_office(hill: Cast, actor: Actors) -> None:
    give(hill.staff("subject1"), by=actor("subject1"), title="自己记的", due=DUE)
    assert list(said(4)) == [hill.account("office").pk]


def test_what_is_done_is_not_spoken_of(hill: Cast, actor: Actors) -> None:
    give(hill.staff("subject1"), by=actor("teacher1"), title="课后辅导", due=DUE)
    Task.objects.update(state=Task.State.DONE)
    assert said(2) == {}


def test_days_counted_by_hand() -> None:
    """-1, 0, 1, 7, 14 for the owner; 2, 9, 16 upward."""
    days = range(-3, 18)
    assert [n for n in days if is_owners_day(DUE, DUE + timedelta(days=n))] == [-1, 0, 1, 7, 14]
    assert [n for n in days if is_upward_day(DUE, DUE + timedelta(days=n))] == [2, 9, 16]
