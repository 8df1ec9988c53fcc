"""A real site for measuring over HTTP: `koumen serve` on a database of its own, with teachers signed in.

Import it before anything of Django: it says where the data are and makes Django ready.
"""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
os.environ["PYTHONWARNINGS"] = "ignore"
os.environ.setdefault("KOUMEN_DATA", str(ROOT / ".cache" / "bench"))
os.environ.setdefault("KOUMEN_DATABASE", "koumen_bench_site")
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

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from koumen.registry.models import Account  # noqa: E402

BACKEND = "koumen.registry.sign_in.NameOrPhoneBackend"
PATIENCE = 90.0  # seconds until the site must answer


def tables() -> None:
    """Make or upgrade the tables."""
    call_command("migrate", verbosity=0)


def load() -> str:
    """How busy the machine is, to be printed with the figures: its load of the last minute, and its cores."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


@contextmanager
def serving() -> Iterator[int]:
    """`koumen serve` as it starts by default; yields the port. Ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-W", "ignore", "-m", "koumen.cli.main", "serve", "--port", str(port), "--with-parent"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL) as web:
        try:
            _await(port, web)
            yield port
        finally:
            web.terminate()


def _await(port: int, web: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while True:
        if web.poll() is not None or time.monotonic() > until:
            raise SystemExit("the web server did not start")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)


def processes_below(parent: int) -> list[int]:
    """The processes a process started, and theirs; those of the server while it is `serving`."""
    own = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return own + [pid for one in own for pid in processes_below(one)]


def processor_of(processes: list[int]) -> float:
    """Seconds of processor time these processes have used."""
    told = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in processes]
    return sum(int(one[11]) + int(one[12]) for one in told) / os.sysconf("SC_CLK_TCK")


def session_of(username: str) -> str:
    """A session with which that account is signed in."""
    client = Client()
    client.force_login(Account.objects.get(username=username), backend=BACKEND)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


class Line:
    """One phone's connection, kept alive, signed in."""

    def __init__(self, port: int, session: str, org: str) -> None:
        token = secrets.token_hex(16)
        self.base = f"/s/{org}/api/"
        self.headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}", "X-CSRFToken": token}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def close(self) -> None:
        """The server ends sooner when nobody holds on to it."""
        self.connection.close()

    def ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json", **more: str
    ) -> tuple[int, bytes]:
        """Status and body. `more` are headers."""
        headers = self.headers | ({"Content-Type": kind} if body is not None else {}) | more
        self.connection.request(method, self.base + path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def put(self, path: str, said: dict[str, Any]) -> tuple[int, bytes]:
        """JSON in."""
        return self.ask("PUT", path, json.dumps(said).encode())
