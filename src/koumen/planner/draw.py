"""One class drawn alone, as plain data that can wait elsewhere until the school is joined."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from koumen.planner.assemble import Drawn
from koumen.planner.chain import Chain
from koumen.planner.pairs import pair_task
from koumen.planner.parts import ProblemError
from koumen.planner.problem import Problem
from koumen.planner.task import ClassTask, Route, free_people, make_task
from koumen.planner.travel import Legs, Travel

Named = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class ClassRoutes:
    """What was drawn for one class: `routes` are (slot, households in order of the visits), by time; `bound` is what
    no routes of the class are worth less than, 0 when nothing was proved.

    Told for progress: `cost` by the objective, `missed` what missed rules weigh besides, `greedy` the baseline's cost.
    """

    class_id: str
    routes: Named
    bound: int = 0
    cost: int = 0
    missed: int = 0
    greedy: int = 0


@dataclass
class Desk:
    """What drawing a class needs, and the tasks made so far."""

    problem: Problem
    chain: Chain
    seed: int
    iterations: int
    cancelled: Callable[[], bool]
    travel: Travel
    free: dict[str, frozenset[str]] = field(init=False)
    _tasks: dict[tuple[str, bool], tuple[frozenset[str], ClassTask]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.iterations < 0:
            raise ProblemError("搜索次数不能为负。", "iterations")
        if self.seed < 0:
            raise ProblemError("随机种子不能为负。", "seed")
        self.free = free_people(self.problem)

    def task(self, class_id: str, closed: frozenset[str] = frozenset(), *, every: bool = False) -> ClassTask:
        """The task of a class; `closed` slots are not offered, of the others a choice or `every` one."""
        known = self._tasks.get((class_id, every))
        if known is None or known[0] != closed:
            known = closed, make_task(self.problem, class_id, self.travel, self.free, closed, every=every)
            self._tasks[class_id, every] = known
        return known[1]

    def baseline(self, class_id: str, closed: frozenset[str] = frozenset()) -> Drawn:
        """What the baseline draws for a class."""
        task = self.task(class_id, closed)
        return Drawn(task, self.chain.baseline(task))

    def unseen(self, class_id: str) -> Drawn:
        """Nobody of a class is visited, for whom time did not last."""
        homes = tuple(home for home in self.problem.households if home.lead_class == class_id and home.in_person)
        nothing = np.zeros((0, 0), np.int64)
        return Drawn(ClassTask(self.problem, class_id, homes, Legs(nothing, nothing), (), {}), ())

    def draw(self, class_id: str, closed: frozenset[str] = frozenset()) -> ClassRoutes:
        """The best routes the chain's links find for a class.

        Where somebody has no room in the slots offered at first, the class goes on with every slot.
        """
        start, bound = self.baseline(class_id, closed), 0
        best = Drawn(start.task, self._first(start))
        if not self.cancelled() and best.task.left_out(best.routes):
            wide = self.task(class_id, closed, every=True)
            if len(wide.options) > len(best.task.options):
                best = Drawn(wide, self._first(_on(wide, _named(best))))
        if self.chain.deep is not None and not self.cancelled():
            better = self.chain.deep(best.task, best.routes, seed=self.seed, cancelled=self.cancelled)
            best, bound = Drawn(best.task, better.routes), better.bound
        cost, greedy = best.task.cost(best.routes), start.task.cost(start.routes)
        return ClassRoutes(class_id, _named(best), bound, cost, best.task.worth(best.routes) - cost, greedy)

    def _first(self, start: Drawn) -> tuple[Route, ...]:
        return self.chain.first(
            start.task, start.routes, seed=self.seed, iterations=self.iterations, cancelled=self.cancelled
        )

    def draw_pair(self, first: Drawn, second: Drawn) -> Drawn | None:
        """Two classes drawn together by the first search; None when each alone is as good."""
        task = pair_task(first.task, second.task, self.travel)
        routes = self.chain.first(task, (), seed=self.seed, iterations=2 * self.iterations, cancelled=self.cancelled)
        alone = first.task.worth(first.routes) + second.task.worth(second.routes)
        return Drawn(task, routes) if task.worth(routes) < alone else None

    def restore(self, one: ClassRoutes, closed: frozenset[str] = frozenset()) -> Drawn:
        """What was drawn, as routes of the class's task. Raises `ProblemError` (`drawn`) when it is no plan of it."""
        task = self.task(one.class_id, closed)
        if not {option.slot.id for option in task.options}.issuperset(slot for slot, _ in one.routes):
            task = self.task(one.class_id, closed, every=True)
        try:
            drawn = _on(task, one.routes)
        except KeyError as fault:
            raise _foreign(one.class_id) from fault
        seen = [row for route in drawn.routes for row in route.rows]
        fits = all(route.rows and task.feasible(route.option, route.rows) for route in drawn.routes)
        if not fits or len(seen) > len({*seen}) or len(drawn.routes) > len({route.option for route in drawn.routes}):
            raise _foreign(one.class_id)
        return drawn


def _named(drawn: Drawn) -> Named:
    """Routes by the names of their slots and households."""
    homes, options = drawn.task.homes, drawn.task.options
    return tuple((options[route.option].slot.id, tuple(homes[row].id for row in route.rows)) for route in drawn.routes)


def _on(task: ClassTask, named: Named) -> Drawn:
    """Named routes as those of the task. Raises `KeyError` for names it does not have."""
    options = {option.slot.id: index for index, option in enumerate(task.options)}
    rows = {home.id: row for row, home in enumerate(task.homes)}
    return Drawn(task, tuple(Route(options[slot], tuple(rows[home] for home in homes)) for slot, homes in named))


def _foreign(class_id: str) -> ProblemError:
    return ProblemError(f"班级 {class_id} 的路线与当前的数据不符，请重新排班。", "drawn")
