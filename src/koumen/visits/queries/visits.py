"""What the pages about single visits and one's own visits read."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Subquery

from koumen.care.models import Opinion
from koumen.care.models.findings import Source
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Guardianship, Household, Role, SchoolClass, Staff, Student
from koumen.visits.models import Visit, VisitStaff, VisitStudent
from koumen.visits.policies.visits import OFFICE
from koumen.visits.queries.years import year_start

RECENT_DAYS = 14
SHOWS = ("today", "week", "due", "recorded")


def midnight(day: date) -> datetime:
    """The first moment of a day in China."""
    return datetime.combine(day, time(), clock.ZONE)


def of_staff(staff_id: int | None) -> "QuerySet[Visit]":
    """Visits somebody leads or goes along with."""
    along = VisitStaff.objects.filter(visit=OuterRef("pk"), staff_id=staff_id or 0)
    return Visit.objects.filter(Q(lead_id=staff_id or 0) | Exists(along))


def _when(show: str) -> Q:
    today = clock.today()
    if show == "today":
        return _between(today, 1) & ~Q(state=Visit.State.CANCELLED)
    if show == "week":
        return _between(today - timedelta(days=today.weekday()), 7) & ~Q(state=Visit.State.CANCELLED)
    if show == "due":
        return Q(state=Visit.State.PLANNED, starts_at__lt=clock.now())
    return Q(state=Visit.State.RECORDED)


def _between(first: date, days: int) -> Q:
    return Q(starts_at__gte=midnight(first), starts_at__lt=midnight(first + timedelta(days=days)))


def mine(actor: Actor, show: str) -> "QuerySet[Visit]":
    """One's own visits of today, of this week, waiting to be recorded, or recorded (newest first)."""
    rows = of_staff(actor.member_id).filter(_when(show))
    return in_lists(rows.order_by("-starts_at" if show == "recorded" else "starts_at", "id"))


def in_lists(rows: "QuerySet[Visit]") -> "QuerySet[Visit]":
    """With everything a list shows, in a fixed number of queries."""
    about = Prefetch("students", VisitStudent.objects.select_related("student").order_by("pk"))
    return rows.select_related("household__place", "school_class", "lead").prefetch_related(about)


def with_opinion(rows: "QuerySet[Visit]", actor: Actor) -> "QuerySet[Visit]":
    """With the number of the opinion its record passed on, where this actor may see that opinion."""
    known = Opinion.objects.visible_to(actor).filter(source=Source.VISIT, source_id=OuterRef("record__pk")).order_by()
    found = {f"opinion_{name}": Subquery(known.values(name)[:1]) for name in ("id", "year", "number")}
    return rows.annotate(**found)


def whole(rows: "QuerySet[Visit]") -> "QuerySet[Visit]":
    """With everybody a visit's own pages speak of; its record, if there is one, comes with what followed.

    `lately_at` is when somebody else's visit to the same family was, of the last days.
    """
    others = Visit.objects.filter(household=OuterRef("household"), **_recent()).exclude(pk=OuterRef("pk"))
    rows = rows.annotate(lately_at=Subquery(others.order_by("-starts_at").values("starts_at")[:1]))
    rows = rows.select_related("household__place", "school_class", "lead", "campaign")
    rows = rows.select_related("record__recorded_by", "record__effect", "record__question_form")
    rows = rows.select_related(*(f"record__agreement__{one}" for one in ("made_by", "answered_by", "read_by")))
    about: Any = Prefetch("students", VisitStudent.objects.select_related("student__school_class").order_by("pk"))
    along: Any = Prefetch("companions", VisitStaff.objects.select_related("staff").order_by("pk"))
    return rows.prefetch_related(about, along, "record__shares")


def counts(actor: Actor) -> dict[str, int]:
    """How many of one's own visits each tab holds."""
    return of_staff(actor.member_id).aggregate(**{show: Count("pk", filter=_when(show)) for show in SHOWS})


def not_yet_visited(actor: Actor, since: date | None = None) -> "QuerySet[Student]":
    """Children of one's own classes whose family has no recorded visit this school year (or since a day).

    `planned_at` is the next planned visit, if there is one.
    """
    first = midnight(since or year_start(clock.today()))
    about = VisitStudent.objects.filter(student=OuterRef("pk"))
    been = about.filter(visit__state=Visit.State.RECORDED, visit__starts_at__gte=first)
    planned = about.filter(visit__state=Visit.State.PLANNED).order_by("visit__starts_at").values("visit__starts_at")
    own = Student.objects.enrolled().in_classes(actor.units("class", "class_teacher"))
    rows = own.filter(~Exists(been)).select_related("school_class", "household__place")
    return rows.annotate(planned_at=Subquery(planned[:1])).order_by("school_class_id", "class_no", "id")


