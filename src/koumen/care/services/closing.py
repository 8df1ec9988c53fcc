"""撤档: one asks, another confirms; and a closed case taken up again."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseNote, CaseSeat, Finding, Measure, Referral
from koumen.care.policies.cases import may_reopen, may_work_on_case
from koumen.care.services.cases import class_teacher_of, gather, seat
from koumen.care.services.casework import ABOUT_TEAM, State, locked, saved
from koumen.care.services.tasks import settle
from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff, Student

ASKED = ("close_asked_by", "close_asked_at", "close_reason")


@action("case.ask_close", may=may_work_on_case)
def ask_close(case: Case, *, by: Actor, because: str) -> Case:
    """Ask that the case be closed; somebody else decides. Safe to repeat.

    Raises Invalid without a reason, Conflict while a measure or a referral is open.
    """
    if len(because.strip()) < 5 or len(because) > 500:
        raise Invalid(_("请写明撤档理由（5 到 500 个字）。"))
    row = locked(case)
    _nothing_left(row)
    me = Staff.objects.get(pk=by.member_id or 0)
    if row.close_asked_by_id not in (None, me.pk):
        raise Conflict(_("已有老师申请撤档，请核对后确认或退回。"))
    is_new = row.close_asked_by_id is None
    row.close_asked_by, row.close_asked_at, row.close_reason = me, clock.now(), because.strip()
    saved(row, *ASKED)
    if is_new:
        _tell_others(row, me, by)
    return row


def _nothing_left(row: Case) -> None:
    left = Measure.objects.open().filter(case=row).count()
    if left:
        raise Conflict(_("还有 %(n)d 项措施没有办结，请先办结或取消。") % {"n": left})
    if Referral.objects.open().filter(case=row).exists():
        raise Conflict(_("还有转介没有反馈结果，请先处理。"))


@action("case.close", may=may_work_on_case)
def confirm_close(case: Case, *, by: Actor) -> Case:
    """The second person agrees: the case is over, and so are its problems, tasks and the family's link.

    Raises Forbidden for whoever asked, Conflict when nobody did or something was begun meanwhile.
    """
    row = _asked(case)
    if row.close_asked_by_id == by.member_id:
        raise Forbidden(_("撤档要由另一位老师确认：您是申请人，不能自己确认。请团队里的其他老师或德育处来确认。"))
    _nothing_left(row)
    row.state, row.closed_at = State.CLOSED, clock.now()
    row.closed_by = Staff.objects.get(pk=by.member_id or 0)
    for about in ("case", ABOUT_TEAM):
        settle(about, row.pk, sentence=_("已撤档。"), is_done=False)
    Finding.objects.open().filter(case=row).update(
        state=Finding.State.CLOSED, closed_at=row.closed_at, closed_by=row.closed_by, result=_("随一生一案撤档办结。")
    )
    return saved(row, "state", "closed_at", "closed_by")


@action("case.refuse_close", may=may_work_on_case)
def refuse_close(case: Case, *, by: Actor, because: str) -> Case:
    """The second person does not agree, or whoever asked takes it back; the reason stays in the file."""
    if len(because.strip()) < 2 or len(because) > 500:
        raise Invalid(_("请写一句为什么不撤档。"))
    row = _asked(case)
    _noted(row, by, _("没有撤档：%(why)s") % {"why": because.strip()})
    row.close_asked_by, row.close_asked_at, row.close_reason = None, None, ""
    return saved(row, *ASKED)


@action("case.reopen", may=may_reopen)
def reopen(case: Case, *, by: Actor, because: str) -> Case:
    """Take a closed case up again. It is a proposal until somebody says what is done now.

    Raises Invalid without a reason or when the child is gone, Conflict when the child has another case meanwhile.
    """
    if len(because.strip()) < 5 or len(because) > 500:
        raise Invalid(_("请写明重新建档的理由（5 到 500 个字）。"))
    student = Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=case.student_id)
    row: Case = Case.objects.select_for_update(of=("self",)).select_related("lead").get(pk=case.pk)
    if row.state != State.CLOSED:
        raise Conflict(_("这份一生一案没有撤档。"))
    if student.state in (Student.State.MOVED, Student.State.GRADUATED):
        raise Invalid(_("这名学生已经转出或毕业，不能在本校重新建档。"))
    if Case.objects.live().filter(student=student, kind=row.kind).exists():
        raise Conflict(_("这名学生已经有一份新的一生一案，请在那一份里继续。"))
    if row.lead is None or not row.lead.is_active:
        row.lead = class_teacher_of(student) or Staff.objects.get(pk=by.member_id or 0)
    row.state, row.times_reopened = State.PROPOSED, row.times_reopened + 1
    row.closed_by, row.closed_at, row.no_action = None, None, ""
    row.close_asked_by, row.close_asked_at, row.close_reason = None, None, ""
    saved(row, "state", "times_reopened", "lead", "closed_by", "closed_at", "no_action", *ASKED)
    seat(row, row.lead, CaseSeat.Part.LEAD, by=by, on=clock.today())
    if by.member_id not in (None, row.lead.pk):
        seat(row, Staff.objects.get(pk=by.member_id), CaseSeat.Part.MEMBER, by=by, on=clock.today())
    _noted(row, by, _("重新建档：%(why)s") % {"why": because.strip()})
    gather(row)
    return row


def _asked(case: Case) -> Case:
    row = locked(case)
    if row.close_asked_by_id is None:
        raise Conflict(_("还没有人申请撤档。"))
    return row


def _noted(row: Case, by: Actor, text: str) -> None:
    writer = Staff.objects.get(pk=by.member_id or 0)
    CaseNote.objects.create(case=row, kind=CaseNote.Kind.TEAM, text=text, by=writer, at=clock.now())


def second_persons(case: Case, asker: Staff) -> "QuerySet[Staff]":
    """Whoever may confirm: the team while its seats last; in a case of care the class teacher and the office, too."""
    today = clock.today()
    seats = CaseSeat.objects.live(today).filter(case=case).values("staff_id")
    rows: QuerySet[Staff] = Staff.objects.filter(is_active=True).exclude(pk=asker.pk)
    if case.kind == Case.Kind.HARM:
        return rows.filter(pk__in=seats)
    own = Q(post="class_teacher", school_class=case.student.school_class_id)
    posts = Role.objects.current(today).filter(Q(post="moral_office") | own)
    return rows.filter(Q(pk__in=seats) | Q(pk__in=posts.values("staff_id")))


def _tell_others(row: Case, asker: Staff, by: Actor) -> None:
    at = row.close_asked_at
    with for_others():
        for account in second_persons(row, asker).exclude(account_id=None).values_list("account_id", flat=True):
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("一份一生一案等第二人确认撤档"),
                body=_("%(name)s申请撤档 %(code)s，请核对后确认或退回。") % {"name": by.display_name, "code": row.code},
                url=reverse("care:case", kwargs={"org": by.org.slug, "pk": row.pk}),
                once_key=f"case-close:{row.pk}:{account}:{at.timestamp() if at else 0:.0f}",
            )
