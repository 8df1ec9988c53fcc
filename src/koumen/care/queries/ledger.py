"""台账: the problems found with children, as lists with names and as numbers without.

Categories of sensitivity 3 stand in no list and no file; in numbers only from five children on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When

from koumen.care.models import Finding
from koumen.core.actor import Actor
from koumen.registry.models import Role, SchoolClass, Staff
from koumen.registry.policies import LEADERS
from koumen.registry.presets.categories import CATEGORIES, SEALED, name, sensitivity

SEALED_CODES = tuple(code for code in CATEGORIES if sensitivity(code) >= SEALED)
SMALLEST_SHOWN = 5
STATES = (Finding.State.OPEN, Finding.State.CLOSED)


@dataclass(frozen=True)
class Filters:
    """What of the ledger is wanted; None and "" leave a filter out. `state` "all" is both states."""

    state: str = Finding.State.OPEN
    grade: int | None = None
    school_class: int | None = None
    category: str = ""
    owner: int | None = None
    overdue: bool = False

    def as_wanted(self) -> dict[str, Any]:
        """As a list by two persons keeps it."""
        return dict(vars(self))

    @classmethod
    def of(cls, wanted: Mapping[str, Any]) -> "Filters":
        """From what was kept; unknown words are left out."""
        return cls(**{key: wanted[key] for key in cls.__dataclass_fields__ if key in wanted})


@dataclass(frozen=True)
class Line:
    """One problem as a list shows it; `days_over` counts from the day after it was due."""

    finding: Finding
    category: str
    owner: str
    days_over: int


def in_ledger(actor: Actor) -> "QuerySet[Finding]":
    """The problems this person may see in a list."""
    rows: QuerySet[Finding] = Finding.objects.visible_to(actor)
    return rows.exclude(state=Finding.State.WITHDRAWN).exclude(category__in=SEALED_CODES)


def _asked(filters: Filters, on: date) -> Q:
    """The filters as one condition."""
    wanted = Q()
    if filters.grade is not None:
        wanted &= Q(student__school_class__grade=filters.grade)
    if filters.school_class is not None:
        wanted &= Q(student__school_class=filters.school_class)
    if filters.category:
        wanted &= Q(category=filters.category)
    if filters.owner is not None:  # theirs by name, or nobody's by name in a class they lead
        led = Role.objects.current(on).filter(staff=filters.owner, post="class_teacher").values("school_class")
        wanted &= Q(owner=filters.owner) | Q(owner=None, student__school_class__in=led)
    if filters.overdue:
        return wanted & Q(state=Finding.State.OPEN, due__lt=on)
    return wanted & Q(state=filters.state) if filters.state in STATES else wanted


def chosen(actor: Actor, filters: Filters, on: date) -> "QuerySet[Finding]":
    """The problems asked for, what is overdue first, then what is due next, then what is closed."""
    rows = in_ledger(actor).filter(_asked(filters, on))
    if filters.state == Finding.State.CLOSED:
        return rows.order_by("-closed_at", "-id")
    open_first = Case(When(state=Finding.State.OPEN, then=Value(0)), default=Value(1))
    return rows.order_by("due", "id") if filters.state == Finding.State.OPEN else rows.order_by(open_first, "due", "id")


def with_names(rows: "QuerySet[Finding]") -> "QuerySet[Finding]":
    """With everything a line shows."""
    return rows.select_related("student__school_class", "owner", "found_by", "case", "closed_by")


def lines(rows: Iterable[Finding], on: date) -> list[Line]:
    """Lines of a page; who sees to it is the class teacher where nobody is named (one query)."""
    found = list(rows)
    leads = class_teachers({row.student.school_class_id for row in found if row.owner_id is None}, on)
    return [
        Line(
            row,
            name(row.category),
            row.owner.name if row.owner else leads.get(row.student.school_class_id or 0, ""),
            max((on - row.due).days, 0) if row.state == Finding.State.OPEN else 0,
        )
        for row in found
    ]


def class_teachers(classes: Iterable[int | None], on: date) -> dict[int, str]:
    """Name of each class's teacher today."""
    posts = Role.objects.current(on).filter(post="class_teacher", school_class__in=[pk for pk in classes if pk])
    return dict(posts.order_by("-pk").values_list("school_class_id", "staff__name"))


def numbers(actor: Actor, filters: Filters, on: date) -> dict[str, int]:
    """Raised, open, overdue, closed of what is in sight, and `shown` of what is asked for: one statement."""
    found: dict[str, int] = in_ledger(actor).aggregate(
        **_sums(on), shown=Count("pk", filter=_asked(filters, on), distinct=True)
    )
    return found


def _sums(on: date) -> dict[str, Count]:
    is_open = Q(state=Finding.State.OPEN)
    return {
        "raised": Count("pk"),
        "open": Count("pk", filter=is_open),
        "overdue": Count("pk", filter=is_open & Q(due__lt=on)),
        "closed": Count("pk", filter=Q(state=Finding.State.CLOSED)),
    }


def counted_for(actor: Actor) -> "QuerySet[Finding]":
    """The problems whose number this person may know: own classes, own grade, the whole school."""
    rows: QuerySet[Finding] = Finding.objects.exclude(state=Finding.State.WITHDRAWN).exclude(case__state="moved")
    if actor.holds("moral_office", *LEADERS):
        return rows
    grades, classes = actor.units("grade", "grade_head"), actor.units("class", "class_teacher")
    return rows.filter(Q(student__school_class__grade__in=grades) | Q(student__school_class__in=classes))


def by_class(actor: Actor, on: date) -> list[dict[str, Any]]:
    """Numbers of each class in sight, whether anything was found there or not: two statements."""
    found = counted_for(actor).exclude(category__in=SEALED_CODES).order_by().values("student__school_class")
    sums = {row["student__school_class"]: row for row in found.annotate(**_sums(on))}
    nothing = {"raised": 0, "open": 0, "overdue": 0, "closed": 0}
    rows = SchoolClass.objects.visible_to(actor).select_related("grade").filter(is_open=True)
    if not actor.holds("moral_office", *LEADERS):
        led = Q(grade__in=actor.units("grade", "grade_head"))
        rows = rows.filter(led | Q(pk__in=actor.units("class", "class_teacher")))
    return [{"unit": row, **(sums.get(row.pk) or nothing)} for row in rows]


def by_category(actor: Actor, on: date) -> list[dict[str, Any]]:
    """Numbers of each category; one that is sealed from five children on, and nothing but how many were raised."""
    found = counted_for(actor).order_by().values("category")
    sums: dict[str, Any] = {
        r["category"]: r for r in found.annotate(**_sums(on), children=Count("student", distinct=True))
    }
    rows = [
        {"name": name(code), "is_sealed": code in SEALED_CODES, **sums[code]} for code in CATEGORIES if code in sums
    ]
    return [row for row in rows if not row["is_sealed"] or row["children"] >= SMALLEST_SHOWN]


def children(rows: "QuerySet[Finding]") -> int:
    """How many children these problems are about."""
    return rows.order_by().values("student").distinct().count()


def owners(actor: Actor) -> "QuerySet[Staff]":
    """Who is named on a problem in sight, or leads a class in which one stands."""
    seen = in_ledger(actor)
    led = Role.objects.filter(
        staff=OuterRef("pk"), post="class_teacher", ends=None, school_class__in=seen.values("student__school_class")
    )
    return Staff.objects.filter(Q(pk__in=seen.values("owner")) | Exists(led)).order_by("name", "pk")
