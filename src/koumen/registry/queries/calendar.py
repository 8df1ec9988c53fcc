"""School days: the national calendar with its holidays and make-up workdays, then the school's own days over it.

Holidays are known up to the year the State Council has announced; later years fall back to weekends, and
`Calendar.announced` says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar

from koumen.core import clock
from koumen.registry.models import CalendarDay, SchoolYear, Term

LAST_ANNOUNCED = max(chinese_calendar.constants.holidays).year


@dataclass(frozen=True)
class Calendar:
    """A stretch of days. `own` are the school's differences; `terms` (from, to) bound the days of teaching."""

    own: Mapping[date, str] = field(default_factory=dict)
    terms: tuple[tuple[date, date], ...] = ()

    def is_school_day(self, day: date) -> bool:
        """Whether the school teaches on that day: own days first, then terms, then the national calendar."""
        kind = self.own.get(day)
        if kind is not None:
            return bool(kind != CalendarDay.Kind.OFF)
        if self.terms and not any(starts <= day <= ends for starts, ends in self.terms):
            return False
        return is_workday(day)

    def is_exam_day(self, day: date) -> bool:
        """Whether the school has exams on that day (no visits then)."""
        return bool(self.own.get(day) == CalendarDay.Kind.EXAM)

    def is_make_up(self, day: date) -> bool:
        """A Saturday or Sunday on which the school teaches."""
        return day.weekday() >= 5 and self.is_school_day(day)

    def school_days(self, first: date, last: date) -> list[date]:
        """The days of teaching between two dates, both included."""
        return [day for day in days(first, last) if self.is_school_day(day)]

    def add_school_days(self, day: date, count: int) -> date:
        """The day on which `count` further school days have passed (at most a year ahead)."""
        for _day in range(366):
            if count <= 0:
                break
            day += timedelta(days=1)
            count -= self.is_school_day(day)
        return day

    def announced(self, day: date) -> bool:
        """Whether the holidays of that year are known."""
        return bool(day.year <= LAST_ANNOUNCED)


def days(first: date, last: date) -> Iterable[date]:
    """Every day between two dates, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def is_workday(day: date) -> bool:
    """The national calendar, make-up workdays included; weekdays where it is not announced yet."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def holiday(day: date) -> str:
    """The Chinese name of the public holiday on that day, or ""."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return ""
    return chinese_calendar.Holiday(name).chinese if off and name else ""


def calendar(first: date, last: date) -> Calendar:
    """The school's calendar of these days (two queries)."""
    own = CalendarDay.objects.filter(date__range=(first, last)).values_list("date", "kind")
    terms = Term.objects.filter(starts__lte=last, ends__gte=first).values_list("starts", "ends")
    return Calendar(dict(own), tuple(terms))


def current_year() -> SchoolYear | None:
    """The school year of today; between two years, the next one."""
    today = clock.today()
    return SchoolYear.objects.filter(ends__gte=today).order_by("starts").first()


def current_term() -> Term | None:
    """The term of today; between two terms, the next one."""
    today = clock.today()
    return Term.objects.filter(ends__gte=today).order_by("starts").first()


def term_of(day: date) -> tuple[date, date]:
    """First and last day of the term a day lies in; without a calendar, half years from September and February."""
    term = Term.objects.filter(starts__lte=day, ends__gte=day).order_by("starts").first()
    if term is not None:
        return term.starts, term.ends
    if 2 <= day.month <= 8:
        return date(day.year, 2, 1), date(day.year, 8, 31)
    year = day.year if day.month >= 9 else day.year - 1
    return date(year, 9, 1), date(year + 1, 2, 1) - timedelta(days=1)
