"""The deep search: its bound is true, its plans are sound, and it does the same every time."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import home, problem, two_classes

from koumen.planner import Figures, Problem, ProblemError, Progress, check, dump_plan, load_plan, make_school, solve
from koumen.planner.columns import NEAR, Columns
from koumen.planner.deep import improve
from koumen.planner.greedy import nearest_next
from koumen.planner.labels import HOME
from koumen.planner.master import Bounds, Cut, Master
from koumen.planner.pricing import Ground, Prices, cheapest, make_labels, route_of
from koumen.planner.task import ClassTask, Route, free_people, make_task
from koumen.planner.travel import GreatCircle


def never() -> bool:
    return False


def task_of(school: Problem, class_id: str) -> ClassTask:
    return make_task(school, class_id, GreatCircle(school), free_people(school))


def cheapest_of_all(task: ClassTask) -> int:
    """The least worth over every way to divide up to six families among the slots, in every order."""
    best_of: dict[tuple[int, frozenset[int]], Route] = {}
    rows = range(len(task.homes))
    for option in range(len(task.options)):
        for size in range(1, len(rows) + 1):
            for order in itertools.permutations(rows, size):
                key, route = (option, frozenset(order)), Route(option, order)
                if task.feasible(option, order) and (
                    key not in best_of or task.price(route) < task.price(best_of[key])
                ):
                    best_of[key] = route
    least = task.worth(())
    for choice in itertools.product(range(-1, len(task.options)), repeat=len(rows)):
        groups = {o: frozenset(r for r in rows if choice[r] == o) for o in set(choice) if o >= 0}
        routes = [best_of.get((option, group)) for option, group in groups.items()]
        if all(route is not None for route in routes):
            least = min(least, task.worth([route for route in routes if route is not None]))
    return least


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bound_of_a_tiny_class_is_the_best_of_all_plans(seed: int) -> None:
    base = make_school("town", 1, seed=seed, size=6, weeks=1)
    task = task_of(base, "c000")
    found = improve(task, nearest_next(task), seed=1, cancelled=never)
    assert found.bound == task.worth(found.routes) == cheapest_of_all(task)


def test_the_deep_plan_is_sound_no_dearer_and_above_its_bound() -> None:
    school = make_school("town", 2, seed=4, size=20)
    first, deep = solve(school), solve(school, effort="deep")
    assert check(school, deep) == ()
    assert 0 < deep.figures.bound <= deep.figures.plan.cost <= first.figures.plan.cost
    assert deep.figures.gap is not None
    assert deep.figures.gap < 0.02
    assert first.figures.gap is None


def test_the_same_task_gives_the_same_answer() -> None:
    task = task_of(make_school("mountain", 1, seed=2, size=20), "c000")
    one, other = (improve(task, (), seed=1, cancelled=never, work=8_000_000) for _ in range(2))
    assert one == other


def test_the_bound_is_kept_in_json_and_may_be_missing() -> None:
    text = dump_plan(solve(problem(home(1)), effort="deep"))
    assert load_plan(text).figures.bound > 0
    assert load_plan(text.replace(',"bound":', ',"other":')).figures.bound == 0


def test_a_bound_above_the_cost_is_found_by_the_check() -> None:
    school = problem(home(1))
    plan = solve(school)
    wrong = replace(plan, figures=Figures(plan.figures.plan, plan.figures.greedy, plan.figures.plan.cost + 1))
    assert [(one.code, one.subject) for one in check(school, wrong)] == [("figures", "bound")]


def test_cancelling_keeps_the_plan_sound() -> None:
    school, calls = make_school("urban", 1, seed=1, size=30), itertools.count()
    plan = solve(school, iterations=20, effort="deep", cancelled=lambda: next(calls) > 200)
    assert check(school, plan) == ()


def test_progress_tells_the_bound_of_the_classes_done() -> None:
    seen: list[Progress] = []
    solve(two_classes(home(1), home(2, class_id="B")), effort="deep", progress=seen.append)
    assert [one.bound > 0 for one in seen] == [True] * len(seen)
    assert all(one.bound <= one.cost for one in seen[1:])


def test_an_unknown_effort_is_refused() -> None:
    with pytest.raises(ProblemError) as fault:
        solve(problem(home(1)), effort="most")  # type: ignore[arg-type]
    assert fault.value.code == "effort"


def test_a_school_without_families_or_slots_for_them_has_a_plan() -> None:
    assert solve(problem(), effort="deep").outings == ()
    assert solve(problem(home(1, slots=())), effort="deep").unplanned[0].code == "no_window"


def test_a_cut_counts_second_visits_and_forgets_outside_its_memory() -> None:
    cut = Cut(frozenset({1, 2, 3}), frozenset({1, 2, 3, 7}))
    assert [cut.count(rows) for rows in ((1, 2), (1, 7, 2), (1, 8, 2), (1, 2, 3, 1), (1,))] == [1, 1, 0, 2, 0]


def test_pricing_finds_the_cheapest_of_all_orders() -> None:
    """Five families at random places with random windows: the label search, from one end and from both,
    agrees with trying every order.
    """
    rng = np.random.default_rng(5)
    for _ in range(20):
        spots = rng.integers(0, 60, (6, 2))
        seconds = np.abs(spots[:, None] - spots[None]).sum(-1) * 30
        homes = np.zeros(5, HOME)
        homes["service"], homes["profit"] = 1800, rng.uniform(500, 4000, 5)
        homes["own"] = homes["remember"] = 1 << np.arange(5)
        homes["remember"] = 31
        spans = np.sort(rng.integers(0, 9000, (5, 1, 2)), axis=2)
        ground, best = Ground(seconds, spans, 10_800, 300), 0.0
        room, prices = (make_labels(5000), make_labels(5000)), Prices(homes, np.arange(5), 1000.0, np.zeros(0))
        found = cheapest(ground, None, prices, room, True)
        both = cheapest(ground, ground.reversed(homes["service"]), prices, room, True)
        assert found is not None
        assert both is not None
        for size in range(1, 6):
            for order in itertools.permutations(range(5), size):
                best = min(best, _cost(ground, homes["profit"], order))
        assert [min(0.0, one.costs.min()) for one in (found, both)] == pytest.approx([best, best])
        cheap = int(both.costs.argmin())
        if best < 0:
            order = route_of(room, int(both.ends[cheap]), int(both.others[cheap]))
            assert _cost(ground, homes["profit"], order) == pytest.approx(best)


def _cost(ground: Ground, profit: np.ndarray, order: tuple[int, ...]) -> float:
    at, clock, cost = 0, 0, 1000.0
    for row in order:
        clock += int(ground.seconds[at, row + 1])
        if clock > ground.spans[row, 0, 1]:
            return 0.0
        clock = max(clock, int(ground.spans[row, 0, 0])) + 1800
        cost += ground.seconds[at, row + 1] - profit[row]
        at = row + 1
    back = int(ground.seconds[at, 0])
    return cost + back if clock + back <= ground.length else 0.0


def test_forgetting_dear_routes_changes_neither_the_mixture_nor_what_is_proved_after() -> None:
    columns = Columns(task_of(make_school("town", 1, seed=3, size=15), "c000"), 10**9, never)
    bound = columns.converge(Bounds({}))
    value, before = columns.master.solve().value, len(columns.master.routes)
    columns.master.forget(before // 3)
    assert len(columns.master.routes) == before // 3
    assert columns.master.solve().value == pytest.approx(value)
    assert columns.converge(Bounds({})) == pytest.approx(bound, rel=2 * NEAR)
    assert bound <= value


def test_too_many_labels_give_up_the_proof() -> None:
    school = make_school("town", 1, seed=1, size=20)
    columns = Columns(task_of(school, "c000"), 10**9, never)
    columns._room = make_labels(20), make_labels(20)
    assert columns.converge(Bounds({})) < 0
    assert isinstance(columns.master, Master)
