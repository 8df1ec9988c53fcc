"""Whole plans of tiny schools, checked by hand, and what `solve` promises about seeds, progress and
cancelling.
"""

from dataclasses import replace

import pytest
from tests.planner.small import ALWAYS, east, home, problem, slot, two_classes, without

from koumen.planner import (
    Household,
    Locked,
    Person,
    Plan,
    Problem,
    ProblemError,
    Progress,
    Quotas,
    Window,
    check,
    dump_plan,
    make_school,
    solve,
)

NO_QUOTAS = Quotas(teacher=0, principal=0, middle=0, class_teacher_percent=0)


def visits(plan: Plan) -> dict[str, str]:
    """household → slot"""
    return {stop.household: outing.slot for outing in plan.outings for stop in outing.stops}


def reasons(plan: Plan) -> dict[str, str]:
    return {one.household: one.code for one in plan.unplanned}


def test_two_families_on_one_road_are_one_outing_with_known_times() -> None:
    plan = solve(replace(problem(home(1, 1), home(2, 2)), quotas=NO_QUOTAS), iterations=50)
    (outing,) = plan.outings
    assert (outing.lead, outing.companions) == ("ta", ("sa",))
    # School → 1 km 394 s → 1 km 394 s → 2 km back 645 s, or the other way round; the same length.
    assert plan.figures.plan.travel == 394 + 394 + 645
    assert plan.figures.plan.cost == 1433 + 1800
    assert outing.leave_at == 0
    assert outing.back_at == 1433 + 2 * 1800
    assert plan.shortfalls == ()


def test_the_team_leaves_late_when_the_first_family_is_home_late() -> None:
    late = replace(home(1, 1), windows={"e0": (Window(3600, 7200),)})
    (outing,) = solve(problem(late), iterations=20).outings
    assert outing.leave_at == 3600 - 394
    assert outing.stops[0].arrive == outing.stops[0].start == 3600


def test_key_families_come_in_the_earlier_week() -> None:
    key = replace(home(1, 1, slots=("e0", "e1")), key=True)
    school = replace(problem(key, slots=2), slots=(slot(0), slot(1, week=1)))
    plan = solve(school, iterations=50)
    assert visits(plan) == {"h1": "e0"}
    assert check(school, plan) == ()


def test_siblings_get_one_visit_by_the_leading_class() -> None:
    pair = Household("h1", (("s1", "A"), ("s2", "B")), "B", 1800, {"e0": ALWAYS}, east(1))
    (outing,) = solve(two_classes(pair), iterations=20).outings
    assert outing.class_id == "B"
    assert [stop.household for stop in outing.stops] == ["h1"]


def test_a_family_that_wishes_a_call_needs_no_outing() -> None:
    plan = solve(problem(replace(home(1), in_person=False)), iterations=20)
    assert plan.outings == ()
    assert plan.remote == ("h1",)


def test_a_key_family_that_wishes_a_call_is_named() -> None:
    plan = solve(problem(replace(home(1), in_person=False, key=True)), iterations=20)
    assert ("key_in_person", "h1", 1) in {(one.rule, one.subject, one.by) for one in plan.shortfalls}


def test_each_family_left_out_has_its_own_reason() -> None:
    no_window = replace(home(1), windows={})
    too_far = home(2, 150)
    elsewhere = replace(home(3), windows={"e1": ALWAYS})
    staff = tuple(Person(one.id, one.role, one.classes, frozenset({"e0"})) for one in problem().people)
    plan = solve(problem(no_window, too_far, elsewhere, slots=2, people=staff), iterations=20)
    assert reasons(plan) == {"h1": "no_window", "h2": "too_far", "h3": "no_common_slot"}
    assert plan.figures.plan.cost == 0  # nobody could have placed them


def test_a_full_slot_leaves_families_out_by_name() -> None:
    families = [home(number, 1) for number in range(1, 8)]
    plan = solve(problem(*families), iterations=50)
    # 394 s there and back leave 10,012 s: five visits of 1800 s at one door.
    assert len(visits(plan)) == 5
    assert set(reasons(plan).values()) == {"no_room"}
    assert plan.figures.plan.cost == 788 + 1800 + 2 * 100_000


def test_a_teacher_alone_is_never_sent_out() -> None:
    school = without(problem(home(1)), "sa")
    plan = solve(school, iterations=20)
    assert plan.outings == ()
    assert reasons(plan) == {"h1": "no_common_slot"}
    assert check(school, plan) == ()


def test_a_school_of_one_teacher_is_planned_without_outings() -> None:
    alone = (Person("ta", "class_teacher", frozenset({"A"}), frozenset({"e0"})),)
    school = replace(problem(home(1)), people=(*alone, Person("sa", "subject")))
    assert solve(school, iterations=20).outings == ()


