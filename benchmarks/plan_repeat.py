"""The same problem and seed give the same bytes, in two processes with different hash seeds (P9).

Run as `python benchmarks/plan_repeat.py` with `src` on the path; SEED, KIND and CLASSES in the environment. The digests
printed may be compared between machines. Last line: `plan_repeat: value V goal 1 met|short`, V the number of different
plans.
"""

import hashlib
import os
import subprocess
import sys

PLAN = """
import sys
from koumen.planner import dump_plan, make_school, solve
kind, classes, seed, effort = sys.argv[1:]
sys.stdout.write(dump_plan(solve(make_school(kind, int(classes), seed=int(seed)), effort=effort)).splitlines()[-1])
"""


def main() -> int:
    """Plans twice with either effort and compares."""
    kind, seed = os.environ.get("KIND", "town"), os.environ.get("SEED", "1")
    classes, most = os.environ.get("CLASSES", "4"), 0
    for effort, size in (("first", classes), ("deep", "2")):
        digests = [digest(kind, size, seed, effort, hashing) for hashing in ("1", "2")]
        print(f"{effort}: {kind}, seed {seed}, {size} classes: {digests}", flush=True)
        most = max(most, len(set(digests)))
    print(f"plan_repeat: value {most} goal 1 {'met' if most == 1 else 'short'}")
    return 0 if most == 1 else 1


def digest(kind: str, classes: str, seed: str, effort: str, hashing: str) -> str:
    """SHA-256 of the plan a new process makes."""
    command = [sys.executable, "-c", PLAN, kind, classes, seed, effort]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": hashing}, capture_output=True, check=True)
    return hashlib.sha256(done.stdout.splitlines()[-1]).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
