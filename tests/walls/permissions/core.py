"""Pages of the kernel: what a person started or made is that person's alone."""

from typing import Any

from tests.cast import Cast

from koumen.core import clock
from koumen.core.models import Job, StoredFile

Row = tuple[Any, ...]


def only(who: str, status: int = 200) -> dict[str, int]:
    """Statuses of a thing that belongs to one person: nobody else learns that it exists."""
    others = ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin", "stranger")
    return {name: 404 for name in others} | {who: status, "nobody": 302}


def everybody(status: int) -> dict[str, int]:
    """The same answer for everyone, signed in or not."""
    return dict.fromkeys((*only("office"), "nobody"), status)


def a_job(cast: Cast) -> dict[str, object]:
    owner = cast.account("office")
    row = Job.objects.create(task="t", title="导入名单", started_by_id=owner.pk, started_by=owner.display_name)
    return {"pk": row.pk}


def a_file(cast: Cast) -> dict[str, object]:
    row = StoredFile.objects.create(
        purpose="export", label="名单.xlsx", content_type="text/plain", size=1, sha256="0" * 64,
        owner_id=cast.account("office").pk, expires_at=clock.now(),
    )  # fmt: skip
    return {"pk": row.pk}


TABLE: dict[str, Row] = {
    "core:job": (a_job, only("office")),
    "core:cancel_job POST": (a_job, only("office", 302)),
    # The file's time is over: its owner is told so (404), everybody else sees nothing at all.
    "core:file": (a_file, only("office", 404)),
    # A personal link needs no account; a wrong secret shows nothing to anybody (tests/core/test_links.py).
    "link": ({"secret": "no-such-secret"}, only("office", 404) | {"nobody": 404}),
    # Opening only remembers the browser; asking for a new link is answered alike whether the link was ever ours.
    "open_link POST": ({"secret": "no-such-secret"}, everybody(302)),
    "renew_link POST": ({"secret": "no-such-secret"}, everybody(200)),
}
