"""How long explanations take on a school of 40 classes in which a good deal is amiss (spec 8: instant on a page).

Run as `python benchmarks/plan_explain.py` with `src` on the path; SEED, KIND and CLASSES in the environment. Five class
teachers keep two slots each, nobody of one class can go out, one principal neither; the plan is the baseline's routes
with staff, so that much is left to explain. Processor time. Last line: `plan_explain: value V goal 0.1 met|short`, V
the slowest single family in seconds; asking for the whole plan has a goal of 3 s.
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

from koumen.planner import Problem, make_school, solve, suggest, why_here, why_left_out, why_short

FEW = 5
MOST_SECONDS = {"one family": 0.1, "the whole plan": 3.0}
T = TypeVar("T")


def main() -> int:
    """Explains visits, families left out, rules that fall short, and asks what would help."""
    kind, seed, classes = os.environ.get("KIND", "town"), os.environ.get("SEED", "1"), os.environ.get("CLASSES", "40")
    school = troubled(make_school(kind, int(classes), seed=int(seed)))  # type: ignore[arg-type]
    plan = solve(school, iterations=0)
    homes = list(plan.outing_of)[:: max(1, len(plan.outing_of) // 60)]
    left = [one.household for one in plan.unplanned][:60]
    here = [timed(partial(why_here, school, plan, one))[0] for one in homes]
    gone = [timed(partial(why_left_out, school, plan, one))[0] for one in left]
    short, found = timed(partial(why_short, school, plan))
    whole, mends = timed(partial(suggest, school, plan))
    print(
        f"{kind}, seed {seed}, {classes} classes: {len(plan.outings)} outings, {len(plan.unplanned)} families left out"
    )
    print(f"why here: {len(here)} families, mean {mean(here):.4f} s, slowest {max(here):.4f} s")
    print(f"why left out: {len(gone)} families, mean {mean(gone):.4f} s, slowest {max(gone, default=0):.4f} s")
    print(f"why short: {len(found)} rules, mean {short / max(1, len(found)):.3f} s")
    print(f"suggest: {whole:.2f} s, saves {[len(one.saves) for one in mends]}")
    slowest = max(*here, *gone)
    met = slowest <= MOST_SECONDS["one family"] and whole <= MOST_SECONDS["the whole plan"]
    print(f"plan_explain: value {slowest:.4f} goal {MOST_SECONDS['one family']} {'met' if met else 'short'}")
    return 0 if met else 1


def troubled(school: Problem) -> Problem:
    """The school with people missing."""
    few = {team.teacher for team in school.classes[:FEW]}
    none = set(school.team_of[school.classes[-1].id]) | {
        next(one.id for one in school.people if one.role == "principal")
    }
    people = []
    for one in school.people:
        slots = frozenset(sorted(one.slots)[:2]) if one.id in few else one.slots
        people.append(replace(one, slots=frozenset() if one.id in none else slots))
    return replace(school, people=tuple(people))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds, and the answer."""
    began = time.process_time()
    answer = work()
    return time.process_time() - began, answer


def mean(seconds: list[float]) -> float:
    return sum(seconds) / max(1, len(seconds))


if __name__ == "__main__":
    raise SystemExit(main())
