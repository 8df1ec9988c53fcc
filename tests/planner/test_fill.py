"""Nobody is left out for whom there is room: more slots where a class needs them, and a last look at the whole plan."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from tests.planner.small import home, problem, two_classes, without
from tests.planner.test_properties import plannable

from koumen.planner import (
    UNREACHABLE,
    Chain,
    GreatCircle,
    Moved,
    Plan,
    Problem,
    Refused,
    check,
    draw_class,
    dump_class,
    dump_plan,
    join,
    load_class,
    make_school,
    outing_key,
    solve,
    try_move,
)
from koumen.planner.fill import fill
from koumen.planner.staff import Draft, Teams
from koumen.planner.task import free_people, make_task


def unfilled(_problem: Problem, plan: Plan, *_: object) -> Plan:
    return plan


def left(plan: Plan) -> list[str]:
    return [one.household for one in plan.unplanned if one.code not in UNREACHABLE]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(plannable())
def test_nobody_is_left_out_who_could_be_placed_by_hand(school: Problem) -> None:
    plan = solve(school, iterations=10)
    assert check(school, plan) == ()
    for household in left(plan):
        for class_id in school.household_by_id[household].classes:
            for slot in school.slots:
                assert isinstance(try_move(school, plan, household, outing_key(class_id, slot.id)), Refused)


def test_a_class_whose_outing_was_taken_back_goes_when_somebody_is_free() -> None:
    """A staff model that fails class B evening after evening, though others are free."""
    evenings = ("e0", "e1", "e2", "e3", "e4")
    school = two_classes(home(1, slots=evenings), home(2, class_id="B", slots=evenings), slots=5)
    before = solve(school, iterations=0, chain=Chain(staff=nobody_for_b, fill=unfilled))
    assert "two_staff" in {one.rule for one in before.shortfalls}
    assert [one.code for one in before.unplanned] == ["no_companion"]
    plan = fill(school, before, GreatCircle(school), lambda: False)
    assert plan.unplanned == ()
    assert "two_staff" not in {one.rule for one in plan.shortfalls}
    assert check(school, plan) == ()


def nobody_for_b(problem: Problem, drafts: Sequence[Draft], cancelled: Callable[[], bool]) -> Teams:
    """A staff model that finds nobody for class B."""
    return Teams(tuple(() if draft.class_id == "B" else ("ta", "sa") for draft in drafts), proved=False)


def absent(school: Problem, classes: int) -> Problem:
    """The teachers of the first classes can go out in one slot only."""
    gone = {team.teacher for team in school.classes[:classes]}
    people = (replace(one, slots=frozenset(sorted(one.slots)[:1])) if one.id in gone else one for one in school.people)
    return replace(school, people=tuple(people))


@pytest.fixture(scope="module")
def short_of_room() -> Problem:
    return absent(make_school("mountain", 3, seed=7, weeks=3), 2)


def test_a_class_without_its_teacher_is_offered_as_many_slots_as_it_needs(short_of_room: Problem) -> None:
    """The few slots offered at first have no room for everybody; with every slot there is."""
    one = short_of_room.classes[0].id
    few, every = (
        make_task(short_of_room, one, GreatCircle(short_of_room), free_people(short_of_room), every=every)
        for every in (False, True)
    )
    drawn = draw_class(short_of_room, one, iterations=1_000)
    used = {slot for slot, _ in drawn.routes}
    assert len(few.options) < len(every.options)
    assert not used <= {option.slot.id for option in few.options}
    assert {home for _, homes in drawn.routes for home in homes} == {home.id for home in every.homes} - set(
        every.barred
    )
    assert dump_class(load_class(dump_class(drawn))) == dump_class(drawn)


def test_a_class_whose_teacher_can_never_go_is_offered_every_slot(short_of_room: Problem) -> None:
    school = without(short_of_room, short_of_room.classes[0].teacher)
    one, roads, free = school.classes[0].id, GreatCircle(school), free_people(school)
    assert make_task(school, one, roads, free).options == make_task(school, one, roads, free, every=True).options


def test_such_a_school_joined_from_its_classes_is_the_same(short_of_room: Problem) -> None:
    drawn = [draw_class(short_of_room, team.id, iterations=500) for team in short_of_room.classes]
    plan = solve(short_of_room, iterations=500)
    assert dump_plan(join(short_of_room, drawn, iterations=500)) == dump_plan(plan)
    assert check(short_of_room, plan) == ()


def test_where_nobody_is_left_out_the_last_link_changes_nothing() -> None:
    school = make_school("town", 2, seed=1, size=20)
    plan = solve(school, iterations=200)
    assert left(plan) == []
    assert fill(school, plan, GreatCircle(school), lambda: False) is plan


def test_a_family_taken_off_a_plan_goes_back_and_nobody_else_moves() -> None:
    school = problem(home(1, slots=("e0", "e1")), home(2, slots=("e0", "e1")), slots=2)
    plan = solve(school, iterations=20)
    out = try_move(school, plan, "h2", None)
    assert isinstance(out, Moved)
    filled = fill(school, out.plan, GreatCircle(school), lambda: False)
    assert left(out.plan) == ["h2"]
    assert left(filled) == []
    assert check(school, filled) == ()
    assert fill(school, out.plan, GreatCircle(school), lambda: True) is out.plan
