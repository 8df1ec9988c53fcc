"""A case's team: who has a seat, until the term ends unless it is renewed."""

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseSeat
from koumen.care.policies.cases import may_work_on_case
from koumen.care.services.cases import seat
from koumen.care.services.casework import in_service, locked
from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Staff

Part = CaseSeat.Part
JOINING = (Part.MEMBER, Part.HELPER, Part.COUNSELLOR, Part.NAMED)  # the lead is set with the case's particulars


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
    made = seat(row, in_service(staff), part, by=by, on=clock.today())
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
    """Let these of the team go on until the new term ends; whoever is not named loses access with the old one.

    Those who have left are passed over.
    """
    row = locked(case)
    for one in CaseSeat.objects.filter(case=row, staff_id__in=staff, staff__is_active=True).select_related("staff"):
        seat(row, one.staff, one.part, by=by, on=clock.today())
    return row
