"""What the pages of cases read. Who may read a case is asked by the policies; here only rows are found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseNote, CaseSeat, Finding, Measure, Progress
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CaseSight, reads_sealed
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.care.presets.cases import KEY, NEAR_THE_END
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.words import listed
from koumen.registry.models import Flag, Role, SchoolClass, Staff, Student
from koumen.registry.presets import categories

SINCE_THE_END = timedelta(days=60)  # and those that ended not longer ago
OPEN_CODES = [code for code in categories.CATEGORIES if categories.sensitivity(code) < categories.SEALED]
PRIORITY_STATES = [state for state in Case.State if state not in ("proposed", "closed", "moved")]


def in_lists(actor: Actor) -> "QuerySet[Case]":
    """Cases whose file is open to this person, without those of suspected harm, with their numbers."""
    today = clock.today()
    open_now = Q(measures__state=Measure.State.OPEN)
    rows: QuerySet[Case] = Case.objects.visible_to(actor).ordinary().exclude(state=Case.State.MOVED)
    return rows.select_related("student__school_class", "lead").annotate(
        open_measures=Count("measures", filter=open_now),
        overdue=Count("measures", filter=open_now & Q(measures__due__lt=today)),
        next_due=Min("measures__due", filter=open_now),
    )


def cases(actor: Actor, state: str = "", school_class: SchoolClass | None = None) -> "QuerySet[Case]":
    """The list: what is late first, then what presses."""
    rows = in_lists(actor)
    if state == "closing":
        rows = rows.exclude(state__in=("closed",)).exclude(close_asked_by=None)
    elif state:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state="closed")
    if school_class is not None:
        rows = rows.filter(student__school_class=school_class)
    return rows.order_by(F("overdue").desc(), "-level", F("next_due").asc(nulls_last=True), "-opened_on", "-id")


def classes_of(actor: Actor) -> "QuerySet[SchoolClass]":
    """The classes whose cases this person may filter by."""
    rows: QuerySet[SchoolClass] = SchoolClass.objects.visible_to(actor).open()
    return rows.order_by("grade__level", "number", "id")


def colleagues() -> "QuerySet[Staff]":
    """Who may be named in a case: people in service who work with children."""
    posts = Role.objects.current(clock.today()).filter(post__in=STAFF_OF_CARE)
    rows: QuerySet[Staff] = Staff.objects.filter(is_active=True, roles__in=posts)
    return rows.distinct().order_by("name", "pk")


def candidates(actor: Actor) -> "QuerySet[Any]":
    """Children without a case who have a problem found or a key category; those sealed stand in no list."""
    today = clock.today()
    keys = Flag.objects.current(today).in_lists().filter(category__in=KEY, student=OuterRef("pk"))
    found = Finding.objects.open().filter(student=OuterRef("pk"), category__in=OPEN_CODES)
    cases_now = Case.objects.live().ordinary().filter(student=OuterRef("pk"))  # absence would tell of suspected harm
    rows: Any = Student.objects.enrolled()
    if not actor.holds("moral_office"):
        rows = rows.filter(school_class_id__in=actor.units("class", "class_teacher"))
    rows = rows.filter(Exists(keys) | Exists(found)).exclude(Exists(cases_now))
    flags = Flag.objects.current(today).in_lists().filter(category__in=KEY).order_by("category")
    findings = Finding.objects.open().filter(category__in=OPEN_CODES).order_by("-found_on")
    offered: QuerySet[Any] = (
        rows.select_related("school_class")
        .prefetch_related(
            Prefetch("flags", queryset=flags, to_attr="key_flags"),
            Prefetch("findings", queryset=findings, to_attr="open_findings"),
        )
        .order_by("school_class__grade__level", "school_class__number", "class_no", "id")
    )
    return offered


def names_of(codes: Sequence[str], *, sealed: bool = False) -> str:
    """Categories in words; those of sensitivity 3 are named only where `sealed`."""
    open_codes = [code for code in codes if sealed or categories.sensitivity(code) < categories.SEALED]
    return listed(categories.name(code) for code in open_codes)


def source_of(case: Case) -> str:
    """Where it came from, in words: what a teacher proposes of their own accord is nobody's source."""
    return _("教师提出") if case.source == Source.TEACHER else str(case.get_source_display())


