"""Runs of HiGHS that can be given up at once.

HiGHS asks its callbacks only now and then, up to seconds apart in a large presolve. So it runs in a thread of its own:
the caller goes on at once, and the thread ends at the next callback with nobody looking at what it found.
"""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import highspy

ASK_EVERY = 0.02  # seconds


class GivenUp(Exception):
    """The caller did not want to wait any longer."""


def never() -> bool:
    """Nobody gives up."""
    return False


def run_unless(solver: highspy.Highs, cancelled: Callable[[], bool]) -> None:
    """Run the solver. Raises `GivenUp` once `cancelled` is true; the solver must not be touched any more then."""
    given_up, done = Event(), Event()

    def heed(event: Any) -> None:
        if given_up.is_set():
            event.interrupt()

    def work() -> None:
        try:
            solver.run()
        finally:
            done.set()

    if cancelled():
        raise GivenUp
    solver.cbMipInterrupt += heed
    solver.cbSimplexInterrupt += heed
    Thread(target=work, name="highs").start()
    while not done.wait(ASK_EVERY):
        if cancelled():
            given_up.set()
            raise GivenUp
