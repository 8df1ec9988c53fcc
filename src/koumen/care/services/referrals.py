"""转介: a matter goes to another office, school, the bureau or a partner, with exactly what was shown before sending.

Sender and receiver keep a copy each; what the receiver answers is written into both. A partner outside has no copy:
a printed letter goes there, and the sender writes down what came back.
"""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import Case, Referral, Task
from koumen.care.models.referrals import Way
from koumen.care.policies.referrals import (
    PARTNERS,
    RECEIVERS,
    may_answer,
    may_follow_up,
    may_refer,
)
from koumen.care.services.tasks import ends, give, settle
from koumen.care.services.words_across import say, tell_posts
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Guardianship, Org, Staff

State, To = Referral.State, Referral.To
TASK = "referral"
OPEN = (State.SENT, State.ACCEPTED)
ANSWER = ("state", "answered_by", "answered_at", "reason", "report", "reported_at")


@dataclass(frozen=True)
class Matter:
    """What is referred: to whom, which words, whether the child's name and a guardian's number go along."""

    to: str
    subject: str
    words: str
    family_told: str
    due: date
    token: UUID  # made by the page: sent twice, it goes once
    has_name: bool = True
    has_contact: bool = False
    to_name: str = ""
    to_staff: Staff | None = None
    other_org: Org | None = None


def passed_on(case: Case, matter: Matter) -> str:
    """Exactly what the receiver will read. No note of the case file is in it, only what was typed for this."""
    lines = []
    if matter.has_name:
        unit = case.student.school_class.name if case.student.school_class else ""
        lines.append(_("学生：%(name)s（%(unit)s）") % {"name": case.student.name, "unit": unit})
    else:
        lines.append(_("学生：不写姓名（档案 %(code)s）") % {"code": case.code})
    if matter.has_contact:
        ties = Guardianship.objects.filter(student=case.student_id, ends=None).select_related("guardian")
        tie = ties.order_by("order", "pk").first()
        if tie is not None:
            lines.append(_("家长：%(name)s，%(phone)s") % {"name": tie.guardian.name, "phone": tie.guardian.phone})
    return "\n".join([*lines, matter.words.strip()])


def checked_text(case: Case, matter: Matter, by: Actor) -> str:
    """What would be sent. Raises Invalid as sending would."""
    return passed_on(case, _checked(matter, by))


def digest(text: str) -> str:
    """A short mark of what was shown, so that nothing else is sent."""
    return sha256(text.encode()).hexdigest()[:32]


def bureau_of(org_id: int) -> Org | None:
    """The bureau above a school."""
    here: Org | None = Org.objects.select_related("parent__parent").get(pk=org_id).parent
    while here is not None and not here.is_bureau:
        here = here.parent
    return here


@action("referral.send", may=may_refer)
def send_referral(case: Case, *, by: Actor, matter: Matter, shown: str) -> Referral:
    """Send what was shown. The receiver gets a copy and a word, the sender a task to ask after it.

    `shown` is the digest of the text on the page of checking. Raises Invalid for what is missing, a day that is past,
    or a referral to oneself; Conflict when the text is no longer the one that was shown.
    """
    known: Referral | None = Referral.objects.filter(token=matter.token, way=Way.OUT).first()
    if known is not None and known.case_id == case.pk:
        return known
    if known is not None:
        raise Conflict(_("这一页已经用过了，请重新打开再填。"))
    matter = _checked(matter, by)
    text = passed_on(case, matter)
    if shown != digest(text):
        raise Conflict(_("要转出的内容和刚才看到的不一样了，请再核对一次。"))
    sender = Staff.objects.get(pk=by.member_id or 0)
    told: dict[str, Any] = {
        "to": matter.to, "to_name": matter.to_name.strip(), "subject": matter.subject.strip(), "passed_on": text,
        "family_told": matter.family_told.strip(), "due": matter.due, "sent_at": clock.now(),
        "sent_by_name": by.display_name, "sent_from": by.org.name,
    }  # fmt: skip
    row = Referral.objects.create(
        way=Way.OUT,
        token=matter.token,
        case=case,
        to_staff=matter.to_staff,
        other_org=matter.other_org,
        sent_by=sender,
        **told,
    )
    with for_others():
        title = _("问一问转介 %(n)s 的结果") % {"n": row.pk}
        give(sender, by=by, title=title, due=matter.due, about=TASK, about_id=row.pk)
        if matter.to == To.OFFICE and matter.to_staff is not None:
            copy = Referral.objects.create(
                way=Way.IN, token=row.token, to_staff=matter.to_staff, other_org_id=by.org.id, **told
            )
            give(matter.to_staff, by=by, title=_("受理一件转介"), due=matter.due, about=TASK, about_id=copy.pk)
        elif matter.other_org is not None:
            with scope.enter(matter.other_org.pk):
                copy = Referral.objects.create(way=Way.IN, token=row.token, other_org_id=by.org.id, **told)
                tell_posts(copy, RECEIVERS, matter.other_org.slug)
    return row


