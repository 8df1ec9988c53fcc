"""Classes drawn one by one and joined give the plan of one run; every link can be replaced."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.planner.small import home, problem, two_classes, without

from koumen.planner import (
    Chain,
    ClassRoutes,
    Problem,
    ProblemError,
    Progress,
    check,
    draw_class,
    dump_class,
    dump_plan,
    join,
    load_class,
    make_school,
    solve,
)
from koumen.planner.greedy import nearest_next
from koumen.planner.task import ClassTask, Route


@pytest.fixture(scope="module")
def school() -> Problem:
    return make_school("town", 4, seed=3, size=20)


def in_pieces(school: Problem, **settings: object) -> str:
    """The plan from classes drawn in reverse order, each kept as text in between."""
    texts = [dump_class(draw_class(school, team.id, **settings)) for team in reversed(school.classes)]  # type: ignore[arg-type]
    return dump_plan(join(school, (load_class(text) for text in texts), **settings))  # type: ignore[arg-type]


def test_classes_drawn_one_by_one_and_joined_are_the_plan_of_one_run(school: Problem) -> None:
    assert in_pieces(school, iterations=60, seed=5) == dump_plan(solve(school, iterations=60, seed=5))


def test_the_same_holds_with_a_proven_bound(school: Problem) -> None:
    small = make_school("mountain", 2, seed=2, size=9)
    plan = solve(small, iterations=40, effort="deep")
    assert plan.figures.bound > 0
    assert in_pieces(small, iterations=40, effort="deep") == dump_plan(plan)


def test_the_same_holds_where_classes_are_drawn_again_for_want_of_companions() -> None:
    homes = (home(1, slots=("e0", "e1")), home(2, class_id="B", slots=("e0", "e1")))
    scarce = without(without(two_classes(*homes, slots=2), "m"), "p")
    assert in_pieces(scarce, iterations=30) == dump_plan(solve(scarce, iterations=30))


def test_what_a_class_costs_is_told_with_its_routes(school: Problem) -> None:
    """The classes' costs add up to the plan's, the baseline's to the baseline's."""
    drawn = [draw_class(school, team.id, iterations=60) for team in school.classes]
    figures = join(school, drawn, iterations=60).figures
    assert sum(one.cost for one in drawn) == figures.plan.cost
    assert sum(one.greedy for one in drawn) == figures.greedy.cost


def test_classes_not_drawn_keep_the_baseline(school: Problem) -> None:
    drawn = [draw_class(school, school.classes[0].id, iterations=60)]
    plan = join(school, drawn, iterations=60)
    assert check(school, plan) == ()
    assert plan.figures.bound == 0
    assert join(school, (), iterations=60).figures.plan.cost > plan.figures.plan.cost


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: replace(one, class_id="nobody"),
        lambda one: replace(one, routes=(*one.routes, one.routes[0])),
        lambda one: replace(one, routes=(("nowhen", one.routes[0][1]),)),
        lambda one: replace(one, routes=((one.routes[0][0], ("stranger",)),)),
        lambda one: replace(one, routes=((one.routes[0][0], ()),)),
        lambda one: replace(one, routes=((one.routes[0][0], one.routes[0][1] * 2),)),
    ],
)
def test_routes_of_another_problem_are_refused(school: Problem, spoil: Callable[[ClassRoutes], ClassRoutes]) -> None:
    drawn = draw_class(school, school.classes[0].id, iterations=20)
    with pytest.raises(ProblemError) as caught:
        join(school, [spoil(drawn)])
    assert caught.value.code == "drawn"


def test_a_class_drawn_twice_is_refused(school: Problem) -> None:
    drawn = draw_class(school, school.classes[0].id, iterations=20)
    with pytest.raises(ProblemError, match="出现了两次"):
        join(school, [drawn, drawn])


def test_an_unknown_class_is_refused(school: Problem) -> None:
    with pytest.raises(ProblemError) as caught:
        draw_class(school, "nobody")
    assert caught.value.code == "unknown"


@pytest.mark.parametrize("text", ["", "[]", '{"class_id":"A"}', '{"class_id":"A","routes":[["e0"]]}'])
def test_damaged_text_of_a_class_is_refused(text: str) -> None:
    with pytest.raises(ProblemError) as caught:
        load_class(text)
    assert caught.value.code == "json"


def test_each_link_can_be_replaced() -> None:
    asked: list[str] = []

    def first(task: ClassTask, baseline: tuple[Route, ...], **_: object) -> tuple[Route, ...]:
        asked.append("first")
        return baseline

    def baseline(task: ClassTask) -> tuple[Route, ...]:
        asked.append("baseline")
        return nearest_next(task)

    plan = solve(problem(home(1)), chain=Chain(lambda _problem, _travel: asked.append("screen"), baseline, first))
    assert asked[0] == "screen"
    assert set(asked) == {"screen", "baseline", "first"}
    assert plan.figures.plan == plan.figures.greedy


def test_progress_tells_the_gap_of_the_classes_proved() -> None:
    """None while nothing is proved; at the end what the plan's own figures say."""
    small = make_school("mountain", 2, seed=2, size=9)
    told: list[Progress] = []
    solve(small, iterations=40, progress=told.append)
    assert {one.gap for one in told} == {None}
    told.clear()
    plan = solve(small, iterations=40, effort="deep", progress=told.append)
    assert 0 <= (told[0].gap or 0) < 0.2
    assert told[-1].gap is not None
    assert (told[-1].worth, told[-1].cost) >= (told[-1].bound, plan.figures.bound)
