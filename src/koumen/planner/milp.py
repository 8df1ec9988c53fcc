"""A whole-number programme gathered column by column and row by row, then solved by HiGHS.

The search ends at a gap or a number of nodes, never after a time, so the same input gives the same values.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import highspy
import numpy as np

from koumen.planner.interrupt import never, run_unless

INFINITE = highspy.kHighsInf
MAX_NODES = 500
GAP = 1e-4


@dataclass(frozen=True)
class Solved:
    """The best values found, all zero when there are none (`found`), and whether they are proved optimal."""

    values: tuple[float, ...]
    found: bool
    proved: bool


@dataclass
class Model:
    """Columns and rows gathered before they are handed over; costs are minimised."""

    cancelled: Callable[[], bool] = never
    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[float, float, list[int], list[float]]] = field(default_factory=list)

    def column(self, cost: float, upper: float, *, whole: bool = False) -> int:
        """A column from 0 to `upper`; returns its number."""
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, low: float, high: float, columns: Sequence[int], values: Sequence[float] | None = None) -> None:
        """`low` ≤ Σ value × column ≤ `high`; the values are 1 when not given."""
        self.rows.append((low, high, list(columns), list(values or [1.0] * len(columns))))

    def relaxed(self, cost: Mapping[int, float]) -> Solved:
        """The programme without whole numbers and with these costs alone: a bound for each of them."""
        prices = [cost.get(column, 0.0) for column in range(len(self.cost))]
        return replace(self, cost=prices, whole=[False] * len(prices)).solve()

    def solve(self) -> Solved:
        """Hand over to HiGHS on one thread. Raises `GivenUp` once `cancelled`."""
        solver = highspy.Highs()
        for option, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 1),
            ("mip_rel_gap", GAP),
            ("mip_max_nodes", MAX_NODES),
        ):
            solver.setOptionValue(option, value)
        count = len(self.cost)
        every = np.arange(count, dtype=np.int32)
        solver.addVars(count, np.zeros(count), np.array(self.upper, dtype=float))
        solver.changeColsCost(count, every, np.array(self.cost, dtype=float))
        kinds = [highspy.HighsVarType.kInteger if one else highspy.HighsVarType.kContinuous for one in self.whole]
        solver.changeColsIntegrality(count, every, np.array(kinds))
        for low, high, columns, values in self.rows:
            solver.addRow(low, high, len(columns), np.array(columns, dtype=np.int32), np.array(values))
        run_unless(solver, self.cancelled)
        proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        made = tuple(float(one) for one in solver.getSolution().col_value)
        found = len(made) == count and bool(solver.getSolution().value_valid)
        return Solved(made if found else (0.0,) * count, found, proved)
