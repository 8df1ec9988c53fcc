"""Planted infeasibilities: each explanation names the true cause, and what it suggests mends the plan made anew."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.planner.small import east, home, problem, two_classes, without

from koumen.planner import (
    Gathering,
    Locked,
    Moved,
    Plan,
    Problem,
    ProblemError,
    Window,
    check,
    outing_key,
    solve,
    try_move,
)
from koumen.planner.explain import (
    Change,
    Mend,
    apply_changes,
    sentence,
    why_here,
    why_left_out,
    why_short,
)

BOTH = ("e0", "e1")
HALF = 1_800


def planned(one: Problem) -> Plan:
    return solve(one, iterations=60)


def mended(one: Problem, mend: Mend) -> Plan:
    """The plan made anew after the mend; a visit that only has to be placed is placed."""
    again = apply_changes(one, mend.changes)
    plan = planned(again)
    for change in mend.changes:
        if change.kind == "place" and change.subject not in plan.outing_of:
            class_id = one.household_by_id[change.subject].lead_class
            moved = try_move(again, plan, change.subject, outing_key(class_id, change.slot))
            assert isinstance(moved, Moved)
            plan = moved.plan
    assert check(again, plan) == ()
    return plan


def free(one: Problem, person: str, *slots: str) -> Problem:
    """The same with this person free in these slots only."""
    people = tuple(replace(who, slots=frozenset(slots)) if who.id == person else who for who in one.people)
    return replace(one, people=people)


def no_window() -> Problem:
    return problem(home(1), home(2, slots=()))


def no_common_slot() -> Problem:
    """h2 can receive on the second evening alone, the class goes out on the first alone."""
    one = problem(home(1), home(2, slots=("e1",)), slots=2)
    return free(free(one, "ta", "e0"), "sa", "e0")


def window_too_short() -> Problem:
    return problem(home(1), replace(home(2), windows={"e0": (Window(3600, 3600 + HALF - 60),)}))


def too_far() -> Problem:
    """35 km are an hour and twenty minutes each way."""
    return problem(home(1, 35.0))


def one_person_free() -> Problem:
    """On the second evening nobody but the class teacher is free."""
    return free(problem(home(1), home(2, slots=("e1",)), slots=2), "sa", "e0")


def second_untrained() -> Problem:
    one = problem(home(1))
    people = tuple(replace(who, barred="training") if who.id == "sa" else who for who in one.people)
    return replace(one, people=people)


def team_untrained() -> Problem:
    one = two_classes(home(1))
    people = tuple(replace(who, barred="commitment") if who.id in ("ta", "sa") else who for who in one.people)
    return replace(one, people=people)


def locked_in_the_way() -> Problem:
    """h1 is told the only hour that h2 has, though it could receive earlier too."""
    hour = (Window(7200, 7200 + HALF),)
    one = problem(home(1), replace(home(2), windows={"e0": hour}))
    return replace(one, locked=(Locked("h1", "e0", 7200),))


def exclude_each_other() -> Problem:
    """Two families have the same half hour, on opposite sides of the school."""
    hour = (Window(7200, 7200 + HALF),)
    return problem(replace(home(1), windows={"e0": hour}), replace(home(2, 3), windows={"e0": hour}))


def teacher_out_with_another_class() -> Problem:
    """Both classes have one evening; the only free teacher of class B goes out with class A."""
    one = two_classes(home(1), home(2, class_id="B"))
    for person in ("tb", "m", "p"):
        one = without(one, person)
    return one


PLANTED: list[tuple[Callable[[], Problem], str, str, str]] = [
    (no_window, "h2", "no_window", "window"),
    (no_common_slot, "h2", "no_team", "free"),
    (window_too_short, "h2", "window_short", "window"),
    (too_far, "h1", "too_far", "longer"),
    (one_person_free, "h2", "nobody_second", "free"),
    (second_untrained, "h1", "second_untrained", "train"),
    (team_untrained, "h1", "team_untrained", "train"),
    (locked_in_the_way, "h2", "locked_in_way", "unlock"),
    (exclude_each_other, "h2", "full", "window"),
]


@pytest.mark.parametrize(("plant", "family", "code", "kind"), PLANTED, ids=[one[0].__name__ for one in PLANTED])
def test_a_planted_cause_is_named_and_its_mend_mends(
    plant: Callable[[], Problem], family: str, code: str, kind: str
) -> None:
    one = plant()
    plan = planned(one)
    left = {left.household for left in plan.unplanned}
    assert left & {family, "h1"}  # of two that exclude each other either may be left
    family = family if family in left else "h1"
    found = why_left_out(one, plan, family)
    assert found.code == code
    assert found.said
    assert kind in {change.kind for mend in found.mends for change in mend.changes}
    for mend in found.mends:
        assert family in mended(one, mend).outing_of


def test_the_sentences_name_who_is_free_when() -> None:
    one = no_common_slot()
    found = why_left_out(one, planned(one), "h2")
    words = [sentence(one, word, {"ta": "张老师", "sa": "李老师"}.__getitem__) for word in found.said]
    assert words == [
        "3月3日 周二 18:30 家庭方便，但班级老师都不能外出。",
        "班级老师能外出的是：张老师 3月2日 周一 18:30。",
        "班级老师能外出的是：李老师 3月2日 周一 18:30。",
    ]


def test_two_families_that_exclude_each_other_name_one_another() -> None:
    one = exclude_each_other()
    plan = planned(one)
    (left,) = (each.household for each in plan.unplanned)
    (other,) = plan.outing_of
    (view,) = why_left_out(one, plan, left).views
    assert (view.rivals, view.proved) == ((other,), True)


def test_another_family_makes_room_when_it_can_be_seen_elsewhere() -> None:
    """h1 could as well be seen on the second evening, which h2 cannot."""
    hour = (Window(7200, 7200 + HALF),)
    one = problem(
        replace(home(1), windows={"e0": hour, "e1": hour}), replace(home(2, 3), windows={"e0": hour}), slots=2
    )
    plan = try_move(one, planned(one), "h2", None)
    assert isinstance(plan, Moved)
    there = try_move(one, plan.plan, "h1", "A@e0")
    assert isinstance(there, Moved)
    found = why_left_out(one, there.plan, "h2")
    assert found.said[0].code == "taken_out"
    assert found.mends[0].changes == (Change("move", "h1", "e1"),)
    assert found.code == "full"


def test_somebody_out_with_another_class_is_named() -> None:
    one = teacher_out_with_another_class()
    plan = planned(one)
    assert [each.household for each in plan.unplanned] == ["h2"]
    found = why_left_out(one, plan, "h2")
    assert found.code in ("team_out", "second_out")
    (view,) = found.views
    assert set(view.people) <= {"ta", "sa"}
    assert view.people
    for mend in found.mends:
        assert {"h1", "h2"} <= set(mended(one, mend).outing_of)


def test_families_met_together_have_no_common_time() -> None:
    """One can receive on the first evening, the other on the second: each is asked for the other's."""
    one = problem(home(1, slots=("e0",)), home(2, slots=("e1",)), slots=2)
    one = replace(one, gatherings=(Gathering("g", ("h1", "h2"), "A", 3600, east(1)),))
    plan = planned(one)
    found = why_left_out(one, plan, "h2")
    assert (found.code, found.said[0].facts["households"]) == ("no_common_time", ("h1", "h2"))
    for mend in found.mends:
        assert {"h1", "h2"} <= set(mended(one, mend).outing_of)
        assert len(mend.said(one)) == 1


