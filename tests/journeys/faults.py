"""Means to break things at a chosen moment: sites that may be ruined, a server held in the middle of a write, a phone.

Nothing in the product knows of these tests: a server is held at a stage by a lock of PostgreSQL that it needs there.
"""

import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.utils import timezone

from koumen.cli import archive
from koumen.config import database as places
from koumen.config import env
from tests import database
from tests.journeys.site import ROOT, Site, free_port
from tests.visits.phones import PIECE, answers, name_of

SECRETS = "secrets.json"
TURNSTILE = 424_242  # the advisory lock that a commit waits for
# a check at commit time that waits until the test lets it through
AT_COMMIT = """
    CREATE OR REPLACE FUNCTION hold_the_commit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared({lock}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER held AFTER INSERT OR UPDATE ON {table} DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION hold_the_commit();
"""
WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@contextmanager
def fragile_site(folder: Path, *, own_server: bool = False, around: tuple[str, ...] = ()) -> Iterator[Site]:
    """A site that a test may ruin: data folder of its own, and with `own_server` a PostgreSQL of its own."""
    kept = Path(settings.DATA)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(kept / SECRETS, folder / SECRETS)
    name = f"koumen_site_{os.getpid()}_{secrets.token_hex(3)}"
    database.copy_of_template(name)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KOUMEN_")}
    environment |= {
        "KOUMEN_DATA": str(folder),
        "KOUMEN_DATABASE": name,
        "KOUMEN_MFA_REQUIRED": "0",
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "koumen.config.settings",
    }
    shared: places.Server = settings.SERVER
    site = Site(f"http://127.0.0.1:{free_port()}", name, folder / "site.log", environment, around=around)
    if own_server:
        site.server = _own_server(folder, name)
    else:
        at = f"host={shared.host} port={shared.port} user={shared.admin_user} dbname={name}"
        environment["DATABASE_URL"] = at + (f" password={shared.admin_password}" if shared.admin_password else "")
    try:
        site.log.touch()
        site.start_web()
        yield site
    finally:
        site.stop()
        database.remove(name)
        if own_server:
            places.stop(folder)


def _own_server(folder: Path, name: str) -> places.Server:
    """A second PostgreSQL under `folder` with a copy of the database."""
    places.start(folder)
    server = places.locate(folder, env.load_secrets(folder).app_password, name)
    places.prepare(server)
    dump, shared = str(folder / archive.DUMP), settings.SERVER
    archive.tool("pg_dump", "--format=custom", f"--file={dump}", dsn=shared.dsn(shared.admin_user, name))
    archive.tool("pg_restore", f"--dbname={name}", dump, dsn=server.dsn(server.admin_user))
    return server


def kill_web(site: Site) -> None:
    """Every process of the web server this test started, by its id, without a chance to say goodbye."""
    assert site.web is not None
    children = Path(f"/proc/{site.web.pid}/task/{site.web.pid}/children").read_text().split()
    for pid in (*map(int, children), site.web.pid):
        os.kill(pid, signal.SIGKILL)
    site.web.wait()


@contextmanager
def held(site: Site, *lock: str) -> Iterator[Callable[[], None]]:
    """Hold what the server needs next; yields a function that waits until the server stands there.

    On leaving, the lock is let go: the killed server's half-done transaction goes its way before anybody goes on.
    """
    db = site.connect()
    db.autocommit = False
    try:
        for statement in lock:
            db.execute(statement.encode())
        yield lambda: eventually(lambda: bool(site.ask(WAITING)))
    finally:
        db.close()
    with suppress(psycopg.OperationalError):  # a test may have stopped PostgreSQL itself
        eventually(lambda: not site.ask(WAITING) and not _busy(site))


def _busy(site: Site) -> bool:
    query = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = %s"
        " AND state IN ('active', 'idle in transaction')"
    )
    return bool(site.ask(query, [places.APP]))


