"""What the options do: families met together, classes in pairs, wishes, clearance, exemptions, notified visits."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.planner.small import EVENING, SCHOOL, east, home, problem, slot, two_classes

from koumen.planner import (
    Gathering,
    Household,
    Locked,
    Pair,
    Person,
    Point,
    Problem,
    ProblemError,
    Quotas,
    Window,
    check,
    common_windows,
    draw_class,
    dump_plan,
    dump_problem,
    fold,
    fold_plan,
    join,
    load_plan,
    load_problem,
    make_school,
    propose_pairs,
    solve,
    with_options,
)

NO_QUOTAS = Quotas(0, 0, 0, 0)


def together(*ids: str, class_id: str = "A", km: float = 1.0, seconds: int = 2400) -> Gathering:
    return Gathering("g1", ids, class_id, seconds, east(km))


# --- group visits -----------------------------------------------------------------------------------------------


def test_families_met_together_are_one_stop_and_each_is_counted_once() -> None:
    school = replace(
        problem(home(1, 1), home(2, 3), home(3, 1.1)), gatherings=(together("h1", "h2"),), quotas=NO_QUOTAS
    )
    plan = solve(school, iterations=30)
    first, second = (stop for stop in plan.outings[0].stops if stop.gathering == "g1")
    assert (first.household, second.household) == ("h1", "h2")
    assert (first.start, first.end) == (second.start, second.end)
    assert first.end - first.start == 2400
    assert (second.travel, second.metres) == (0, 0)
    assert plan.figures.plan.planned == 3
    assert check(school, plan) == ()


def test_a_group_visit_lies_where_the_times_of_all_its_families_meet() -> None:
    early = replace(home(1), windows={"e0": (Window(0, 5400),)})
    late = replace(home(2), windows={"e0": (Window(1800, EVENING),), "e1": (Window(0, EVENING),)})
    assert common_windows([early, late]) == {"e0": (Window(1800, 5400),)}
    plan = solve(replace(problem(early, late, slots=2), gatherings=(together("h1", "h2"),)), iterations=30)
    assert {(plan.outing_of[one].slot, plan.outing_of[one].stops[0].start) for one in ("h1", "h2")} == {("e0", 1800)}


def test_a_group_visit_without_a_common_time_leaves_its_families_out_with_that_reason() -> None:
    school = replace(
        problem(home(1, slots=("e0",)), home(2, slots=("e1",)), slots=2), gatherings=(together("h1", "h2"),)
    )
    plan = solve(school, iterations=30)
    assert [(one.household, one.code) for one in plan.unplanned] == [
        ("h1", "no_common_time"),
        ("h2", "no_common_time"),
    ]
    assert check(school, plan) == ()


def test_children_met_at_a_place_count_for_the_teacher_but_not_as_door_visits() -> None:
    quotas = Quotas(2, 0, 0, 100)
    school = replace(problem(home(1), home(2)), gatherings=(together("h1", "h2"),), quotas=quotas)
    plan = solve(school, iterations=30)
    assert [(one.rule, one.subject, one.by) for one in plan.shortfalls] == [("class_teacher_share", "A", 2)]
    assert check(school, plan) == ()


def test_a_group_visit_left_out_costs_all_its_families() -> None:
    """One evening holds either the two families met together or the third."""
    far = home(3, 1, slots=("e0",))
    school = replace(
        problem(home(1), home(2), replace(far, service=9000)),
        gatherings=(together("h1", "h2", seconds=9000),),
        quotas=NO_QUOTAS,
    )
    plan = solve(school, iterations=50)
    assert [one.household for one in plan.unplanned] == ["h3"]
    assert solve(school, iterations=50).figures.plan.cost < 200_000


def test_families_of_other_classes_may_come_to_a_group_visit() -> None:
    school = replace(two_classes(home(1), home(2, class_id="B")), gatherings=(together("h1", "h2"),), quotas=NO_QUOTAS)
    plan = solve(school, iterations=30)
    assert [(one.class_id, len(one.stops)) for one in plan.outings] == [("A", 2)]
    assert check(school, plan) == ()


@pytest.mark.parametrize(
    ("homes", "gathering", "code"),
    [
        ((home(1), replace(home(2), key=True)), together("h1", "h2"), "gathering"),
        ((home(1), replace(home(2), in_person=False)), together("h1", "h2"), "gathering"),
        ((home(1), home(2)), together("h1", "h9"), "unknown"),
        ((home(1), home(2)), together("h1", "h2", class_id="Z"), "unknown"),
        ((home(1), home(2)), replace(together("h1", "h2"), id="h1"), "duplicate"),
        ((home(1), home(2)), together("h1", "h1"), "duplicate"),
    ],
)
def test_a_group_visit_that_cannot_be_is_refused(homes: tuple[Household, ...], gathering: Gathering, code: str) -> None:
    with pytest.raises(ProblemError) as refused:
        replace(problem(*homes), gatherings=(gathering,))
    assert refused.value.code == code


def test_a_group_visit_of_one_family_and_one_outside_the_country_are_refused() -> None:
    with pytest.raises(ProblemError):
        together("h1")
    with pytest.raises(ProblemError):
        replace(together("h1", "h2"), point=Point(0, 0))


def test_families_of_a_group_visit_are_told_one_time_and_keep_it() -> None:
    locks = (Locked("h1", "e1", 4000), Locked("h2", "e1", 4000))
    made = replace(
        problem(home(1, slots=("e0",)), home(2, slots=("e0", "e1")), slots=2),
        gatherings=(together("h1", "h2"),),
        locked=locks,
        quotas=NO_QUOTAS,
    )
    plan = solve(made, iterations=30)
    assert {(plan.outing_of[one].slot, plan.outing_of[one].stops[0].start) for one in ("h1", "h2")} == {("e1", 4000)}
    assert check(made, plan) == ()
    for faulty in ((locks[0],), (locks[0], Locked("h2", "e0", 4000))):
        with pytest.raises(ProblemError):
            replace(made, locked=faulty)


# --- paired classes ---------------------------------------------------------------------------------------------


def test_two_class_teachers_go_together_where_that_is_cheaper() -> None:
    alone = replace(two_classes(home(1, 20), home(2, 20, class_id="B")), quotas=Quotas(0, 0, 0, 100))
    paired = replace(alone, pairs=(Pair("A", "B"),))
    plan = solve(paired, iterations=50)
    assert [(one.classes, one.staff) for one in plan.outings] == [(("A", "B"), ("ta", "tb"))]
    assert plan.shortfalls == ()
    assert plan.figures.plan.cost < solve(alone, iterations=50).figures.plan.cost
    assert check(paired, plan) == ()


def test_a_pair_that_saves_nothing_goes_as_each_class_alone() -> None:
    """In the one evening each class fills its own outing: together there would be no room."""
    homes = [replace(home(number, 1, class_id="AB"[number % 2]), service=4200) for number in range(4)]
    school = replace(two_classes(*homes), pairs=(Pair("A", "B"),), quotas=NO_QUOTAS)
    plan = solve(school, iterations=50)
    assert [one.classes for one in plan.outings] == [("A",), ("B",)]
    assert plan.unplanned == ()


def test_without_pairs_in_the_problem_nothing_is_paired() -> None:
    plan = solve(two_classes(home(1, 20), home(2, 20, class_id="B")), iterations=50)
    assert all(not one.second_class for one in plan.outings)


def test_pairs_are_proposed_where_villages_are_shared() -> None:
    homes = [
        replace(home(number, km, class_id=class_id), place=place)
        for number, (km, class_id, place) in enumerate(
            [(20, "A", "v1"), (20, "A", "v1"), (20, "B", "v1"), (20, "B", "v1"), (0.2, "A", "v2"), (0.2, "B", "v2")]
        )
    ]
    made = two_classes(*homes, slots=3)
    days = tuple(slot(number, length=8 * 3600, kind="day") for number in range(3))
    assert propose_pairs(replace(made, slots=days)) == (Pair("A", "B"),)
    near = tuple(replace(one, place=f"p{number}") for number, one in enumerate(homes))
    assert propose_pairs(replace(made, slots=days, households=near)) == ()
    assert propose_pairs(made) == ()  # evenings are too short for a far village


def test_no_class_is_proposed_twice() -> None:
    pairs = propose_pairs(make_school("mountain", 9, seed=3, size=20))
    named = [one for pair in pairs for one in (pair.first, pair.second)]
    assert len(pairs) == 4
    assert len(set(named)) == 8


def test_a_class_cannot_be_paired_with_itself_or_twice() -> None:
    made = two_classes(home(1))
    for pairs in ((("A", "A"),), (("A", "B"), ("B", "A")), (("A", "Z"),)):
        with pytest.raises(ProblemError):
            replace(made, pairs=tuple(Pair(*one) for one in pairs))


# --- wishes, clearance, exemptions ------------------------------------------------------------------------------


def with_people(school: Problem, **changes: dict[str, object]) -> Problem:
    people = tuple(replace(one, **changes.get(one.id, {})) for one in school.people)  # type: ignore[arg-type]
    return replace(school, people=people)


def test_somebody_who_speaks_the_familys_language_goes_along() -> None:
    asking = replace(home(1), asks=frozenset({"language:苗语"}))
    made = replace(two_classes(asking), quotas=NO_QUOTAS)
    assert "p" not in solve(made, iterations=20).outings[0].staff
    plan = solve(with_people(made, p={"languages": frozenset({"苗语"})}), iterations=20)
    assert "p" in plan.outings[0].staff
    assert plan.shortfalls == ()


def test_a_wish_nobody_can_meet_is_named_with_its_family() -> None:
    asking = replace(home(1), asks=frozenset({"language:苗语", "gender:female"}))
    plan = solve(replace(problem(asking), quotas=NO_QUOTAS), iterations=20)
    assert [(one.rule, one.subject, one.by) for one in plan.shortfalls] == [("companion", "h1", 2)]


@pytest.mark.parametrize("wish", ["gender:any", "height:tall", "language:", ""])
def test_a_wish_that_means_nothing_is_refused(wish: str) -> None:
    with pytest.raises(ProblemError):
        replace(home(1), asks=frozenset({wish}))


def test_somebody_not_cleared_goes_nowhere_however_free() -> None:
    made = replace(two_classes(home(1)), quotas=NO_QUOTAS)
    plan = solve(with_people(made, ta={"barred": "training"}, p={"barred": "commitment"}), iterations=20)
    assert plan.outings[0].lead == "sa"
    assert not {"ta", "p"} & set(plan.outings[0].staff)


def test_when_nobody_cleared_is_left_the_families_are_named() -> None:
    made = with_people(problem(home(1)), ta={"barred": "training"}, sa={"barred": "training"})
    plan = solve(made, iterations=20)
    assert [one.code for one in plan.unplanned] == ["no_common_slot"]
    assert check(made, plan) == ()


def test_an_exempt_person_misses_nothing() -> None:
    made = replace(two_classes(home(1)), quotas=Quotas(0, 5, 0, 0))
    assert [one.subject for one in solve(made, iterations=20).shortfalls] == ["p"]
    freed = with_people(made, p={"exempt": "产假"})
    plan = solve(freed, iterations=20)
    assert plan.shortfalls == ()
    assert check(freed, plan) == ()


@pytest.mark.parametrize("changes", [{"barred": "x"}, {"gender": "x"}, {"exempt": "病假", "quota": 3}])
def test_a_person_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ProblemError):
        replace(Person("t", "subject"), **changes)  # type: ignore[arg-type]


# --- everything at once -----------------------------------------------------------------------------------------


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(["urban", "town", "mountain"]),
    classes=st.integers(1, 6),
    size=st.integers(1, 12),
    weeks=st.integers(1, 3),
    seed=st.integers(0, 10_000),
)
def test_the_checker_finds_nothing_on_random_schools_with_every_option(
    kind: str, classes: int, size: int, weeks: int, seed: int
) -> None:
    made = make_school(kind, classes, seed=seed, size=size, weeks=weeks)  # type: ignore[arg-type]
    school = with_options(made, seed)
    plan = solve(school, iterations=20)
    assert check(school, plan) == ()
    named = [stop.household for outing in plan.outings for stop in outing.stops]
    named += [*plan.remote, *(one.household for one in plan.unplanned)]
    assert sorted(named) == sorted(home.id for home in school.households)
    notified = {one.household for one in school.locked}
    lost = {one.subject for one in plan.shortfalls if one.rule == "locked"}
    assert lost == notified & {one.household for one in plan.unplanned}
    assert load_problem(dump_problem(school)) == school
    assert load_plan(dump_plan(plan)) == plan
    assert fold_plan(school, plan).outing_of.keys() <= {home.id for home in fold(school).households}


def test_every_option_is_in_use_in_a_generated_school() -> None:
    school = with_options(make_school("mountain", 30, seed=1, size=10), 1)
    assert min(len(school.gatherings), len(school.pairs), len(school.locked)) > 0
    assert any(home.asks for home in school.households)
    assert {one.barred for one in school.people} > {""}
    assert any(one.exempt for one in school.people)
    assert school.school == SCHOOL


def test_options_leave_the_generated_school_itself_alone() -> None:
    made = make_school("town", 2, seed=5)
    before = dump_problem(made)
    with_options(made, 5)
    assert dump_problem(made) == before
    assert "gatherings" not in before


def test_the_deep_search_keeps_every_rule_of_the_options() -> None:
    """Group visits are part of the bound; with pairs nothing is proved, and the pair may still go together."""
    school = with_options(make_school("urban", 2, seed=4, size=20, weeks=3), 4)
    assert school.gatherings
    alone = solve(replace(school, pairs=()), iterations=50, effort="deep")
    assert check(replace(school, pairs=()), alone) == ()
    assert 0 < alone.figures.bound <= alone.figures.plan.cost
    paired = solve(replace(school, pairs=(Pair("c000", "c001"),)), iterations=50, effort="deep")
    assert check(replace(school, pairs=(Pair("c000", "c001"),)), paired) == ()
    assert paired.figures.bound == 0
    assert paired.figures.plan.cost <= alone.figures.plan.cost


def test_classes_drawn_one_by_one_join_to_the_plan_with_all_options() -> None:
    school = with_options(make_school("town", 3, seed=6, size=12, weeks=2), 6)
    drawn = [draw_class(school, team.id, iterations=30) for team in school.classes]
    assert dump_plan(join(school, drawn, iterations=30)) == dump_plan(solve(school, iterations=30))
