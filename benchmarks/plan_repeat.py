"""The same problem and seed give the same bytes (P9): in two processes with different hash seeds, and when every class
is drawn in a process of its own, the last one first, and kept as text until the school is joined.

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
DRAW = """
import sys
from koumen.planner import draw_class, dump_class, dump_problem, load_problem, make_school
kind, classes, seed, effort, number = sys.argv[1:]
school = load_problem(dump_problem(make_school(kind, int(classes), seed=int(seed))))
sys.stdout.write(dump_class(draw_class(school, school.classes[int(number)].id, effort=effort)).splitlines()[-1])
"""
JOIN = """
import sys
from koumen.planner import dump_plan, join, load_class, make_school
kind, classes, seed, effort = sys.argv[1:]
drawn = [load_class(line) for line in sys.stdin]
plan = join(make_school(kind, int(classes), seed=int(seed)), drawn, effort=effort)
sys.stdout.write(dump_plan(plan).splitlines()[-1])
"""


def main() -> int:
    """Plans twice with either effort and compares."""
    kind, seed = os.environ.get("KIND", "town"), os.environ.get("SEED", "1")
    classes, most = os.environ.get("CLASSES", "4"), 0
    for effort, size in (("first", classes), ("deep", "2")):
        digests = [digest(run(PLAN, hashing, kind, size, seed, effort)) for hashing in ("1", "2")]
        digests.append(in_parts(kind, size, seed, effort))
        print(f"{effort}: {kind}, seed {seed}, {size} classes: {digests}", flush=True)
        most = max(most, len(set(digests)))
    print(f"plan_repeat: value {most} goal 1 {'met' if most == 1 else 'short'}")
    return 0 if most == 1 else 1


def in_parts(kind: str, classes: str, seed: str, effort: str) -> str:
    """The digest of the plan that many processes make together."""
    numbers = reversed(range(int(classes)))
    drawn = [run(DRAW, str(number + 3), kind, classes, seed, effort, str(number)) for number in numbers]
    return digest(run(JOIN, "99", kind, classes, seed, effort, given=b"\n".join(drawn)))


def run(program: str, hashing: str, *words: str, given: bytes = b"") -> bytes:
    """The last line a new process prints."""
    surroundings = {**os.environ, "PYTHONHASHSEED": hashing}
    command = [sys.executable, "-c", program, *words]
    done = subprocess.run(command, env=surroundings, input=given, capture_output=True, check=True)
    return done.stdout.splitlines()[-1]


def digest(line: bytes) -> str:
    """The beginning of its SHA-256."""
    return hashlib.sha256(line).hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
