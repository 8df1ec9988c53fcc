"""`python -m koumen.planner problem.json > plan.json`; `-` reads the problem from standard input.

`python -m koumen.planner problem.json --check plan.json` lists every rule with its number instead.
"""

import argparse
import ctypes
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from koumen.planner.parts import ProblemError
from koumen.planner.solve import ITERATIONS, solve
from koumen.planner.tally import Line, tally
from koumen.planner.wire import dump_plan, load_plan, load_problem


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 with the plan, or the list of rules, on standard output; 1 when the checked plan breaks a rule;
    2 with one Chinese sentence on standard error.
    """
    parser = argparse.ArgumentParser(prog="python -m koumen.planner", description="Plan a school's home visits.")
    parser.add_argument("problem", help="JSON file, or - for standard input")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=ITERATIONS, help="search steps for each class")
    parser.add_argument("--effort", choices=["first", "deep"], default="first", help="deep proves a bound")
    parser.add_argument("--check", metavar="PLAN", help="list every rule with its number for this plan")
    options = parser.parse_args(arguments)
    here = options.problem
    try:
        problem = load_problem(_text(here))
        if options.check:
            here = options.check
            return _tell(tally(problem, load_plan(_text(here))))
        with _quiet():
            plan = solve(problem, seed=options.seed, iterations=options.iterations, effort=options.effort)
    except ProblemError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    except (OSError, UnicodeDecodeError):
        sys.stderr.write(f"读不了文件 {here}。\n")
        return 2
    # Bytes, so that the locale of the shell has no say in them.
    sys.stdout.buffer.write(dump_plan(plan).encode())
    return 0


def _text(path: str) -> str:
    return (sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()).decode()


def _tell(lines: Sequence[Line]) -> int:
    """Hard rules first, then those with slack: code, how often, by how much, sentence."""
    for one in lines:
        kind = "hard" if one.is_hard else "slack"
        text = f"{kind}\t{one.code}\t{one.times}\t{one.by}\t{one.sentence}\n"
        sys.stdout.buffer.write(text.encode())
    return int(any(one.is_hard and one.times for one in lines))


@contextmanager
def _quiet() -> Iterator[None]:
    """Sends what C libraries print to standard error: HiGHS 1.12 has a line that no option silences.

    They keep back what they print to a file or pipe; it is let out before standard output is the plan's again.
    """
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)


if __name__ == "__main__":
    sys.exit(main())
