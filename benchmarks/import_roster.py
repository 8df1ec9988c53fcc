"""W5: bringing in 50,000 students from xlsx with full checking, against python-calamine read + COPY of the raw cells.

Both run in processes of their own, in turn, on the same server; the best of each counts. Ours is the whole way of an
upload: read, check, compare, keep for the preview; then apply: children, homes, adults, classes, categories, siblings.

    python benchmarks/import_roster.py [--students 50000] [--rounds 2]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
os.environ["PYTHONWARNINGS"] = "ignore"
os.environ.setdefault("KOUMEN_DATA", str(ROOT / ".cache" / "bench"))
os.environ.setdefault("KOUMEN_DATABASE", "koumen_bench")
os.environ["DJANGO_SETTINGS_MODULE"] = "koumen.config.settings"

import psycopg  # noqa: E402
from psycopg import sql  # noqa: E402
from python_calamine import load_workbook  # noqa: E402

from benchmarks.roster_file import COLUMNS, write  # noqa: E402
from koumen.config import database, env  # noqa: E402

GOAL, MEMORY_GOAL = 4.0, 300
Measured = dict[str, float]


def server() -> database.Server:
    return database.locate(
        env.data_folder(), env.load_secrets(env.data_folder()).app_password, os.environ["KOUMEN_DATABASE"]
    )


def prepare() -> None:
    """A server with a fresh, migrated database."""
    database.start(env.data_folder())
    place = server()
    with psycopg.connect(place.dsn(place.admin_user, "postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(place.name)))
    database.prepare(place)
    subprocess.run([sys.executable, "tools/manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True)


def peer(path: Path) -> Measured:
    """python-calamine and COPY, nothing else."""
    place = server()
    with psycopg.connect(place.dsn(place.owner_user)) as db:
        columns = sql.SQL(", ").join(sql.Identifier(f"c{n}") for n in range(len(COLUMNS)))
        types = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(f"c{n}")) for n in range(len(COLUMNS)))
        db.execute("DROP TABLE IF EXISTS raw_cells")
        db.execute(sql.SQL("CREATE TABLE raw_cells ({})").format(types))
        db.commit()
        begun = time.perf_counter()
        with db.cursor().copy(sql.SQL("COPY raw_cells ({}) FROM STDIN").format(columns)) as copy:
            for row in load_workbook(path).get_sheet_by_index(0).iter_rows():
                copy.write_row(row)
        db.commit()
        took = time.perf_counter() - begun
        db.execute("DROP TABLE raw_cells")
    return {"seconds": took, "memory": memory()}


def memory() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run(command: list[str]) -> Measured:
    """One measurement in a process of its own."""
    done = subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: Measured = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.peer:
        print(json.dumps(peer(chosen.peer)))
        return 0
    path = write(ROOT / ".cache" / "bench" / f"roster-{chosen.students}.xlsx", chosen.students)
    prepare()
    best: dict[str, Measured] = {}
    commands = {"peer": [__file__, "--peer", str(path)], "ours": ["benchmarks/import_ours.py", str(path)]}
    for _round in range(chosen.rounds):
        for mode, command in commands.items():
            found = run(command)
            print(mode, {name: round(value, 2) for name, value in found.items()}, flush=True)
            if mode not in best or found["seconds"] < best[mode]["seconds"]:
                best[mode] = found | {"memory": max(found["memory"], best.get(mode, found)["memory"])}
    ratio, peak = best["ours"]["seconds"] / best["peer"]["seconds"], best["ours"]["memory"]
    print(f"import_roster_memory: value {peak:.0f} goal {MEMORY_GOAL} {'met' if peak <= MEMORY_GOAL else 'short'}")
    met = ratio <= GOAL and peak <= MEMORY_GOAL
    print(f"import_roster: value {ratio:.2f} goal {GOAL:.0f} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
