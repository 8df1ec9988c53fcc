"""What the whole problem tells before it is solved: the first link of the chain.

What one part can know it refuses itself (`parts.py`); references and overlaps are the problem's (`problem.py`).
What merely leaves families out is no fault: the plan names them with a reason.
"""

import itertools
from collections import defaultdict
from dataclasses import asdict

from koumen.planner.gatherings import fold
from koumen.planner.parts import DAY_SECONDS, Locked, ProblemError
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel

MOST = 10_000_000  # seconds a weight may stand for, more than a year of outings: the searches count in 64 bits
MOST_STUDENTS = 100_000  # a quota beyond is a slip of the keyboard


def screen(problem: Problem, travel: Travel) -> None:
    """Refuse what no plan can keep. Raises `ProblemError` (`too_large`, `locked_clash`, `locked_twice`)."""
    problem = fold(problem)
    _require_sizes(problem)
    together: dict[tuple[str, str], list[Locked]] = defaultdict(list)
    for lock in problem.locked:
        home = problem.household_by_id[lock.household]
        if home.in_person:
            together[home.lead_class, lock.slot].append(lock)
    for locks in together.values():
        _require_apart(problem, sorted(locks, key=lambda lock: (lock.start, lock.household)), travel)
    _require_one_class(problem, together)


def _require_sizes(problem: Problem) -> None:
    for name, value in asdict(problem.weights).items():
        if value > MOST:
            raise ProblemError(f"权重 {name} 太大：{value}，最多 {MOST}。", "too_large")
    for name, value in asdict(problem.quotas).items():
        if value > MOST_STUDENTS:
            raise ProblemError(f"任务数 {name} 太大：{value}，最多 {MOST_STUDENTS}。", "too_large")
    for person in problem.people:
        if max(person.done, person.quota or 0) > MOST_STUDENTS:
            raise ProblemError(f"老师 {person.id} 的已访人数或任务数太大。", "too_large")
    for home in problem.households:
        if home.service > DAY_SECONDS:
            raise ProblemError(f"家庭 {home.id} 的家访时长超过一天。", "too_large")
    if problem.slots and max(slot.week for slot in problem.slots) > MOST_STUDENTS:
        raise ProblemError("时段的周次太大。", "too_large")


def _require_apart(problem: Problem, locks: list[Locked], travel: Travel) -> None:
    """A class's notified visits of one slot must leave time for the way from one to the next."""
    if len(locks) < 2:
        return
    homes = [problem.household_by_id[lock.household] for lock in locks]
    seconds = travel.legs(homes).seconds
    for row, (one, other) in enumerate(itertools.pairwise(locks)):
        ready = one.start + homes[row].service + int(seconds[row + 1][row + 2])
        if ready > other.start:
            raise ProblemError(
                f"家庭 {one.household} 和家庭 {other.household} 已通知的时间冲突：前一户结束后赶不到后一户，"
                f"差 {-(-(ready - other.start) // 60)} 分钟。请先和其中一家改约。",
                "locked_clash",
            )


def _require_one_class(problem: Problem, together: dict[tuple[str, str], list[Locked]]) -> None:
    """A teacher of several classes leads one of them at a time."""
    free = {person.id: person.slots for person in problem.people}
    taken: dict[tuple[str, str], tuple[str, Locked]] = {}
    for (class_id, slot), locks in together.items():
        teacher = problem.class_by_id[class_id].teacher
        if slot not in free[teacher]:
            continue
        other = taken.setdefault((teacher, slot), (class_id, locks[0]))
        if other[0] != class_id:
            raise ProblemError(
                f"家庭 {other[1].household} 和家庭 {locks[0].household} 已通知在同一时段，由同一位老师带队两个班。"
                "请先和其中一家改约。",
                "locked_twice",
            )