def test_a_family_that_wishes_a_call_is_asked_for_a_visit() -> None:
    one = problem(home(1), replace(home(2), in_person=False, key=True))
    plan = planned(one)
    (short,) = (each for each in why_short(one, plan) if each.rule == "key_in_person")
    assert (short.subject, short.code) == ("h2", "wishes_remote")
    assert short.mends[0].changes == (Change("in_person", "h2"), Change("place", "h2", "e0"))
    assert "h2" in mended(one, short.mends[0]).outing_of


def test_a_notified_visit_nobody_can_make_names_who_is_missing() -> None:
    one = without(replace(problem(home(1)), locked=(Locked("h1", "e0", 3600),)), "sa")
    (short,) = (each for each in why_short(one, planned(one)) if each.rule == "locked")
    assert (short.code, short.said[0].facts["people"]) == ("nobody_second", ("ta",))
    assert "h1" in mended(one, short.mends[0]).outing_of


def test_why_here_counts_what_every_other_evening_would_cost() -> None:
    """One family on each of two evenings: the other evening of h1 costs one trip less, as try_move says too."""
    one = problem(home(1, 2, slots=BOTH), home(2, 2.1, slots=("e1",)), home(3, 1, slots=("e0",)), slots=2)
    plan = planned(one)
    for family in plan.outing_of:
        here = why_here(one, plan, family)
        assert here.said[0].code == "placed"
        for other in here.alternatives:
            moved = try_move(one, plan, family, outing_key(other.class_id, other.slot))
            assert isinstance(moved, Moved)
            assert (other.cost, other.way) == (moved.effects.cost, moved.effects.travel)


def test_the_only_evening_is_said_to_be_the_only_one() -> None:
    one = problem(home(1))
    here = why_here(one, planned(one), "h1")
    assert (here.alternatives, here.fixed) == ((), ("only_slot",))


def test_a_notified_visit_is_fixed() -> None:
    one = replace(problem(home(1, slots=BOTH), slots=2), locked=(Locked("h1", "e1", 3600),))
    assert why_here(one, planned(one), "h1").fixed == ("locked",)


@pytest.mark.parametrize("asked", ["h9", "h2"])
def test_who_has_no_visit_or_does_not_exist_is_an_error(asked: str) -> None:
    one = no_window()
    with pytest.raises(ProblemError):
        why_here(one, planned(one), asked)


def test_who_does_not_exist_cannot_be_left_out() -> None:
    one = no_window()
    with pytest.raises(ProblemError):
        why_left_out(one, planned(one), "h9")
