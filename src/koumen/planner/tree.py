"""Branch and price for one class: the proven bound rises, dives find plans, until they meet or the work is used up."""

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from koumen.planner.columns import Columns, Spent
from koumen.planner.interrupt import GivenUp
from koumen.planner.master import INFINITE, Bounds, Floats
from koumen.planner.pick import pick
from koumen.planner.task import ClassTask, Route

Routes = tuple[Route, ...]
CUT_ROUNDS = 1
DIVE_EVERY = 12  # nodes between two dives
PICK_AT = (6, 20, 60)  # nodes after which the best choice among all routes is sought again
STEP_WORK = 4_000  # comparisons that take as long as a step of the simplex method
WHOLE = 1e-5  # closer than this to a whole number is whole
NEARLY = 0.95  # routes made to this degree are fixed together in a dive


@dataclass(frozen=True, order=True)
class _Node:
    bound: float
    number: int
    bounds: Bounds


class Tree:
    """The search of one class. `best` starts with what is known; `polish` may improve any plan found."""

    def __init__(self, columns: Columns, best: Routes, polish: Callable[[Routes], Routes]) -> None:
        self.task: ClassTask = columns.task
        self.columns, self.best, self.polish = columns, best, polish
        self.worth = self.task.worth(best)
        self.nodes = 0
        self._open: list[_Node] = []
        self._bound = 0.0
        self._shut = math.inf  # the lowest bound of a branch that was whole yet no plan of that worth
        for route in best:
            columns.master.add(route)

    @property
    def bound(self) -> int:
        """No plan of this class is worth less. Costs are whole numbers, so the bound is rounded up."""
        low = min(self._shut, *(node.bound for node in self._open), float(self.worth))
        return min(self.worth, math.ceil(max(low, self._bound) - 0.01))

    def run(self) -> None:
        """Searches until proved or the work is used up."""
        try:
            self._root()
            while self._open and self._open[0].bound < self.worth - 1:
                self._branch()
        except (Spent, GivenUp):
            return
        self._open = []

    def _root(self) -> None:
        node = _Node(0.0, 0, Bounds({}))
        self._open = [node]
        for round_ in range(CUT_ROUNDS + 1):
            bound = self.columns.converge(node.bounds, self.worth - 1)
            self._bound = max(self._bound, bound)
            if self._bound > self.worth - 1 or round_ == CUT_ROUNDS or not self.columns.add_cuts():
                break
        self._open = [_Node(self._bound, 0, Bounds({}))]
        self._pick()

    def _branch(self) -> None:
        """Takes the most promising branch, solves it, and splits it where its solution is not whole."""
        node = self._open[0]
        bound = max(node.bound, self.columns.converge(node.bounds, self.worth - 1))
        self.nodes += 1
        children: list[Bounds] = []
        if bound < self.worth - 1:
            values = self.columns.master.values
            children = self._split(node.bounds, values)
            if not children:
                self._offer(self._chosen(values))
                self._shut = min(self._shut, bound)
            elif self.nodes in PICK_AT:
                self._pick()
            elif self.nodes % DIVE_EVERY == 0:
                self._dive(node.bounds)
        heapq.heappop(self._open)
        for number, child in enumerate(children):
            heapq.heappush(self._open, _Node(bound, 2 * self.nodes + number, child))

    def _pick(self) -> None:
        """The best whole choice among the routes that fit the present prices."""
        plan, steps = pick(self.columns.master, self.best, self.columns.cancelled)
        self.columns.left -= steps * STEP_WORK
        self._offer(plan)

    def _split(self, bounds: Bounds, values: Floats) -> list[Bounds]:
        """Two branches that leave out the present solution; [] when it is whole.

        First the number of outings, then of days and evenings, then which slots are used, then who is seen when.
        """
        master = self.columns.master
        used = [(route, float(value)) for route, value in zip(master.routes, values, strict=True) if value > WHOLE]
        sums = np.zeros(master.count_rows.stop)
        seen: dict[tuple[int, int], float] = {}
        for route, value in used:
            sums[master.rows_of(route)] += value
            for row in {*route.rows}:
                seen[row, route.option] = seen.get((row, route.option), 0.0) + value
        limits = {row: (-INFINITE, 1.0) for row in master.slot_rows} | {**bounds.rows}
        for group in (master.count_rows[2:], master.count_rows[:2], master.slot_rows):
            # A sum beyond its limits was bought at a price: splitting it would leave a branch nothing can be in.
            whole = (-INFINITE, INFINITE)
            inside = [row for row in group if limits.get(row, whole)[0] < sums[row] < limits.get(row, whole)[1]]
            row = max(inside, key=lambda row: (round(_fraction(float(sums[row])), 6), -row), default=-1)
            if row >= 0 and _fraction(float(sums[row])) > WHOLE:
                low, high = limits.get(row, whole)
                return [
                    Bounds({**bounds.rows, row: (low, min(high, math.floor(sums[row])))}, bounds.barred),
                    Bounds({**bounds.rows, row: (max(low, math.ceil(sums[row])), high)}, bounds.barred),
                ]
        pair = max(seen, key=lambda pair: (round(_fraction(seen[pair]), 6), pair), default=(0, 0))
        if not seen or _fraction(seen[pair]) <= WHOLE:
            return []
        others = frozenset((pair[0], other) for other in range(master.options) if other != pair[1])
        return [Bounds(bounds.rows, bounds.barred | {pair}), Bounds(bounds.rows, bounds.barred | others)]

    def _chosen(self, values: Floats) -> list[Route]:
        return [route for route, value in zip(self.columns.master.routes, values, strict=True) if value > NEARLY]

    def _dive(self, bounds: Bounds) -> None:
        """Fixes the routes made most, prices again, and so on down to a plan; then polishes it."""
        master, fixed = self.columns.master, list[int]()
        try:
            for _ in range(len(self.task.options)):
                values = master.values
                left = [i for i in range(len(master.routes)) if values[i] > WHOLE and i not in fixed]
                left = [i for i in left if len({*master.routes[i].rows}) == len(master.routes[i].rows)]
                if not left:
                    break
                most = max(left, key=lambda i: (round(float(values[i]), 6), -i))
                now = [i for i in left if values[i] > NEARLY] or [most]
                fixed += now
                master.fix(now, 1.0)
                self.columns.converge(bounds, prove=False)
            found = [master.routes[index] for index in fixed]
        finally:
            master.fix(fixed, 0.0)
        self._offer(found)

    def _offer(self, routes: Sequence[Route]) -> None:
        """A plan made of these routes, each family seen once, polished; kept when it is the best."""
        plan = self.polish(without_doubles(self.task, routes))
        for route in plan:
            self.columns.master.add(route)
        worth = self.task.worth(plan)
        if worth < self.worth:
            self.best, self.worth = plan, worth


def without_doubles(task: ClassTask, routes: Sequence[Route]) -> Routes:
    """One route per option, one visit per family: the first route to see a family keeps it."""
    seen: set[int] = set()
    options: set[int] = set()
    kept = []
    for route in routes:
        rows = tuple(row for row in dict.fromkeys(route.rows) if row not in seen)
        if rows and route.option not in options and task.feasible(route.option, rows):
            kept.append(Route(route.option, rows))
            seen.update(rows)
            options.add(route.option)
    return tuple(sorted(kept, key=lambda route: route.option))


def _fraction(value: float) -> float:
    """How far from a whole number, 0 to 0.5."""
    return abs(value - round(value))
