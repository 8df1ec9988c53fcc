"""After a change the plan bends: what can stay stays, nobody else moves, and a better plan says who would."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import ALWAYS, east, home, problem, two_classes
from tests.planner.test_properties import plannable

from koumen.planner import (
    Gathering,
    Locked,
    Moved,
    Plan,
    Problem,
    ProblemError,
    Quotas,
    Window,
    check,
    make_school,
    replan,
    solve,
    try_move,
    with_options,
)
from koumen.planner.assemble import finish
from koumen.planner.better import improve
from koumen.planner.changes import Change, DayLost, FamilyChanged, FamilyGone, LookAgain, TeacherAway, after
from koumen.planner.replan import Replanned, repair
from koumen.planner.standing import Standing
from koumen.planner.travel import GreatCircle

BOTH = ("e0", "e1")


@pytest.fixture
def school() -> Problem:
    """h1 and h2 on one road can receive on both evenings, h3 only on the second."""
    return problem(home(1, 1, slots=BOTH), home(2, 2, slots=BOTH), home(3, 3, slots=("e1",)), slots=2)


def mended(school: Problem, *changes: Change, plan: Plan | None = None, frozen: tuple[str, ...] = ()) -> Replanned:
    plan = plan or solve(school, iterations=50)
    result = repair(Standing(school, plan), changes, frozen=frozenset(frozen))
    assert check(result.problem, result.plan) == ()
    return result


def seen(plan: Plan) -> dict[str, tuple[str, int]]:
    return {stop.household: (outing.key, stop.start) for outing in plan.outings for stop in outing.stops}


def test_a_family_that_cannot_keep_its_evening_goes_to_another_and_nobody_else_moves(school: Problem) -> None:
    plan = solve(school, iterations=50)
    assert {key for key, _ in seen(plan).values()} == {"A@e1"}
    changed = replace(school.households[1], windows={"e0": ALWAYS})
    result = mended(school, FamilyChanged(changed), plan=plan)
    assert seen(result.plan)["h2"][0] == "A@e0"
    assert [seen(result.plan)[one] for one in ("h1", "h3")] == [seen(plan)[one] for one in ("h1", "h3")]
    assert result.effects.opened == ("A@e0",)
    assert [one.household for one in result.effects.switches] == ["h2"]
    assert result.effects.cost == result.plan.figures.plan.cost - plan.figures.plan.cost


def test_a_family_whose_time_still_suits_stays_to_the_second(school: Problem) -> None:
    plan = solve(school, iterations=50)
    result = mended(school, FamilyChanged(replace(school.households[1], windows={"e1": ALWAYS})), plan=plan)
    assert seen(result.plan) == seen(plan)
    assert (result.effects.switches, result.effects.shifts) == ((), ())


def test_a_new_address_on_the_way_costs_no_other_outing(school: Problem) -> None:
    result = mended(school, FamilyChanged(replace(school.households[1], point=east(2.5))))
    assert result.effects.opened == result.effects.closed == ()
    assert {key for key, _ in seen(result.plan).values()} == {"A@e1"}


def test_a_sick_companion_is_replaced_and_no_family_notices() -> None:
    school = replace(two_classes(home(1), home(2)), quotas=Quotas(0, 0, 0, 0))
    plan = solve(school, iterations=50)
    (outing,) = plan.outings
    away = outing.companions[0]
    result = mended(school, TeacherAway(away, frozenset({"e0"})), plan=plan)
    assert seen(result.plan) == seen(plan)
    (change,) = result.effects.restaffed
    assert change.left == (away,)
    assert len(change.joined) == 1
    assert away not in result.plan.outings[0].staff


def test_a_sick_class_teacher_is_replaced_by_one_of_the_class_team() -> None:
    school = two_classes(home(1))
    result = mended(school, TeacherAway("ta", frozenset({"e0"})))
    assert result.plan.outings[0].lead == "sa"
    assert ("class_teacher_share", "A") in {(one.rule, one.subject) for one in result.effects.missed}


def test_when_nobody_can_go_instead_the_families_go_elsewhere_or_are_named(school: Problem) -> None:
    """sa is the only companion: without sa on the second evening, h3 has no other and is left out by name."""
    result = mended(school, TeacherAway("sa", frozenset({"e1"})))
    assert {one: key for one, (key, _) in seen(result.plan).items()} == {"h1": "A@e0", "h2": "A@e0"}
    assert [(one.household, one.code) for one in result.plan.unplanned] == [("h3", "no_companion")]


def test_a_lost_day_takes_only_what_was_on_it() -> None:
    school = problem(home(1, slots=BOTH), home(2, slots=("e0",)), home(3, slots=("e1",)), slots=2)
    plan = solve(school, iterations=50)
    result = mended(school, DayLost(frozenset({"e0"})), plan=plan)
    assert "A@e0" not in result.plan.outing_by_key
    assert seen(result.plan)["h3"][0] == "A@e1"
    assert [(one.household, one.code) for one in result.plan.unplanned] == [("h2", "no_window")]


def test_a_day_lost_for_one_village_leaves_the_others() -> None:
    school = problem(home(1, slots=("e0",)), home(2, slots=BOTH), slots=2)
    plan = solve(school, iterations=50)
    result = mended(school, DayLost(frozenset({"e0"}), frozenset({"h2"})), plan=plan)
    assert seen(result.plan)["h1"] == seen(plan)["h1"]
    assert seen(result.plan)["h2"][0] == "A@e1"


def test_a_family_is_added_where_it_costs_least_and_one_that_is_gone_is_forgotten(school: Problem) -> None:
    new = replace(home(9, 2.2, slots=BOTH))
    result = mended(school, FamilyChanged(new))
    assert seen(result.plan)["h9"][0] == "A@e1"
    assert result.effects.opened == ()
    again = mended(result.problem, FamilyGone("h9"), plan=result.plan)
    assert "h9" not in seen(again.plan)
    assert len(again.problem.households) == 3


def test_a_family_that_now_wishes_a_call_leaves_the_plan(school: Problem) -> None:
    result = mended(school, FamilyChanged(replace(school.households[0], in_person=False)))
    assert result.plan.remote == ("h1",)
    assert "h1" not in seen(result.plan)


def test_nothing_is_added_within_a_day() -> None:
    """e0 begins too soon: the family goes to e1, though e0 has an outing beside its door."""
    school = problem(home(1, slots=("e0",)), home(2, slots=BOTH), slots=2)
    away = problem(home(1, slots=("e0",)), slots=2)
    plan = solve(away, iterations=20)
    result = repair(Standing(away, plan), [FamilyChanged(school.households[1])], frozen=frozenset({"e0"}))
    assert seen(result.plan)["h2"][0] == "A@e1"
    only = replace(school.households[1], windows={"e0": ALWAYS})
    left = repair(Standing(away, plan), [FamilyChanged(only)], frozen=frozenset({"e0"}))
    assert [(one.household, one.code) for one in left.plan.unplanned] == [("h2", "no_common_slot")]


def test_a_notified_family_keeps_its_time_and_one_that_cannot_is_told_again(school: Problem) -> None:
    plan = solve(school, iterations=50)
    held = replace(school, locked=(Locked("h1", "e1", seen(plan)["h1"][1]),))
    result = mended(held, FamilyChanged(replace(held.households[1], windows={"e0": ALWAYS})), plan=plan)
    assert seen(result.plan)["h1"] == seen(plan)["h1"]
    assert result.released == ()
    lost = mended(held, DayLost(frozenset({"e1"})), plan=plan)
    assert lost.released == ("h1",)
    assert seen(lost.plan)["h1"][0] == "A@e0"


def test_what_other_changes_of_the_data_have_broken_is_found(school: Problem) -> None:
    """Nobody says what happened: the family's windows and a person's slots are simply different now."""
    plan = solve(school, iterations=50)
    homes = (replace(school.households[0], windows={"e0": (Window(0, 7200),)}), *school.households[1:], home(7, 1))
    now = replace(school, households=homes)
    result = mended(now, LookAgain(), plan=plan)
    assert seen(result.plan)["h1"][0] == seen(result.plan)["h7"][0] == "A@e0"
    assert seen(result.plan)["h3"] == seen(plan)["h3"]


@pytest.mark.parametrize(
    "change", [FamilyGone("x"), TeacherAway("x", frozenset()), DayLost(frozenset({"x"}))], ids=["home", "staff", "day"]
)
def test_what_does_not_exist_is_an_error(school: Problem, change: Change) -> None:
    with pytest.raises(ProblemError):
        after(school, [change])


def test_a_better_plan_tells_who_else_would_move() -> None:
    """h2 must leave e1, where only h1 stays behind: together on e0 they cost an outing less."""
    school = problem(home(1, 9, slots=BOTH), home(2, 9.1, slots=BOTH), slots=2)
    plan = solve(school, iterations=50)
    first = plan.outings[0].slot
    other = "e0" if first == "e1" else "e1"
    result = mended(school, FamilyChanged(replace(school.households[1], windows={other: ALWAYS})), plan=plan)
    assert result.plan.figures.plan.outings == 2
    better = improve(result)
    assert better is not None
    assert check(better.problem, better.plan) == ()
    assert better.plan.figures.plan.outings == 1
    assert {one.household for one in better.effects.switches} == {"h1", "h2"}
    assert improve(result) is not None
    assert improve(result).plan == better.plan  # type: ignore[union-attr]


def changes_of(school: Problem, draw: st.DrawFn) -> Iterator[Change]:
    """One or two random changes that this school can meet with."""
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from(["family", "moved", "gone", "away", "day", "new", "look"]))
        slots = frozenset(draw(st.sets(st.sampled_from([one.id for one in school.slots]), min_size=1)))
        if kind in ("family", "moved", "gone") and school.households:
            one = draw(st.sampled_from(school.households))
            if kind == "gone":
                yield FamilyGone(one.id)
                return
            left = {slot: spans for slot, spans in one.windows.items() if slot not in slots}
            yield FamilyChanged(
                replace(one, windows=left) if kind == "family" else replace(one, point=east(draw(st.integers(1, 9))))
            )
        elif kind == "away":
            yield TeacherAway(draw(st.sampled_from(school.people)).id, slots)
        elif kind == "day":
            yield DayLost(slots)
        elif kind == "new":
            windows = dict.fromkeys(sorted(slots), ALWAYS)
            yield FamilyChanged(replace(home(99, draw(st.integers(1, 5))), windows=windows))
        else:
            yield LookAgain()


@st.composite
def changed_schools(draw: st.DrawFn) -> tuple[Problem, Plan, list[Change], frozenset[str]]:
    school = draw(plannable())
    plan = solve(school, iterations=10)
    return (
        school,
        plan,
        list(changes_of(school, draw)),
        frozenset(draw(st.sets(st.sampled_from([one.id for one in school.slots]), max_size=1))),
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(changed_schools())
def test_whatever_happens_the_repaired_plan_is_sound_and_nobody_else_moves(
    case: tuple[Problem, Plan, list[Change], frozenset[str]],
) -> None:
    school, plan, changes, frozen = case
    result = repair(Standing(school, plan), changes, frozen=frozen)
    roads = GreatCircle(result.problem)
    assert check(result.problem, result.plan) == ()
    withdrawn = [one for one in result.plan.shortfalls if one.rule == "two_staff"]
    counted = finish(result.problem, roads, result.plan.outings, result.plan.unplanned, withdrawn, plan.figures.greedy)
    assert counted == result.plan
    before, now = seen(plan), seen(result.plan)
    for one in before.keys() & now.keys() - result.displaced:
        assert before[one][0] == now[one][0]
    for one, (key, start) in now.items():
        if key.rpartition("@")[2] in frozen:
            assert before[one] == (key, start) or one in result.sketch.changed | result.sketch.shaken
    told = {one.household for one in result.effects.switches} | {one.household for one in result.effects.shifts}
    assert told == {one for one in before.keys() | now.keys() if before.get(one) != now.get(one)}
    held = {lock.household: lock for lock in result.problem.locked}
    assert {lock.household for lock in school.locked} - set(held) <= result.displaced | result.sketch.changed
    for one, lock in held.items():
        assert one not in now or now[one] == (now[one][0], lock.start)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(changed_schools())
def test_a_better_plan_costs_less_and_keeps_what_is_fixed(
    case: tuple[Problem, Plan, list[Change], frozenset[str]],
) -> None:
    school, plan, changes, frozen = case
    result = repair(Standing(school, plan), changes, frozen=frozen)
    better = improve(result, steps=200)
    if better is None:
        return
    assert check(better.problem, better.plan) == ()
    assert better.plan.figures.plan.cost < result.plan.figures.plan.cost
    before, now = seen(result.plan), seen(better.plan)
    assert before.keys() <= now.keys()
    for one, (key, start) in before.items():
        if key.rpartition("@")[2] in frozen or one in better.problem.lock_of:
            assert now[one] == (key, start)
    assert all(one in before for one, (key, _) in now.items() if key.rpartition("@")[2] in frozen)


def test_a_real_sized_school_loses_a_day() -> None:
    """Everything on it is placed anew or named, the better plan is no dearer, and all rules hold."""
    school = make_school("town", 4, seed=3, size=30)
    plan = solve(school, iterations=60)
    day = max({one.slot for one in plan.outings}, key=lambda slot: sum(o.slot == slot for o in plan.outings))
    result = mended(school, DayLost(frozenset({day})), plan=plan)
    gone = {stop.household for outing in plan.outings if outing.slot == day for stop in outing.stops}
    assert result.displaced == gone
    left = {one.household for one in result.plan.unplanned}
    assert gone <= seen(result.plan).keys() | left
    better = improve(result)
    assert better is None or better.plan.figures.plan.cost < result.plan.figures.plan.cost


def test_families_met_together_stay_together_or_go_together() -> None:
    """The evening of a group visit is lost: all its families get another, the same; one of them alone moves nobody."""
    group = Gathering("g1", ("h1", "h2"), "A", 2400, east(1.0))
    homes = (home(1, 1, slots=BOTH), home(2, 3, slots=BOTH), home(3, 1.1, slots=BOTH))
    school = replace(problem(*homes, slots=2), gatherings=(group,))
    plan = solve(school, iterations=30)
    slot = plan.outing_of["h1"].slot
    other = "e0" if slot == "e1" else "e1"
    result = replan(school, plan, [DayLost(frozenset({slot}))])
    assert result is not None
    assert check(result.problem, result.plan) == ()
    assert {seen(result.plan)[one] for one in ("h1", "h2")} == {(f"A@{other}", seen(result.plan)["h1"][1])}
    assert result.displaced == {one for one, (key, _) in seen(plan).items() if key == f"A@{slot}"}
    answer = try_move(school, plan, "h2", f"A@{other}")
    assert isinstance(answer, Moved)
    assert check(school, answer.plan) == ()
    assert answer.plan.outing_of["h1"].slot == answer.plan.outing_of["h2"].slot == other


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_school_with_every_option_bends_without_a_fault(seed: int) -> None:
    """Pairs, group visits, wishes, people not cleared, notified visits: a lost day, a sick teacher, and no fault."""
    school = with_options(make_school("town", 4, seed=seed, size=20), seed)
    plan = solve(school, iterations=60)
    day = max({one.slot for one in plan.outings}, key=lambda slot: (sum(o.slot == slot for o in plan.outings), slot))
    ill = next(one for one in plan.outings if one.slot != day).companions[0]
    for changes in ([DayLost(frozenset({day}))], [TeacherAway(ill, frozenset(one.id for one in school.slots))]):
        for better in (False, True):
            result = replan(school, plan, changes, better=better)
            if result is not None:
                assert check(result.problem, result.plan) == ()
        assert replan(school, plan, changes) is not None
