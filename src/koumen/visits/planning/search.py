"""Running the planner: no database, no scope."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic

from django.utils.translation import gettext as _

from koumen import planner
from koumen.visits.planning.problem import Task
from koumen.visits.planning.roads import ClockTravel

ASK_EVERY = 0.5  # seconds between two looks at the cancel button


class Unsound(Exception):
    """The independent checker found a fault in a finished plan."""


@dataclass(frozen=True)
class Answer:
    """A checked plan and the SHA-256 of its JSON."""

    plan: planner.Plan
    digest: str


def search(
    task: Task,
    *,
    progress: Callable[[int, int, str], None],
    cancelled: Callable[[], bool],
    iterations: int | None = None,
) -> Answer:
    """Plan and check. The same task gives the same digest. Raises Unsound."""
    total = len(task.problem.classes) + 1
    roads = ClockTravel(task.problem)

    def tell(step: planner.Progress) -> None:
        hours = step.cost / 3_600
        if step.stage == "routes":
            said = _("已排 %(done)d / %(total)d 个班，目前最好方案折合 %(hours).0f 小时。")
            progress(step.done, total, said % {"done": step.done, "total": step.total, "hours": hours})
        else:
            progress(total - 1, total, _("正在为每次外出配齐两位老师。"))

    found = planner.solve(
        task.problem,
        seed=task.seed,
        iterations=planner.ITERATIONS if iterations is None else iterations,
        progress=tell,
        cancelled=_seldom(cancelled),
        travel=roads,
    )
    if not cancelled() and (faults := planner.check(task.problem, found, travel=roads)):
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
