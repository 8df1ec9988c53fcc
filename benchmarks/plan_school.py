"""A generated school of 40 classes: cost, travel and outings against the greedy baseline of the same run (P1, P2), the
seconds of a first plan and the gap to the proven bound (P4).

Run as `python benchmarks/plan_school.py` with `src` on the path. In the environment: SEED (1), KIND (urban, town or
mountain; all three in turn when missing), CLASSES (40), EFFORT (deep; first measures only the first plan), RESULTS (a
file each school adds a line of JSON to, so that runs in several processes can be gathered). The last line is
`plan_school: value V goal G met|short`, V the worst cost ratio; the exit code is 0 only when every goal is met.
"""

import json
import os
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast, get_args

from koumen.planner import Plan, Progress, check, make_school, solve
from koumen.planner.generate import SchoolKind
from koumen.planner.plan import UNREACHABLE
from koumen.planner.problem import Problem

GOALS = {"cost": 0.64, "travel": 0.66, "outings": 0.50, "gap": 0.015, "first": 12.0, "deep": 10.0}
TELL_EVERY = 5  # classes


@dataclass(frozen=True)
class Measured:
    """Ratios to the baseline (`bare` and `possible`, the bound's, without the price of families left out), gap to the
    bound, seconds of the first plan, seconds a class of the deep one.
    """

    cost: float
    bare: float
    possible: float
    travel: float
    outings: float
    first: float
    gap: float
    deep: float
    broken: int


def main() -> int:
    """Generate, plan, check, print."""
    seed, classes = int(os.environ.get("SEED", "1")), int(os.environ.get("CLASSES", "40"))
    kinds = [cast(SchoolKind, os.environ["KIND"])] if "KIND" in os.environ else get_args(SchoolKind)
    results = [measure(kind, seed, classes, os.environ.get("EFFORT", "deep")) for kind in kinds]
    missed: set[str] = set()
    for name, goal in GOALS.items():
        worst = max(getattr(one, name) for one in results)
        missed |= {name} if worst > goal else set()
        print(f"{name}: worst {worst:.4f}, goal {goal}, {'met' if worst <= goal else 'short'}")
    missed |= {"rules"} if any(one.broken for one in results) else set()
    worst = max(one.cost for one in results)
    print(f"plan_school: value {worst:.4f} goal {GOALS['cost']} {'short' if missed else 'met'}")
    return 1 if missed else 0


def measure(kind: SchoolKind, seed: int, classes: int, effort: str) -> Measured:
    """One school, planned first quickly and then deep. What numba compiles once for a machine is not counted."""
    solve(make_school(kind, 1, seed=seed, size=5), effort="deep")
    school = make_school(kind, classes, seed=seed)
    print(f"school: {kind}, seed {seed}, {classes} classes, {len(school.households)} households", flush=True)
    started = time.process_time()
    plan = solve(school)
    first = time.process_time() - started
    report("first", school, plan, first)
    seconds, gap = 0.0, 0.0
    if effort == "deep":
        started = time.process_time()
        plan = solve(school, effort="deep", progress=tell)
        seconds = (time.process_time() - started) / classes
        gap = plan.figures.gap if plan.figures.gap is not None else 1.0
        report("deep", school, plan, seconds * classes)
        least = bare(school, plan, plan.figures.bound)
        print(f"bound: {plan.figures.bound}, gap {100 * gap:.2f} %, no cost ratio below {least:.4f} is possible")
    ours, greedy = plan.figures.plan, plan.figures.greedy
    ratios = (ours.cost / greedy.cost, bare(school, plan, ours.cost), bare(school, plan, plan.figures.bound))
    other = (ours.travel / greedy.travel, ours.outings / greedy.outings)
    measured = Measured(*ratios, *other, first, gap, seconds, len(check(school, plan)))
    if "RESULTS" in os.environ:
        with Path(os.environ["RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, "seed": seed, "classes": classes, **asdict(measured)}) + "\n")
    return measured


def tell(progress: Progress) -> None:
    """Prints how far a deep run is, now and then."""
    if progress.done % TELL_EVERY == 0 or progress.done == progress.total:
        seconds = time.process_time()
        print(f"{progress.stage} {progress.done}/{progress.total}: cost {progress.cost}, {seconds:.0f} s", flush=True)


def bare(school: Problem, plan: Plan, cost: int) -> float:
    """This cost of the plan to the baseline's, neither with the price of families left out."""
    ours, greedy = plan.figures.plan, plan.figures.greedy
    reachable = sum(home.in_person for home in school.households)
    reachable -= sum(one.code in UNREACHABLE for one in plan.unplanned)
    price = school.weights.left_out
    return (cost - price * (reachable - ours.planned)) / (greedy.cost - price * (reachable - greedy.planned))


def report(name: str, school: Problem, plan: Plan, seconds: float) -> None:
    """Totals of the plan and of the baseline, their ratios, and what is missed; seconds are those of the processor."""
    ours, greedy = plan.figures.plan, plan.figures.greedy
    for title, one in (("greedy", greedy), (name, ours)):
        hours = one.travel / 3600
        print(f"{title}: cost {one.cost}, travel {hours:.1f} h, outings {one.outings}, visits {one.planned}")
    alone = bare(school, plan, ours.cost)
    print(
        f"{name}: {seconds:.1f} s, cost ratio {ours.cost / greedy.cost:.4f} (without families left out {alone:.4f}), "
        f"travel {ours.travel / greedy.travel:.4f}, outings {ours.outings / greedy.outings:.4f}, "
        f"left out {dict(Counter(one.code for one in plan.unplanned))}, "
        f"shortfalls {dict(Counter(one.rule for one in plan.shortfalls))}, broken rules {len(check(school, plan))}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
