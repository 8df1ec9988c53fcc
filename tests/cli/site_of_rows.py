"""Run as a program in a site of its own: the cast, audited writes and a kept file; prints what a restore must show."""

import json
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "koumen.config.settings")
django.setup()

from koumen.core import audit, files, scope  # noqa: E402
from koumen.core.models import AuditEntry, StoredFile  # noqa: E402
from koumen.registry.models import Account, Guardian, Org, Student  # noqa: E402
from koumen.registry.queries.actors import actor_for  # noqa: E402
from tests import cast  # noqa: E402


def fill() -> None:
    """Put rows, log and file into the empty site."""
    cast.build()
    office = actor_for(Account.objects.get(username="office"), "hill")
    assert office is not None
    with scope.enter(office.org.id):
        for n in range(5):
            audit.write(office, f"test.{n}", reason="演练")
        files.keep(iter(["月报".encode()]), purpose="test", label="月报.txt", content_type="text/plain")


def tell() -> dict[str, object]:
    """What must be the same after a restore."""
    with scope.enter(Org.objects.get(slug="hill").pk):
        kept = StoredFile.objects.first()
        return {
            "children": sorted(Student.objects.values_list("name", flat=True)),
            "phones": sorted(g.phone for g in Guardian.objects.all()),
            "broken": len(audit.broken_links()),
            "log": AuditEntry.objects.count(),
            "file": files.on_disk(kept).read_text() if kept else "",
        }


if __name__ == "__main__":
    if not Org.objects.exists():
        fill()
    print(json.dumps(tell(), ensure_ascii=False))
