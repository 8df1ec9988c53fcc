"""The 劝返 measure of a dropout entry: begun with it, a line for each attempt, ended when nobody is to be won back."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from koumen.care.models import Case, DropoutEntry, Measure, Progress, ReturnAttempt
from koumen.care.models.findings import Source
from koumen.care.policies.cases import may_open_case
from koumen.care.presets.dropout import CATEGORY
from koumen.care.presets.measures import Kind
from koumen.care.services.cases import class_teacher_of, open_case
from koumen.care.services.casework import locked, opened, saved, stand
from koumen.care.services.measures import entrust_anew
from koumen.care.services.tasks import settle
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.words import for_others
from koumen.registry.models import Staff

FIRST_STEP = timedelta(days=7)  # until somebody has gone


def begin(entry: DropoutEntry, *, by: Actor) -> Measure:
    """Its measure is open, owned by the class teacher (or whoever listed the child), and its owner has a task."""
    if (entry.case is None or not entry.case.is_live) and may_open_case(by, entry.student):
        entry.case = open_case(
            entry.student, by=by, source=Source.DROPOUT, reasons=[CATEGORY], why=entry.reason_words or entry.taken
        )
        entry.save(update_fields=["case"])
    owner = class_teacher_of(entry.student) or Staff.objects.get(pk=by.member_id or 0)
    due = clock.today() + FIRST_STEP
    with for_others():
        text = _("了解原因，和家长、孩子商量回校")
    row, _made = Measure.objects.update_or_create(
        source=Source.DROPOUT,
        source_id=entry.source_id,
        student=entry.student,
        kind=Kind.RETURN,
        defaults={"state": Measure.State.OPEN, "owner": owner, "due": due, "case": entry.case, "ended_at": None},
        create_defaults={"text": text, "owner": owner, "due": due, "case": entry.case},
    )
    entrust_anew(row, by=by)
    if entry.case is not None and entry.case.is_live:
        entry.case = locked(entry.case)
        opened(entry.case)
        saved(entry.case, "state")
    return row


def note(entry: DropoutEntry, attempt: ReturnAttempt) -> None:
    """A line of progress: number and result, not what was said."""
    with for_others():
        said = {"number": attempt.number, "result": attempt.get_result_display()}
        text = _("第 %(number)s 次劝返：%(result)s") % said
    if entry.case is not None and entry.case.state == Case.State.OPEN:
        entry.case.state = Case.State.IN_PROGRESS
        saved(entry.case, "state")
    for row in of(entry):
        Progress.objects.create(measure=row, text=text, by=attempt.by, at=attempt.at)


def end(entry: DropoutEntry, result: str) -> None:
    """Nobody is to be brought back any more: measure and task end."""
    for row in of(entry).open():
        row.state, row.result, row.ended_at = Measure.State.DONE, result, clock.now()
        row.save(update_fields=["state", "result", "ended_at"])
        settle("measure", row.pk, sentence=result)
    if entry.case is not None and entry.case.is_live:
        stand(entry.case)


def of(entry: DropoutEntry) -> Any:
    """The entry's measures: one, in truth."""
    return Measure.objects.filter(
        student=entry.student_id, kind=Kind.RETURN, source=Source.DROPOUT, source_id=entry.source_id
    )
