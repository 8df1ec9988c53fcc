"""From a problem to a plan: every class drawn by itself, then joined to a school: staff, and a second round where
nobody second is found.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from koumen.planner.assemble import Drawn, assemble
from koumen.planner.chain import Chain, Effort, chain_of
from koumen.planner.draw import ClassRoutes, Desk
from koumen.planner.gatherings import fold, unfold
from koumen.planner.parts import ProblemError
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem
from koumen.planner.staff import Draft, Teams
from koumen.planner.travel import GreatCircle, Travel

ITERATIONS = 16_000
REPAIR_ROUNDS = 3


@dataclass(frozen=True)
class Progress:
    """How far a run is: `stage` is routes, staff or repair; `done` of `total` classes; `cost` of all classes
    so far, `bound` what is proved of the classes done (0 when nothing is), `worth` what those classes' plans are worth.
    """

    stage: str
    done: int
    total: int
    cost: int
    bound: int = 0
    worth: int = 0

    @property
    def gap(self) -> float | None:
        """How far above the bound the classes proved are, as a share of the bound; None while nothing is proved."""
        return self.worth / self.bound - 1 if self.bound else None


def solve(
    problem: Problem,
    *,
    seed: int = 1,
    iterations: int = ITERATIONS,
    effort: Effort = "first",
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    travel: Travel | None = None,
    chain: Chain | None = None,
) -> Plan:
    """Plan a school's visits. The same problem, seed, iterations and effort give the same plan.

    `effort` "first" takes about a quarter of a second a class; "deep" about ten, costs some percent less and proves a
    bound (`Figures.bound`).

    `iterations` are those of the search for each class; 0 keeps the baseline's routes. `progress` is called
    after each class, `cancelled` is asked all the time: once it says True the best valid plan so far is
    returned. `travel` replaces the great-circle times, `chain` the links `effort` stands for. Raises `ProblemError`
    (`iterations`, `seed`, `effort`, or what the screen refuses).
    """
    school = _School(_desk(problem, seed, iterations, chain or chain_of(effort), cancelled, travel), progress)
    school.draw_all()
    return unfold(problem, school.plan(), school.desk.travel)


def draw_class(
    problem: Problem,
    class_id: str,
    *,
    seed: int = 1,
    iterations: int = ITERATIONS,
    effort: Effort = "first",
    cancelled: Callable[[], bool] | None = None,
    travel: Travel | None = None,
    chain: Chain | None = None,
) -> ClassRoutes:
    """Draw one class alone, exactly as `solve` would. Raises `ProblemError` as `solve`, and `unknown`."""
    desk = _desk(problem, seed, iterations, chain or chain_of(effort), cancelled, travel)
    if class_id not in problem.class_by_id:
        raise ProblemError(f"班级 {class_id} 不存在。", "unknown")
    return desk.draw(class_id)


def join(
    problem: Problem,
    drawn: Iterable[ClassRoutes],
    *,
    seed: int = 1,
    iterations: int = ITERATIONS,
    effort: Effort = "first",
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    travel: Travel | None = None,
    chain: Chain | None = None,
) -> Plan:
    """The school's plan from classes drawn one by one; with the same arguments byte for byte the plan of `solve`.

    Classes that were not drawn keep the baseline's routes. Raises `ProblemError` as `solve`, and `drawn` when
    something drawn does not belong to this problem.
    """
    school = _School(_desk(problem, seed, iterations, chain or chain_of(effort), cancelled, travel), progress)
    for one in drawn:
        if school.desk.cancelled():
            break
        school.take(one)
    return unfold(problem, school.plan(), school.desk.travel)


def _desk(
    problem: Problem,
    seed: int,
    iterations: int,
    chain: Chain,
    cancelled: Callable[[], bool] | None,
    travel: Travel | None,
) -> Desk:
    desk = Desk(fold(problem), chain, seed, iterations, cancelled or _never, travel or GreatCircle(problem))
    chain.screen(problem, desk.travel)
    return desk


def _never() -> bool:
    return False


class _School:
    """A school while its classes come in. It starts from the baseline: the measure of the plan, and what a
    cancelled run falls back on.
    """

    def __init__(self, desk: Desk, progress: Callable[[Progress], None] | None) -> None:
        self.desk, self.problem, self.report = desk, desk.problem, progress
        self.closed: dict[str, frozenset[str]] = {team.id: frozenset() for team in self.problem.classes}
        self.greedy = {one: desk.unseen(one) if desk.cancelled() else desk.baseline(one) for one in self.closed}
        self.drawn: dict[str, Drawn] = dict(self.greedy)
        self.bounds: dict[str, int] = {}
        self.worth = 0
        self.paired: dict[str, Drawn] = {}

    def draw_all(self) -> None:
        """Draws class after class."""
        for done, class_id in enumerate(self.closed, start=1):
            if self.desk.cancelled():
                break
            self.take(self.desk.draw(class_id))
            self._tell("routes", done)

    def take(self, one: ClassRoutes) -> None:
        """Puts a drawn class into the school."""
        if one.class_id not in self.closed or one.class_id in self.bounds:
            raise ProblemError(f"班级 {one.class_id} 不存在或出现了两次。", "drawn")
        self.drawn[one.class_id] = self.desk.restore(one)
        self.bounds[one.class_id] = one.bound
        self.worth += one.cost + one.missed if one.bound else 0

    def plan(self) -> Plan:
        """Staff for all outings; where nobody second is found, the class is drawn again without that slot."""
        self._pair_up(self.closed)
        drafts, teams = self._staffed()
        self._tell("staff", len(self.problem.classes))
        for number in range(REPAIR_ROUNDS):
            failed = [draft for draft, people in zip(drafts, teams.people, strict=True) if not people]
            if not failed or self.desk.cancelled():
                break
            self._draw_again(failed)
            drafts, teams = self._staffed()
            self._tell("repair", number + 1)
        plan = assemble(self.problem, self.desk.travel, self._parts(), self.greedy, teams, self._bound())
        filled = self.desk.chain.fill(self.problem, plan, self.desk.travel, self.desk.cancelled)
        return self._with_bound(filled, plan) if plan.figures.bound and filled is not plan else filled

    def _bound(self) -> int:
        """What no plan costs less than that misses the classes' rules as little; 0 unless proved for all classes.

        The classes' bounds say nothing of outings two classes share.
        """
        if self.problem.pairs or not all(
            self.bounds.get(class_id) for class_id, one in self.drawn.items() if one.task.homes
        ):
            return 0
        slack = sum(one.task.worth(one.routes) - one.task.cost(one.routes) for one in self.drawn.values())
        return max(0, sum(self.bounds.values()) - slack)

    def _with_bound(self, filled: Plan, plan: Plan) -> Plan:
        """The filled plan with the bound of the plan, if that speaks of the places found: it knows the slots offered to
        each class and the families it leads.
        """
        for household in filled.outing_of.keys() - plan.outing_of.keys():
            home, outing = self.problem.household_by_id[household], filled.outing_of[household]
            offered = {option.slot.id for option in self.desk.task(home.lead_class).options}
            if outing.class_id != home.lead_class or outing.slot not in offered:
                return filled
        return replace(filled, figures=replace(filled.figures, bound=plan.figures.bound))

    def _pair_up(self, classes: Iterable[str]) -> None:
        """Draws the pairs these classes are in, and keeps those that are better than each class alone."""
        known = frozenset(classes)
        for pair in self.problem.pairs:
            if known.isdisjoint((pair.first, pair.second)):
                continue
            self.paired.pop(pair.first, None)
            if self.desk.cancelled():
                continue
            together = self.desk.draw_pair(self.drawn[pair.first], self.drawn[pair.second])
            if together is not None:
                self.paired[pair.first] = together

    def _parts(self) -> dict[str, Drawn]:
        """What is drawn, by class; a pair that goes together stands under its first class."""
        gone = {pair.second for pair in self.problem.pairs if pair.first in self.paired}
        return {name: self.paired.get(name, one) for name, one in self.drawn.items() if name not in gone}

    def _staffed(self) -> tuple[list[Draft], Teams]:
        drafts = [draft for drawn in self._parts().values() for draft in drawn.drafts]
        return drafts, self.desk.chain.staff(self.problem, drafts, self.desk.cancelled)

    def _draw_again(self, failed: Sequence[Draft]) -> None:
        """Close the slots in which no second person was found and draw those classes anew.

        Closing slots only makes plans dearer: the bound of the first time stays true.
        """
        for draft in failed:
            self.closed[draft.class_id] |= {draft.slot}
        for class_id in dict.fromkeys(draft.class_id for draft in failed):
            closed = self.closed[class_id]
            self.drawn[class_id] = self.desk.restore(self.desk.draw(class_id, closed), closed)
        self._pair_up(draft.class_id for draft in failed)

    def _tell(self, stage: str, done: int) -> None:
        if self.report is not None:
            cost = sum(drawn.task.cost(drawn.routes) for drawn in self._parts().values())
            self.report(Progress(stage, done, len(self.closed), cost, sum(self.bounds.values()), self.worth))
