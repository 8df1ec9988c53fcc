"""What is on file about the families of a visit, by what its reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from koumen.care.models import Finding, Measure
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag, Guardianship, Role, Staff, Student
from koumen.registry.policies import Sight, sight_of_child
from koumen.registry.presets import categories
from koumen.registry.presets.categories import ORDINARY, SEALED
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Remark, Visit, VisitRecord
from koumen.visits.policies.visits import may_read

MOST_REMARKS = 200
TEACHING = ("class_teacher", "subject_teacher")


@dataclass(frozen=True)
class Adult:
    """One adult as the page shows it."""

    relation: str
    name: str
    phone_masked: str
    gets_notices: bool


@dataclass(frozen=True)
class Teacher:
    """A colleague who may be asked for a line."""

    pk: int
    name: str


@dataclass(frozen=True)
class Child:
    """One child of the visit: what of its file is open to the reader."""

    student: Student
    adults: list[Adult]
    tags: list[str]
    has_more: bool  # something sealed is on file; it is read there, never here
    measures: list[Measure]
    reasons: list[str]


@dataclass(frozen=True)
class OnFile:
    """All that a preparation reads."""

    children: list[Child]
    codes: list[str]
    last: VisitRecord | None
    last_on: date | None
    remarks: list[Remark]
    teachers: list[Teacher]  # whom one may ask
    is_key: bool
    wishes: list[str] = field(default_factory=list)


def children_of(visit: Visit) -> list[Student]:
    rows = Student.objects.filter(visits__visit=visit).select_related("school_class", "household")
    return list(rows.order_by("school_class_id", "pk"))


def on_file(actor: Actor, visit: Visit) -> OnFile:
    """Read for one visit and one reader. Asks for `household` and `school_class` with the visit."""
    children = _children_with_file(actor, visit)
    sight = {child.pk: sight_of_child(actor, child) for child in children}
    adults = Guardianship.objects.filter(student__in=children, ends=None).select_related("guardian")
    by_adult = _by_child(adults.order_by("order", "pk"))
    measures = _by_child(Measure.objects.open().told().filter(student__in=children).select_related("owner"))
    told: list[Child] = []
    codes: list[str] = []
    for child in children:
        flags: list[tuple[str, int]] = [(one["category"], one["sensitivity"]) for one in child.flags_now]
        seen = [category for category, level in flags if _shows(level, sight[child.pk])]
        codes += seen
        full = sight[child.pk] == Sight.FULL
        told.append(
            Child(
                child,
                [_adult(one) for one in by_adult.get(child.pk, [])],
                [categories.name(category) for category in seen],
                full and any(level >= SEALED for _category, level in flags),
                measures.get(child.pk, []),
                [categories.name(category) for category in child.reasons or ()],
            )
        )
    last = _last(visit)
    return OnFile(
        told,
        codes,
        last if last is not None and may_read(actor, last.visit, children) else None,
        clock.local(last.visit.starts_at).date() if last and last.visit.starts_at else None,
        list(remarks_of(visit)),
        _others(children, but=actor.member_id),
        visit.kind == Visit.Kind.KEY or any(categories.sensitivity(code) > ORDINARY for code in codes),
        _wishes(visit),
    )


def _children_with_file(actor: Actor, visit: Visit) -> list[Any]:
    """The visit's children, with their tags, open problems and teachers: small lists, all told in one question."""
    today = clock.today()
    mine, fields = OuterRef("pk"), JSONObject(category="category", sensitivity="sensitivity")
    flags = Flag.objects.current(today).filter(student=mine).order_by("category").values(told=fields)
    reasons = Finding.objects.open().visible_to(actor).filter(student=mine).values("category")
    posts = Role.objects.current(today).filter(
        school_class=OuterRef("school_class"), post__in=TEACHING, staff__is_active=True
    )
    teachers = posts.order_by().values(told=JSONObject(pk="staff_id", name="staff__name"))
    rows: Any = (
        Student.objects.filter(visits__visit=visit)
        .select_related("school_class", "household")
        .annotate(flags_now=ArraySubquery(flags), reasons=ArraySubquery(reasons), taught_by=ArraySubquery(teachers))
    )
    return list(rows.order_by("school_class_id", "pk"))


def _others(children: list[Any], *, but: int | None) -> list[Teacher]:
    """The children's teachers, without the one who asks."""
    known = {one["pk"]: one["name"] for child in children for one in child.taught_by if one["pk"] != but}
    return [Teacher(pk, name) for pk, name in sorted(known.items(), key=lambda one: (one[1], one[0]))]


def _shows(sensitivity: int, sight: Sight) -> bool:
    """A sealed category is never shown here; others to whoever has the file open, ordinary ones to every teacher."""
    if sensitivity >= SEALED:
        return False
    return sight == Sight.FULL or (sight == Sight.SHARED and sensitivity == ORDINARY)


def _adult(one: Guardianship) -> Adult:
    relation = str(RELATIONS.get(one.relation, one.relation))
    return Adult(relation, one.guardian.name, one.guardian.phone_masked, one.gets_notices)


def _by_child(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.student_id, []).append(row)
    return found


def _last(visit: Visit) -> VisitRecord | None:
    rows = VisitRecord.objects.filter(visit__household=visit.household_id).exclude(visit=visit)
    return rows.select_related("visit__lead").order_by("-visit__starts_at").first()


def _wishes(visit: Visit) -> list[str]:
    """What the family asked for, as its household has it."""
    home = visit.household
    said = [str(home.get_pattern_display())] if home.pattern != home.Pattern.ANY else []
    said += [str(home.get_asks_gender_display())] if home.asks_gender else []
    return said + ([home.asks_language] if home.asks_language else [])


def teachers_of(children: list[Student], *, but: int | None) -> list[Staff]:
    """The children's teachers today, without the one who asks."""
    posts = Role.objects.current(clock.today()).filter(
        school_class__in=[child.school_class_id for child in children],
        post__in=TEACHING,
        staff__is_active=True,
    )
    return list(Staff.objects.filter(pk__in=posts.values("staff_id")).exclude(pk=but or 0).order_by("name", "pk"))


def remarks_of(visit: Visit) -> "QuerySet[Remark]":
    """What was asked for this visit, answered first."""
    rows: QuerySet[Remark] = Remark.objects.filter(visit=visit).select_related("student", "teacher")
    return rows.order_by("answered_at", "student_id", "pk")[:MOST_REMARKS]


def asked_of(staff_id: int | None) -> "QuerySet[Remark]":
    """What waits for somebody's line."""
    rows: QuerySet[Remark] = Remark.objects.waiting_for(staff_id)
    return rows.select_related("student__school_class", "asked_by", "visit").order_by("asked_at", "pk")
