"""The dropout lists, and the numbers of a month by class."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from koumen.care.models import (
    DropoutEntry,
    DropoutStep,
    Finding,
    PointDemand,
    ReturnAttempt,
    ReturnCheck,
    ReturnCheckChild,
)
from koumen.care.models.dropout import DropoutQuerySet
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Role, SchoolClass, Student, Term

State = DropoutEntry.State
Event = DropoutStep.Event
Result = ReturnAttempt.Result
# the lists of the page, each with the states that stand on it
LISTS: dict[str, tuple[str, ...]] = {
    "suspected": (State.SUSPECTED,),
    "dropped": (State.DROPPED, State.PERSUADING),
    "back": (State.RETURNED, State.CLEARED),
}
NOTED = ("D31", "D32")
ASKED_FOR = timedelta(days=30)  # from the term's first day: so long a class teacher's home asks for the check
FLOWS = ("found", "verified", "dropped", "attempts", "returned", "closed")
STOCKS = ("on_roll", "suspected_now", "dropped_now")
CHECKS = ("classes", "checked", "not_back")


def entries(actor: Actor) -> DropoutQuerySet:
    """Entries this person sees, with what a line shows."""
    rows: DropoutQuerySet = (
        DropoutEntry.objects.visible_to(actor)
        .select_related("student__school_class", "verified_by", "case")
        .annotate(tries=Count("attempts"))
    )
    return rows


def on_list(rows: DropoutQuerySet, name: str) -> DropoutQuerySet:
    """One of the lists: live entries by state; `closed` are those struck off."""
    if name == "closed":
        return rows.exclude(closed_on=None).order_by("-closed_on", "-id")
    return rows.live().filter(state__in=LISTS[name]).order_by("-found_on", "-id")


def doubts(actor: Actor) -> QuerySet[Student]:
    """Children of whom a visit or a teacher has noted D31 or D32 and who stand on no list: somebody is to look."""
    noted = Finding.objects.open().visible_to(actor).filter(category__in=NOTED)
    live = DropoutEntry.objects.live().filter(student=OuterRef("pk"))
    rows: QuerySet[Student] = Student.objects.enrolled().filter(pk__in=noted.values("student_id"))
    return rows.exclude(Exists(live)).select_related("school_class")


def counts(rows: DropoutQuerySet) -> dict[str, int]:
    """How many stand on each list: one statement."""
    live = Q(closed_on=None)
    asked: dict[str, Any] = {name: Count("pk", filter=live & Q(state__in=states)) for name, states in LISTS.items()}
    found: dict[str, int] = rows.order_by().aggregate(**asked, closed=Count("pk", filter=~live))
    return found


def classes_to_check(actor: Actor) -> list[SchoolClass]:
    """A class teacher's own classes whose return check is due: the term's first month, not done yet. One statement."""
    today = clock.today()
    term = Term.objects.filter(starts__lte=today, starts__gt=today - ASKED_FOR, ends__gte=today)
    done = ReturnCheck.objects.filter(school_class=OuterRef("pk"), term__in=term)
    own = actor.units("class", "class_teacher")
    rows = SchoolClass.objects.open().filter(Exists(term), pk__in=own)
    return list(rows.exclude(Exists(done)))


@dataclass(frozen=True)
class ClassCheck:
    """How far the return check of one class is."""

    school_class: SchoolClass
    teacher: str
    check: ReturnCheck | None
    on_roll: int
    away: int


def class_checks(actor: Actor, term: Term) -> list[ClassCheck]:
    """Open classes this person may look at, with the check of a term (four statements)."""
    classes: QuerySet[SchoolClass] = SchoolClass.objects.open().visible_to(actor)
    if not actor.holds("moral_office", "principal", "vice_principal"):
        classes = classes.filter(pk__in=actor.units("class", "class_teacher"))
    enrolled = Count("students", filter=Q(students__state=Student.State.ENROLLED))
    rows = list(classes.annotate(on_roll=enrolled).select_related("grade"))
    done = ReturnCheck.objects.filter(term=term, school_class__in=rows).select_related("done_by")
    known = {c.school_class_id: c for c in done.annotate(away=Count("children"))}
    posts = Role.objects.current(clock.today()).filter(post="class_teacher", school_class__in=rows)
    heads = dict(posts.values_list("school_class_id", "staff__name"))
    found = []
    for row in rows:
        check = known.get(row.pk)
        away = getattr(check, "away", 0)
        found.append(ClassCheck(row, heads.get(row.pk, ""), check, getattr(row, "on_roll", 0), away))
    return found


def state_on(steps: Sequence[DropoutStep], day: date) -> str:
    """The list an entry stood on at the end of a day, "" before it was listed and once it was struck off."""
    then = [step for step in steps if step.on <= day]
    return "" if not then or then[-1].event == Event.CLOSED else str(then[-1].state)


@dataclass
class Line:
    """The numbers of one class, or of the school."""

    name: str
    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*STOCKS, *CHECKS, *FLOWS), 0))


def month_lines(first: date) -> tuple[list[Line], Line]:
    """Each class's numbers of a month, and the school's (six statements). Children without a class count in the sum.

    found, verified, dropped, returned, closed are children; attempts are attempts. Those who stand on the list are
    counted as at the month's last day, or today in a month under way. The school's line tells of village schools, too:
    families asked so far, and those that want one.
    """
    last = min((first + timedelta(days=32)).replace(day=1) - timedelta(days=1), clock.today())
    enrolled = Count("students", filter=Q(students__state=Student.State.ENROLLED))
    classes = list(SchoolClass.objects.open().annotate(on_roll=enrolled))
    lines = {row.pk: Line(row.name) for row in classes}
    total = Line("")
    for row in classes:
        _add([lines[row.pk], total], on_roll=getattr(row, "on_roll", 0), classes=1)
    for pk, away in _checked(first, last):
        _add([total, *([lines[pk]] if pk in lines else [])], checked=1, not_back=away)
    rows = DropoutEntry.objects.filter(found_on__lte=last).filter(Q(closed_on=None) | Q(closed_on__gte=first))
    for entry in rows.select_related("student").prefetch_related("attempts", "steps"):
        counted = _of_entry(entry, first, last)
        own = lines.get(entry.student.school_class_id or 0)
        _add([total, *([own] if own else [])], **counted)
    asked = PointDemand.objects.aggregate(asked=Count("pk"), wanted=Count("pk", filter=Q(wanted=True)))
    total.numbers |= {"demand_asked": asked["asked"], "demand_wanted": asked["wanted"]}
    return list(lines.values()), total


def _checked(first: date, last: date) -> Iterable[tuple[int, int]]:
    """Classes whose return check is done, of the term the month's last day lies in; how many had not come back."""
    term = Term.objects.filter(starts__lte=last, ends__gte=first).order_by("-starts")
    away = Count("children", filter=Q(children__state=ReturnCheckChild.State.NOT_BACK))
    rows = ReturnCheck.objects.filter(term=term.values("pk")[:1], school_class__is_open=True)
    found: Iterable[tuple[int, int]] = rows.annotate(gone=away).values_list("school_class_id", "gone")
    return found


