"""A county planned by one command, with one worker and with two: seconds, processor time, and the same plans.

    make bench BENCH=plan_county      SCHOOLS=60 CLASSES=6 SIZE=45 EFFORT=first WORKERS=1,2 in the environment

Builds the schools in a database of its own (towns of the planner's generator, a campaign of six weeks each), runs
`koumen plan-county` for each number of workers and compares the plans' digests. Last line: `plan_county: value V goal 1
met|short`, V the number of different outcomes. Wall time means little on a busy machine; processor time does.
"""

import os
import resource
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ["PYTHONWARNINGS"] = "ignore"
os.environ.setdefault("KOUMEN_DATA", str(ROOT / ".cache" / "bench"))
os.environ.setdefault("KOUMEN_DATABASE", "koumen_bench_county")
os.environ.setdefault("KOUMEN_MFA_REQUIRED", "0")
os.environ["DJANGO_SETTINGS_MODULE"] = "koumen.config.settings"

import django  # noqa: E402

from koumen.config import database, env  # noqa: E402

PLACE = database.locate(
    env.data_folder(), env.load_secrets(env.data_folder()).app_password, os.environ["KOUMEN_DATABASE"]
)
database.start(env.data_folder())
database.prepare(PLACE)
django.setup()

from django.core.management import call_command  # noqa: E402
from tests.visits import town  # noqa: E402

from koumen.cli.operator import operator  # noqa: E402
from koumen.core import clock, scope  # noqa: E402
from koumen.registry.models import Org  # noqa: E402
from koumen.visits.models import Campaign, Plan  # noqa: E402
from koumen.visits.services.campaigns import start_campaign  # noqa: E402

BUREAU = "bench-county"


def main() -> int:
    """Builds what is missing, plans it with each number of workers, compares."""
    schools, classes = int(os.environ.get("SCHOOLS", "60")), int(os.environ.get("CLASSES", "6"))
    size, effort = int(os.environ.get("SIZE", "45")), os.environ.get("EFFORT", "first")
    call_command("migrate", verbosity=0)
    names = build(schools, classes, size)
    outcomes = []
    for workers in os.environ.get("WORKERS", "1,2").split(","):
        forget(names)
        wall, cpu = command(workers, effort)
        outcomes.append(digests(names))
        print(
            f"{workers} workers, {schools} schools × {classes} classes × {size}, {effort}: {wall:.0f} s,"
            f" {cpu:.0f} s of processor time, {cpu / schools:.1f} a school",
            flush=True,
        )
    different = len(set(outcomes))
    print(f"plan_county: value {different} goal 1 {'met' if different == 1 else 'short'}")
    return 0 if different == 1 else 1


def build(schools: int, classes: int, size: int) -> list[str]:
    """The county's schools by short name; those that are there already stay."""
    bureau, _made = Org.objects.get_or_create(
        slug=BUREAU, defaults={"kind": "county_bureau", "name": "测速县教育局", "area_code": "990199"}
    )
    names = [f"bench-{classes}-{size}-{number}" for number in range(1, schools + 1)]
    Org.objects.filter(parent=bureau).update(is_active=False)
    for number, slug in enumerate(names, start=1):
        org, made = Org.objects.get_or_create(
            slug=slug,
            defaults={"kind": "school", "name": f"测速{number}小学", "parent": bureau, "area_code": "990199"},
        )
        Org.objects.filter(pk=org.pk).update(is_active=True)
        if not made:
            continue
        with scope.enter(org.pk):
            there = town.build(classes, size, seed=number)
            Org.objects.filter(pk=org.pk).update(lng=there.school.lng, lat=there.school.lat)
            by, first = operator(org, "moral_office"), clock.today() + timedelta(days=2)
            start_campaign(by.org, by=by, name="大家访", theme="", starts=first, ends=first + timedelta(days=42))
    return names


def forget(names: list[str]) -> None:
    """No school has a plan."""
    for org in Org.objects.filter(slug__in=names):
        with scope.enter(org.pk):
            Plan.objects.filter(campaign__in=Campaign.objects.all()).delete()


def command(workers: str, effort: str) -> tuple[float, float]:
    """Wall seconds and processor seconds of the command and its workers."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    words = ["plan-county", "--org", BUREAU, "--workers", workers, "--effort", effort]
    subprocess.run([sys.executable, "-m", "koumen.cli.main", *words], cwd=ROOT / "src", check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - begun, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def digests(names: list[str]) -> tuple[str, ...]:
    """What each school's plan is."""
    found = []
    for org in Org.objects.filter(slug__in=names).order_by("slug"):
        with scope.enter(org.pk):
            found.append(Plan.objects.get().digest)
    return tuple(found)


if __name__ == "__main__":
    sys.exit(main())
