"""W3: what a recorder loads of a class of 50 families, and how long 100 phones wait that ask at the same moment.

The site is `koumen serve` as it starts by default; every phone is another class teacher's, signed in, with 50 visits
of its own in the coming week. Sizes are the bodies of the answers before they are compressed. A later sync comes
after one visit was put off; a sync with nothing new is printed too.

    PHONES=100 make bench BENCH=first_sync
"""

import gzip
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from threading import Barrier
from urllib.parse import urlencode

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks import real_site  # noqa: E402, I001  (makes Django ready)
from benchmarks import class_of_50  # noqa: E402

from django.db.models import F  # noqa: E402

from koumen.core import scope  # noqa: E402
from koumen.visits.models import Visit  # noqa: E402

PHONES = int(os.environ.get("PHONES", "100"))
FIRST, LATER, SECONDS = 120_000, 5_000, 5.0
PACKED = {"Accept-Encoding": "gzip"}  # as every browser asks


def sizes(port: int, session: str, org: int) -> tuple[int, int]:
    """Bytes of the first sync and of one after a visit was put off."""
    line = real_site.Line(port, session, class_of_50.SLUG)
    status, packed = line.ask("GET", "sync", None, "", **PACKED)
    body = gzip.decompress(packed)
    said = json.loads(body)
    assert status == 200, said
    held = {"since": said["cursor"], "words": said["words"]}
    own = [one for one in said["visits"] if one["record"] is None]
    assert len(own) >= class_of_50.FAMILIES, len(own)
    print(f"first sync: {len(body)} bytes, {len(packed)} as they travel, {len(said['visits'])} visits")
    nothing = line.ask("GET", f"sync?{urlencode(held)}")[1]
    assert json.loads(nothing)["visits"] == []
    with scope.enter(org):
        Visit.objects.filter(pk=own[7]["id"]).update(starts_at=F("starts_at") + timedelta(minutes=5))
    later = gzip.decompress(line.ask("GET", f"sync?{urlencode(held)}", None, "", **PACKED)[1])
    assert len(json.loads(later)["visits"]) == 1
    print(f"later sync: {len(later)} bytes after one visit moved, {len(nothing)} with nothing new; "
          f"{len(urlencode(held))} bytes are asked with")  # fmt: skip
    line.close()
    return len(body), len(later)


def all_at_once(port: int, sessions: list[str]) -> list[float]:
    """Seconds each phone waited for its whole first sync, all asking at the same moment on new connections."""
    start = Barrier(len(sessions))

    def one(session: str) -> float:
        line = real_site.Line(port, session, class_of_50.SLUG)
        start.wait()
        begun = time.perf_counter()
        status, packed = line.ask("GET", "sync", None, "", **PACKED)
        took = time.perf_counter() - begun
        line.close()
        assert status == 200, packed[:200]
        assert len(json.loads(gzip.decompress(packed))["visits"]) >= class_of_50.FAMILIES
        return took

    with ThreadPoolExecutor(len(sessions)) as pool:
        return sorted(pool.map(one, sessions))


def main() -> int:
    """Build, ask, print."""
    begun = time.perf_counter()
    real_site.tables()
    org = class_of_50.build()
    sessions = [real_site.session_of(class_of_50.teacher(n % class_of_50.CLASSES)) for n in range(PHONES)]
    print(f"school of {class_of_50.CLASSES} classes ready in {time.perf_counter() - begun:.0f} s")
    with real_site.serving() as port:
        first, later = sizes(port, sessions[0], org.pk)
        took = all_at_once(port, sessions)
    print(f"{PHONES} phones at once: median {median(took):.2f} s, last {took[-1]:.2f} s; {real_site.load()}")
    for what, size, goal in (("first sync, bytes", first, FIRST), ("later sync, bytes", later, LATER)):
        print(f"{what}: {size}, goal {goal}: {'met' if size <= goal else 'short'}")
    value = median(took)
    met = value <= SECONDS and first <= FIRST and later <= LATER
    print(f"first_sync: value {value:.2f} goal {SECONDS:g} {'met' if met else 'short'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
