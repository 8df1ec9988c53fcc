"""From a problem to a plan: baseline, search class by class, staff for the school, and a second round where
it fails.
"""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from koumen.planner.assemble import Drawn, assemble
from koumen.planner.greedy import nearest_next
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem, ProblemError
from koumen.planner.route import search
from koumen.planner.staff import Draft, Teams, assign
from koumen.planner.task import ClassTask, Route, free_people, make_task
from koumen.planner.travel import GreatCircle, Travel

ITERATIONS = 1_000
REPAIR_ROUNDS = 3
# While the share is missed, a student seen without the class teacher is priced at these in turn. A price
# per student
# finds far cheaper ways to meet the share than a price per outing.
STUDENT_PRICES = (2_000, 6_000, 20_000)

Effort = Literal["first", "deep"]
# The deep link is loaded by name when it is asked for: numba takes half a second and 60 MB, which a web server and a
# small plan should not pay.
DEEP = "koumen.planner.deep:improve"


@dataclass(frozen=True)
class Progress:
    """How far a run is: `stage` is routes, staff or repair; `done` of `total` classes; `cost` of all classes
    so far, `bound` what is proved of the classes done (0 when nothing is).
    """

    stage: str
    done: int
    total: int
    cost: int
    bound: int = 0


def solve(
    problem: Problem,
    *,
    seed: int = 1,
    iterations: int = ITERATIONS,
    effort: Effort = "first",
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    travel: Travel | None = None,
) -> Plan:
    """Plan a school's visits. The same problem, seed, iterations and effort give the same plan.

    `effort` "first" takes about half a second a class; "deep" about ten, costs some percent less and proves a bound
    (`Figures.bound`).

    `iterations` are those of the search for each class; 0 keeps the baseline's routes. `progress` is called
    after each class, `cancelled` is asked all the time: once it says True the best valid plan so far is
    returned. `travel` replaces the great-circle times. Raises `ProblemError` (`iterations`, `seed`, `effort`).
    """
    if iterations < 0:
        raise ProblemError("搜索次数不能为负。", "iterations")
    if seed < 0:
        raise ProblemError("随机种子不能为负。", "seed")
    if effort not in get_args(Effort):
        raise ProblemError("搜索深度应为 first 或 deep。", "effort")
    run = _Run(problem, seed, iterations, effort, progress, cancelled or _never, travel or GreatCircle(problem))
    return run.plan()


def _never() -> bool:
    return False


class _Run:
    """The state of one call of `solve`."""

    def __init__(
        self,
        problem: Problem,
        seed: int,
        iterations: int,
        effort: Effort,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool],
        travel: Travel,
    ) -> None:
        self.problem, self.seed, self.iterations, self.travel = problem, seed, iterations, travel
        self.report, self.cancelled = progress, cancelled
        self.free = free_people(problem)
        self.closed: dict[str, frozenset[str]] = {team.id: frozenset() for team in problem.classes}
        self.drawn: dict[str, Drawn] = {}
        self.bounds: dict[str, int] = {}
        self.deep = pkgutil.resolve_name(DEEP) if effort == "deep" else None

    def plan(self) -> Plan:
        self._draw_baseline()
        greedy = dict(self.drawn)
        for done, team in enumerate(self.problem.classes, start=1):
            if self.cancelled():
                break
            self._improve(team.id)
            self._tell("routes", done)
        drafts, teams = self._staffed()
        self._tell("staff", len(self.problem.classes))
        for number in range(REPAIR_ROUNDS):
            failed = [draft for draft, people in zip(drafts, teams.people, strict=True) if not people]
            if not failed or self.cancelled():
                break
            self._draw_again(failed)
            drafts, teams = self._staffed()
            self._tell("repair", number + 1)
        return assemble(self.problem, self.travel, self.drawn, greedy, teams, self._bound())

    def _draw_baseline(self) -> None:
        """Greedy routes for every class: the measure of the plan, and what a cancelled run falls back on."""
        for team in self.problem.classes:
            self._draw(team.id)

    def _draw(self, class_id: str) -> None:
        task = make_task(self.problem, class_id, self.travel, self.free, self.closed[class_id])
        self.drawn[class_id] = Drawn(task, nearest_next(task))

    def _improve(self, class_id: str) -> None:
        """Search from nothing; keep whatever is cheapest, the class teacher's share counted in."""
        task, greedy = self.drawn[class_id].task, self.drawn[class_id].routes
        tries = [greedy, self._search(task)]
        for price in STUDENT_PRICES:
            found = tries[-1]
            if task.teacher_missing(found) and any(not task.options[route.option].led for route in found):
                tries.append(self._search(task, price))
        best = min(tries, key=lambda routes: (task.worth(routes), tries.index(routes)))
        if self.deep is not None and not self.cancelled():
            better = self.deep(task, best, seed=self.seed, cancelled=self.cancelled)
            best = better.routes
            # Closing slots only makes plans dearer: the bound of the first time stays true.
            self.bounds.setdefault(class_id, better.bound)
        self.drawn[class_id] = Drawn(task, best)

    def _bound(self) -> int:
        """What no plan costs less than that misses the classes' rules as little; 0 unless proved for all classes."""
        if not all(self.bounds.get(class_id) for class_id, one in self.drawn.items() if one.task.homes):
            return 0
        slack = sum(one.task.worth(one.routes) - one.task.cost(one.routes) for one in self.drawn.values())
        return max(0, sum(self.bounds.values()) - slack)

    def _search(self, task: ClassTask, student_price: int = 0) -> tuple[Route, ...]:
        if not self.iterations:
            return ()
        return search(
            task, seed=self.seed, iterations=self.iterations, cancelled=self.cancelled, student_price=student_price
        )

    def _staffed(self) -> tuple[list[Draft], Teams]:
        drafts = [draft for drawn in self.drawn.values() for draft in drawn.drafts]
        return drafts, assign(self.problem, drafts)

    def _draw_again(self, failed: Sequence[Draft]) -> None:
        """Close the slots in which no second person was found and draw those classes anew."""
        for draft in failed:
            self.closed[draft.class_id] |= {draft.slot}
        for class_id in dict.fromkeys(draft.class_id for draft in failed):
            self._draw(class_id)
            self._improve(class_id)

    def _tell(self, stage: str, done: int) -> None:
        if self.report is not None:
            cost = sum(drawn.task.cost(drawn.routes) for drawn in self.drawn.values())
            self.report(Progress(stage, done, len(self.problem.classes), cost, sum(self.bounds.values())))
