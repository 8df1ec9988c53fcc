"""Ruin and recreate: it finds the best plan of a small model, keeps every rule, and does the same every time."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import pyvrp
from tests.planner.small import two_classes

from koumen.planner.greedy import nearest_next
from koumen.planner.route import make_copies, model_of, routes_of
from koumen.planner.ruin import anneal
from koumen.planner.task import free_people, make_task
from koumen.planner.terrain import FORBIDDEN, make_state, make_terrain
from koumen.planner.travel import GreatCircle


def looks(count: int) -> Callable[[], float]:
    """Progress that ends after so many looks."""
    steps: Iterator[float] = (step / count for step in range(count + 1))
    return steps.__next__


def small_model(seed: int, *, clients: int = 6, capacity: int = 7, longest: int = 400) -> pyvrp.ProblemData:
    """Clients at random places with random windows and loads; of two kinds of vehicle the second sees only a half."""
    chance = np.random.default_rng(seed)
    points = chance.integers(0, 100, (clients + 1, 2))
    base = np.rint(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))).astype(np.int64)
    half = base.copy()
    half[:, 1 : clients // 2] = FORBIDDEN
    np.fill_diagonal(half, 0)
    opens = chance.integers(0, 300, clients)
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(clients + 1)],
        [
            pyvrp.Client(
                index + 1,
                delivery=[int(chance.integers(1, 4))],
                service_duration=10,
                tw_early=int(opens[index]),
                tw_late=int(opens[index]) + 150,
            )
            for index in range(clients)
        ],
        [pyvrp.Depot(0)],
        [
            pyvrp.VehicleType(2, [capacity], tw_early=0, tw_late=700, shift_duration=longest, fixed_cost=20, profile=0),
            pyvrp.VehicleType(1, [capacity], tw_early=0, tw_late=700, shift_duration=longest, fixed_cost=5, profile=1),
        ],
        [base, half],
        [base, half],
    )


def cost(solution: pyvrp.Solution) -> int:
    return solution.distance_cost() + solution.fixed_vehicle_cost()


def least_cost(data: pyvrp.ProblemData) -> int:
    """The best of all ways to divide the clients among the three vehicles, in every order, by PyVRP's own figures."""
    best_of: dict[tuple[int, frozenset[int]], int] = {}
    for size in range(data.num_clients + 1):
        for visits in itertools.permutations(range(data.num_clients), size):
            for kind in (0, 1):
                route = pyvrp.Route(data, list(visits), kind)
                if route.is_feasible() and route.distance() < FORBIDDEN:
                    value = route.distance_cost() + (route.fixed_vehicle_cost() if visits else 0)
                    key = (kind, frozenset(visits))
                    best_of[key] = min(best_of.get(key, value), value)
    best = 10**9
    for owners in itertools.product(range(3), repeat=data.num_clients):
        sets = [frozenset(c for c, owner in enumerate(owners) if owner == vehicle) for vehicle in range(3)]
        parts = [best_of.get((kind, one)) for kind, one in zip((0, 0, 1), sets, strict=True)]
        best = min(best, sum(part if part is not None else 10**9 for part in parts))
    return best


@pytest.mark.parametrize("seed", range(4))
def test_the_best_plan_of_a_small_model_is_found(seed: int) -> None:
    data = small_model(seed)
    found = anneal(data, seed=1, progress=looks(5))
    assert found.is_feasible()
    assert cost(found) == least_cost(data)


def test_no_rule_is_broken_where_room_and_time_are_short() -> None:
    """PyVRP, which replays the plan, finds nothing; what does not fit stays out rather than break a rule."""
    for seed in range(5):
        data = small_model(seed, clients=20, capacity=12, longest=250)
        found = anneal(data, seed=1, progress=looks(3))
        assert not found.has_excess_load()
        assert not found.has_time_warp()
        assert found.distance() < FORBIDDEN
        assert found.num_missing_clients() > 0


def test_the_same_seed_gives_the_same_plan() -> None:
    data = small_model(7, clients=25, capacity=30)
    first, again = (anneal(data, seed=3, progress=looks(4)) for _ in range(2))
    assert first == again


def test_what_does_not_pay_is_left_out_and_of_a_group_one_is_served() -> None:
    ways: Any = np.array([[0, 5, 5, 90], [5, 0, 2, 90], [5, 2, 0, 90], [90, 90, 90, 0]])
    near = [pyvrp.Client(node, tw_early=10 * node, tw_late=100, prize=50, required=False, group=0) for node in (1, 2)]
    far = pyvrp.Client(3, prize=100, required=False)
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(4)],
        [*near, far],
        [pyvrp.Depot(0)],
        [pyvrp.VehicleType(2, tw_early=0, tw_late=1_000)],
        [ways],
        [ways],
        [pyvrp.ClientGroup([0, 1], required=False)],
    )
    found = anneal(data, seed=1, progress=looks(2))
    assert [sum(stop.is_client() for stop in route) for route in found.routes()] == [1]
    assert found.distance() == 10


def test_a_model_of_several_depots_is_refused_and_one_without_clients_has_no_routes() -> None:
    nothing: Any = np.zeros((2, 2), dtype=np.int64)
    places = [pyvrp.Location(0, 0), pyvrp.Location(0, 0)]
    depots = [pyvrp.Depot(0), pyvrp.Depot(1)]
    with pytest.raises(ValueError, match="one depot"):
        make_terrain(pyvrp.ProblemData(places, [], depots, [pyvrp.VehicleType()], [nothing], [nothing]))
    empty = pyvrp.ProblemData(places, [], depots[:1], [pyvrp.VehicleType()], [nothing], [nothing])
    assert not anneal(empty, seed=1, progress=looks(2)).routes()
    assert make_state(make_terrain(empty)).lost_count[0] == 0


def test_a_class_is_drawn_from_the_model_of_the_first_search() -> None:
    """Families have several windows and slots differ: its plan keeps the rules and costs no more than a person's."""
    school = two_classes()
    task = make_task(school, school.classes[0].id, GreatCircle(school), free_people(school))
    copies = make_copies(task)
    routes = routes_of(anneal(model_of(task, copies, 0), seed=1, progress=looks(5)), copies)
    assert all(task.feasible(route.option, route.rows) for route in routes)
    assert task.cost(routes) <= task.cost(nearest_next(task))
