"""Help for a child: added by a teacher, set in a case, carried on line by line, ended with a result.

Each measure of a case is a task of its owner. Whichever of the two is ended first ends the other.
"""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import Case, Measure, Progress, Task
from koumen.care.models.findings import Source
from koumen.care.policies.cases import may_arrange_measure, may_do_measure, may_work_on_case
from koumen.care.policies.help import may_help
from koumen.care.presets.measures import Kind
from koumen.care.services.cases import join
from koumen.care.services.casework import BEGUN, State, locked, nameable, not_past, opened, saved, stand
from koumen.care.services.tasks import ends, give, settle
from koumen.core import audit, clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Staff, Student

LONGEST = 300


@action("measure.add", may=may_help)
def add_measure(student: Student, *, by: Actor, token: UUID, kind: str, text: str, due: date) -> Measure:
    """A measure of one's own, owned by oneself. The page made `token`: sent twice, it is there once.

    Raises Invalid for a day that is past.
    """
    row, made = Measure.objects.get_or_create(
        source=Source.TEACHER,
        source_id=token,
        student=student,
        kind=kind,
        defaults={"text": text.strip(), "owner": Staff.objects.get(pk=by.member_id or 0), "due": not_past(due)},
    )
    if made:
        entrust(row, by=by)
        join(student)
    return row


@action("measure.set", may=may_work_on_case)
def set_measure(case: Case, *, by: Actor, token: UUID, kind: str, text: str, owner: Staff, due: date) -> Measure:
    """Agree on help in a case, with owner and day; the first one opens the case, and its owner gets a task.

    The page made `token`: sent twice, it is there once. Raises Invalid for an unknown kind, a day that is past, an
    owner who has left.
    """
    if kind not in Kind.values or len(text) > LONGEST:
        raise Invalid(_("请选一种措施，内容 300 字以内。"))
    row = locked(case)
    known = Measure.objects.filter(source=Source.CASE, source_id=token, case=row).first()
    if known is not None:
        return known
    made = Measure.objects.create(
        student_id=row.student_id,
        kind=kind,
        text=text.strip(),
        owner=nameable(owner, row),
        due=not_past(due),
        source=Source.CASE,
        source_id=token,
        case=row,
    )
    entrust(made, by=by)
    row.no_action = ""
    opened(row)
    saved(row, "state", "no_action")
    return made


def entrust(measure: Measure, *, by: Actor) -> Task:
    """The measure as a task of its owner, given once per owner and day; part of other actions.

    What was agreed for a day that is past meanwhile, as in a record that waited for a signal, is due today.
    """
    with for_others():
        return give(
            measure.owner,
            by=by,
            title=_("落实一项帮扶措施：%(kind)s") % {"kind": Kind(measure.kind).label},
            due=max(measure.due, clock.today()),
            about="measure",
            about_id=measure.pk,
            once_key=_key(measure),
        )


def entrust_anew(measure: Measure, *, by: Actor) -> Task:
    """The same for a measure whose task of this owner and day has ended before."""
    Task.objects.filter(once_key=_key(measure)).exclude(state=Task.State.OPEN).update(once_key="")
    return entrust(measure, by=by)


def _key(measure: Measure) -> str:
    return f"measure:{measure.pk}:{measure.owner_id}:{measure.due}"


@action("measure.progress", may=may_do_measure)
def note_progress(measure: Measure, *, by: Actor, text: str) -> Progress:
    """One line of what was done. The same words again within two minutes are the same line.

    Raises Invalid without words, Conflict when the measure has ended.
    """
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise Invalid(_("请写一句做了什么，300 字以内。"))
    row = _open(measure)
    last = Progress.objects.filter(measure=row, by=by.member_id or 0).first()
    if last is not None and last.text == words and (clock.now() - last.at).total_seconds() < 120:
        return last
    line = Progress.objects.create(measure=row, text=words, by=Staff.objects.get(pk=by.member_id or 0), at=clock.now())
    _under_way(row)
    return line


@action("measure.finish", may=may_do_measure)
def finish_measure(measure: Measure, *, by: Actor, result: str) -> Measure:
    """The measure is done, with this result; so is its task. Without any left, its case is to be looked at.

    Raises Invalid without a result, Conflict when it has ended already.
    """
    if not result.strip() or len(result) > LONGEST:
        raise Invalid(_("请写一句结果，300 字以内。"))
    row = _open(measure)
    settle("measure", row.pk, sentence=result)
    return _ended(row, Measure.State.DONE, result)


@ends("measure")
def _task_is_done(task: Task, by: Actor, sentence: str) -> None:
    """The owner has finished the task: the measure ends with the same sentence."""
    row = Measure.objects.select_for_update(of=("self",)).filter(pk=task.about_id).first()
    if row is not None and row.state == Measure.State.OPEN:
        _ended(row, Measure.State.DONE, sentence)
        audit.write(by, "measure.finish", row)


@action("measure.drop", may=may_arrange_measure)
def drop_measure(measure: Measure, *, by: Actor, because: str) -> Measure:
    """It is not needed any more. Raises Invalid without a reason, Conflict for the only help an opened case has."""
    if not because.strip() or len(because) > LONGEST:
        raise Invalid(_("请写一句为什么取消。"))
    row = _open(measure)
    if row.case is not None and _is_all_there_is(row, row.case):
        raise Conflict(_("这是唯一的一项措施。请先加一项新的，再取消这一项。"))
    settle("measure", row.pk, sentence=because, is_done=False)
    return _ended(row, Measure.State.DROPPED, because)


def withdraw(measure: Measure) -> None:
    """What it came from no longer names it: dropped with its task. Part of that source's action."""
    settle("measure", measure.pk, sentence=_("记录已更正。"), is_done=False)
    _ended(measure, Measure.State.DROPPED, "")


@action("measure.hand_over", may=may_arrange_measure)
def hand_over_measure(measure: Measure, *, by: Actor, owner: Staff, due: date) -> Measure:
    """Somebody else carries it on, as when its owner has left, or until another day; the task goes with it."""
    row = _open(measure)
    if (owner.pk, due) == (row.owner_id, row.due):
        return row
    settle("measure", row.pk, sentence=_("责任人或日期已改。"), is_done=False)
    row.owner, row.due = _owner_for(row, owner), not_past(due)
    row.save(update_fields=["owner", "due"])
    entrust_anew(row, by=by)
    return row


def _owner_for(row: Measure, staff: Staff) -> Staff:
    if row.case is not None:
        return nameable(staff, row.case)
    if not staff.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    return staff


def _is_all_there_is(row: Measure, case: Case) -> bool:
    others = Measure.objects.filter(case=case).exclude(pk=row.pk).exclude(state=Measure.State.DROPPED)
    return case.state in BEGUN and not case.no_action and not others.exists()


def _open(measure: Measure) -> Measure:
    rows = Measure.objects.select_for_update(of=("self",)).select_related("case", "owner")
    row: Measure = rows.get(pk=measure.pk)
    if row.state != Measure.State.OPEN:
        raise Conflict(_("这项措施已经办结或取消。"))
    return row


def _ended(row: Measure, state: str, words: str) -> Measure:
    row.state, row.result, row.ended_at = state, words.strip()[:LONGEST], clock.now()
    row.save(update_fields=["state", "result", "ended_at"])
    if row.case is not None:
        stand(row.case)
    return row


def _under_way(row: Measure) -> None:
    if row.case is not None and row.case.state == State.OPEN:
        row.case.state = State.IN_PROGRESS
        saved(row.case, "state")
