"""The master problem of one class: which of the known outings to make, as a linear programme in HiGHS.

Rows: every family once, every slot at most once, the class teacher's share, the numbers of days, evenings and outings,
and subset-row cuts. The rules are elastic, each with a column of its own: a family may stay out and a student may be
missing from the teacher's share at the prices of `ClassTask.worth`. Branching narrows the bounds of rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from koumen.planner.task import MISSED_STUDENT, ClassTask, Route, teacher_share

Floats = NDArray[np.float64]
INFINITE: float = highspy.kHighsInf
IMPOSSIBLE = 10_000.0  # price


@dataclass(frozen=True)
class Cut:
    """Of routes with two or more of three families at most one is made; forgotten outside `memory`."""

    members: frozenset[int]
    memory: frozenset[int]

    def count(self, rows: Sequence[int]) -> int:
        """How often a route with these families, in order, counts in the cut."""
        odd, total = False, 0
        for row in rows:
            if row not in self.memory:
                odd = False
            elif row in self.members:
                total += odd
                odd = not odd
        return total


@dataclass(frozen=True)
class Duals:
    """Value of the programme and the prices of its rows: families, slots (numbers counted in), share, cuts."""

    value: float
    home: Floats
    option: Floats
    share: float
    cut: Floats


@dataclass(frozen=True)
class Bounds:
    """A branch: lower and upper bounds of some rows, and families that may not be seen in some options."""

    rows: Mapping[int, tuple[float, float]]
    barred: frozenset[tuple[int, int]] = frozenset()


class Master:
    """The programme with all columns found so far."""

    def __init__(self, task: ClassTask) -> None:
        self.task = task
        self.homes, self.options = len(task.homes), len(task.options)
        self.own = np.array([task.own_students(row) for row in range(self.homes)], dtype=float)
        self.routes: list[Route] = []
        self.costs: list[int] = []
        self.cuts: list[Cut] = []
        self._known: set[Route] = set()
        self._bounds = Bounds({})
        # New columns leave the basis feasible for the primal simplex method only.
        self._solver = quiet_solver(simplex_strategy=4)
        self._base = self._rows()
        self._first = self._elastic()

    @property
    def share_row(self) -> int:
        return self.homes + self.options

    @property
    def count_rows(self) -> range:
        """The rows of days, evenings and all outings."""
        return range(self.share_row + 1, self.share_row + 4)

    @property
    def slot_rows(self) -> range:
        return range(self.homes, self.share_row)

    def rows_of(self, route: Route) -> list[int]:
        """The rows that count the route: its slot, its kind and all outings."""
        days, evenings, outings = self.count_rows
        day = self.task.options[route.option].slot.kind == "day"
        return [self.homes + route.option, days if day else evenings, outings]

    def _rows(self) -> list[tuple[float, float]]:
        barred = self.task.barred
        # Exactly once: a family seen twice would count twice in the teacher's share.
        rows = [(0.0 if home.id in barred else 1.0, 1.0) for home in self.task.homes]
        rows += [(-INFINITE, 1.0)] * self.options
        rows.append((float(teacher_share(self.task.problem, self.task.class_id)), INFINITE))
        rows += [(-INFINITE, INFINITE)] * 3
        for low, high in rows:
            self._solver.addRow(low, high, 0, np.array([], np.int32), np.array([]))
        return rows

    def _elastic(self) -> int:
        """The columns that let a rule be missed; returns how many there are."""
        for row, prize in enumerate(self.task.prizes):
            self._column(prize, [row], [1.0])
        self._column(MISSED_STUDENT, [self.share_row], [1.0])
        for row in (*self.slot_rows, *self.count_rows):
            self._column(IMPOSSIBLE, [row], [1.0])
            self._column(IMPOSSIBLE, [row], [-1.0])
        return int(self._solver.getNumCol())

    def _column(self, cost: float, rows: Sequence[int], values: Sequence[float]) -> None:
        self._solver.addCol(
            float(cost), 0.0, INFINITE, len(rows), np.array(rows, dtype=np.int32), np.array(values, dtype=float)
        )

    def add(self, route: Route) -> bool:
        """Takes a route in; False when it is known."""
        if route in self._known:
            return False
        self._known.add(route)
        self.routes.append(route)
        self.costs.append(self.task.price(route))
        entries = self.entries(route)
        for index, cut in enumerate(self.cuts):
            if times := cut.count(route.rows):
                entries[self.count_rows.stop + index] = times
        self._column(self.costs[-1], list(entries), list(entries.values()))
        if self._is_barred(route, self._bounds.barred):
            self._limit([len(self.routes) - 1], 0.0, 0.0)
        return True

    def entries(self, route: Route) -> dict[int, float]:
        """What the route does in each row, cuts aside."""
        entries: dict[int, float] = {}
        for row in route.rows:
            entries[row] = entries.get(row, 0.0) + 1.0
        entries.update(dict.fromkeys(self.rows_of(route), 1.0))
        own = float(sum(self.own[row] for row in route.rows))
        if own and self.task.options[route.option].led:
            entries[self.share_row] = own
        return entries

    def add_cut(self, cut: Cut) -> None:
        """Adds the cut to the columns known; later columns heed it."""
        self.cuts.append(cut)
        counts = [(index, cut.count(route.rows)) for index, route in enumerate(self.routes)]
        columns = np.array([self._first + index for index, times in counts if times], dtype=np.int32)
        values = np.array([times for _, times in counts if times], dtype=float)
        self._solver.addRow(-INFINITE, 1.0, len(columns), columns, values)

    def enter(self, bounds: Bounds) -> None:
        """Goes to another branch: its bounds replace those of the branch before."""
        for row in self._bounds.rows.keys() | bounds.rows.keys():
            self._solver.changeRowBounds(row, *bounds.rows.get(row, self._base[row]))
        if self._bounds.barred != bounds.barred:
            shut = [index for index, route in enumerate(self.routes) if self._is_barred(route, bounds.barred)]
            self._limit(range(len(self.routes)), 0.0, INFINITE)
            self._limit(shut, 0.0, 0.0)
        self._bounds = bounds

    def fix(self, columns: Iterable[int], times: float) -> None:
        """Makes these routes (1), or leaves them free again (0)."""
        self._limit(columns, times, INFINITE)

    @staticmethod
    def _is_barred(route: Route, barred: frozenset[tuple[int, int]]) -> bool:
        return bool(barred) and any((row, route.option) in barred for row in route.rows)

    def _limit(self, columns: Iterable[int], low: float, high: float) -> None:
        for index in columns:
            self._solver.changeColBounds(self._first + index, low, high)

    def solve(self) -> Duals:
        """The best mixture of known routes within the branch."""
        self._solver.run()
        dual = np.array(self._solver.getSolution().row_dual)
        days, evenings, outings = dual[self.count_rows.start : self.count_rows.stop]
        by_kind = [outings + (days if one.slot.kind == "day" else evenings) for one in self.task.options]
        return Duals(
            self._solver.getInfo().objective_function_value,
            dual[: self.homes],
            dual[self.homes : self.share_row] + np.array(by_kind),
            float(dual[self.share_row]),
            -dual[self.count_rows.stop :],
        )

    def forget(self, kept: int) -> None:
        """Drops the routes of highest reduced cost but for so many; pricing finds again those that are missed."""
        if len(self.routes) <= 2 * kept:
            return
        order = np.argsort(np.round(self.reduced_costs, 3), kind="stable")
        left, gone = sorted(order[:kept].tolist()), np.sort(order[kept:])
        self._solver.deleteCols(len(gone), (gone + self._first).astype(np.int32))
        self.routes, self.costs = [self.routes[one] for one in left], [self.costs[one] for one in left]
        self._known = set(self.routes)

    @property
    def reduced_costs(self) -> Floats:
        """What each route would cost above the prices of its rows, by the last solution."""
        return np.array(self._solver.getSolution().col_dual)[self._first :]

    @property
    def values(self) -> Floats:
        """How much of each route the last solution makes."""
        return np.array(self._solver.getSolution().col_value)[self._first :]


def quiet_solver(**options: float | bool | str) -> highspy.Highs:
    """A HiGHS that says nothing and uses one thread."""
    solver = highspy.Highs()
    for name, value in {
        "output_flag": False,
        "log_to_console": False,
        "threads": 1,
        "random_seed": 1,
        **options,
    }.items():
        solver.setOptionValue(name, value)
    return solver
