"""How a long service tells how far it is, without knowing what a job is."""

from collections.abc import Callable
from dataclasses import dataclass


def _silent(done: int, total: int, text: str) -> None:
    """Nobody listens."""


def _never() -> None:
    """Nobody stops it."""


@dataclass(frozen=True)
class Watch:
    """`tell(done, total, text)` is shown to the person waiting; `stop()` raises when they pressed cancel."""

    tell: Callable[[int, int, str], None] = _silent
    stop: Callable[[], None] = _never
    rows_expected: int = 0

    def step(self, text: str, done: int = 0, total: int = 0) -> None:
        """A new stage of the work begins."""
        self.stop()
        self.tell(done, total, text)

    def rows(self, done: int, text: str = "") -> None:
        """So many rows are done."""
        if done % 2_000 == 0:
            self.stop()
        self.tell(done, max(self.rows_expected, done + 1), text)
