"""Not faster than allowed: a token bucket whose clock and sleep can be replaced."""

import time
from collections.abc import Callable


class Pace:
    """At most `per_second` on the long run, `burst` at once."""

    def __init__(
        self,
        per_second: float,
        burst: int = 1,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a pace is positive")
        self._rate, self._burst = per_second, float(burst)
        self.clock, self.sleep = clock, sleep
        self._tokens, self._last = float(burst), clock()

    def wait(self) -> None:
        """Return when one more may go."""
        self._fill()
        if self._tokens < 1:
            self.sleep((1 - self._tokens) / self._rate)
            self._fill()
        self._tokens -= 1

    def _fill(self) -> None:
        now = self.clock()
        self._tokens = min(self._burst, self._tokens + (now - self._last) * self._rate)
        self._last = now
