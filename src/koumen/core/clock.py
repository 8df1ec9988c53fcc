"""The time, from one place, so that tests and the demo can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

ZONE = ZoneInfo("Asia/Shanghai")
_set: ContextVar[datetime | None] = ContextVar("koumen_clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _set.get() or timezone.now()


def today() -> date:
    """The current date in China."""
    return now().astimezone(ZONE).date()


def local(moment: datetime) -> datetime:
    """A moment as clocks in China show it."""
    return moment.astimezone(ZONE)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let `now()` say `moment` inside the block. A naive moment is read as China's time."""
    token = _set.set(moment if moment.tzinfo else moment.replace(tzinfo=ZONE))
    try:
        yield
    finally:
        _set.reset(token)
