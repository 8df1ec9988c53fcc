"""W1: visit records accepted per second from eight phones, each record committed durably with its line in the log.

Each phone is a class teacher's, signed in, on a connection kept alive, and puts the records of its own planned visits
one after the other to `koumen serve` as it starts by default. Peer in the same run, before and after: eight clients,
each inserting one row a transaction into a table of the same PostgreSQL server, with the same durability. Goal: a
quarter of the peer's rate.

    EACH=60 PHOTO=1 make bench BENCH=intake       PHOTO=1: with each record a photo of 200 KB in pieces of 64 KiB
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from statistics import mean, quantiles
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks import real_site  # noqa: E402, I001  (makes Django ready)
from benchmarks import class_of_50  # noqa: E402

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402
from PIL import Image  # noqa: E402

from koumen.core import clock, scope  # noqa: E402
from koumen.core.models import AuditEntry  # noqa: E402
from koumen.registry.models import SchoolClass, Staff, Student  # noqa: E402
from koumen.visits.models import RecordFile, Visit, VisitRecord, VisitStudent  # noqa: E402

CLIENTS, GOAL, SLOWEST = 8, 0.25, 0.060
EACH, PHOTO = int(os.environ.get("EACH", "60")), os.environ.get("PHOTO") == "1"
PHOTO_BYTES, PIECE = 200_000, 64 * 1024
WORDS = "孩子在家能主动做家务，作业写得认真，晚上十点前睡觉；妈妈说周末想带他去镇上的图书室。" * 3
Sheet = tuple[UUID, int]  # a visit and its child


def plan_visits(org: int, teacher: int) -> list[Sheet]:
    """Planned visits of one class teacher, one for each record to come: long past, outside the phone's window."""
    with scope.enter(org):
        lead = Staff.objects.filter(account_id__isnull=False).order_by("account_id")[teacher]
        own = SchoolClass.objects.get(number=teacher + 1)
        children = list(Student.objects.filter(school_class=own).select_related("household").order_by("pk"))
        at = clock.now() - timedelta(days=40)
        chosen = [children[n % len(children)] for n in range(EACH)]
        visits = [
            Visit(id=uuid4(), household=one.household, school_class=own, lead=lead, starts_at=at) for one in chosen
        ]
        Visit.objects.bulk_create(visits)
        about = zip(visits, chosen, strict=True)
        VisitStudent.objects.bulk_create([VisitStudent(visit=visit, student=child) for visit, child in about])
        return [(visit.pk, child.pk) for visit, child in zip(visits, chosen, strict=True)]


def record(visit: UUID, child: int, files: list[dict[str, Any]]) -> dict[str, Any]:
    """What the recorder sends: three taps, a few sentences, one measure in eight."""
    at = clock.now() - timedelta(days=20)
    entry = {
        "mode": "01", "met_relation": "52", "topics": ["study", "home"], "students": [child], "content": WORDS,
        "starts_at": at.isoformat(), "ends_at": (at + timedelta(minutes=40)).isoformat(),
    }  # fmt: skip
    envelope = {"visit": str(visit), "device": "bench", "client_time": clock.now().isoformat()}
    return {**envelope, "entry": entry, "files": files}


