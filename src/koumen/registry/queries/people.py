"""What the pages of classes, children and staff read. How much of a child is shown is decided by `Sight` alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import (
    Account,
    FileOpening,
    Flag,
    Guardianship,
    Role,
    SchoolClass,
    Staff,
    Student,
)
from koumen.registry.policies import Sight
from koumen.registry.presets import categories
from koumen.registry.presets.categories import ORDINARY, SEALED
from koumen.registry.presets.codes import COMMUTES, ETHNIC_GROUPS, RELATIONS

NOTED_FOR = timedelta(days=90)


@dataclass(frozen=True)
class GuardianLine:
    """One adult as a page shows it; what is not open is empty."""

    pk: int
    relation: str
    name: str = ""
    phone_masked: str = ""

    @property
    def key(self) -> str:
        """How the page asks for this adult's clear number."""
        return str(self.pk)


@dataclass(frozen=True)
class ChildLine:
    """One child of a class list."""

    pk: int
    name: str
    class_no: str
    gender: str
    is_new: bool
    guardians: list[GuardianLine] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # of apps above


@dataclass(frozen=True)
class ChildFile:
    """One child's page."""

    student: Student
    sight: Sight
    guardians: list[GuardianLine]
    tags: list[str]
    sealed: int
    siblings: list[Student]
    openings: list[FileOpening]
    ethnicity: str
    commute: str


def class_teachers() -> "Prefetch[str, QuerySet[Role], str]":
    """Read along `teachers_now` of classes: the roles of today's class teachers."""
    rows: QuerySet[Role] = Role.objects.current(clock.today()).filter(post="class_teacher").select_related("staff")
    return Prefetch("roles", queryset=rows, to_attr="teachers_now")


def classes_in_sight(actor: Actor) -> "QuerySet[Any]":
    """Open classes in sight, with their numbers and class teachers."""
    there = Q(students__state=Student.State.ENROLLED)
    rows: QuerySet[SchoolClass] = SchoolClass.objects.visible_to(actor).open()
    return rows.select_related("grade").annotate(
        on_roll=Count("students", filter=there),
        boarders=Count("students", filter=there & Q(students__boarding=Student.Boarding.BOARDER)),
        newcomers=Count("students", filter=there & Q(students__is_new=True)),
    ).prefetch_related(class_teachers())  # fmt: skip


def children_named(actor: Actor, words: str) -> "QuerySet[Student]":
    """Children on roll in sight whose name has these letters."""
    rows: QuerySet[Student] = Student.objects.visible_to(actor).enrolled().filter(name__icontains=words)
    return rows.select_related("school_class").order_by("school_class_id", "class_no", "id")


def children_of(school_class: SchoolClass) -> "QuerySet[Student]":
    """The class's children on roll, in the order of their numbers."""
    rows: QuerySet[Student] = Student.objects.enrolled().filter(school_class=school_class)
    return rows.order_by("class_no", "id")


def with_family(rows: "QuerySet[Student]", sight: Sight) -> "QuerySet[Student]":
    """Read along what lines of this sight show, and nothing more."""
    return rows.prefetch_related(*_family(sight))


def _family(sight: Sight) -> list[Any]:
    if sight < Sight.SHARED:
        return []
    adults = Guardianship.objects.filter(ends=None).select_related("guardian").order_by("order", "id")
    flags: QuerySet[Flag] = Flag.objects.current(clock.today()).filter(sensitivity__lt=_ceiling(sight))
    return [
        Prefetch("guardianships", queryset=adults, to_attr="adults_now"),
        Prefetch("flags", queryset=flags.order_by("category"), to_attr="flags_now"),
    ]


def _ceiling(sight: Sight) -> int:
    """Flags below this sensitivity are shown; sealed ones never in lists."""
    return SEALED if sight == Sight.FULL else ORDINARY + 1


