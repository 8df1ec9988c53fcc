"""W8: how long until the site answers: from a fresh clone (goal 4 min), and when it is set up already (goal 3 s).

FRESH=0 leaves the fresh clone out. Prints the seconds of a set-up site's start last.
"""

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOAL_START, GOAL_FRESH, RUNS = 3.0, 240.0, 5
READY = "叩门已启动"


@contextmanager
def until_ready(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[float]:
    """Run a command until it says that the site is up; yields the seconds. The command is stopped afterwards."""
    begun = time.perf_counter()
    started = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert started.stdout is not None
    said = []
    try:
        for line in started.stdout:
            said.append(line)
            if READY in line:
                yield time.perf_counter() - begun
                return
        raise SystemExit("the site did not start:\n" + "".join(said[-40:]))
    finally:
        os.killpg(started.pid, signal.SIGTERM)
        started.wait()


def clean(port: int, data: Path | None = None) -> dict[str, str]:
    """An environment without settings of ours but these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KOUMEN_") and k != "DATABASE_URL"}
    kept |= {"KOUMEN_PORT": str(port), "KOUMEN_MFA_REQUIRED": "0"}
    return kept | ({"KOUMEN_DATA": str(data)} if data else {})


def set_up_site() -> list[float]:
    """Starts of a site that has its tables already: database, web and worker, until the first page answers."""
    data = ROOT / ".cache" / "bench" / "start"
    environment, koumen = clean(8471, data), [sys.executable, "-W", "ignore", "-m", "koumen.cli.main"]
    subprocess.run([*koumen, "migrate"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    found = []
    for _run in range(RUNS):
        with until_ready([*koumen, "up"], ROOT, environment) as seconds:
            found.append(seconds)
    return found


def fresh_clone() -> float:
    """`git clone` and `make run`, demo county included, until the site answers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "koumen"
        begun = time.perf_counter()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
        cloned = time.perf_counter() - begun
        with until_ready(["make", "run"], folder, clean(8491)) as seconds:
            pass
        time.sleep(2)
        shutil.rmtree(folder / ".data", ignore_errors=True)
    return cloned + seconds


def main() -> int:
    starts = set_up_site()
    print("start of a set-up site: " + ", ".join(f"{s:.2f}" for s in starts) + " s")
    fresh = fresh_clone() if os.environ.get("FRESH", "1") == "1" else 0.0
    if fresh:
        print(f"fresh clone to running site with the demo county: {fresh:.0f} s, goal {GOAL_FRESH:.0f}")
    value = statistics.median(starts)
    met = value <= GOAL_START and fresh <= GOAL_FRESH
    print(f"start: value {value:.2f} goal {GOAL_START:g} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
