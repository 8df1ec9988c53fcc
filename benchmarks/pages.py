"""W2: the pages a teacher and a family use, on a county of 100,000 children, against the same pages of one school.

Builds two databases: the large county of `list_pages`, and one with its first school alone. For each page its
statements are counted and the least time of ROUNDS is taken in this process; then `koumen serve` is asked for RATE
pages a second, open-loop (a slow answer delays no other question), and the time from when a question was due until
its answer was whole is taken. SECONDS of that; the county's p95 counts, with statements and the ratio of times.

    SECONDS=40 make bench BENCH=pages
"""

import http.client
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from threading import local
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
SIDE = sys.argv[1] if len(sys.argv) > 1 else ""
DATABASES = {"county": "koumen_bench_pages", "school": "koumen_bench_one"}
os.environ["KOUMEN_DATABASE"] = DATABASES.get(SIDE, DATABASES["county"])

from benchmarks import list_pages, real_site  # noqa: E402, I001  (makes Django ready)
from benchmarks import care_pages  # noqa: E402

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, connections, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from koumen.cli.county import campaign, many  # noqa: E402
from koumen.cli.county.bring import acting  # noqa: E402
from koumen.cli.county.scale import SLUG  # noqa: E402
from koumen.core import clock, links, scope  # noqa: E402
from koumen.core.actor import Actor  # noqa: E402
from koumen.registry.models import Account, SchoolClass, Staff, Student  # noqa: E402
from koumen.visits.models import Agreement, Outing, Visit, VisitRecord  # noqa: E402
from koumen.visits.services import agreements, feedback  # noqa: E402
from koumen.visits.services.appointments import invite  # noqa: E402
from koumen.visits.services.trips import Filing, file_trip  # noqa: E402

SCHOOL, TEACHER, OFFICE = f"{SLUG}-01", f"{SLUG}-teacher", f"{SLUG}-office"
SENDER = "第1小学"  # stands on every page a family sees, and on none of a link that does not open
MOST, RATIO, P95 = 12, 1.3, 120.0
SECONDS, RATE = int(os.environ.get("SECONDS", "40")), int(os.environ.get("RATE", "50"))
ROUNDS, LINES = 15, 32


@dataclass
class Page:
    """A page, whose it is ("" behind a family's link), and what was measured."""

    name: str
    path: str
    who: str
    asked: int = 0
    ms: float = 0.0
    waits: list[float] = field(default_factory=list)


def prepare() -> None:
    """Tables, children and an adopted plan of the first school. Kept for the next run."""
    if SIDE == "county":
        list_pages.prepare(many.SCHOOLS)
        many.fill_care()
        return
    call_command("migrate", verbosity=0)
    if not many.is_there():
        with transaction.atomic():
            many.build(1, 1)
        office = acting(OFFICE, SCHOOL)
        campaign.plan_campaign(office, today=clock.now() + timedelta(weeks=1), weeks_before=0, weeks_after=6)
    many.fill_care()
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def asked_family(by: Actor, visit: Visit) -> tuple[int, int]:
    """The guardian and the appointment of a family asked for a time."""
    live = visit.appointments.filter(closed_at=None).first() or invite(visit, by=by)
    return agreements.families_of(visit)[0].guardian_id, live.pk


def family_pages(by: Actor, planned: Visit, record: VisitRecord) -> list[Page]:
    """Fresh links of the pages a family opens."""
    guardian, asked = asked_family(by, planned)
    after = agreements.families_of(record.visit)[0].guardian_id
    agreed = agreements.make_agreement(record, by=by, items=["每天一起读书二十分钟"], follow_up_on=None)
    feedback.ask_feedback(record, by=by, address=str)
    assert Agreement.objects.filter(pk=agreed.pk).exists()
    made = {
        "family: appointment": links.issue("appointment", person_id=guardian, object_id=asked),
        "family: agreement": links.issue("agreement", person_id=after, object_id=agreed.pk, lasts=agreements.LASTS),
        "family: feedback": links.issue("feedback", person_id=after, object_id=record.visit_id, lasts=feedback.LASTS),
    }
    found = [Page(name, f"/l/{secret}/", "") for name, secret in made.items()]
    return [*found, Page("family: report", found[-1].path + "?report=1", "")]


