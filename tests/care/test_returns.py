"""开学返校核查 of a class, and the numbers of a month."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

import pytest

from koumen.care.models import DropoutEntry, Measure, ReturnCheck
from koumen.care.queries.dropout import classes_to_check, month_lines, state_on
from koumen.care.services.dropout import close, verify
from koumen.care.services.returns import check_class
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Term
from tests.care.leaving import MONDAY, checked, listed, returned, tried
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
ActorOf = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def test_everybody_is_here(hill: Cast, actor: ActorOf) -> None:
    """One tap: the class is done, nobody has a row, and home asks no more."""
    by = actor("teacher1")
    assert [c.name for c in classes_to_check(by)] == ["三年级1班"]
    row = checked(by, hill)
    assert (row.children.count(), row.done_by) == (0, hill.staff("teacher1"))
    assert classes_to_check(by) == []


def test_home_asks_in_the_first_month_of_the_term_alone(hill: Cast, actor: ActorOf) -> None:
    for day, asked in (("2026-09-01", 1), ("2026-09-30", 1), ("2026-10-01", 0), ("2027-02-01", 1)):
        with clock.at(datetime.fromisoformat(f"{day}T08:00")):
            assert len(classes_to_check(actor("teacher1"))) == asked, day
    assert classes_to_check(actor("subject1")) == []


def test_a_child_not_back_is_on_the_list_at_once(hill: Cast, actor: ActorOf) -> None:
    row = checked(actor("teacher1"), hill, 阿虎="not_back", 阿宝="leave")
    assert {c.student.name: c.state for c in row.children.all()} == {"阿虎": "not_back", "阿宝": "leave"}
    entry = DropoutEntry.objects.get()
    assert (entry.student.name, entry.source, entry.reason_words) == ("阿虎", "dropout", "电话打不通")
    assert Measure.objects.get().kind == "return"


def test_done_again_it_is_replaced(hill: Cast, actor: ActorOf) -> None:
    """A child that came in the afternoon is excluded; sent again the other way, the same entry is in doubt again."""
    by = actor("teacher1")
    checked(by, hill, 阿虎="not_back")
    checked(by, hill, 阿虎="not_back")
    assert DropoutEntry.objects.get().state == "suspected"
    checked(by, hill)
    entry = DropoutEntry.objects.get()
    assert (entry.state, entry.verified_how, Measure.objects.get().state) == ("cleared", "school", "done")
    checked(by, hill, 阿虎="not_back")
    assert DropoutEntry.objects.get().state == "suspected"
    assert ReturnCheck.objects.count() == 1


def test_a_child_somebody_already_went_for_stays_listed(hill: Cast, actor: ActorOf) -> None:
    """Correcting the check wipes no work: the entry with an attempt waits for its own verification."""
    by = actor("teacher1")
    checked(by, hill, 阿虎="not_back")
    tried(DropoutEntry.objects.get(), by)
    checked(by, hill)
    assert DropoutEntry.objects.get().state == "suspected"


def test_a_check_of_others_is_refused(hill: Cast, actor: ActorOf) -> None:
    with pytest.raises(Forbidden):
        checked(actor("teacher2"), hill)
    with pytest.raises(Invalid, match="不在本班"):
        checked(actor("teacher1"), hill, 阿乐="not_back")
    with pytest.raises(Invalid, match="还没有开始"):
        check_class(hill.school_class("三年级1班"), by=actor("teacher1"), term=Term.objects.get(order=2), away={})


# numbers of a month


def test_the_numbers_of_a_month(hill: Cast, actor: ActorOf) -> None:
    """Counted by hand: one dropped out and is back, one is in doubt, one was struck off the month before."""
    two = actor("teacher2")
    old = verify(listed(two, hill, "阿乐"), by=two, how="phone", on=clock.today(), outcome="cleared")
    close(old, by=actor("office"))
    with clock.at(MONDAY + timedelta(days=30)):
        checked(actor("teacher1"), hill, 阿宝="not_back")
        returned(actor("teacher1"), hill)
        lines, total = month_lines(date(2026, 10, 1))
    by_class = {line.name: line.numbers for line in lines}
    expected = {
        "on_roll": 3, "suspected_now": 1, "dropped_now": 0, "classes": 1, "checked": 1, "not_back": 1,
        "found": 2, "verified": 1, "dropped": 1, "attempts": 1, "returned": 1, "closed": 0,
    }  # fmt: skip
    assert by_class["三年级1班"] == expected
    assert by_class["三年级2班"] == dict.fromkeys(expected, 0) | {"on_roll": 3, "classes": 1}
    assert total.numbers == expected | {"on_roll": 6, "classes": 2, "demand_asked": 0, "demand_wanted": 0}


def test_the_state_on_a_day_that_is_over(hill: Cast, actor: ActorOf) -> None:
    """A month handed in late counts who stood on the list then, not now."""
    by = actor("teacher1")
    entry = listed(by, hill)
    with clock.at(MONDAY + timedelta(days=5)):
        verify(entry, by=by, how="home", on=clock.today(), outcome="dropped")
    with clock.at(MONDAY + timedelta(days=10)):
        tried(entry, by)
    with clock.at(MONDAY + timedelta(days=20)):
        tried(entry, by, "returned")
    steps = list(entry.steps.all())
    states = [state_on(steps, MONDAY.date() + timedelta(days=n)) for n in (-1, 0, 6, 12, 21)]
    assert states == ["", "suspected", "dropped", "persuading", "returned"]


CHILDREN = (
    ("阿梅", "三年级1班"), ("阿虎", "三年级1班"), ("阿宝", "三年级1班"), ("阿乐", "三年级2班"), ("阿南", "三年级2班"),
)  # fmt: skip
DAYS = 75


@dataclass(frozen=True)
class Note:
    """A line of a clerk's diary: what was done for a child, and how it stood then. `stay`: its how-many-th listing."""

    day: date
    name: str
    stay: int
    what: str
    state: str


