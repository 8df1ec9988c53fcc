"""A plan under way as rows: the frozen problem, the classes still to be drawn, and what was drawn."""

from dataclasses import dataclass
from functools import lru_cache

from koumen import planner
from koumen.core.refusals import Invalid
from koumen.visits.models import Plan, PlanPart, PlanTask
from koumen.visits.planning.problem import Task, task_of, unplannable
from koumen.visits.planning.roads import ClockTravel, points_around, roads_of


@dataclass(frozen=True)
class Headway:
    """How far the classes of a plan are: `cost`, `greedy` and `bound` (0 unless proved) of those drawn, in seconds."""

    done: int
    total: int
    cost: int
    greedy: int
    bound: int

    @property
    def saved(self) -> float:
        """Percent less than the baseline."""
        return 100 * (1 - self.cost / self.greedy) if self.greedy else 0.0

    @property
    def gap(self) -> float | None:
        """Percent above what is proved; None when nothing is."""
        return 100 * (self.cost / self.bound - 1) if self.bound else None


def hand_out(plan: Plan) -> list[int]:
    """Freeze what the plan is computed from and name its classes, once. [] when that was done before.

    Raises Invalid with the sentence of what is missing.
    """
    Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if plan.parts.exists():
        return []
    task = task_of(plan)
    try:
        planner.screen(task.problem, ClockTravel(task.problem))
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    classes = [int(team.id) for team in task.problem.classes]
    problem = planner.dump_problem(task.problem)
    PlanTask.objects.create(plan=plan, problem=problem, left_out=task.left_out, patterns=dict(task.patterns))
    PlanPart.objects.bulk_create(PlanPart(plan=plan, school_class_id=one) for one in classes)
    return classes


def task_under_way(plan: Plan, *, of_class: str = "") -> Task:
    """What was frozen when the computing began. `of_class` reads only the ways a class can go."""
    kept = PlanTask.objects.get(plan=plan)
    problem = _problem(kept.problem)
    ways = roads_of(plan, among=points_around(problem, of_class) if of_class else None)
    return Task(problem, plan.seed, kept.left_out, kept.patterns, ways)


@lru_cache(maxsize=2)
def _problem(text: str) -> planner.Problem:
    """A worker draws many classes of the same school one after another."""
    return planner.load_problem(text)


def keep(plan: Plan, drawn: planner.ClassRoutes) -> Headway | None:
    """Store what was drawn for a class. None when that was done before or the plan no longer waits for it.

    The plan's row is locked, so exactly one caller is told that all classes are done.
    """
    locked = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    waiting = PlanPart.objects.filter(plan=locked, school_class_id=int(drawn.class_id), routes="")
    if locked.state != Plan.State.COMPUTING:
        return None
    stored = waiting.update(
        routes=planner.dump_class(drawn),
        cost=drawn.cost,
        greedy=drawn.greedy,
        bound=max(0, drawn.bound - drawn.missed),
    )
    return _headway(locked) if stored else None


def _headway(plan: Plan) -> Headway:
    parts = list(PlanPart.objects.filter(plan=plan))
    done = [part for part in parts if part.routes]
    proved = all(part.bound or not part.cost for part in done)
    return Headway(
        len(done),
        len(parts),
        sum(part.cost for part in done),
        sum(part.greedy for part in done),
        sum(part.bound for part in done) if proved else 0,
    )


def drawn_parts(plan: Plan) -> list[planner.ClassRoutes]:
    """What was drawn for the plan's classes."""
    rows = PlanPart.objects.filter(plan=plan).drawn().order_by("school_class_id")
    return [planner.load_class(text) for text in rows.values_list("routes", flat=True)]


def forget_parts(plan: Plan) -> None:
    """What was only needed on the way is not kept."""
    PlanPart.objects.filter(plan=plan).delete()
    PlanTask.objects.filter(plan=plan).delete()