def trip_of(by: Actor) -> tuple[int, int]:
    """An own outing still to be filed, and a filed one."""
    own = Outing.objects.filter(team__staff_id=by.member_id or 0).order_by("leaves_at")
    free, filed = own[1], own[0]
    if not hasattr(filed, "trip"):
        team = list(filed.team.values_list("staff_id", flat=True))
        buddy, leader = Staff.objects.exclude(pk__in=team).filter(is_active=True).order_by("pk")[:2]
        said = Filing(
            buddy=buddy, duty_leader=leader, transport="car", contact="", route="学校—柳树村—学校",
            leaves_at=filed.leaves_at, arrives_at=filed.leaves_at + timedelta(minutes=20), back_at=filed.back_at,
        )  # fmt: skip
        file_trip(filed, by=by, filing=said)
    return free.pk, Outing.objects.get(pk=filed.pk).trip.pk


def pages() -> list[Page]:
    """Every page, by name."""
    by = acting(TEACHER, SCHOOL)
    with scope.enter(by.org.id):
        own = SchoolClass.objects.of_class_teacher(by.member_id).get()
        mine = Visit.objects.filter(lead_id=by.member_id)
        planned = mine.planned().filter(starts_at__gte=clock.now() + timedelta(days=3)).order_by("starts_at", "pk")[0]
        record = VisitRecord.objects.filter(visit__in=mine.recorded()).select_related("visit").order_by("pk")[0]
        child = Student.objects.filter(school_class=own).order_by("pk")[0].pk
        family = family_pages(by, planned, record)
        free, trip = trip_of(by)
        about = record.visit.students.values_list("student_id", flat=True)[0]
        care = dict(zip((TEACHER, OFFICE), care_pages.paths(by, acting(OFFICE, SCHOOL)), strict=True))
    done = record.visit_id
    paths = {
        "today": "", "my visits": "visits/mine/", "recorded": "visits/mine/?show=recorded",
        "class": f"classes/{own.pk}/", "child": f"students/{child}/", "visit": f"visits/{planned.pk}/",
        "record form": f"visits/{planned.pk}/record/", "unplanned record": f"visits/new/{child}/",
        "visit recorded": f"visits/{done}/", "preparation": f"visits/{planned.pk}/prepare/",
        "remarks asked": "remarks/", "appointments": f"classes/{own.pk}/appointments/",
        "share": f"visits/{done}/share/{about}/",
        "agreement": f"visits/{done}/agreement/", "shared with me": "shared/", "follow-ups": "follow-ups/",
        "coverage": "coverage/", "coverage of class": f"coverage/classes/{own.pk}/", "handbook": "handbook/",
        "commitment": "commitment/", "records": f"classes/{own.pk}/records/", "outings": "outings/",
        "trips": "trips/", "file a trip": f"outings/{free}/trip/", "trip": f"trips/{trip}/", "recorder": "recorder/",
    }  # fmt: skip
    found = [Page(name, f"/s/{SCHOOL}/{path}", TEACHER) for name, path in paths.items()]
    found += [
        Page(f"office: {path or 'today'}", f"/s/{SCHOOL}/{path}", OFFICE)
        for path in ("", "coverage/", "coverage/staff/", "trips/", "feedback/")
    ]
    for who, told in care.items():
        label = "care" if who == TEACHER else "care, office"
        found += [Page(f"{label}: {name}", f"/s/{SCHOOL}/{path}", who) for name, path in told.items()]
    return found + family