def _random_act(draw: Random, hill: Cast, actor: ActorOf, diary: list[Note]) -> None:
    """What somebody might do today, and what the clerk writes down of it."""
    name, room = draw.choice(CHILDREN)
    by = actor("teacher1" if room == "三年级1班" else "teacher2")
    entry = DropoutEntry.objects.live().filter(student=hill.student(name)).first()
    today, act = clock.today(), draw.choice(("list", "try", "try", "verify", "verify", "close"))
    stay = sum(1 for note in diary if note.name == name and note.what == "closed")
    if act == "list" and (entry is None or entry.state in ("returned", "cleared")):
        row = listed(by, hill, name, words=f"{today} 没来")
        diary.append(Note(today, name, stay, "found", row.state))
    elif act == "try" and entry and entry.state in ("suspected", "dropped", "persuading"):
        tried(entry, by, draw.choice(("open", "lost", "refused", "returned", "moved")))
        diary.append(Note(today, name, stay, "tried", entry.state))
    elif act == "verify" and entry:
        fits = {"returned": ("returned", "dropped"), "persuading": ("cleared",)}
        outcome = draw.choice(fits.get(entry.state, ("cleared", "dropped")))
        verify(entry, by=by, how="home", on=today, outcome=outcome)
        diary.append(Note(today, name, stay, "verified", entry.state))
    elif act == "close" and entry and entry.state in ("returned", "cleared") and entry.verified_on == today:
        close(entry, by=actor("office"))
        diary.append(Note(today, name, stay, "closed", ""))


def _recount(diary: list[Note], month: int, room: str) -> dict[str, int]:
    """The month from the clerk's diary alone."""
    names = {name for name, its in CHILDREN if its == room}
    then = [note for note in diary if note.name in names and note.day.month <= month]
    now = [note for note in then if note.day.month == month]
    last = {note.name: note.state for note in then}

    def children(what: str, *states: str) -> int:
        return len({(n.name, n.stay) for n in now if n.what == what and (not states or n.state in states)})

    return {
        "found": children("found"), "verified": children("verified"), "dropped": children("verified", "dropped"),
        "returned": children("tried", "returned"), "closed": children("closed"),
        "attempts": sum(1 for note in now if note.what == "tried"),
        "suspected_now": sum(1 for state in last.values() if state == "suspected"),
        "dropped_now": sum(1 for state in last.values() if state in ("dropped", "persuading")),
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_month_agrees_with_a_diary_kept_beside_it(hill: Cast, actor: ActorOf, seed: int) -> None:
    """75 random days; afterwards each month, asked late, is what a clerk who wrote every act down counts."""
    draw = Random(seed)
    diary: list[Note] = []
    for n in range(DAYS):
        with clock.at(datetime(2026, 9, 1, 15, tzinfo=clock.ZONE) + timedelta(days=n)):
            for _act in range(3):
                _random_act(draw, hill, actor, diary)
    assert {"found", "tried", "verified", "closed"} == {note.what for note in diary}
    with clock.at(datetime(2026, 12, 1, 9, tzinfo=clock.ZONE)):
        for month in (9, 10, 11):
            lines, total = month_lines(date(2026, month, 1))
            for line in lines:
                told = _recount(diary, month, line.name)
                assert {key: line.numbers[key] for key in told} == told, (month, line.name)
            assert total.numbers["found"] == sum(line.numbers["found"] for line in lines)