def with_team(rows: Any) -> Any:
    """Read along what every page of one case shows: the child, the lead, the team."""
    seats = CaseSeat.objects.select_related("staff").order_by("id")
    return rows.select_related(
        "student__school_class", "lead", "opened_by", "close_asked_by", "closed_by"
    ).prefetch_related(Prefetch("seats", queryset=seats, to_attr="team"))


def measures_of(case: Case) -> "QuerySet[Measure]":
    """The case's help with the last line of each: what is open first."""
    last = Progress.objects.filter(measure=OuterRef("pk")).order_by("-at", "-id")
    rows: QuerySet[Measure] = Measure.objects.filter(case=case).select_related("owner")
    rows = rows.annotate(last_text=Subquery(last.values("text")[:1]), last_at=Subquery(last.values("at")[:1]))
    return rows.order_by("-state", "due", "id")  # open, dropped, done


@dataclass(frozen=True)
class Notes:
    """The notes somebody may read, and how many sealed ones there are beside them."""

    shown: list[CaseNote]
    sealed_shown: int
    sealed: int


def notes_of(case: Case, actor: Actor, sight: CaseSight, seat: CaseSeat | None) -> Notes:
    """Newest first; a sealed note stands there for its writer and the team's counsellors, for others only its count."""
    rows = list(CaseNote.objects.filter(case=case).select_related("by")[:200])
    sealed = [row for row in rows if row.kind == CaseNote.Kind.SEALED]
    read = [row for row in sealed if reads_sealed(actor, row, sight, seat)]
    shown = [row for row in rows if row.kind != CaseNote.Kind.SEALED or row in read]
    return Notes(shown, len(read), len(sealed))


def own_seat(case: Any, actor: Actor) -> CaseSeat | None:
    """The actor's seat among a team read along, while it lasts."""
    today = clock.today()
    return next((s for s in case.team if s.staff_id == actor.member_id and s.starts <= today <= s.ends), None)


def helpers_of(case: Any) -> str:
    """结对: one helper or several, by name; "" for none. Of a team read along."""
    today = clock.today()
    names = [s.staff.name for s in case.team if s.part == CaseSeat.Part.HELPER and s.ends >= today]
    if len(names) == 1:
        return _("一对一结对：%(names)s") % {"names": names[0]}
    return _("多帮一：%(names)s") % {"names": listed(names)} if names else ""


def renewals(actor: Actor) -> "QuerySet[Any]":
    """Live cases this person works in by post or as lead, with seats that end soon or have ended lately."""
    rows: QuerySet[Case] = Case.objects.live().ordinary().visible_to(actor)
    if not actor.holds("moral_office"):
        own = Q(student__school_class_id__in=actor.units("class", "class_teacher")) | Q(lead_id=actor.member_id or 0)
        rows = rows.filter(own)
    rows = with_seats_ending(rows, clock.today()).select_related("student__school_class", "lead")
    return rows.order_by("student__school_class__grade__level", "student__school_class__number", "id")


def with_seats_ending(rows: "QuerySet[Case]", day: date) -> "QuerySet[Any]":
    """Those of these cases whose seats end about this day, with the seats in `ending`."""
    ending = _ending(day)
    rows = rows.filter(Exists(ending.filter(case=OuterRef("pk"))))
    return rows.prefetch_related(Prefetch("seats", queryset=ending.select_related("staff"), to_attr="ending"))


def _ending(today: date) -> "QuerySet[CaseSeat]":
    rows: QuerySet[CaseSeat] = CaseSeat.objects.filter(
        ends__gte=today - SINCE_THE_END, ends__lt=today + NEAR_THE_END, staff__is_active=True
    )
    return rows


def priority_among(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Which of these children have an opened case: all that lists tell."""
    rows = Case.objects.ordinary().filter(student_id__in=ids, state__in=PRIORITY_STATES)
    return set(rows.values_list("student_id", flat=True))


def live_case(student: Student) -> Case | None:
    """The child's case that lives, with the child's class for the policies."""
    rows = Case.objects.live().ordinary().filter(student=student).select_related("lead")
    case: Case | None = rows.first()
    if case is not None:
        case.student = student
    return case


def help_for(student: Student, actor: Actor) -> "QuerySet[Measure]":
    """Help under way, for the child's teachers: what is done, never why."""
    rows: QuerySet[Measure] = Measure.objects.open().visible_to(actor).filter(student=student)
    return rows.select_related("owner").order_by("due", "id")
