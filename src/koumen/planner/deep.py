"""The deep link of the chain: branch and price for one class, every plan it finds redrawn a little.

Imported only when asked for (`effort="deep"`), because it needs numba.
"""

from collections.abc import Callable
from dataclasses import dataclass

from koumen.planner.columns import Columns
from koumen.planner.redraw import redraw
from koumen.planner.task import ClassTask, Route
from koumen.planner.tree import Tree

WORK = 500_000_000  # comparisons of labels; about ten seconds of one core for a class of 45
POLISH, POLISH_MARGIN = 2_000, 300  # steps from each plan found, and how much worse they may become
STARTS, START = 3, 16_000  # more plans drawn from nothing, and their steps: their routes are the first columns
MOST_HOMES = 120  # beyond, a class is left as the first search drew it, without a bound


@dataclass(frozen=True)
class Improved:
    """Routes, and what no routes of the class can be worth less than; 0 when nothing was proved."""

    routes: tuple[Route, ...]
    bound: int


def improve(
    task: ClassTask, start: tuple[Route, ...], *, seed: int, cancelled: Callable[[], bool], work: int = WORK
) -> Improved:
    """Better routes than `start` where there are any, and a proven bound on `ClassTask.worth`.

    The same arguments give the same answer on every machine; `cancelled` ends it with the best so far.
    """
    if not task.options or not task.homes or len(task.homes) > MOST_HOMES:
        return Improved(start, 0)

    def polish(routes: tuple[Route, ...]) -> tuple[Route, ...]:
        return redraw(task, routes, seed=seed, steps=POLISH, cancelled=cancelled, margin=POLISH_MARGIN)

    columns = Columns(task, work, cancelled)
    starts = [start]
    for other in range(1, STARTS + 1):
        starts.append(redraw(task, (), seed=seed + other, steps=START, cancelled=cancelled))
        for route in starts[-1]:
            columns.master.add(route)
    tree = Tree(columns, min(starts, key=task.worth), polish)
    tree.run()
    return Improved(tree.best, tree.bound)