def _checked(matter: Matter, by: Actor) -> Matter:
    """The matter with what follows from its kind. Raises Invalid."""
    if not matter.subject.strip() or not matter.words.strip():
        raise Invalid(_("请写明事由和要转出的内容。"))
    if len(matter.family_told.strip()) < 2:
        raise Invalid(_("请写一下怎么告知家长的；依法不告知的，写明原因。"))
    if matter.due < clock.today():
        raise Invalid(_("希望反馈的日期不能早于今天。"))
    if matter.to == To.OFFICE:
        return replace(matter, to_staff=_colleague(matter.to_staff, by), other_org=None, to_name="")
    if matter.to in (To.SCHOOL, To.BUREAU):
        org = _school(matter.other_org, by) if matter.to == To.SCHOOL else bureau_of(by.org.id)
        if org is None:
            raise Invalid(_("本校没有登记上级教育局，请改选“其他”并打印转介函。"))
        return replace(matter, to_staff=None, other_org=org, to_name=org.name)
    if matter.to not in PARTNERS or not matter.to_name.strip():
        raise Invalid(_("请写明转给哪个单位。"))
    return replace(matter, to_staff=None, other_org=None)


def _school(org: Org | None, by: Actor) -> Org:
    if org is None or org.is_bureau or not org.is_active:
        raise Invalid(_("请选一所学校。"))
    if org.pk == by.org.id:
        raise Invalid(_("不能转给本校自己，请改选“校内部门”。"))
    return org


def _colleague(staff: Staff | None, by: Actor) -> Staff:
    if staff is None:
        raise Invalid(_("请选校内由谁受理。"))
    if staff.pk == by.member_id:
        raise Invalid(_("不能转给自己，请选另一位同事。"))
    if not staff.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    return staff


@action("referral.answer", may=may_answer)
def answer(referral: Referral, *, by: Actor, is_accepted: bool, reason: str = "") -> Referral:
    """The receiver takes it on, or gives it back with a reason; the sender is told.

    Raises Invalid without a reason, Conflict when it was answered or taken back.
    """
    if not is_accepted and not reason.strip():
        raise Invalid(_("请写明退回的原因。"))
    row = _locked(referral)
    if row.state != State.SENT:
        raise Conflict(_("这件转介已经处理过或已撤回。"))
    row.state = State.ACCEPTED if is_accepted else State.RETURNED
    row.answered_by, row.answered_at = _signed(by), clock.now()
    row.reason = "" if is_accepted else reason.strip()[:300]
    _saved(row, by)
    return row


@action("referral.report", may=may_answer)
def report_back(referral: Referral, *, by: Actor, report: str) -> Referral:
    """The receiver says what came of it. Raises Invalid without words, Conflict when it is over."""
    return _reported(_locked(referral), by, report)


def _reported(row: Referral, by: Actor, report: str) -> Referral:
    if not report.strip() or len(report) > 2000:
        raise Invalid(_("请写一下办理结果，2000 字以内。"))
    if row.state not in OPEN:
        raise Conflict(_("这件转介已经处理过或已撤回。"))
    if row.answered_at is None:
        row.answered_by, row.answered_at = _signed(by), clock.now()
    row.state, row.report, row.reported_at = State.REPORTED, report.strip(), clock.now()
    _saved(row, by)
    return row


