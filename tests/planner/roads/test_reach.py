"""A request ends when it shall, whatever the server does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.planner.roads.fake import serving

from koumen.planner.roads import Trouble
from koumen.planner.roads.reach import MOST_BYTES, get


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on the loopback that does just this with its one connection."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _address = listener.accept()
            with connection:
                connection.recv(65_536)
                answer(connection)
        except OSError:
            return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()
        thread.join(5)


def drip(head: bytes, then: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for _byte in range(100):
            connection.sendall(then)
            time.sleep(0.05)

    return answer


def silent(connection: socket.socket) -> None:
    time.sleep(1)


@pytest.mark.parametrize(
    "answer",
    [
        silent,
        drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        drip(b"HTTP/1.1 200 OK\r\n\r\n", b"{"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"{"),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
    ],
    ids=["silent", "slow head", "slow body", "slow known length", "slow chunks"],
)
def test_a_slow_server_is_cut_off(answer: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with answering(answer) as url:
        with pytest.raises(Trouble) as caught:
            get(url, seconds=0.3)
        assert time.monotonic() - began < 2
    assert caught.value.code == "slow"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "offline"),
        (b"SSH-2.0-hello\r\n", "garbage"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "garbage"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (MOST_BYTES + 1), "garbage"),
    ],
    ids=["hangs up", "no http", "too short", "too long"],
)
def test_a_broken_answer_has_a_name(said: bytes, code: str) -> None:
    with answering(lambda connection: connection.sendall(said)) as url, pytest.raises(Trouble) as caught:
        get(url, seconds=2)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher", "http://", "http://a..b/", "http://127.0.0.1:99999/"]
)
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(Trouble) as caught:
        get(url)
    assert caught.value.code == "address"


def test_a_redirect_is_not_followed() -> None:
    with serving() as fake:
        fake.statuses = [302]
        assert get(f"{fake.address}/drive")[0] == 302
        assert len(fake.paths) == 1
