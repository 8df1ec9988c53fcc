"""Which days of a stretch are for school, which for families, which for nobody."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

import chinese_calendar

from koumen.registry.models import CalendarDay

DayKind = Literal["weekday", "weekend", "off"]


def days(first: date, last: date) -> Iterator[tuple[date, DayKind]]:
    """Every day from `first` to `last` with its kind; make-up workdays are weekdays, public holidays are off.

    The school's own calendar wins over the national one; a school day off or an exam day is left out altogether.
    """
    own = dict(CalendarDay.objects.filter(date__range=(first, last)).values_list("date", "kind"))
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        match own.get(day):
            case CalendarDay.Kind.WORK:
                yield day, "weekday"
            case CalendarDay.Kind.OFF | CalendarDay.Kind.EXAM:
                yield day, "off"
            case _:
                yield day, national(day)


def national(day: date) -> DayKind:
    """The kind by the national calendar. Beyond the years already announced: Monday to Friday are weekdays."""
    try:
        is_work, (is_off, holiday) = (
            chinese_calendar.is_workday(day),
            chinese_calendar.get_holiday_detail(day),
        )
    except NotImplementedError:
        return "weekday" if day.weekday() < 5 else "weekend"
    if is_work:
        return "weekday"
    return "off" if is_off and holiday else "weekend"
