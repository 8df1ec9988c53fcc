"""转接: a case goes with its child to another school, which takes it in or says why not.

Asking tells the other school who the child is and how much there is, nothing of what is written. The file itself goes
over in the moment it is accepted, as it stands then; from that moment the old school has no access. Sealed notes stay
behind, closed to everybody: the counsellor who wrote them is asked in person.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseNote, CaseSeat, CaseTransfer, Finding, Measure, Referral
from koumen.care.models.findings import Source
from koumen.care.models.referrals import Way
from koumen.care.policies.cases import CASE_AGREEMENT
from koumen.care.policies.transfers import may_answer_transfer, may_ask_transfer, may_withdraw_transfer
from koumen.care.services.cases import class_teacher_of, open_case
from koumen.care.services.measures import set_measure
from koumen.care.services.tasks import settle
from koumen.care.services.words_across import say, tell_posts
from koumen.core import audit, clock, links, scope
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Org, Staff, Student
from koumen.registry.presets.categories import name

State = CaseTransfer.State
TIME_TO_BEGIN = timedelta(days=14)  # measures that go on get at least this long in the new school
MOST_NOTES = 200


@dataclass(frozen=True)
class File:
    """What goes over: what the case says of itself, a written account, and the help that goes on."""

    level: int
    reasons: list[str]
    why: str
    goals: str
    account: str
    measures: list[tuple[str, str, Any]]  # kind, text, due


@action("transfer.ask", may=may_ask_transfer)
def ask_transfer(case: Case, *, by: Actor, school: Org, family_told: str) -> CaseTransfer:
    """Ask another school to take the case on. Its office is told.

    Raises Invalid for the own school or one that does not work here, or when the family was not told; Conflict while
    a referral is open or a school has been asked already.
    """
    if school.pk == by.org.id:
        raise Invalid(_("不能转到本校自己。"))
    if school.is_bureau or not school.is_active:
        raise Invalid(_("请选一所学校。"))
    if len(family_told.strip()) < 2 or len(family_told) > 200:
        raise Invalid(_("请写一下怎么告知家长的，200 字以内。"))
    row: Case = Case.objects.select_for_update(of=("self",)).select_related("student__school_class").get(pk=case.pk)
    if CaseTransfer.objects.filter(case=row, way=Way.OUT, state=State.ASKED).exists():
        raise Conflict(_("已经请求转接，正在等接收学校回复。"))
    if Referral.objects.open().filter(case=row).exists():
        raise Conflict(_("还有转介没有反馈结果，请先处理。"))
    head = json.dumps(_head(row, family_told.strip()), ensure_ascii=False)
    told: dict[str, Any] = {"payload": head, "asked_by": by.display_name, "asked_at": clock.now()}
    mine: CaseTransfer = CaseTransfer.objects.create(way=Way.OUT, case=row, other_org=school, **told)
    home = Org.objects.get(pk=by.org.id)
    with scope.enter(school.pk), for_others():
        theirs = CaseTransfer.objects.create(way=Way.IN, token=mine.token, other_org=home, **told)
        tell_posts(theirs, ("moral_office",), school.slug)
    return mine


def _head(case: Case, family_told: str) -> dict[str, Any]:
    """Who the child is, so that the other school finds its own row, and how much there is."""
    return {
        "name": case.student.name,
        "student_no": case.student.student_no,
        "unit": case.student.school_class.name if case.student.school_class else "",
        "code": case.code,
        "level": case.level,
        "measures": Measure.objects.filter(case=case).count(),
        "notes": CaseNote.objects.filter(case=case).exclude(kind=CaseNote.Kind.SEALED).count(),
        "sealed": CaseNote.objects.filter(case=case, kind=CaseNote.Kind.SEALED).count(),
        "family_told": family_told,
    }


@action("transfer.accept", may=may_answer_transfer)
def accept_transfer(transfer: CaseTransfer, *, by: Actor, student: Student) -> Case:
    """Take the case in for a child of our own roll; the old school loses it in the same moment.

    Raises Conflict when it was taken back or closed meanwhile. A child that has a case here already keeps that one,
    and what came joins it.
    """
    row = _locked(transfer)
    with scope.enter(row.other_org_id):
        file = _handed_over(row, by)
    why = _("由%(school)s转来。%(why)s") % {"school": row.other_org.name, "why": file.why}
    case = open_case(
        student, by=by, source=Source.TRANSFER, source_id=row.token, reasons=file.reasons, why=why, level=file.level
    )
    if not case.goals and file.goals:
        case.goals = file.goals
        case.save(update_fields=["goals"])
    me = Staff.objects.get(pk=by.member_id or 0)
    CaseNote.objects.create(case=case, kind=CaseNote.Kind.TEAM, text=file.account, by=me, at=clock.now())
    owner = class_teacher_of(student) or me
    for kind, text, due in file.measures:
        later = max(due, clock.today() + TIME_TO_BEGIN)
        set_measure(case, by=by, token=uuid4(), kind=kind, text=text, owner=owner, due=later)
    row.state, row.case, row.student = State.ACCEPTED, case, student
    _settled(row, by)
    return case


@action("transfer.refuse", may=may_answer_transfer)
def refuse_transfer(transfer: CaseTransfer, *, by: Actor, reason: str) -> CaseTransfer:
    """Say why the case is not taken in; it goes on where it is. Raises Invalid without a reason."""
    if not reason.strip() or len(reason) > 300:
        raise Invalid(_("请写一下为什么不接收，300 字以内。"))
    row = _locked(transfer)
    row.state, row.reason = State.REFUSED, reason.strip()
    _settled(row, by)
    with scope.enter(row.other_org_id):
        twin = _twin(row)
        twin.state, twin.reason, twin.payload = State.REFUSED, row.reason, ""
        twin.answered_by, twin.answered_at = row.answered_by, row.answered_at
        twin.save()
        _tell_sender(twin, row.other_org.slug)
    return row


@action("transfer.withdraw", may=may_withdraw_transfer)
def withdraw_transfer(transfer: CaseTransfer, *, by: Actor) -> CaseTransfer:
    """Take the question back before it is answered. Raises Conflict afterwards."""
    row = _locked(transfer)
    row.state, row.payload = State.WITHDRAWN, ""
    row.save(update_fields=["state", "payload"])
    with scope.enter(row.other_org_id):
        CaseTransfer.objects.filter(token=row.token, way=Way.IN).update(state=State.WITHDRAWN, payload="")
    return row


def _locked(transfer: CaseTransfer) -> CaseTransfer:
    rows = CaseTransfer.objects.select_for_update(of=("self",)).select_related("other_org")
    row: CaseTransfer = rows.get(pk=transfer.pk)
    if row.state != State.ASKED:
        raise Conflict(_("这份转接已经处理过或已撤回。"))
    return row


def _settled(row: CaseTransfer, by: Actor) -> None:
    row.answered_by, row.answered_at, row.payload = f"{by.org.name} {by.display_name}"[:60], clock.now(), ""
    row.save()


def _twin(row: CaseTransfer) -> CaseTransfer:
    """The other side's row, in its scope."""
    rows = CaseTransfer.objects.select_for_update(of=("self",)).select_related("case__lead", "case__student")
    found: CaseTransfer = rows.get(token=row.token, way=Way.OUT)
    return found


