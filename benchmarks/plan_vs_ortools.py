"""Plans of some classes against OR-Tools' guided local search on the same model with equal processor time (P3).

Run as `python benchmarks/plan_vs_ortools.py` with `src` and the repository on the path. SEED, KIND and CLASSES (4) in
the environment. OR-Tools is installed into `.cache/ortools` on first use. Last line: `plan_vs_ortools: value V goal
0.865 met|short`, V our worth of all classes to OR-Tools'.
"""

import os
import sys
import time
from typing import cast

from benchmarks.ortools_peer import solve_by_ortools
from koumen.planner import make_school
from koumen.planner.deep import improve
from koumen.planner.first import first_plan
from koumen.planner.generate import SchoolKind
from koumen.planner.greedy import nearest_next
from koumen.planner.route import make_copies, model_of, routes_of
from koumen.planner.solve import ITERATIONS
from koumen.planner.task import free_people, make_task
from koumen.planner.travel import GreatCircle

GOAL = 0.865


def main() -> int:
    """Class by class, both sides."""
    kind, seed = cast(SchoolKind, os.environ.get("KIND", "town")), int(os.environ.get("SEED", "1"))
    school = make_school(kind, 40, seed=seed)
    free, roads, ours, theirs, bound = free_people(school), GreatCircle(school), 0, 0, 0
    for team in school.classes[: int(os.environ.get("CLASSES", "4"))]:
        task = make_task(school, team.id, roads, free)
        started = time.process_time()
        start = first_plan(task, nearest_next(task), seed=1, iterations=ITERATIONS, cancelled=lambda: False)
        found = improve(task, start, seed=1, cancelled=lambda: False)
        seconds = time.process_time() - started
        copies = make_copies(task)
        peer = routes_of(solve_by_ortools(model_of(task, copies, 0), seconds), copies)
        mine, other = task.worth(found.routes), task.worth(peer)
        ours, theirs, bound = ours + mine, theirs + other, bound + found.bound
        print(f"{team.id}: {seconds:.1f} s, ours {mine}, bound {found.bound}, OR-Tools {other}", flush=True)
    ratio = ours / theirs
    print(f"{kind} seed {seed}: no plan whatever is below {bound / theirs:.4f} of OR-Tools'")
    print(f"plan_vs_ortools: value {ratio:.4f} goal {GOAL} {'met' if ratio <= GOAL else 'short'}")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
