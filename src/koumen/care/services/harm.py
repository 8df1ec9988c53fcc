"""强制报告: a report of suspected harm, its restricted case, the checklist with its times, the persons named on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseSeat, HarmReport, HarmStep, NumberCount
from koumen.care.models.findings import Source
from koumen.care.policies.cases import may_report_harm
from koumen.care.policies.harm import NAMED_POSTS, THEN, may_handle
from koumen.care.presets.harm import MUST, STEPS, Situation
from koumen.care.services.cases import seat
from koumen.care.services.numbers import next_number
from koumen.care.services.tasks import give, settle
from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Role, Staff, Student

TASK = "harm"
WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Suspicion:
    """What somebody noticed. `concerns` is a colleague it is about, if it is; `token` was made by the page."""

    kind: str
    what: str
    found_at: datetime
    token: UUID
    concerns: Staff | None = None
    record_id: UUID | None = None


@action("harm.report", may=may_report_harm)
def report_harm(student: Student, *, by: Actor, suspicion: Suspicion) -> HarmReport:
    """Take a report in: the child's restricted case is opened, or the one that lives is joined, and the named are told.

    Sent twice, it is there once. Raises Invalid without words, for an unknown situation or a moment to come.
    """
    if suspicion.kind not in Situation.values:
        raise Invalid(_("请选一种情形。"))
    if not suspicion.what.strip() or len(suspicion.what) > 2000:
        raise Invalid(_("请写下看到或听到的，2000 字以内。原话照写，不用判断。"))
    if suspicion.found_at > clock.now() + timedelta(minutes=5):
        raise Invalid(_("发现时间不能晚于现在。"))
    known: HarmReport | None = HarmReport.objects.filter(token=suspicion.token).first()
    if known is not None and known.by_id == by.member_id:
        return known
    if known is not None:
        raise Conflict(_("这一页已经用过了，请重新打开再填。"))
    reporter = Staff.objects.get(pk=by.member_id or 0)
    Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    case = Case.objects.live().filter(student=student, kind=Case.Kind.HARM).first() or _opened(student, reporter)
    row = HarmReport.objects.create(
        case=case,
        by=reporter,
        at=clock.now(),
        token=suspicion.token,
        kind=suspicion.kind,
        what=suspicion.what.strip(),
        found_at=suspicion.found_at,
        concerns=suspicion.concerns,
        record_id=suspicion.record_id,
    )
    if suspicion.concerns is not None:  # a later report may concern somebody named on the first
        CaseSeat.objects.filter(case=case, staff=suspicion.concerns).delete()
    _call(case, reporter, by)
    return row


def _opened(student: Student, reporter: Staff) -> Case:
    today = clock.today()
    row: Case = Case.objects.create(
        year=today.year,
        number=next_number(NumberCount.Series.CASE, today.year),
        student=student,
        kind=Case.Kind.HARM,
        state=Case.State.OPEN,
        level=Case.Level.URGENT,
        source=Source.TEACHER,
        opened_on=today,
        opened_by=reporter,
        changed_at=clock.now(),
    )
    return row


def _call(case: Case, reporter: Staff, by: Actor) -> None:
    """Name whoever must know, give each a task until the day is over, and tell them at once."""
    concerned = case.harm_reports.exclude(concerns=None).values("concerns")
    named = _holding(NAMED_POSTS, concerned) or _holding(THEN, concerned) or [reporter]
    for person in named:
        known = CaseSeat.objects.filter(case=case, staff=person).exists()
        if not known:
            seat(case, person, CaseSeat.Part.NAMED, by=by, on=clock.today())
        _tell(case, person, by, is_new=not known)
    if case.lead_id is None or case.harm_reports.filter(concerns=case.lead_id).exists():
        case.lead = named[0]
        case.save(update_fields=["lead"])


def _holding(posts: Iterable[str], concerned: Any) -> list[Staff]:
    held = Role.objects.current(clock.today()).filter(post__in=posts)
    rows = Staff.objects.filter(roles__in=held, is_active=True).exclude(pk__in=concerned)
    return list(rows.distinct().order_by("pk"))


def _tell(case: Case, person: Staff, by: Actor, *, is_new: bool) -> None:
    """The words name neither the child nor the matter."""
    with for_others():
        give(
            person,
            by=by,
            title=_("请查看一件限时事项"),
            due=clock.today() + timedelta(days=1),
            about=TASK,
            about_id=case.pk,
            once_key=f"harm:{case.pk}:{person.pk}",
        )
        if person.account_id is not None:
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=person.account_id,
                subject=_("有一件限时事项，请立即查看") if is_new else _("一件限时事项有新的情况"),
                body=_("24 小时内要办的步骤已列好。"),
                url=reverse("care:harm", kwargs={"org": by.org.slug, "pk": case.pk}),
                urgent=True,
            )


def _live(case: Case) -> Case:
    row: Case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not row.is_live:
        raise Conflict(_("这件事已经办结，不能再改。"))
    return row


@action("harm.step", may=may_handle)
def do_step(case: Case, *, by: Actor, step: str, note: str) -> HarmStep:
    """A step is done, now, by this person; it is never undone, only followed by another of the same name.

    With the last of those the law asks for, the tasks end. Raises Invalid for an unknown step or without a word.
    """
    if step not in STEPS:
        raise Invalid(_("请选清单里的一步。"))
    if not note.strip() or len(note) > 1000:
        raise Invalid(_("请写一句：找了谁，几点，怎么答复的。"))
    row = _live(case)
    done: HarmStep = HarmStep.objects.create(
        case=row, step=step, note=note.strip(), by=Staff.objects.get(pk=by.member_id or 0), at=clock.now()
    )
    if set(row.harm_steps.filter(step__in=MUST).values_list("step", flat=True)) == set(MUST):
        settle(TASK, row.pk, sentence=_("24 小时内的步骤已办。"))
    return done


@action("harm.name", may=may_handle)
def name_person(case: Case, *, by: Actor, staff: Staff) -> CaseSeat:
    """Let one more person know. Raises Invalid for somebody who left, or whom it concerns."""
    row = _live(case)
    if not staff.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    made = seat(row, staff, CaseSeat.Part.NAMED, by=by, on=clock.today())
    _tell(row, staff, by, is_new=True)
    return made


@action("harm.unname", may=may_handle)
def unname_person(case: Case, *, by: Actor, staff: Staff) -> Case:
    """This person need not know any more; somebody always stays. Raises Conflict for the last one."""
    row = _live(case)
    seats = CaseSeat.objects.live(clock.today()).filter(case=row)
    if not seats.exclude(staff=staff).exists():
        raise Conflict(_("至少要有一位知情人。"))
    seats.filter(staff=staff).delete()
    if row.lead_id == staff.pk:
        row.lead = seats.exclude(staff=staff).select_related("staff").order_by("pk")[0].staff
        row.save(update_fields=["lead"])
    return row
