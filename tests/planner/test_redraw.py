"""Ruin and recreate: on tiny classes it finds the best plan there is, and it never makes one worse."""

from dataclasses import replace

import pytest
from tests.planner.small import home, problem, slot
from tests.planner.test_deep import cheapest_of_all, never, task_of

from koumen.planner import Person, Quotas, Window, make_school
from koumen.planner.first import first_plan
from koumen.planner.greedy import nearest_next
from koumen.planner.land import land_of
from koumen.planner.redraw import _plan_of, _worth, redraw
from koumen.planner.task import Route


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_tiny_class_is_drawn_as_well_as_can_be(seed: int) -> None:
    task = task_of(make_school("town", 1, seed=seed, size=6, weeks=1), "c000")
    assert task.worth(redraw(task, (), seed=1, steps=2_000, cancelled=never)) == cheapest_of_all(task)


@pytest.mark.parametrize("kind", ["urban", "town", "mountain"])
def test_routes_fit_are_never_worth_less_than_the_start_and_are_the_same_again(kind: str) -> None:
    task = task_of(make_school(kind, 2, seed=7, size=25), "c001")  # type: ignore[arg-type]
    start = nearest_next(task)
    one, other = (redraw(task, start, seed=3, steps=500, cancelled=never) for _ in range(2))
    assert one == other
    assert task.worth(one) < task.worth(start)
    assert all(task.feasible(route.option, route.rows) for route in one)
    rows = [row for route in one for row in route.rows]
    assert len(rows) == len({*rows})


def test_the_arrays_weigh_a_plan_as_the_task_does() -> None:
    """Also with families left out, some seen without the class teacher, and the share missed."""
    task = task_of(make_school("mountain", 2, seed=5, size=30), "c000")
    routes, land = nearest_next(task), land_of(task)
    for kept in range(len(routes) + 1):
        assert _worth(land, _plan_of(land, routes[:kept])) == task.worth(routes[:kept])


def test_the_latest_arrivals_are_those_from_which_the_rest_can_still_be_made() -> None:
    """Two families on one road; the second is home to 60:00 only: the first visit must begin by 60:00 − way − 30:00."""
    far = replace(home(2, 2.0), windows={"e0": (Window(0, 5400),)})
    task = task_of(problem(home(1, 1.0), far), "A")
    plan = _plan_of(land_of(task), [Route(0, (0, 1))])
    way = task.seconds[1][2]
    assert plan.latest[0, :2].tolist() == [3600 - way - 1800, 3600]
    assert plan.ends[0, :2].tolist() == [task.seconds[0][1] + 1800, task.seconds[0][1] + 1800 + way + 1800]


def test_two_families_of_one_road_share_an_outing_and_late_key_families_do_not_wait() -> None:
    """Key families cost 300 a week: the outing goes to the first week although both weeks are free."""
    base = problem(home(1, slots=("e0", "e1")), replace(home(2, 1.2, slots=("e0", "e1")), key=True), slots=2)
    school = replace(base, slots=(slot(0), slot(1, week=1)))
    found = redraw(task_of(school, "A"), (), seed=1, steps=200, cancelled=never)
    assert [(route.option, sorted(route.rows)) for route in found] == [(0, [0, 1])]


def test_the_class_teachers_share_is_kept_though_another_evening_is_sooner() -> None:
    """A key family costs less in the colleagues' week, but the class teacher must see the whole class."""
    free = frozenset({"e0", "e1"})
    staff = (
        Person("ta", "class_teacher", frozenset({"A"}), frozenset({"e1"})),
        Person("sa", "subject", frozenset({"A"}), free),
        Person("sb", "subject", frozenset({"A"}), free),
    )
    base = problem(replace(home(1, slots=("e0", "e1")), key=True), slots=2, people=staff)
    base = replace(base, slots=(slot(0), slot(1, week=5)), classes=(replace(base.classes[0], members=("sa", "sb")),))
    base = replace(base, weights=replace(base.weights, without_teacher=0))
    led = {
        percent: redraw(
            task_of(replace(base, quotas=Quotas(class_teacher_percent=percent)), "A"),
            (),
            seed=1,
            steps=100,
            cancelled=never,
        )
        for percent in (0, 100)
    }
    assert [route.option for route in led[0]] == [0]
    assert [route.option for route in led[100]] == [1]


def test_nothing_to_do_and_no_steps_keep_the_baseline() -> None:
    empty, one = task_of(problem(), "A"), task_of(problem(home(1)), "A")
    assert redraw(empty, (), seed=1, steps=100, cancelled=never) == ()
    start = nearest_next(one)
    assert first_plan(one, start, seed=1, iterations=0, cancelled=never) == start
    assert redraw(one, (), seed=1, steps=100, cancelled=lambda: True) == ()
