"""The tasks somebody has, has given, or must confirm."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q, QuerySet

from koumen.care.models import Task
from koumen.care.presets.tasks import kind_of
from koumen.core.actor import Actor
from koumen.registry.models import Staff

SHOWN = 5
ENDED_SHOWN = timedelta(days=180)


@dataclass(frozen=True)
class TaskLine:
    """One task as a list shows it; `days_over` counts from the day after it was due."""

    task: Task
    kind: str
    days_over: int


def tasks(actor: Actor, which: str, on: date) -> "QuerySet[Task]":
    """One of the lists: `mine` (open), `verify`, `given` (open), `overdue` (the whole school's), `ended` (half a year).

    An unknown name is `mine`.
    """
    me = actor.member_id or 0
    rows: QuerySet[Task] = Task.objects.visible_to(actor).select_related("owner", "given_by")
    ended = rows.filter(owner_id=me, given_at__date__gte=on - ENDED_SHOWN).exclude(state=Task.State.OPEN)
    lists = {
        "verify": rows.filter(state=Task.State.DONE, needs_verifying=True, given_by_id=me),
        "given": rows.filter(state=Task.State.OPEN, given_by_id=me).exclude(owner_id=me),
        "overdue": rows.filter(state=Task.State.OPEN, due__lt=on),
        "ended": ended.order_by("-done_at", "-id"),
    }
    return lists.get(which, rows.filter(owner_id=me, state=Task.State.OPEN))


def counts(actor: Actor, on: date) -> dict[str, int]:
    """How many stand in each list that is still open: one statement."""
    me = actor.member_id or 0
    is_open = Q(state=Task.State.OPEN)
    found: dict[str, int] = Task.objects.visible_to(actor).aggregate(
        mine=Count("pk", filter=is_open & Q(owner_id=me)),
        late=Count("pk", filter=is_open & Q(owner_id=me, due__lt=on)),
        verify=Count("pk", filter=Q(state=Task.State.DONE, needs_verifying=True, given_by_id=me)),
        given=Count("pk", filter=is_open & Q(given_by_id=me) & ~Q(owner_id=me)),
        overdue=Count("pk", filter=is_open & Q(due__lt=on)),
    )
    return found


def line(task: Task, on: date) -> TaskLine:
    """A task with the word for what it is about."""
    over = (on - task.due).days if task.state == Task.State.OPEN else 0
    return TaskLine(task, str(kind_of(task.about).label), max(over, 0))


def first_of(actor: Actor, on: date) -> list[TaskLine]:
    """What a home shows: the first open tasks of one's own; all of them are one page further."""
    return [line(task, on) for task in tasks(actor, "mine", on)[:SHOWN]]


def owners() -> "QuerySet[Staff]":
    """Whom a task can be given to."""
    return Staff.objects.filter(is_active=True).order_by("name", "pk")
