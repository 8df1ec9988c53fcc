"""The search for one class's outings, as a vehicle routing problem with time windows solved by PyVRP.

Time is relative to the slot, every slot is a vehicle with a profile of its own, and the profile's matrices
say which families it can see and what lateness costs. A family needs one client per distinct relative window
(one or two as a rule) instead of one per slot, which keeps the model small and the search quick.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from pyvrp.search import NeighbourhoodParams, PerturbationParams
from pyvrp.stop import MaxIterations

from koumen.planner.task import ClassTask, Route

# PyVRP hangs on forbidden arcs near its integer limit; ten million seconds are far above any plan's cost.
FORBIDDEN = 10_000_000
# Classes are small and the search short: look at every neighbour, disturb gently, accept little worse.
# Chosen among
# some twenty settings on ten classes of one generated town (seed 11): 3 % cheaper than the defaults at 0.3
# s a class,
# 1–2 % at 0.7 s.
PARAMS = pyvrp.SolveParams(
    ils=pyvrp.IteratedLocalSearchParams(history_length=20),
    neighbourhood=NeighbourhoodParams(num_neighbours=100),
    perturbation=PerturbationParams(1, 12),
)


@dataclass(frozen=True)
class Copy:
    """One client of the model: family `row`, start window, and the options in which it stands for that
    family.
    """

    row: int
    first: int
    last: int
    options: frozenset[int]


class _Stop:
    """Ends the search after a number of iterations, never of seconds, or when the caller gives up."""

    def __init__(self, iterations: int, cancelled: Callable[[], bool]) -> None:
        self._limit = MaxIterations(iterations)
        self._cancelled = cancelled

    def __call__(self, best_cost: int) -> bool:
        return self._limit(best_cost) or self._cancelled()


def search(
    task: ClassTask,
    *,
    seed: int,
    iterations: int,
    cancelled: Callable[[], bool],
    student_price: int = 0,
    start: Sequence[Route] = (),
) -> tuple[Route, ...]:
    """The best routes found for the class; () when nothing feasible was found. `start` is improved when given.

    `student_price` is charged for each student of the class seen without the class teacher, on top of the
    objective. The same arguments give the same routes. Cost them by `ClassTask.cost`: PyVRP's own figure
    holds a constant, because every unused copy of a family counts as a lost prize there.
    """
    copies = make_copies(task)
    if not copies:
        return ()
    data = model_of(task, copies, student_price)
    result = pyvrp.solve(
        data,
        _Stop(iterations, cancelled),
        seed=seed,
        collect_stats=False,
        initial_solution=_solution(task, data, copies, start) if start else None,
        params=PARAMS,
    )
    if not result.best.is_feasible():
        return ()
    return routes_of(result.best, copies)


def make_copies(task: ClassTask) -> tuple[Copy, ...]:
    """One copy per family and distinct relative window over all options.

    A window that lasts to the end of its slot is open-ended: the vehicle's own end cuts it, so evenings and
    weekend days share a copy.
    """
    longest = max((option.slot.length for option in task.options), default=0)
    copies: list[Copy] = []
    for row, home in enumerate(task.homes):
        if home.id in task.barred:
            continue
        spans: dict[tuple[int, int], set[int]] = {}
        for index, option in enumerate(task.options):
            for first, last in task.starts[index][row]:
                end = longest if last + home.service >= option.slot.length > first else last
                spans.setdefault((first, end), set()).add(index)
        copies += [Copy(row, *span, frozenset(spans[span])) for span in sorted(spans)]
    return tuple(copies)


def model_of(task: ClassTask, copies: Sequence[Copy], student_price: int) -> pyvrp.ProblemData:
    """The class as PyVRP sees it: a vehicle per slot, a client per copy."""
    weights = task.problem.weights
    groups: dict[int, list[int]] = {}
    for index, copy in enumerate(copies):
        groups.setdefault(copy.row, []).append(index)
    shared = [row for row, members in groups.items() if len(members) > 1]
    number = {row: index for index, row in enumerate(shared)}
    clients = [
        pyvrp.Client(
            index + 1,
            service_duration=task.homes[copy.row].service,
            tw_early=copy.first,
            tw_late=copy.last,
            prize=task.prizes[copy.row],
            required=False,
            group=number.get(copy.row),
        )
        for index, copy in enumerate(copies)
    ]
    vehicles = [
        pyvrp.VehicleType(
            1,
            tw_early=0,
            tw_late=option.slot.length,
            fixed_cost=weights.outing(option.slot.kind) + (0 if option.led else weights.without_teacher),
            profile=index,
        )
        for index, option in enumerate(task.options)
    ]
    distances, durations = _matrices(task, copies, student_price)
    # Locations carry no coordinates: every distance is in the matrices.
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in range(len(copies) + 1)],
        clients,
        [pyvrp.Depot(0)],
        vehicles,
        distances,
        durations,
        [pyvrp.ClientGroup(groups[row], required=False) for row in shared],
    )


def _matrices(task: ClassTask, copies: Sequence[Copy], student_price: int) -> tuple[list[Any], list[Any]]:
    """Per option the cost matrix and the time matrix between school and copies (PyVRP's stubs misname the
    array type).
    """
    places = np.array([0, *(copy.row + 1 for copy in copies)])
    base = task.legs.seconds[np.ix_(places, places)]
    costs, times = [], []
    for option, offered in enumerate(task.options):
        price = 0 if offered.led else student_price
        cost, time = base.copy(), base.copy()
        for index, copy in enumerate(copies, start=1):
            if option in copy.options:
                cost[:, index] += task.lateness(copy.row, option) + price * task.own_students(copy.row)
            else:
                cost[:, index] = time[:, index] = FORBIDDEN
        np.fill_diagonal(cost, 0)
        np.fill_diagonal(time, 0)
        costs.append(cost)
        times.append(time)
    return costs, times


def _solution(
    task: ClassTask, data: pyvrp.ProblemData, copies: Sequence[Copy], routes: Sequence[Route]
) -> pyvrp.Solution:
    """These routes in PyVRP's terms: the copy of each family whose window holds the start of the visit."""
    made = []
    for route in routes:
        starts = [(stop.start, row) for stop, row in zip(task.timetable(route).stops, route.rows, strict=True)]
        chosen = [
            next(
                index
                for index, copy in enumerate(copies)
                if copy.row == row and route.option in copy.options and copy.first <= start <= copy.last
            )
            for start, row in starts
        ]
        made.append(pyvrp.Route(data, chosen, route.option))
    return pyvrp.Solution(data, made)


def routes_of(solution: pyvrp.Solution, copies: Sequence[Copy]) -> tuple[Route, ...]:
    """A solution in the planner's terms."""
    found = []
    for route in solution.routes():
        rows = tuple(copies[stop.idx].row for stop in route if stop.is_client())
        if rows:
            found.append(Route(route.vehicle_type(), rows))
    return tuple(sorted(found, key=lambda route: route.option))
