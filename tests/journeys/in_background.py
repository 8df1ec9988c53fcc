"""Something done in another thread while a test breaks what it needs."""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def later(work: Callable[[], T]) -> Callable[[], T]:
    """Begin now; the function it returns waits for the end and gives what came of it."""
    found: list[T] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()

    def ended() -> T:
        thread.join(60)
        return found[0]

    return ended
