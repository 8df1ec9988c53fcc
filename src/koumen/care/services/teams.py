"""A case's team: who has a seat, until the term ends unless it is renewed."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseSeat, Task
from koumen.care.policies.cases import is_program_in, may_work_on_case
from koumen.care.presets.cases import NEAR_THE_END
from koumen.care.queries.cases import with_seats_ending
from koumen.care.services.cases import class_teacher_of, seat
from koumen.care.services.casework import ABOUT_TEAM, locked, nameable
from koumen.care.services.tasks import give, settle
from koumen.core import clock, outbox
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Staff
from koumen.registry.queries.calendar import term_of

Part = CaseSeat.Part
JOINING = (Part.MEMBER, Part.HELPER, Part.COUNSELLOR, Part.NAMED)  # the lead is set with the case's particulars
TIME_TO_RENEW = timedelta(days=7)


@action("case.seat", may=may_work_on_case)
def give_seat(case: Case, *, by: Actor, staff: Staff, part: str) -> CaseSeat:
    """Put somebody on the team until the term ends, and tell them. The lead stays the lead.

    Raises Invalid for an unknown part or somebody who has left.
    """
    if part not in JOINING:
        raise Invalid(_("请选一种分工。"))
    row = locked(case)
    if row.lead_id == staff.pk:
        raise Conflict(_("负责人已经在团队里。要换负责人，请修改档案。"))
    made = seat(row, nameable(staff, row), part, by=by, on=clock.today())
    if staff.account_id is not None and staff.pk != by.member_id:
        with for_others():
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=staff.account_id,
                subject=_("请您参加一份一生一案"),
                body=_("%(name)s请您参加 %(code)s，有效至 %(day)s。") % {
                    "name": by.display_name, "code": row.code, "day": made.ends.isoformat(),
                },
                url=reverse("care:case", kwargs={"org": by.org.slug, "pk": row.pk}),
                once_key=f"case-seat:{row.pk}:{staff.pk}:{part}:{made.ends}",
            )  # fmt: skip
    return made


@action("case.unseat", may=may_work_on_case)
def end_seat(case: Case, *, by: Actor, staff: Staff) -> Case:
    """Take somebody off the team at once. Raises Conflict for the lead; safe to repeat."""
    row = locked(case)
    if row.lead_id == staff.pk:
        raise Conflict(_("负责人不能离开团队，请先换负责人。"))
    CaseSeat.objects.filter(case=row, staff=staff).delete()
    return row


@action("case.renew", may=may_work_on_case)
def renew_seats(case: Case, *, by: Actor, staff: list[int]) -> Case:
    """Let these of the team go on until the term ends; in its last two weeks, until the next one does.

    Whoever is not named loses access with the old term; those who have left are passed over.
    """
    row, today = locked(case), clock.today()
    ends = term_of(today)[1]
    if ends < today + NEAR_THE_END:
        ends = term_of(ends + timedelta(days=1))[1]
    seats = CaseSeat.objects.filter(case=row, staff_id__in=staff, staff__is_active=True, ends__lt=ends)
    seats.update(ends=ends, given_by=by.display_name)
    settle(ABOUT_TEAM, row.pk, sentence=_("已续期。"))
    return row


@action("case.ask_renewal", may=is_program_in)
def ask_renewals(school: OrgRef, *, by: Actor) -> int:
    """Whose team's time runs out: the class teacher gets a task, once a term. Returns how many new ones."""
    asked = 0
    with for_others():
        for row in with_seats_ending(Case.objects.live().ordinary(), clock.today()).select_related("student", "lead"):
            owner = class_teacher_of(row.student) or row.lead
            key = f"case-team:{row.pk}:{term_of(max(one.ends for one in row.ending))[1]}"
            if owner is None or not owner.is_active or Task.objects.filter(once_key=key).exists():
                continue
            give(
                owner,
                by=by,
                title=_("看一看 %(code)s 的团队要不要续期") % {"code": row.code},
                due=clock.today() + TIME_TO_RENEW,
                about=ABOUT_TEAM,
                about_id=row.pk,
                once_key=key,
            )
            asked += 1
    return asked
