"""Our side of W5, in a process of its own: `import_ours.py FILE` prints seconds and memory as JSON."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()

from koumen.core import scope  # noqa: E402
from koumen.core.actor import Actor, Post  # noqa: E402
from koumen.core.files import keep  # noqa: E402
from koumen.registry.models import ImportBatch, Org, Student  # noqa: E402
from koumen.registry.queries.actors import org_ref  # noqa: E402
from koumen.registry.services.imports import batches  # noqa: E402
from koumen.registry.services.imports.watch import Watch  # noqa: E402


def ours(path: Path) -> dict[str, float]:
    """Check and apply one file in a new school. Seconds of both; the upload itself is not counted."""
    org = Org.objects.create(kind="school", name="大学校", slug=f"bench-{time.time_ns()}", school_type="345")
    office = Actor(None, "德育处", org_ref(org), posts=(Post("moral_office"),))
    with scope.enter(org.pk):
        file = keep(_chunks(path), purpose="import", label="名单.xlsx", content_type="application/octet-stream")
        batch = batches.upload("students", by=office, file=file, add_classes=True)
    begun = time.perf_counter()
    with scope.enter(org.pk):
        batches.check(batch, by=office, watch=Watch())
    checked = time.perf_counter()
    assert batch.state == ImportBatch.State.CHECKED, batch.message
    assert not batch.counts["error"], batch.counts["error"]
    with scope.enter(org.pk):
        batches.confirm(batch, by=office)
        batches.apply(batch, by=office, watch=Watch())
    done = time.perf_counter()
    with scope.enter(org.pk):
        assert Student.objects.count() == batch.counts["new"] > 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": done - begun, "check": checked - begun, "apply": done - checked, "memory": peak}


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(1_048_576):
            yield chunk


if __name__ == "__main__":
    print(json.dumps(ours(Path(sys.argv[1]))))
