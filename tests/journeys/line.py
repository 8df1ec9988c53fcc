"""A bad line between a phone and a site: a TCP relay that cuts each connection after so many bytes upwards."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.journeys.site import Site, free_port

CHUNK = 4096


class Line:
    """`cut`: bytes a connection may carry from the phone before it is cut; 0 lets everything pass.

    `mute`: nothing of what the site answers comes back, as when the signal is gone in that moment.
    """

    def __init__(self, site: Site) -> None:
        self.to = int(site.address.rsplit(":", 1)[1])
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.cut, self.mute, self.cuts, self.ended = 0, False, 0, False
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while not self.ended:
            with suppress(OSError):
                phone, _address = self.door.accept()
                site = socket.create_connection(("127.0.0.1", self.to))
                threading.Thread(target=self._up, args=(phone, site), daemon=True).start()
                threading.Thread(target=self._down, args=(site, phone), daemon=True).start()

    def _up(self, phone: socket.socket, site: socket.socket) -> None:
        carried = 0
        with suppress(OSError):
            while content := phone.recv(CHUNK):
                room = self.cut - carried if self.cut else len(content)
                site.sendall(content[:room])
                carried += len(content)
                if self.cut and carried >= self.cut:
                    self.cuts += 1
                    break
        _hang_up(phone, site)

    def _down(self, site: socket.socket, phone: socket.socket) -> None:
        with suppress(OSError):
            while content := site.recv(CHUNK):
                if self.mute:
                    self.cuts += 1
                    break
                phone.sendall(content)
        _hang_up(site, phone)

    def hang_up(self) -> None:
        """Take no more calls."""
        self.ended = True
        self.door.close()


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


@contextmanager
def bad_line(site: Site) -> Iterator[Line]:
    """A line to the site that a test may cut."""
    line = Line(site)
    try:
        yield line
    finally:
        line.hang_up()
