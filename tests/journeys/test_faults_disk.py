"""The disk for files is really full: the record is kept, its photo waits on the phone, and comes when there is room.

The web server runs in a mount namespace of its own in which the folder of files is a file system of one megabyte.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.faults import Wire, fragile_site, new_record, sheet, stored, voice
from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.visits.phones import announced

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
ROOM = 1024 * 1024
BALLAST = ROOM - 200 * 1024
# whoever is root already needs no user namespace, in which PostgreSQL's files would belong to nobody
ALONE = ("--mount",) if os.geteuid() == 0 else ("--user", "--map-root-user", "--mount")
MOUNT = 'mkdir -p "$0" && mount -t tmpfs -o size=$1 koumen "$0" && shift && exec "$@"'


@pytest.fixture
def small(tmp_path: Path, django_db_blocker: Any) -> Iterator[Site]:
    folder = tmp_path / "data"
    around = ("unshare", *ALONE, "sh", "-c", MOUNT, str(folder / "files"), str(ROOM))
    with django_db_blocker.unblock(), fragile_site(folder, around=around) as site:
        yield site


def inside(site: Site, path: str) -> Path:
    """A file as the web server sees it, from out here."""
    assert site.web is not None
    return Path(f"/proc/{site.web.pid}/root{site.environment['KOUMEN_DATA']}/files/{path}")


@pytest.mark.parametrize("when", ["at the first piece", "when the whole is written down"])
def test_a_photo_that_finds_no_room_waits_and_comes_later(small: Site, when: str) -> None:
    visit, record, phone, content = planned(small, "阿虎"), new_record(), Wire(small), voice(150_000)
    # 200 KB are left, too little for the whole beside its pieces; or nothing is left at all
    left = 0 if when == "at the first piece" else ROOM - BALLAST
    inside(small, "ballast").write_bytes(bytes(ROOM - left))
    assert phone.put(record, sheet(small, visit, files=[announced(content, "voice")]))[0] == 200
    statuses = []
    for _piece in range(3):
        status, told = phone.piece(record, content, phone.state(record, content)["have"])
        statuses.append(status)
        if status == 507:
            break
    assert statuses == ([507] if left == 0 else [202, 202, 507])
    assert told["code"] == "full"
    assert "手机" in told["sentence"]
    have = phone.state(record, content)
    assert (have["kept"], have["have"] < len(content), have["refused"]) == (False, True, "")
    assert small.ask("SELECT count(*) FROM visits_visitrecord") == [(1,)]
    assert small.ask("SELECT count(*) FROM core_storedfile") == [(0,)]

    inside(small, "ballast").unlink()
    assert phone.all_the_rest(record, content)["kept"]
    assert stored(small, content, inside(small, "")) == content
    assert not list(inside(small, "parts").rglob(f"{record}*"))


def test_this_machine_can_mount_for_oneself() -> None:
    """Said plainly, so that a machine that cannot is not taken for a fault of the product."""
    said = subprocess.run(["unshare", *ALONE, "true"], capture_output=True, text=True, check=False)
    assert said.returncode == 0, f"user namespaces are switched off here: {said.stderr}"
