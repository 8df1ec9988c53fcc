"""A running site for journeys: the real web server and a real worker, on a copy of the test template."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from koumen.config import database as places
from koumen.registry.models import Account
from tests import database

F = TypeVar("F")
ROOT = Path(__file__).resolve().parents[2]
BACKEND = "koumen.registry.sign_in.NameOrPhoneBackend"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60  # seconds until the site must be ready


@dataclass
class Site:
    """`address` has no slash at its end. `web` and `worker` are processes started here; tests may kill them."""

    address: str
    database: str
    log: Path
    environment: dict[str, str] = field(repr=False)
    web: "subprocess.Popen[bytes] | None" = None
    worker: "subprocess.Popen[bytes] | None" = None
    server: "places.Server | None" = None  # where its database is, when not where the tests' is
    around: tuple[str, ...] = ()  # what the web server is started by

    def start_web(self, processes: int = 1) -> None:
        """Start the web server and wait until it answers."""
        port = self.address.rsplit(":", 1)[1]
        self.web = self._start("serve", "--port", port, "--processes", str(processes), around=self.around)
        self._await(self._answers, self.web, "the web server")

    def start_worker(self) -> None:
        """Start a worker and wait until it has said so to the database."""
        before = self.ask("SELECT coalesce(max(id), 0) FROM procrastinate_workers")[0][0]
        self.worker = self._start("worker", "--concurrency", "1")
        self._await(
            lambda: bool(self.ask("SELECT 1 FROM procrastinate_workers WHERE id > %s", [before])),
            self.worker,
            "the worker",
        )

    def ask(self, query: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of this site's database, read (or written) past all walls."""
        with self.connect() as db:
            found = db.execute(query.encode(), list(params))
            return found.fetchall() if found.description else []

    def connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        """A connection past all walls, each statement its own transaction."""
        server: places.Server = self.server or settings.SERVER
        return psycopg.connect(server.dsn(server.admin_user, self.database), autocommit=True)

    def session_of(self, username: str) -> str:
        """A session key with which that account is signed in (journeys of the sign-in page type instead)."""
        rows = self.ask("SELECT id, password FROM registry_account WHERE username = %s", [username])
        assert rows, f"no account {username}"
        account = Account(pk=rows[0][0], password=rows[0][1])
        kept = {
            SESSION_KEY: str(account.pk),
            BACKEND_SESSION_KEY: BACKEND,
            HASH_SESSION_KEY: account.get_session_auth_hash(),
        }
        key = secrets.token_hex(16)
        self.ask(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES (%s, %s, now() + interval '1 day')",
            [key, SessionStore().encode(kept)],
        )
        return key

    def sign_in(self, page: Page, username: str) -> None:
        """Let this page's browser be signed in as that account; nobody when the name is empty."""
        page.context.clear_cookies()
        if username:
            key = self.session_of(username)
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.address}])

    def faults(self, since: int = 0) -> list[str]:
        """Lines of the site's log that tell of an error, from a byte on."""
        text = self.log.read_bytes()[since:].decode(errors="replace")
        return [line for line in text.splitlines() if " ERROR " in line or line.startswith("Traceback")]

    def stop(self) -> None:
        """End both processes, by their ids."""
        for process in (self.web, self.worker):
            end(process)

    def _start(self, *command: str, around: tuple[str, ...] = ()) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as out:
            return subprocess.Popen(
                [*around, sys.executable, "-m", "koumen.cli.main", *command, "--with-parent"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/account/login/", timeout=5):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _await(self, ready: Any, process: "subprocess.Popen[bytes]", what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not ready():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{what} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)


def end(process: "subprocess.Popen[bytes] | None") -> None:
    """Ask a process to end; insist after ten seconds."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_site(template: str | None = None, *, worker: bool = True) -> Iterator[Site]:
    """A site on its own copy of the cast (or of another database of this server), gone afterwards."""
    name = f"koumen_site_{os.getpid()}_{secrets.token_hex(3)}"
    mine = str(connections["default"].settings_dict["NAME"])
    database.copy_of_template(name, template)
    if connections["default"].settings_dict["NAME"] != mine:
        database.use(mine)
    data = Path(settings.DATA)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KOUMEN_")}
    environment |= {
        "KOUMEN_DATA": str(data),
        "KOUMEN_DATABASE": name,
        "KOUMEN_MFA_REQUIRED": "0",
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "koumen.config.settings",
    }
    site = Site(f"http://127.0.0.1:{free_port()}", name, data / f"{name}.log", environment)
    try:
        site.log.touch()
        site.start_web()
        if worker:
            site.start_worker()
        yield site
    finally:
        site.stop()
        database.remove(name)
        site.log.unlink(missing_ok=True)


def start_browser(playwright: Playwright) -> Browser:
    """The system's Chromium, without a window and without calls home."""
    path = next((found for found in map(shutil.which, CHROMIUM) if found), None)
    if path is None:
        raise RuntimeError("no Chromium on this machine; `make setup` installs it")
    return playwright.chromium.launch(executable_path=path, args=QUIET)


def new_context(browser: Browser, width: int, *, dark: bool = False, height: int | None = None) -> BrowserContext:
    """A fresh browser window of a person in China; phones below 600 px touch."""
    phone = width < 600
    return browser.new_context(
        viewport={"width": width, "height": height or (780 if phone else 900)},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        has_touch=phone,
        is_mobile=phone,
        accept_downloads=True,
    )


@contextmanager
def furnished_site(furnish: Callable[[], F]) -> Iterator[tuple[Site, F]]:
    """A site without a worker in which `furnish` made rows, and what it returned; its log must tell of no error."""
    with running_site(worker=False) as site:
        before = str(connections["default"].settings_dict["NAME"])
        database.use(site.database)
        try:
            found = furnish()
        finally:
            database.use(before)
        yield site, found
        assert site.faults() == []
