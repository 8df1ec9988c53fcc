"""The checker finds every planted fault: a sound plan is broken in one place and the broken rule must be
named.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.planner.small import home, two_classes

from koumen.planner import (
    Locked,
    Outing,
    Plan,
    Problem,
    Quotas,
    Unplanned,
    check,
    make_school,
    solve,
)

HOMES = (
    home(1, 1, slots=("e0", "e1")),
    home(2, 2, slots=("e0", "e1")),
    home(3, 3, class_id="B", slots=("e0", "e1")),
)


@pytest.fixture(scope="module")
def school() -> Problem:
    """Two classes, two evenings; the principal's quota cannot be met."""
    return replace(two_classes(*HOMES, slots=2), quotas=Quotas(0, 9, 0, 0), locked=(Locked("h3", "e1", 5000),))


@pytest.fixture(scope="module")
def plan(school: Problem) -> Plan:
    return solve(school, iterations=50)


def first(plan: Plan, **changes: object) -> Plan:
    """The plan with class A's outing changed."""
    return _changed(plan, "A", lambda outing: replace(outing, **changes))  # type: ignore[arg-type]


def _changed(plan: Plan, class_id: str, change: Callable[[Outing], Outing]) -> Plan:
    outings = tuple(change(one) if one.class_id == class_id else one for one in plan.outings)
    return replace(plan, outings=outings)


def stops(plan: Plan, index: int, class_id: str = "A", **changes: object) -> Plan:
    """The plan with one stop changed."""

    def change(outing: Outing) -> Outing:
        new = list(outing.stops)
        new[index] = replace(new[index], **changes)  # type: ignore[arg-type]
        return replace(outing, stops=tuple(new))

    return _changed(plan, class_id, change)


def outing_of(plan: Plan, class_id: str) -> Outing:
    return next(one for one in plan.outings if one.class_id == class_id)


def late(plan: Plan, by: int) -> Plan:
    """Class A's whole outing this many seconds later."""
    return _changed(
        plan,
        "A",
        lambda outing: replace(
            outing,
            stops=tuple(
                replace(one, arrive=one.arrive + by, start=one.start + by, end=one.end + by) for one in outing.stops
            ),
            leave_at=outing.leave_at + by,
            back_at=outing.back_at + by,
        ),
    )


PLANTED: list[tuple[str, str, Callable[[Plan], Plan]]] = [
    ("an unknown family", "unknown", lambda p: stops(p, 0, household="h99")),
    ("an unknown person", "unknown", lambda p: first(p, companions=("nobody",))),
    (
        "a family both visited and left out",
        "twice",
        lambda p: replace(p, unplanned=(Unplanned("h1", "no_room", ""),)),
    ),
    ("a family forgotten", "lost", lambda p: first(p, stops=outing_of(p, "A").stops[:1])),
    ("a family listed for a call it did not wish", "mode", lambda p: replace(p, remote=("h1",))),
    ("a family of the other class", "class", lambda p: first(p, class_id="B")),
    ("a visit past the window", "window", lambda p: late(p, 9000)),
    ("a return after the slot", "slot_end", lambda p: late(p, 9000)),
    ("a start before the slot", "slot_end", lambda p: late(p, -60)),
    ("a notified visit shifted", "locked", lambda p: stops(p, 0, "B", start=5060, end=6860)),
    ("a visit cut short", "service", lambda p: stops(p, 1, end=outing_of(p, "A").stops[1].start + 60)),
    ("a visit before arrival", "travel", lambda p: stops(p, 1, arrive=outing_of(p, "A").stops[1].start + 1)),
    ("a road made shorter", "travel", lambda p: stops(p, 1, travel=1)),
    ("an arrival sooner than the road allows", "travel", lambda p: stops(p, 1, arrive=0)),
    (
        "a return sooner than the road allows",
        "travel",
        lambda p: first(p, back_at=outing_of(p, "A").back_at - 1),
    ),
    ("an outing to nobody", "empty", lambda p: first(p, stops=())),
    ("a teacher alone", "two_staff", lambda p: first(p, companions=())),
    ("a teacher counted twice", "two_staff", lambda p: first(p, companions=("ta",))),
    (
        "somebody in two outings",
        "two_places",
        lambda p: first(p, slot="e1", companions=(outing_of(p, "B").lead,)),
    ),
    ("a companion leading the class teacher", "lead", lambda p: first(p, lead="sa", companions=("ta",))),
    ("a stranger leading", "lead", lambda p: first(p, lead="p", companions=("m",))),
    (
        "two outings of a class in a slot",
        "same_slot",
        lambda p: replace(p, outings=(*p.outings, outing_of(p, "A"))),
    ),
    ("a missed quota kept quiet", "unreported", lambda p: replace(p, shortfalls=())),
    (
        "a missed quota made smaller",
        "unreported",
        lambda p: replace(p, shortfalls=(replace(p.shortfalls[0], by=1),)),
    ),
    (
        "a better cost than the true one",
        "figures",
        lambda p: replace(p, figures=replace(p.figures, plan=p.figures.greedy)),
    ),
]


def test_the_sound_plan_has_nothing_to_name(school: Problem, plan: Plan) -> None:
    assert check(school, plan) == ()
    assert [one.rule for one in plan.shortfalls] == ["principal_quota"]


@pytest.mark.parametrize(("code", "plant"), [row[1:] for row in PLANTED], ids=[row[0] for row in PLANTED])
def test_a_planted_fault_is_found(school: Problem, plan: Plan, code: str, plant: Callable[[Plan], Plan]) -> None:
    broken = plant(replace(plan, figures=replace(plan.figures, greedy=replace(plan.figures.greedy, cost=1))))
    found = {one.code for one in check(school, broken)}
    assert code in found


def test_somebody_not_free_is_found(school: Problem, plan: Plan) -> None:
    staff = tuple(replace(one, slots=frozenset()) for one in school.people)
    found = check(replace(school, people=staff), plan)
    assert {one.subject for one in found if one.code == "not_free"} >= {"ta", "tb"}


def test_the_numbers_of_a_fault_are_given(school: Problem, plan: Plan) -> None:
    (fault,) = [one for one in check(school, first(plan, companions=())) if one.code == "two_staff"]
    assert (fault.subject, fault.value, fault.limit) == (outing_of(plan, "A").key, 1, 2)


def test_a_plan_of_another_campaign_is_read_as_unknown() -> None:
    other = make_school("urban", 1, size=5)
    assert {one.code for one in check(two_classes(), solve(other, iterations=5))} == {"unknown"}
