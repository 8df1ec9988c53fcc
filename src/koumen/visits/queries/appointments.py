"""What the pages of appointments read."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from koumen.core import clock
from koumen.registry.models import Guardian, Guardianship, SchoolClass
from koumen.visits.models import Appointment, Visit, VisitStudent
from koumen.visits.queries.offers import AHEAD

State = Visit.State
MOST_MEETINGS = 500
WAITING = ("other_time", "other_mode")  # for the teacher
SHOWN = ("todo", "asked", "agreed", "declined", "fresh")


def _current(school_class: SchoolClass) -> "QuerySet[Visit]":
    """Visits of the class that are to come, or whose answer still counts."""
    rows: QuerySet[Visit] = Visit.objects.filter(school_class=school_class)
    still = Q(starts_at=None) | Q(starts_at__gte=clock.now() - timedelta(days=1))
    return rows.filter(still, state__in=(State.PLANNED, State.POSTPONED, State.DECLINED))


def to_ask(school_class: SchoolClass) -> "QuerySet[Visit]":
    """Planned visits nobody was asked about yet, in good time."""
    rows = _current(school_class).filter(_askable())
    return rows.select_related("campaign", "stop__outing__slot").order_by("starts_at", "pk")


def _askable() -> Q:
    asked = Appointment.objects.filter(visit=OuterRef("pk"))
    in_time = Q(starts_at=None, campaign__isnull=False) | Q(starts_at__gte=clock.now() + AHEAD)
    return in_time & ~Exists(asked) & Q(state=State.PLANNED)


def of_class(school_class: SchoolClass, show: str = "") -> "QuerySet[Visit]":
    """The class's visits with their families' answers; those that wait for the teacher first."""
    live: QuerySet[Appointment] = Appointment.objects.live().select_related("answered_by")
    children: QuerySet[VisitStudent] = VisitStudent.objects.select_related("student")
    rows = _current(school_class)
    here = Appointment.objects.filter(visit=OuterRef("pk"))
    if show in SHOWN:
        rows = rows.filter(_standing()[show])
    waits = Exists(here.filter(closed_at=None, state__in=WAITING))
    rows = rows.annotate(waits=waits).select_related("lead", "stop__outing__slot")
    return rows.prefetch_related(Prefetch("students", children), Prefetch("appointments", live)).order_by(
        "-waits", "starts_at", "pk"
    )


def counts(school_class: SchoolClass) -> dict[str, int]:
    """How many of the class's visits stand where; `all` of them, and how many can be asked now."""
    numbers = {show: Count("pk", filter=rule) for show, rule in _standing().items()}
    found: dict[str, int] = _current(school_class).aggregate(
        **numbers, all=Count("pk"), askable=Count("pk", filter=_askable())
    )
    return found


def _standing() -> dict[str, Any]:
    """What it means to stand where."""
    here = Appointment.objects.filter(visit=OuterRef("pk"), closed_at=None)
    declined = Q(state=State.DECLINED)
    return {
        "todo": Exists(here.filter(state__in=WAITING)),
        "asked": Exists(here.filter(state="asked")),
        "agreed": Exists(here.filter(state="agreed")),
        "declined": declined,
        "fresh": ~Exists(here) & ~declined,
    }


def open_of_class(school_class: SchoolClass, visit: Visit | None = None) -> "QuerySet[Appointment]":
    """Appointments that wait for the family's answer."""
    rows = Appointment.objects.live().filter(state=Appointment.State.ASKED, visit__in=_current(school_class))
    if visit is not None:
        rows = rows.filter(visit=visit)
    return rows.select_related("visit__lead").prefetch_related("visit__students__student").order_by("pk")


def ties_to_tell(visits: "list[Visit]") -> "dict[Any, list[Guardianship]]":
    """By visit: the adults of its children who get notices, each once, the first first."""
    rows = Guardianship.objects.filter(student__visits__visit__in=visits, ends=None, gets_notices=True)
    found: dict[Any, dict[int, Guardianship]] = {visit.pk: {} for visit in visits}
    for row in rows.distinct().select_related("guardian").prefetch_related("student__visits").order_by("order", "pk"):
        for about in row.student.visits.all():
            if about.visit_id in found:
                found[about.visit_id].setdefault(row.guardian_id, row)
    return {visit: list(adults.values()) for visit, adults in found.items()}


def guardians_to_tell(visit: Visit) -> list[Guardian]:
    """The adults of this visit's children who get notices."""
    return [tie.guardian for tie in ties_to_tell([visit])[visit.pk]]


def meetings_of(staff_id: int | None) -> list[Appointment]:
    """What somebody has agreed with families that needs no way: talks by phone, on a screen or at school."""
    rows = Appointment.objects.live().filter(state=Appointment.State.AGREED, visit__lead=staff_id or 0)
    rows = rows.filter(visit__stop=None, visit__state=State.PLANNED, starts_at__gte=clock.now() - timedelta(days=1))
    return list(rows.select_related("visit__school_class").order_by("starts_at")[:MOST_MEETINGS])
