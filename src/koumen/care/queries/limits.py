"""How long an opinion may take: school days by the school's calendar, days by the school's own rows or the preset."""

from datetime import date, timedelta
from statistics import median

from koumen.care.models import Opinion, OpinionLimit
from koumen.care.presets.topics import LIMITS, USUAL, Limit, Topic
from koumen.core import clock
from koumen.registry.queries.calendar import Calendar, calendar

AHEAD = timedelta(days=400)  # over the longest holidays


def limits() -> dict[str, Limit]:
    """Every topic's limit in this school."""
    own = {row.topic: Limit(row.days, row.extra_days) for row in OpinionLimit.objects.all()}
    return {topic.value: own.get(topic.value, LIMITS.get(topic, USUAL)) for topic in Topic}


def limit_of(topic: str) -> Limit:
    """One topic's limit."""
    return limits()[topic]


def last_day(first: date, days: int) -> date:
    """The day on which so many school days have passed since `first`."""
    return calendar(first, first + AHEAD).add_school_days(first, days)


def school_days_between(first: date, last: date, days: Calendar) -> int:
    """How many school days after `first`, up to `last`."""
    return sum(day > first for day in days.school_days(first, last))


def median_days(rows: "list[Opinion]") -> float | None:
    """The median of school days from arrival to answer; None when nothing is answered. Two queries."""
    spans = [
        (clock.local(row.received_at).date(), clock.local(row.answered_at).date()) for row in rows if row.answered_at
    ]
    if not spans:
        return None
    known = calendar(min(first for first, _last in spans), max(last for _first, last in spans))
    return float(median(school_days_between(first, last, known) for first, last in spans))