def commits_wait(site: Site, table: str) -> str:
    """Let every commit that wrote to `table` wait for a lock; returns the statement that holds it."""
    site.ask(AT_COMMIT.format(lock=TURNSTILE, table=table))
    return f"SELECT pg_advisory_xact_lock({TURNSTILE})"


def forget_visits(site: Site) -> None:
    """As the test may find it: no visits, no records, no held commits."""
    site.ask("DROP FUNCTION IF EXISTS hold_the_commit() CASCADE")
    for table in ("recordfile", "recordorigin", "recordversion", "visitrecord", "visitstudent", "visitstaff", "visit"):
        site.ask(f"DELETE FROM visits_{table}")


def eventually(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


class Wire:
    """A phone as the server sees one, over plain HTTP: what has no answer has status 0."""

    def __init__(self, site: Site, username: str = "teacher1", *, address: str = "") -> None:
        self.address = (address or site.address).removeprefix("http://")
        token = secrets.token_hex(16)
        self.headers = {"Cookie": f"sessionid={site.session_of(username)}; csrftoken={token}", "X-CSRFToken": token}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
        line = http.client.HTTPConnection(self.address, timeout=60)
        try:
            line.request(method, f"/s/hill/api/{path}", body, self.headers | headers)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            line.close()

    def put(self, record: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Send a record."""
        return self.ask("PUT", f"visits/{record}", json.dumps(body).encode(), **{"Content-Type": "application/json"})

    def piece(self, record: str, content: bytes, start: int, size: int = PIECE) -> tuple[int, Any]:
        """Send `size` bytes of a file from `start` on."""
        part = content[start : start + size]
        span = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(content)}"}
        kind = {"Content-Type": "application/octet-stream"}
        return self.ask("PUT", f"visits/{record}/files/{name_of(content)}", part, **(span | kind))

    def state(self, record: str, content: bytes) -> dict[str, Any]:
        """How far the server says a file is."""
        status, told = self.ask("GET", f"visits/{record}/files/{name_of(content)}")
        assert status == 200, told
        return dict(told)

    def all_the_rest(self, record: str, content: bytes, size: int = PIECE) -> dict[str, Any]:
        """Go on where the server is, until it says that the file is kept."""
        for _time in range(200):
            told = self.state(record, content)
            if told["kept"]:
                return told
            status, told = self.piece(record, content, told["have"], size)
            assert status in (0, 200, 202, 409), told
        raise AssertionError("the file never came whole")


def sheet(site: Site, visit: str | None, child: str = "阿虎", **more: Any) -> dict[str, Any]:
    """What the recorder sends for three taps; `entry` changes answers, everything else the envelope."""
    student = site.ask("SELECT id FROM registry_student WHERE name = %s", [child])[0][0]
    said = answers([student], timezone.now() - timedelta(hours=2)) | {"content": "原话"} | more.pop("entry", {})
    told = {"visit": visit, "device": "wire", "client_time": timezone.now().isoformat(), "entry": said}
    return told | ({"student": student} if visit is None else {}) | more


def voice(size: int = 150_000) -> bytes:
    """A voice note: it begins as one, the rest is noise, no two alike."""
    return b"\x1aE\xdf\xa3" + os.urandom(size - 4)


def new_record() -> str:
    """An id as phones make them."""
    return str(uuid4())


def stored(site: Site, content: bytes, folder: Path | None = None) -> bytes:
    """What lies on disk of a kept voice note."""
    query = (
        "SELECT s.org_id, s.purpose, s.id::text, s.sha256 FROM visits_recordfile f"
        " JOIN core_storedfile s ON s.id = f.stored_id WHERE f.hash = %s"
    )
    [(org, purpose, name, digest)] = site.ask(query, [name_of(content)])
    files = folder or Path(site.environment["KOUMEN_DATA"]) / "files"
    found: bytes = (files / str(org) / purpose / name).read_bytes()
    assert hashlib.sha256(found).hexdigest() == digest
    return found
