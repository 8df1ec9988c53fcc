"""What a source says is needed becomes findings and measures, once however often it is sent."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from koumen.care.models import Finding, Measure
from koumen.care.models.findings import Source
from koumen.care.policies.help import may_raise
from koumen.care.services.cases import class_teacher_of
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.registry.models import Staff, Student

USUAL_TIME = timedelta(weeks=4)  # until help is looked at again, when nobody agreed a day


@action("finding.raise", may=may_raise)
def raise_findings(
    student: Student, *, by: Actor, source: Source, source_id: UUID, on: date, categories: Iterable[str], text: str = ""
) -> list[Finding]:
    """The problems a source names with a child. Sent again with others, the open ones no longer named are withdrawn."""
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

    Sent again with others, open ones no longer named are dropped.
    """
    named = sorted(set(kinds))
    rows = Measure.objects.filter(source=source, source_id=source_id, student=student)
    rows.open().exclude(kind__in=named).update(state=Measure.State.DROPPED, ended_at=clock.now())
    owner = class_teacher_of(student) or Staff.objects.get(pk=by.member_id or 0)
    for kind in named:
        row, new = Measure.objects.get_or_create(
            source=source,
            source_id=source_id,
            student=student,
            kind=kind,
            defaults={"text": text, "owner": owner, "due": due or on + USUAL_TIME},
        )
        if not new and row.state == Measure.State.DROPPED:
            row.state, row.ended_at = Measure.State.OPEN, None
            row.save(update_fields=["state", "ended_at"])
    return list(rows.open())
