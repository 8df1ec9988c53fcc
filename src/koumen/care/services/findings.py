"""What a source says is needed becomes findings and measures, once however often it is sent."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from koumen.care.models import Finding, Measure
from koumen.care.models.findings import USUAL_TIME, Source
from koumen.care.policies.help import may_raise
from koumen.care.services.cases import class_teacher_of, join, propose
from koumen.care.services.measures import entrust, entrust_anew, withdraw
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.registry.models import Staff, Student


@action("finding.raise", may=may_raise)
def raise_findings(
    student: Student, *, by: Actor, source: Source, source_id: UUID, on: date, categories: Iterable[str], text: str = ""
) -> list[Finding]:
    """The problems a source names with a child. Sent again with others, the open ones no longer named are withdrawn.

    Those that are more than a visit can meet propose a case, once; others join the case the child has.
    """
    named = sorted(set(categories))
    rows = Finding.objects.filter(source=source, source_id=source_id, student=student)
    rows.open().exclude(category__in=named).update(state=Finding.State.WITHDRAWN, closed_at=clock.now())
    finder = Staff.objects.get(pk=by.member_id or 0)
    for category in named:
        row, new = Finding.objects.get_or_create(
            source=source,
            source_id=source_id,
            student=student,
            category=category,
            defaults={"text": text, "found_on": on, "found_by": finder},
        )
        if not new and row.state != Finding.State.CLOSED and (row.text != text or row.state != Finding.State.OPEN):
            row.text, row.state, row.closed_at = text, Finding.State.OPEN, None
            row.save(update_fields=["text", "state", "closed_at"])
    if named:
        propose(student, by=by, source=source, source_id=source_id, categories=named)
    return list(rows.open())


@action("measure.agree", may=may_raise)
def agree_measures(
    student: Student,
    *,
    by: Actor,
    source: Source,
    source_id: UUID,
    on: date,
    kinds: Iterable[str],
    text: str = "",
    due: date | None = None,
) -> list[Measure]:
    """The help a source agrees for a child, owned by the class teacher, due on a day agreed or in four weeks.

    Each is a task of its owner, and joins the case the child has. Sent again with others, open ones no longer named
    are dropped, with their tasks.
    """
    named = sorted(set(kinds))
    rows = Measure.objects.filter(source=source, source_id=source_id, student=student)
    for gone in rows.open().exclude(kind__in=named).select_related("case"):
        withdraw(gone)
    owner = class_teacher_of(student) or Staff.objects.get(pk=by.member_id or 0)
    for kind in named:
        row, new = Measure.objects.get_or_create(
            source=source,
            source_id=source_id,
            student=student,
            kind=kind,
            defaults={"text": text, "owner": owner, "due": due or on + USUAL_TIME},
        )
        if new:
            entrust(row, by=by)
        elif row.state == Measure.State.DROPPED:
            row.state, row.ended_at = Measure.State.OPEN, None
            row.save(update_fields=["state", "ended_at"])
            entrust_anew(row, by=by)
    if named:
        join(student)
    return list(rows.open())
