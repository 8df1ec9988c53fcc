"""For every row R1–R46: the tests and journeys that carry its mark and passed, in a run made now."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = [f"R{n}" for n in range(1, 47)]


def main() -> int:
    report = ROOT / ".cache" / "rows.jsonl"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    run = [sys.executable, "-m", "pytest", "-q", "-p", "tests.rows_report", *sys.argv[1:]]
    ended = subprocess.run(run, cwd=ROOT, env=os.environ | {"ROWS_REPORT": str(report)}, check=False)
    passed: dict[str, list[str]] = defaultdict(list)
    failed: dict[str, list[str]] = defaultdict(list)
    for line in report.read_text().splitlines() if report.exists() else []:
        found = json.loads(line)
        for row in found["rows"]:
            (passed if found["outcome"] == "passed" else failed)[row].append(found["test"])
    for row in ROWS:
        print(f"{row}: {len(passed[row])} passed" + (f", {len(failed[row])} not" if failed[row] else ""))
        for test in sorted(passed[row]):
            print(f"    {test}")
        for test in sorted(failed[row]):
            print(f"    NOT PASSED {test}")
    bare = [row for row in ROWS if not passed[row]]
    print(f"{len(ROWS) - len(bare)} of {len(ROWS)} rows carry a passing test; without: {' '.join(bare) or 'none'}")
    return ended.returncode


if __name__ == "__main__":
    sys.exit(main())
