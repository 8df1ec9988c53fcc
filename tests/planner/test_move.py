"""Moving one visit by hand: the rules hold, the other families keep their times where the road allows."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import home, problem, two_classes, without
from tests.planner.test_properties import plannable

from koumen.planner import (
    Locked,
    Moved,
    Plan,
    Problem,
    ProblemError,
    Refused,
    Window,
    check,
    make_school,
    outing_key,
    solve,
    try_move,
)

BOTH = ("e0", "e1")


@pytest.fixture
def school() -> Problem:
    """h1 and h2 on one road can receive on both evenings, h3 only on the second."""
    return problem(home(1, 1, slots=BOTH), home(2, 2, slots=BOTH), home(3, 3, slots=("e1",)), slots=2)


@pytest.fixture
def plan(school: Problem) -> Plan:
    return solve(school, iterations=50)


def moved(result: Moved | Refused) -> Moved:
    assert isinstance(result, Moved), result
    return result


def codes(result: Moved | Refused) -> set[str]:
    assert isinstance(result, Refused), result
    return {one.code for one in result.broken}


def test_a_visit_moves_to_an_evening_that_is_opened_for_it(school: Problem, plan: Plan) -> None:
    assert [outing.key for outing in plan.outings] == ["A@e1"]
    result = moved(try_move(school, plan, "h1", "A@e0"))
    assert result.plan.outing_of["h1"].staff == ("ta", "sa")
    assert result.effects.opened == ("A@e0",)
    assert result.effects.cost == result.effects.travel + 1800
    assert check(school, result.plan) == ()


def test_there_and_back_closes_the_outing_again(school: Problem, plan: Plan) -> None:
    there = moved(try_move(school, plan, "h1", "A@e0")).plan
    back = moved(try_move(school, there, "h1", "A@e1"))
    assert back.effects.closed == ("A@e0",)
    assert back.plan.figures.plan.outings == 1


def test_the_others_keep_their_times_when_one_leaves(school: Problem, plan: Plan) -> None:
    for gone in ("h1", "h2"):
        assert moved(try_move(school, plan, gone, "A@e0")).effects.shifts == ()


def test_a_position_is_kept_and_later_visits_are_pushed_only_as_far_as_needed(school: Problem, plan: Plan) -> None:
    out = moved(try_move(school, plan, "h2", None)).plan
    result = moved(try_move(school, out, "h2", "A@e1", position=0))
    stops = result.plan.outing_of["h2"].stops
    assert stops[0].household == "h2"
    assert {one.household for one in result.effects.shifts} <= {"h1", "h3"}
    assert check(school, result.plan) == ()


def test_a_family_taken_out_is_named_and_priced(school: Problem, plan: Plan) -> None:
    result = moved(try_move(school, plan, "h2", None))
    assert [(one.household, one.code) for one in result.plan.unplanned] == [("h2", "taken_out")]
    assert result.effects.cost == 100_000 + result.effects.travel


def test_an_evening_the_family_cannot_receive_is_refused(school: Problem, plan: Plan) -> None:
    assert "window" in codes(try_move(school, plan, "h3", "A@e0"))


def test_a_full_evening_is_refused() -> None:
    crowd = [home(number, 1, slots=("e0",)) for number in range(1, 6)]
    late = replace(home(6, 1, slots=BOTH), windows={"e0": (Window(0, 10_800),), "e1": (Window(0, 10_800),)})
    school = problem(*crowd, late, slots=2)
    assert codes(try_move(school, solve(school, iterations=50), "h6", "A@e0")) & {"slot_end", "window"}


def test_a_class_without_children_of_the_family_is_refused() -> None:
    school = two_classes(home(1), home(2, class_id="B"))
    assert "class" in codes(try_move(school, solve(school, iterations=20), "h1", "B@e0"))


def test_an_evening_nobody_else_can_come_is_refused(school: Problem, plan: Plan) -> None:
    staff = tuple(replace(one, slots=frozenset({"e1"})) if one.id == "sa" else one for one in school.people)
    assert "two_staff" in codes(try_move(replace(school, people=staff), plan, "h1", "A@e0"))


def test_an_evening_without_any_teacher_is_refused(school: Problem, plan: Plan) -> None:
    staff = tuple(replace(one, slots=frozenset({"e1"})) for one in school.people)
    assert codes(try_move(replace(school, people=staff), plan, "h1", "A@e0")) >= {"two_staff", "not_free"}


@pytest.mark.parametrize("target", ["A@e0", None])
def test_a_notified_visit_stays(school: Problem, target: str | None) -> None:
    locked = replace(school, locked=(Locked("h1", "e1", 3000),))
    assert "locked" in codes(try_move(locked, solve(locked, iterations=50), "h1", target))


def test_a_family_that_wishes_a_call_is_refused(school: Problem) -> None:
    calls = replace(school, households=(replace(school.households[0], in_person=False), *school.households[1:]))
    assert "mode" in codes(try_move(calls, solve(calls, iterations=50), "h1", "A@e1"))


def test_faults_that_were_there_before_do_not_block_a_move(school: Problem, plan: Plan) -> None:
    changed = without(school, "sa")  # fell ill: every outing with this person is broken now
    assert check(changed, plan)
    assert isinstance(try_move(changed, plan, "h2", "A@e1", position=0), Moved)


@pytest.mark.parametrize(
    ("household", "target", "position"),
    [("h9", "A@e0", None), ("h1", "A@x", None), ("h1", "x", None), ("h1", "A@e0", 7)],
)
def test_what_does_not_exist_is_an_error(
    school: Problem, plan: Plan, household: str, target: str, position: int | None
) -> None:
    with pytest.raises(ProblemError):
        try_move(school, plan, household, target, position)


def test_every_move_in_a_real_sized_class_is_sound_or_refused() -> None:
    school = make_school("town", 2, seed=2, size=20)
    plan = solve(school, iterations=60)
    for family in school.households[:6]:
        for slot in school.slots[::3]:
            result = try_move(school, plan, family.id, outing_key(family.lead_class, slot.id))
            if isinstance(result, Moved):
                assert check(school, result.plan) == ()
            else:
                assert result.broken


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_move_is_judged_as_the_whole_check_judges_it(data: st.DataObject) -> None:
    """Looking only at what a move touches finds exactly the faults the independent reading finds anew."""
    school = data.draw(plannable())
    plan = solve(school, iterations=10)
    if not school.households:
        return
    if data.draw(st.booleans()):
        school = without(school, data.draw(st.sampled_from(school.people)).id)
    one = data.draw(st.sampled_from(school.households))
    slot = data.draw(st.sampled_from(school.slots))
    result = try_move(school, plan, one.id, outing_key(data.draw(st.sampled_from(["A", "B"])), slot.id))
    before = Counter(check(school, plan))
    if isinstance(result, Moved):
        new = Counter(check(school, result.plan)) - before
        assert not new
    else:
        assert result.broken
