"""One HTTP request with a firm end: nothing a server does keeps us longer than asked."""

import http.client
import ssl
from socket import SHUT_RDWR, socket
from threading import Event, Timer
from urllib.parse import urlsplit

from koumen.planner.roads.trouble import Trouble

SECONDS = 8.0
MOST_BYTES = 2_000_000


def get(url: str, *, seconds: float = SECONDS) -> tuple[int, bytes]:
    """Status and body. Follows no redirect, asks no proxy. Raises Trouble (`offline`, `slow`, `garbage`, `address`).

    A timer cuts the connection, because a socket's own time-out begins anew with every byte that drips in.
    """
    try:
        parts = urlsplit(url)
        connection = _connection(parts.scheme, parts.hostname or "", parts.port, seconds)
        connection.connect()
    except OSError as error:
        raise Trouble(_code_of(error)) from error
    except ValueError as error:
        raise Trouble("address") from error
    was_cut = Event()
    late = Timer(seconds, _cut, [connection.sock, was_cut])  # the connection forgets its socket before the body is read
    late.daemon = True
    late.start()
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", path, headers={"Accept": "*/*", "User-Agent": "koumen", "Connection": "close"})
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES + 1)
        is_whole = len(body) <= MOST_BYTES and not answer.length
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Trouble("slow" if was_cut.is_set() else _code_of(error)) from error
    finally:
        late.cancel()
        connection.close()
    if was_cut.is_set() or not is_whole:
        raise Trouble("slow" if was_cut.is_set() else "garbage")
    return answer.status, body


def _code_of(error: Exception) -> str:
    """A server that closes without a word is as good as none."""
    if isinstance(error, TimeoutError):
        return "slow"
    return "offline" if isinstance(error, OSError) else "garbage"


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> http.client.HTTPConnection:
    """Raises ValueError for what is no address of the web."""
    if scheme not in ("http", "https") or not host:
        raise ValueError(scheme)
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=seconds)


def _cut(connected: socket, was_cut: Event) -> None:
    was_cut.set()
    try:
        connected.shutdown(SHUT_RDWR)
    except OSError:
        return  # it ended by itself in this very moment
