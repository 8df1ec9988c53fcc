"""Which children of a class a task number still waits for, and which are counted apart and why."""

from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable

from koumen.registry.models import Enrolment, SchoolClass, Student
from koumen.visits.models import Mode, Target, Visit, VisitStudent
from koumen.visits.presets.record import Fallback
from koumen.visits.queries.coverage import WILL_OF_FAMILY, Window
from koumen.visits.queries.reach import Season

MOST = 300  # children of one class
SHOWS = ("missing", "apart", "all")
LEFT = (Student.State.SUSPENDED, Student.State.MOVED, Student.State.DROPPED)
# the family's will, in words
WHY = dict(Visit.NotVisited.choices) | dict(Fallback.choices)


def _seen(window: Window) -> "QuerySet[VisitStudent]":
    """What was arranged with a child in this stretch."""
    first, after = window.bounds
    return VisitStudent.objects.filter(student=OuterRef("pk"), visit__starts_at__gte=first, visit__starts_at__lt=after)


def _met(window: Window) -> "QuerySet[VisitStudent]":
    return _seen(window).filter(visit__state=Visit.State.RECORDED).exclude(visit__mode=Mode.OTHER)


def _apart(window: Window) -> Q:
    """Met, not at the door, by the family's own wish."""
    will = Q(visit__not_visited__in=WILL_OF_FAMILY) | Q(visit__record__fallback_reason__in=WILL_OF_FAMILY)
    at_door = _met(window).filter(visit__mode=Mode.DOOR)
    return Q(Exists(_met(window))) & ~Q(Exists(at_door)) & Q(Exists(_seen(window).filter(will)))


def children(asked: Season, school_class: SchoolClass) -> Any:
    """The class's children with what is missing of each (`no_visit`, `no_door`, `no_key_door`), what is `apart`, and
    when and how they were met last."""
    needs = {(rule.scope, rule.indicator): asked.windows[rule.period] for rule in asked.asked}
    never: Combinable = Value(False, output_field=BooleanField())
    visit = needs.get(("class", "all_mode_rate"))
    new = needs.get(("new", "all_mode_rate"))
    door, key = needs.get(("student", "door_visits")), needs.get(("key", "door_visits"))
    about = Target.objects.filter(student=OuterRef("pk"), campaign=asked.campaign)
    rows = (
        Student.objects.enrolled()
        .filter(school_class=school_class)
        .annotate(is_key=Exists(about.filter(is_key=True)), strict=Exists(about.filter(door_only=True)))
    )
    apart = _apart(door or asked.windows["year"])
    rows = rows.annotate(
        apart=apart,
        no_visit=~Exists(_met(visit)) if visit else never,
        no_new=Q(is_new=True) & ~Q(Exists(_met(new))) if new else never,
        no_door=~Q(Exists(_met(door).filter(visit__mode=Mode.DOOR))) & ~apart if door else never,
        no_key_door=Q(is_key=True)
        & ~Q(Exists(_met(key).filter(visit__mode=Mode.DOOR)))
        & ~(Q(strict=False) & _apart(key))
        if key
        else never,
    )
    return _last(rows, asked.windows["year"]).order_by("class_no", "id")[:MOST]


def _last(rows: Any, year: Window) -> Any:
    met = _met(year).order_by("-visit__starts_at")
    seen = _seen(year).order_by("-visit__starts_at")
    declined = seen.filter(visit__not_visited__in=WILL_OF_FAMILY).values("visit__not_visited")
    wished = seen.filter(visit__record__fallback_reason__in=WILL_OF_FAMILY).values("visit__record__fallback_reason")
    return rows.annotate(
        met_at=Subquery(met.values("visit__starts_at")[:1]),
        met_mode=Subquery(met.values("visit__mode")[:1]),
        declined=Subquery(declined[:1]),
        wished=Subquery(wished[:1]),
    )


def shows(child: Any, show: str) -> bool:
    """Whether this list holds the child: those somebody still has to see, those apart, or all."""
    if show == "missing":
        return bool(child.no_visit or child.no_new or child.no_door or child.no_key_door)
    return bool(child.apart) if show == "apart" else True


def why_apart(child: Any) -> str:
    """What the family wished, in words."""
    code = child.declined or child.wished or ""
    return str(WHY.get(code, ""))


def left(school_class: SchoolClass, year: Window) -> "QuerySet[Student]":
    """Children who left the class in this school year, for a while or for good: no number asks for them."""
    stay = Enrolment.objects.filter(student=OuterRef("pk"), school_class=school_class, starts__lte=year.last)
    stay = stay.filter(Q(ends__gte=year.first) | Q(ends=None))
    return Student.objects.filter(Exists(stay), state__in=LEFT).order_by("class_no", "id")