def count(every: list[Page]) -> dict[str, str]:
    """Statements and least milliseconds of each page, asked in this process. Returns cookies by whose they are."""
    clients: dict[str, Client] = {}
    for page in every:
        client = clients.setdefault(page.who, Client(SERVER_NAME="127.0.0.1"))
        if page.who and settings.SESSION_COOKIE_NAME not in client.cookies:
            client.force_login(Account.objects.get(username=page.who), backend=real_site.BACKEND)
        if not page.who:  # a family's browser presses the button by itself
            client.post(page.path.split("?")[0] + "open/")
        client.get(page.path)  # what is loaded once
        with CaptureQueriesContext(connection) as queries:
            response = client.get(page.path)
        if response.status_code != 200:
            raise SystemExit(f"{page.name} ({page.path}): {response.status_code}")
        assert page.who or SENDER in response.content.decode(), page.name
        page.asked = sum(not one["sql"].startswith(list_pages.NO_QUESTION) for one in queries)
        times = []
        for _again in range(ROUNDS):
            begun = time.perf_counter()
            client.get(page.path)
            times.append((time.perf_counter() - begun) * 1000)
        page.ms = min(times)
    return {
        who: "; ".join(f"{one.key}={one.value}" for one in client.cookies.values()) for who, client in clients.items()
    }


class Asker:
    """Asks a real server; each thread over a connection of its own."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.own, self.cookies = port, local(), cookies

    def ask(self, page: Page, due: float) -> None:
        """Ask when it is due; keep how long the answer took from then on."""
        time.sleep(max(0.0, due - time.perf_counter()))
        line = getattr(self.own, "line", None)
        if line is None:
            line = self.own.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request("GET", page.path, headers={"Cookie": self.cookies[page.who], "Accept-Encoding": "gzip"})
        answer = line.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{page.name}: {answer.status}")
        page.waits.append((time.perf_counter() - due) * 1000)


def load(every: list[Page], cookies: dict[str, str]) -> float:
    """RATE pages a second for SECONDS, in turn. Returns the server's processor time for one, in milliseconds."""
    with real_site.serving() as port:
        asker = Asker(port, cookies)
        for page in every:  # each process of the server has seen each page before it is measured
            for _again in range(6):
                asker.ask(page, time.perf_counter())
            page.waits.clear()
        server = real_site.processes_below(os.getpid())
        used = real_site.processor_of(server)
        pool, begun = ThreadPoolExecutor(LINES), time.perf_counter() + 0.5
        asked = [pool.submit(asker.ask, every[n % len(every)], begun + n / RATE) for n in range(RATE * SECONDS)]
        for one in asked:
            one.result()
        pool.shutdown()
        return (real_site.processor_of(server) - used) * 1000 / len(asked)


def side() -> int:
    """Measure one of the two databases; prints JSON."""
    assert get_resolver().url_patterns
    prepare()
    every = pages()
    cookies = count(every)
    work = load(every, cookies) if SIDE == "county" else 0.0
    told = [{"name": page.name, "asked": page.asked, "ms": page.ms, "waits": page.waits} for page in every]
    print(json.dumps({"pages": told, "load": real_site.load(), "work": work}))
    return 0


def measured(name: str) -> Any:
    """What the other process found."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, name], stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main() -> int:
    """Both sides, page by page."""
    county, school = measured("county"), measured("school")
    alone = {page["name"]: page["ms"] for page in school["pages"]}
    waits = [wait for page in county["pages"] for wait in page["waits"]]
    for page in county["pages"]:
        p95 = f"{quantiles(page['waits'], n=20)[-1]:5.0f} ms p95" if len(page["waits"]) > 1 else ""
        times = page["ms"] / alone[page["name"]]
        print(f"{page['asked']:3} statements {page['ms']:5.0f} ms, {times:4.2f} × one school {p95:13} {page['name']}")
    worst = max(page["asked"] for page in county["pages"])
    ratio = sum(page["ms"] for page in county["pages"]) / sum(alone.values())
    value = quantiles(waits, n=20)[-1]
    print(f"{len(waits)} answers at {RATE} a second: median {median(waits):.0f} ms, p95 {value:.0f}; "
          f"{county['work']:.0f} ms of the server's processor time each; {county['load']}")  # fmt: skip
    print(f"most statements {worst} of {MOST}; county by one school {ratio:.2f} of {RATIO}")
    met = worst <= MOST and ratio <= RATIO and value <= P95
    print(f"pages: value {value:.0f} goal {P95:.0f} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(side() if SIDE else main())