def test_two_classes_share_one_companion_by_taking_different_evenings() -> None:
    homes = (home(1, slots=("e0", "e1")), home(2, class_id="B", slots=("e0", "e1")))
    school = without(without(two_classes(*homes, slots=2), "m"), "p")
    # ta and tb may also go along with each other, but only one class can go out in each evening then.
    plan = solve(school, iterations=30)
    assert len(plan.outings) == 2
    assert check(school, plan) == ()


def test_two_classes_with_one_companion_and_one_evening_lose_one_outing_openly() -> None:
    school = without(without(two_classes(home(1), home(2, class_id="B")), "m"), "p")
    plan = solve(school, iterations=30)
    assert len(plan.outings) == 1
    assert list(reasons(plan).values()) == ["no_companion"]
    assert check(school, plan) == ()


def test_the_class_goes_with_others_when_its_teacher_never_can() -> None:
    school = without(two_classes(home(1)), "ta")
    plan = solve(school, iterations=30)
    (outing,) = plan.outings
    assert outing.lead == "sa"
    assert ("class_teacher_share", "A") in {(one.rule, one.subject) for one in plan.shortfalls}
    assert plan.figures.plan.cost == 2 * 394 + 1800 + 1800


def test_leaders_join_outings_to_meet_their_quota() -> None:
    families = [home(number, 1) for number in range(1, 6)]
    school = replace(two_classes(*families), quotas=Quotas(0, 5, 0, 0))
    plan = solve(school, iterations=50)
    (outing,) = plan.outings
    assert "p" in outing.staff
    assert plan.shortfalls == ()


def test_a_quota_is_named_with_what_is_missing() -> None:
    plan = solve(replace(problem(home(1)), quotas=Quotas(teacher=3, class_teacher_percent=0)), iterations=20)
    assert {(one.rule, one.subject, one.by) for one in plan.shortfalls} == {
        ("teacher_quota", "ta", 2),
        ("teacher_quota", "sa", 2),
    }


def test_a_locked_visit_keeps_slot_and_start() -> None:
    homes = (home(1, 5, slots=("e0", "e1")), home(2, 1, slots=("e0", "e1")))
    school = replace(problem(*homes, slots=2), locked=(Locked("h1", "e1", 5000),))
    plan = solve(school, iterations=50)
    assert plan.outing_of["h1"].slot == "e1"
    assert next(stop.start for stop in plan.outing_of["h1"].stops if stop.household == "h1") == 5000
    assert check(school, plan) == ()


def test_a_teacher_of_two_classes_is_not_in_two_places() -> None:
    base = two_classes(home(1, slots=("e0", "e1")), home(2, class_id="B", slots=("e0", "e1")), slots=2)
    school = replace(base, classes=(base.classes[0], replace(base.classes[1], teacher="ta")))
    plan = solve(school, iterations=30)
    assert {outing.slot for outing in plan.outings} == {"e0", "e1"}
    assert check(school, plan) == ()


def test_no_families_give_an_empty_plan() -> None:
    plan = solve(replace(problem(), quotas=NO_QUOTAS))
    assert (plan.outings, plan.unplanned, plan.shortfalls) == ((), (), ())


@pytest.mark.parametrize(("seed", "iterations"), [(-1, 10), (1, -1)])
def test_negative_search_settings_are_refused(seed: int, iterations: int) -> None:
    with pytest.raises(ProblemError):
        solve(problem(), seed=seed, iterations=iterations)


@pytest.fixture(scope="module")
def school() -> Problem:
    return make_school("town", 6, seed=3, size=25)


def test_the_same_seed_gives_the_same_bytes(school: Problem) -> None:
    assert dump_plan(solve(school, seed=7, iterations=60)) == dump_plan(solve(school, seed=7, iterations=60))


def test_progress_counts_the_classes_and_the_cost_falls(school: Problem) -> None:
    told: list[Progress] = []
    plan = solve(school, iterations=60, progress=told.append)
    assert [one.done for one in told if one.stage == "routes"] == [1, 2, 3, 4, 5, 6]
    costs = [one.cost for one in told if one.stage == "routes"]
    assert costs == sorted(costs, reverse=True)
    assert plan.figures.plan.cost < plan.figures.greedy.cost


@pytest.mark.parametrize("asked", [0, 1, 100])
def test_cancelling_at_any_time_still_gives_a_sound_plan(school: Problem, asked: int) -> None:
    left = iter(range(asked))
    plan = solve(school, iterations=200, cancelled=lambda: next(left, None) is None)
    assert bool(plan.outings) == (asked > 0)
    assert check(school, plan) == ()


@pytest.mark.parametrize("kind", ["urban", "town", "mountain"])
def test_a_generated_school_is_planned_soundly_and_clearly_better_than_by_hand(kind: str) -> None:
    school = make_school(kind, 8, seed=5, size=40)  # type: ignore[arg-type]
    plan = solve(school, iterations=150)
    assert check(school, plan) == ()
    assert plan.figures.plan.cost < 0.8 * plan.figures.greedy.cost
