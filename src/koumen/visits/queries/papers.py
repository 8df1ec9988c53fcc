"""Which visits of a class are printed."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Prefetch

from koumen.core import clock
from koumen.registry.models import Guardianship, SchoolClass
from koumen.visits.models import VisitStaff, VisitStudent
from koumen.visits.queries.visits import months_with_records, records_of_class


def to_print(school_class: SchoolClass, first: date, last: date) -> Any:
    """Recorded visits of a class between two days, oldest first, with all that a paper needs."""
    return with_papers(records_of_class(school_class, first, last)).order_by("starts_at", "id")


def with_papers(rows: Any) -> Any:
    """Visits together with all that their papers need: nothing is asked again for each of them."""
    return rows.select_related("record__question_form", "lead", "school_class").prefetch_related(
        Prefetch("students", VisitStudent.objects.select_related("student__school_class").order_by("pk")),
        Prefetch("students__student__guardianships", Guardianship.objects.select_related("guardian")),
        Prefetch("companions", VisitStaff.objects.select_related("staff").order_by("pk")),
        "record__files",
    )


def children_in(visits: Any) -> int:
    """How many children these visits are about."""
    about = VisitStudent.objects.filter(visit__in=visits.order_by().values("pk"))
    return int(about.aggregate(n=Count("student", distinct=True))["n"])


def months(school_class: SchoolClass) -> list[date]:
    """First days of the months from the class's oldest record to now, newest first; at most twelve."""
    oldest = months_with_records(school_class)
    found: list[date] = []
    month = clock.today().replace(day=1)
    while oldest and month >= oldest.replace(day=1) and len(found) < 12:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