def lines(rows: Iterable[Student], sight: Sight, marks: Mapping[int, list[str]] | None = None) -> list[ChildLine]:
    """Children as a list shows them to somebody of this sight, with the words other apps put beside some."""
    return [
        ChildLine(
            pk=child.pk,
            name=child.name,
            class_no=child.class_no,
            gender=child.get_gender_display(),
            is_new=child.is_new,
            guardians=_guardians(getattr(child, "adults_now", []), sight),
            tags=_tags(getattr(child, "flags_now", [])),
            marks=(marks or {}).get(child.pk, []),
        )
        for child in rows
    ]


def _guardians(rows: Iterable[Guardianship], sight: Sight) -> list[GuardianLine]:
    full = sight == Sight.FULL
    return [
        GuardianLine(
            pk=row.pk,
            relation=str(RELATIONS.get(row.relation, row.relation)),
            name=row.guardian.name if full else "",
            phone_masked=row.guardian.phone_masked if full else "",
        )
        for row in rows
    ]


def _tags(flags: Iterable[Flag]) -> list[str]:
    return [categories.name(flag.category) for flag in flags]


def files() -> "QuerySet[Student]":
    """Children as their own pages begin with them, with how many sealed flags they have.

    Also whether there are siblings and openings to be read at all.
    """
    flags = Flag.objects.current(clock.today()).filter(student=OuterRef("pk"), sensitivity=SEALED)
    counted = flags.order_by().values("student").annotate(n=Count("pk")).values("n")
    siblings = Student.objects.enrolled().filter(household=OuterRef("household")).exclude(pk=OuterRef("pk"))
    recent = FileOpening.objects.filter(student=OuterRef("pk"), opened_at__gt=clock.now() - NOTED_FOR)
    rows: QuerySet[Student] = Student.objects.select_related("school_class__grade", "household__place")
    return rows.annotate(sealed=Subquery(counted), has_siblings=Exists(siblings), was_opened=Exists(recent))


def child_file(student: Any, sight: Sight) -> ChildFile:
    """Everything one child's page shows to somebody of this sight; the child is one of `files()`."""
    prefetch_related_objects([student], *_family(sight))
    full = sight == Sight.FULL
    siblings: Any = Student.objects.enrolled().filter(household_id=student.household_id).exclude(pk=student.pk)
    recent = FileOpening.objects.filter(student=student, opened_at__gt=clock.now() - NOTED_FOR)
    return ChildFile(
        student=student,
        sight=sight,
        guardians=_guardians(getattr(student, "adults_now", []), sight),
        tags=_tags(getattr(student, "flags_now", [])),
        sealed=student.sealed or 0 if full else 0,
        siblings=list(siblings.select_related("school_class")) if full and student.has_siblings else [],
        openings=list(recent[:10]) if full and student.was_opened else [],
        ethnicity=ETHNIC_GROUPS.get(student.ethnicity, ""),
        commute=str(COMMUTES.get(student.commute, student.commute)),
    )


def staff_list(words: str = "", post: str = "", *, without_account: bool = False) -> "QuerySet[Staff]":
    """People in service, by name, with the posts they hold today."""
    now: QuerySet[Role] = (
        Role.objects.current(clock.today()).select_related("school_class", "grade").order_by("post", "id")
    )
    rows: QuerySet[Staff] = Staff.objects.filter(is_active=True)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(number__iexact=words))
    if post:
        rows = rows.filter(pk__in=now.order_by().filter(post=post).values("staff_id"))
    if without_account:
        rows = rows.filter(account_id=None)
    return rows.prefetch_related(Prefetch("roles", queryset=now, to_attr="roles_now"))


def roles_of(staff: Staff) -> list[Role]:
    """Every post of somebody, the latest first."""
    return list(staff.roles.select_related("school_class", "grade").order_by("-starts", "-id")[:100])


def account_of(staff: Staff) -> Account | None:
    """The account somebody signs in with."""
    return Account.objects.filter(pk=staff.account_id).first() if staff.account_id else None
