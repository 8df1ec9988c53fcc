"""First plan of a school of 40 classes: seconds on one core, and cost, travel and outings against the
greedy baseline.

Run as `python benchmarks/plan_school.py` with `src` on the path. SEED, KIND (urban, town, mountain),
CLASSES and ITERATIONS may be set in the environment. The last line is `plan_school: value V goal G
met|short`; the exit code is 0 only when met. A plan that breaks a rule is never met.
"""

import os
import sys
import time
from collections import Counter
from typing import cast

from koumen.planner import ITERATIONS, Plan, check, make_school, solve
from koumen.planner.generate import SchoolKind

GOAL_SECONDS = 60.0


def main() -> int:
    """Generate, plan, check, print."""
    seed = int(os.environ.get("SEED", "1"))
    kind = cast(SchoolKind, os.environ.get("KIND", "town"))
    school = make_school(kind, int(os.environ.get("CLASSES", "40")), seed=seed)
    started = time.perf_counter()
    plan = solve(school, seed=1, iterations=int(os.environ.get("ITERATIONS", str(ITERATIONS))))
    seconds = time.perf_counter() - started
    broken = check(school, plan)
    print(f"school: {kind}, seed {seed}, {len(school.classes)} classes, {len(school.households)} households")
    report(plan)
    print(f"broken rules: {len(broken)} {[one.code for one in broken[:5]]}")
    met = seconds <= GOAL_SECONDS and not broken
    print(f"plan_school: value {seconds:.1f} goal {GOAL_SECONDS:.0f} {'met' if met else 'short'}")
    return 0 if met else 1


def report(plan: Plan) -> None:
    """Totals of the plan and of the baseline, their ratios, and what is missed."""
    ours, greedy = plan.figures.plan, plan.figures.greedy
    for name, one in (("greedy", greedy), ("plan", ours)):
        hours = one.travel / 3600
        print(f"{name}: cost {one.cost}, travel {hours:.1f} h, outings {one.outings}, visits {one.planned}")
    print(
        f"ratios: cost {ours.cost / greedy.cost:.3f}, travel {ours.travel / greedy.travel:.3f}, "
        f"outings {ours.outings / greedy.outings:.3f}"
    )
    print(f"left out: {dict(Counter(one.code for one in plan.unplanned))}")
    print(f"shortfalls: {dict(Counter(one.rule for one in plan.shortfalls))}")


if __name__ == "__main__":
    sys.exit(main())
