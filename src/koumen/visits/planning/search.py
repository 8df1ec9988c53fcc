"""Running the planner: no database, no scope."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic
from typing import cast

from koumen import planner
from koumen.core.refusals import Invalid
from koumen.visits.planning.problem import Task, unplannable
from koumen.visits.planning.roads import ClockTravel

ASK_EVERY = 0.5  # seconds between two looks at the cancel button


class Unsound(Exception):
    """The independent checker found a fault in a finished plan."""


@dataclass(frozen=True)
class Answer:
    """A checked plan and the SHA-256 of its JSON."""

    plan: planner.Plan
    digest: str


def draw(
    task: Task, class_id: str, effort: str, *, cancelled: Callable[[], bool], iterations: int | None = None
) -> planner.ClassRoutes:
    """One class's routes. Raises Invalid with the planner's refusal."""
    try:
        return planner.draw_class(
            task.problem,
            class_id,
            seed=task.seed,
            iterations=planner.ITERATIONS if iterations is None else iterations,
            effort=cast(planner.Effort, effort),
            cancelled=_seldom(cancelled),
            travel=ClockTravel(task.problem, task.roads),
        )
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error


def join(
    task: Task,
    drawn: Iterable[planner.ClassRoutes],
    effort: str,
    *,
    cancelled: Callable[[], bool],
    iterations: int | None = None,
) -> Answer:
    """The school's plan, checked. The same task and routes give the same digest. Raises Unsound, and as `draw`."""
    roads = ClockTravel(task.problem, task.roads)
    try:
        found = planner.join(
            task.problem,
            drawn,
            seed=task.seed,
            iterations=planner.ITERATIONS if iterations is None else iterations,
            effort=cast(planner.Effort, effort),
            cancelled=_seldom(cancelled),
            travel=roads,
        )
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    if faults := planner.check(task.problem, found, travel=roads):
        raise Unsound("; ".join(f"{fault.code} {fault.subject}" for fault in faults[:5]))
    return Answer(found, digest_of(found))


def digest_of(plan: planner.Plan) -> str:
    """The SHA-256 of the plan's JSON."""
    return sha256(planner.dump_plan(plan).encode()).hexdigest()


def _seldom(ask: Callable[[], bool]) -> Callable[[], bool]:
    """The planner asks all the time; the database need not hear it each time."""
    last, answer = monotonic(), False

    def asked() -> bool:
        nonlocal last, answer
        if monotonic() - last >= ASK_EVERY:
            last, answer = monotonic(), ask()
        return answer

    return asked
