"""Which days of a stretch are for school, which for families, which for nobody."""

from collections.abc import Iterator
from datetime import date
from typing import Literal

from koumen.registry.models import CalendarDay
from koumen.registry.queries import calendar

DayKind = Literal["weekday", "weekend", "off"]


def days(first: date, last: date) -> Iterator[tuple[date, DayKind]]:
    """Every day from `first` to `last` with its kind; make-up workdays are weekdays, public holidays are off.

    The school's own calendar wins over the national one; a school day off or an exam day is left out altogether.
    """
    own = calendar.calendar(first, last).own
    for day in calendar.days(first, last):
        yield day, _kind(day, own.get(day, ""))


def _kind(day: date, own: str) -> DayKind:
    if own:
        return "weekday" if own == CalendarDay.Kind.WORK else "off"
    if calendar.is_workday(day):
        return "weekday"
    return "off" if calendar.holiday(day) else "weekend"