def _tell_sender(twin: CaseTransfer, slug: str) -> None:
    if twin.case is not None and twin.case.lead is not None:
        with for_others():
            subject = _("一份个案的转接：%(state)s") % {"state": twin.get_state_display()}
            say(twin.case.lead.account_id, subject, slug, twin)


def _handed_over(row: CaseTransfer, by: Actor) -> File:
    """In the old school's scope: take the file out and close it to everybody there."""
    twin = _twin(row)
    case = twin.case
    if twin.state != State.ASKED or case is None or not case.is_live:
        raise Conflict(_("对方已经撤回或撤档，不能再接收。"))
    file = _file(case)
    twin.state, twin.payload = State.ACCEPTED, ""
    twin.answered_by, twin.answered_at = f"{by.org.name} {by.display_name}"[:60], clock.now()
    twin.save()
    _tell_sender(twin, row.other_org.slug)
    _closed_to_all(case)
    audit.write(by, "transfer.hand_over", case)  # in the old school's log, too
    return file


def _file(case: Case) -> File:
    measures = list(Measure.objects.filter(case=case).select_related("owner"))
    notes = CaseNote.objects.filter(case=case).exclude(kind=CaseNote.Kind.SEALED).select_related("by")[:MOST_NOTES]
    sealed = CaseNote.objects.filter(case=case, kind=CaseNote.Kind.SEALED).count()
    lines = [
        _("原学校移交的档案 %(code)s，建档日期 %(day)s。") % {"code": case.code, "day": case.opened_on.isoformat()}
    ]
    lines += [_("建档类别：%(names)s") % {"names": "、".join(name(code) for code in case.reasons)}]
    lines += [
        _("措施：%(kind)s，%(text)s，%(state)s，%(result)s") % {
            "kind": one.get_kind_display(), "text": one.text or "—", "state": one.get_state_display(),
            "result": one.result or "—",
        }
        for one in measures
    ]  # fmt: skip
    lines += [_("评估 %(day)s：%(text)s") % {"day": r.on.isoformat(), "text": r.text} for r in case.reviews.all()[:50]]
    lines += [
        _("记录 %(day)s %(by)s：%(text)s")
        % {"day": clock.local(note.at).date().isoformat(), "by": note.by.name, "text": note.text}
        for note in notes
    ]
    if sealed:
        lines.append(_("另有 %(n)d 条密封记录留在原学校，请心理教师当面交接。") % {"n": sealed})
    goes_on = [(one.kind, one.text, one.due) for one in measures if one.state == Measure.State.OPEN]
    return File(case.level, list(case.reasons) or ["Z99"], case.why, case.goals, "\n".join(lines), goes_on)


def _closed_to_all(case: Case) -> None:
    """Nobody of the old school opens it any more: not the team, not the office, not the family's links."""
    now, gone = clock.now(), _("已随学生转出。")
    for agreement in case.agreements.all():
        links.end(CASE_AGREEMENT, object_id=agreement.pk)
    for one in Measure.objects.open().filter(case=case):
        settle("measure", one.pk, sentence=gone, is_done=False)
    Measure.objects.open().filter(case=case).update(state=Measure.State.DROPPED, result=gone, ended_at=now)
    Finding.objects.open().filter(case=case).update(state=Finding.State.CLOSED, result=gone, closed_at=now)
    settle("case", case.pk, sentence=gone, is_done=False)
    CaseSeat.objects.filter(case=case).delete()
    case.state, case.closed_at, case.changed_at = Case.State.MOVED, now, now
    case.save(update_fields=["state", "closed_at", "changed_at"])