@action("referral.withdraw", may=may_follow_up)
def withdraw(referral: Referral, *, by: Actor) -> Referral:
    """Take it back before it is answered: the receiver's copy tells nothing more. Raises Conflict afterwards."""
    row = _locked(referral)
    if row.state != State.SENT:
        raise Conflict(_("对方已经受理或退回，不能撤回。"))
    row.state = State.WITHDRAWN
    row.save(update_fields=["state"])
    settle(TASK, row.pk, sentence=_("转介已撤回。"), is_done=False)
    home = row.other_org_id if row.other_org_id is not None else by.org.id
    with scope.enter(home):
        copy = Referral.objects.filter(token=row.token, way=Way.IN).first()
        if copy is not None:
            copy.state, copy.passed_on = State.WITHDRAWN, ""
            copy.save(update_fields=["state", "passed_on"])
            settle(TASK, copy.pk, sentence=_("转介已撤回。"), is_done=False)
    return row


@action("referral.record_answer", may=may_follow_up)
def record_answer(referral: Referral, *, by: Actor, did: str, who: str, words: str) -> Referral:
    """Write down what a partner without an account answered: accepted, returned or reported, and who said so.

    Raises Invalid when something is missing, Conflict when it is over or the receiver answers here itself.
    """
    row = _locked(referral)
    if row.to not in PARTNERS:
        raise Conflict(_("对方在系统里自己回复，不用代填。"))
    if row.state not in OPEN:
        raise Conflict(_("这件转介已经处理过或已撤回。"))
    if not who.strip():
        raise Invalid(_("请写一下对方是谁回复的。"))
    if did != "accept" and not words.strip():
        raise Invalid(_("请写一下对方的回复。"))
    row.answered_by, row.answered_at = who.strip()[:60], row.answered_at or clock.now()
    if did == "accept":
        row.state = State.ACCEPTED
    elif did == "return":
        row.state, row.reason = State.RETURNED, words.strip()[:300]
    else:
        row.state, row.report, row.reported_at = State.REPORTED, words.strip()[:2000], clock.now()
    row.save(update_fields=list(ANSWER))
    if row.state != State.ACCEPTED:
        settle(TASK, row.pk, sentence=_("对方已回复。"))
    return row


@ends(TASK)
def _task_done(task: Task, by: Actor, sentence: str) -> None:
    """Whoever was to take it on says it is done: that is the report. So is what a sender writes of a partner."""
    row = Referral.objects.open().filter(pk=int(task.about_id)).first() if task.about_id.isdecimal() else None
    if row is None:
        return
    if row.way == Way.IN:
        _reported(row, by, sentence)
    elif row.to in PARTNERS:
        row.state, row.report, row.reported_at = State.REPORTED, sentence, clock.now()
        row.save(update_fields=["state", "report", "reported_at"])


def _locked(referral: Referral) -> Referral:
    row: Referral = Referral.objects.select_for_update(of=("self",)).select_related("case").get(pk=referral.pk)
    return row


def _signed(by: Actor) -> str:
    return f"{by.org.name} {by.display_name}"[:60]


def _saved(row: Referral, by: Actor) -> None:
    """Save the receiver's answer here and in the sender's copy, end what waited for it, tell the sender."""
    row.save(update_fields=list(ANSWER))
    if row.state != State.ACCEPTED:
        settle(TASK, row.pk, sentence=str(row.get_state_display()))
    home = Org.objects.get(pk=row.other_org_id or 0)
    with scope.enter(home.pk):
        twin = Referral.objects.select_for_update(of=("self",)).select_related("sent_by").get(
            token=row.token, way=Way.OUT
        )  # fmt: skip
        for name in ANSWER:
            setattr(twin, name, getattr(row, name))
        twin.save(update_fields=list(ANSWER))
        if twin.state != State.ACCEPTED:
            settle(TASK, twin.pk, sentence=str(twin.get_state_display()))
        if twin.sent_by is not None:
            with for_others():
                subject = _("转介 %(n)s：%(state)s") % {"n": twin.pk, "state": twin.get_state_display()}
                say(twin.sent_by.account_id, subject, home.slug, twin)