def photo(seed: int) -> bytes:
    """A picture of about 200 KB that does not compress away, no two alike."""
    picture = Image.effect_noise((640, 480), 60).convert("RGB")
    picture.putpixel((0, 0), (seed % 256, seed // 256 % 256, 1))
    out = BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue() + b"\0" * max(0, PHOTO_BYTES - out.tell())


def send(line: real_site.Line, sheet: Sheet, picture: bytes | None) -> float:
    """Put one record, and its photo behind it. Returns how long the record's receipt took."""
    name, files = str(uuid4()), []
    if picture:
        files = [{"hash": hashlib.sha256(picture).hexdigest(), "kind": "photo", "size": len(picture)}]
    said = record(*sheet, files)
    begun = time.perf_counter()
    status, body = line.put(f"visits/{name}", said)
    took = time.perf_counter() - begun
    assert status == 200, body[:300]
    assert json.loads(body)["version"] == 1
    for first in range(0, len(picture or b""), PIECE):
        assert picture is not None
        piece = picture[first : first + PIECE]
        where = {"Content-Range": f"bytes {first}-{first + len(piece) - 1}/{len(picture)}"}
        path = f"visits/{name}/files/{files[0]['hash']}"
        status, body = line.ask("PUT", path, piece, "application/octet-stream", **where)
        assert status in (200, 202), body[:300]
    assert not picture or json.loads(body)["kept"], body
    return took


def together(work: Callable[[int, Barrier], list[float]]) -> tuple[float, list[float]]:
    """Eight clients at once, who begin together: things done per second, and how long each took."""
    start = Barrier(CLIENTS + 1)
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = [pool.submit(work, n, start) for n in range(CLIENTS)]
        start.wait()
        begun = time.perf_counter()
        times = [one for part in found for one in part.result()]
        return len(times) / (time.perf_counter() - begun), times


def inserts(seconds: float = 3.0) -> float:
    """The peer: single-row transactions a second by eight clients, as durable as the site's."""
    dsn = settings.SERVER.dsn(settings.SERVER.admin_user)
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("CREATE TABLE IF NOT EXISTS bench_peer (id uuid PRIMARY KEY, at timestamptz, said jsonb)")
        durable = db.execute("SHOW synchronous_commit").fetchone(), db.execute("SHOW fsync").fetchone()
        print(f"peer's synchronous_commit, fsync: {[one[0] for one in durable if one]}")
    said = json.dumps({"content": WORDS})

    def work(_n: int, start: Barrier) -> list[float]:
        times = []
        with psycopg.connect(dsn) as db:
            db.execute("SELECT 1")
            db.commit()
            start.wait()
            until = time.perf_counter() + seconds
            while (begun := time.perf_counter()) < until:
                db.execute("INSERT INTO bench_peer VALUES (%s, now(), %s)", (uuid4(), said))
                db.commit()
                times.append(time.perf_counter() - begun)
        return times

    try:
        return together(work)[0]
    finally:
        with psycopg.connect(dsn, autocommit=True) as db:
            db.execute("DROP TABLE bench_peer")


def accepted(port: int, sheets: list[list[Sheet]]) -> tuple[float, list[float]]:
    """Records a second, and how long each receipt took."""
    sessions = [real_site.session_of(class_of_50.teacher(n)) for n in range(CLIENTS)]

    def work(n: int, start: Barrier) -> list[float]:
        line = real_site.Line(port, sessions[n], class_of_50.SLUG)
        assert line.ask("GET", "sync")[0] == 200  # a new session's first page writes it
        pictures = [photo(n * EACH + k) if PHOTO else None for k in range(EACH)]
        start.wait()
        times = [send(line, sheet, picture) for sheet, picture in zip(sheets[n], pictures, strict=True)]
        line.close()
        return times

    return together(work)


def main() -> int:
    """Plan, measure peer, site, peer again; look that everything is there; print."""
    real_site.tables()
    org = class_of_50.build(anew=False)
    sheets = [plan_visits(org.pk, n) for n in range(CLIENTS)]
    with scope.enter(org.pk):
        logged = AuditEntry.objects.filter(verb="visit.record").count()
    with real_site.serving() as port:
        before = inserts()
        rate, times = accepted(port, sheets)
        after = inserts()
    with scope.enter(org.pk):
        visits = [visit for part in sheets for visit, _child in part]
        assert VisitRecord.objects.filter(visit__in=visits).count() == CLIENTS * EACH
        assert AuditEntry.objects.filter(verb="visit.record").count() == logged + CLIENTS * EACH
        photos = RecordFile.objects.filter(record__visit__in=visits, stored__isnull=False).count()
        assert photos == (CLIENTS * EACH if PHOTO else 0)
    peer, p95 = mean((before, after)), quantiles(times, n=20)[-1]
    print(f"{CLIENTS * EACH} records{' with photos' if PHOTO else ''}: {rate:.0f} a second; {real_site.load()}")
    print(f"peer: {before:.0f} inserts a second before, {after:.0f} after")
    print(f"a receipt: median {quantiles(times, n=2)[0] * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, "
          f"goal {SLOWEST * 1000:.0f}: {'met' if p95 <= SLOWEST else 'short'}")  # fmt: skip
    met = rate / peer >= GOAL and p95 <= SLOWEST
    print(f"intake: value {rate / peer:.3f} goal {GOAL} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