def children_to_choose(actor: Actor, words: str = "") -> "QuerySet[Student]":
    """Enrolled children this person may start a visit for, by name."""
    rows = Student.objects.visible_to(actor).enrolled().select_related("school_class", "household__place")
    rows = rows.filter(name__icontains=words) if words else rows
    last = VisitStudent.objects.filter(student=OuterRef("pk"), visit__state=Visit.State.RECORDED)
    newest = last.order_by("-visit__starts_at").values("visit__starts_at")[:1]
    return rows.annotate(last_visit_at=Subquery(newest)).order_by("school_class_id", "class_no", "id")


def lately(household: Household, *, but: Visit | None = None) -> date | None:
    """The day somebody visited this household in the last 14 days: the date only, not who."""
    if but is not None and hasattr(but, "lately_at"):
        return clock.local(but.lately_at).date() if but.lately_at else None
    rows = Visit.objects.filter(household=household, **_recent())
    rows = rows.exclude(pk=but.pk) if but else rows
    newest = rows.order_by("-starts_at").values_list("starts_at", flat=True).first()
    return clock.local(newest).date() if newest else None


def _recent() -> dict[str, Any]:
    return {"state": Visit.State.RECORDED, "starts_at__gte": clock.now() - timedelta(days=RECENT_DAYS)}


def children_of(household: Household, visit: Visit | None = None) -> list[Student]:
    """The household's enrolled children, and those a visit is about already."""
    return _children(household.pk, visit)


def children_about(visit: Visit) -> list[Student]:
    """The same for a visit, without reading its household."""
    return _children(visit.household_id, visit)


def _children(household_id: int, visit: Visit | None) -> list[Student]:
    # A union of two lists of numbers: an OR across tables would read every student.
    chosen = Student.objects.filter(household=household_id, state=Student.State.ENROLLED).order_by().values("pk")
    if visit is not None:
        about = VisitStudent.objects.filter(visit=visit).order_by().values("student_id")
        chosen = chosen.union(about)
    rows = Student.objects.filter(pk__in=chosen).select_related("school_class")
    return list(rows.order_by("school_class_id", "id"))


def guardians_of(children: list[Student]) -> list[Guardianship]:
    """The adults of these children, the first first, one row per relation."""
    rows = Guardianship.objects.filter(student__in=children, ends=None).select_related("guardian")
    found: dict[str, Guardianship] = {}
    for row in rows.order_by("order", "id"):
        found.setdefault(row.relation, row)
    return list(found.values())


def who_may_come_along(classes: "set[int | None]", already: "list[Staff]", lead_id: int | None) -> list[Staff]:
    """Teachers of these classes and the school's leaders, with whoever is on the visit already."""
    posts = Role.objects.current(clock.today()).filter(
        Q(school_class_id__in=[c for c in classes if c]) | Q(post__in=OFFICE), staff__is_active=True
    )
    known = {s.pk: s for s in already}
    known |= {s.pk: s for s in Staff.objects.filter(pk__in=posts.values("staff_id"))}
    known.pop(lead_id or 0, None)
    return sorted(known.values(), key=lambda s: (s.name, s.pk))


def records_of_class(school_class: SchoolClass, first: date | None = None, last: date | None = None) -> Any:
    """Recorded visits about children of a class, newest first; between two days when given."""
    about = VisitStudent.objects.filter(visit=OuterRef("pk"), student__school_class=school_class)
    rows = Visit.objects.recorded().filter(Exists(about))
    if first:
        rows = rows.filter(starts_at__gte=midnight(first))
    if last:
        rows = rows.filter(starts_at__lt=midnight(last + timedelta(days=1)))
    return rows.order_by("-starts_at", "id")


def months_with_records(school_class: SchoolClass) -> date | None:
    """The day of the class's oldest record, to offer months from there on."""
    oldest = records_of_class(school_class).aggregate(first=Min("starts_at"))["first"]
    return clock.local(oldest).date() if oldest else None
