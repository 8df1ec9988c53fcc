"""Flags of a child as somebody may see them, and those a term's start asks about."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag, FlagReader, Staff, Student
from koumen.registry.policies import may_see_sealed
from koumen.registry.presets import categories
from koumen.registry.presets.categories import SEALED


@dataclass(frozen=True)
class FlagLine:
    """One flag: `name` is the category in words."""

    flag: Flag
    name: str
    is_current: bool


@dataclass(frozen=True)
class FlagsOfChild:
    """What the page of a child's flags shows; `sealed` is how many are not shown."""

    lines: list[FlagLine] = field(default_factory=list)
    sealed: int = 0
    readers: list[FlagReader] = field(default_factory=list)


def line(flag: Flag, on: date) -> FlagLine:
    """A flag with its category in words."""
    is_current = flag.starts <= on and (flag.valid_until is None or flag.valid_until >= on)
    return FlagLine(flag, categories.name(flag.category), is_current)


def of_child(actor: Actor, student: Student) -> FlagsOfChild:
    """Every flag the child has or had; sealed ones only for the persons named."""
    today, named = clock.today(), may_see_sealed(actor, student)
    rows = list(Flag.objects.filter(student=student).prefetch_related("turns").order_by("category"))
    shown = [row for row in rows if row.sensitivity < SEALED or named]
    hidden = sum(1 for row in rows if row not in shown and (row.valid_until is None or row.valid_until >= today))
    readers = list(FlagReader.objects.live(today).filter(student=student).select_related("staff"))
    return FlagsOfChild([line(row, today) for row in shown], hidden, readers)


def to_renew(actor: Actor, on: date) -> "QuerySet[Flag]":
    """What this person is asked about: flags of the own class (of the school, for the office) that lapse.

    Sealed ones stand in no list; whoever is named for a child renews them on its page.
    """
    rows: QuerySet[Flag] = Flag.objects.to_renew(on).in_lists().filter(student__state=Student.State.ENROLLED)
    if not actor.holds("moral_office"):
        rows = rows.filter(student__school_class__in=actor.units("class", "class_teacher"))
    order = ("student__school_class__grade__level", "student__school_class__number", "student__class_no", "student_id")
    return rows.select_related("student__school_class").order_by(*order, "category")


def waiting_by_class(on: date) -> dict[int, int]:
    """How many flags lapse in each class, sealed ones not counted."""
    rows = Flag.objects.to_renew(on).in_lists().filter(student__state=Student.State.ENROLLED)
    counted = rows.values("student__school_class").annotate(n=Count("pk")).values_list("student__school_class", "n")
    return {pk: n for pk, n in counted if pk is not None}


def colleagues() -> "QuerySet[Staff]":
    """Who can be named a reader: the school's people who work with children."""
    held = Q(roles__ends=None) | Q(roles__ends__gte=clock.today())
    rows: QuerySet[Staff] = Staff.objects.filter(held, is_active=True).exclude(roles__post__endswith="_admin")
    return rows.distinct().order_by("name", "pk")