def _of_entry(entry: DropoutEntry, first: date, last: date) -> dict[str, int]:
    """What one child adds to a month."""
    steps = list(entry.steps.all())
    state = state_on(steps, last)
    did = {(step.event, step.state) for step in steps if first <= step.on <= last}
    events = {event for event, _state in did}
    tries = [a for a in entry.attempts.all() if first <= clock.local(a.at).date() <= last]
    return {
        "found": int(not events.isdisjoint({Event.LISTED, Event.AGAIN})),
        "verified": int(Event.VERIFIED in events),
        "dropped": int((Event.VERIFIED, State.DROPPED) in did),
        "returned": int((Event.ATTEMPT, State.RETURNED) in did),
        "closed": int(Event.CLOSED in events),
        "attempts": len(tries),
        "suspected_now": int(state == State.SUSPECTED),
        "dropped_now": int(state in (State.DROPPED, State.PERSUADING)),
    }


def _add(lines: Iterable[Line], **numbers: int) -> None:
    for line in lines:
        for key, n in numbers.items():
            line.numbers[key] += n


def listable(actor: Actor, name: str) -> QuerySet[Student]:
    """Children this person may put on the list, by part of the name."""
    rows: QuerySet[Student] = Student.objects.enrolled().select_related("school_class")
    if not actor.holds("moral_office"):
        rows = rows.filter(school_class_id__in=actor.units("class", "class_teacher", "subject_teacher", "counsellor"))
    return rows.filter(name__icontains=name) if name else rows
