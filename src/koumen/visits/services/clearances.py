"""Who may go out in a campaign and who has no task number."""

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Staff
from koumen.visits.models import Campaign, Clearance, Exemption, OutingStaff, Plan
from koumen.visits.planning.people import clearances
from koumen.visits.policies.arrangements import may_clear_staff
from koumen.visits.policies.campaigns import may_manage_campaign

LONGEST_LIST = 5  # languages somebody speaks
LACKS = {
    Clearance.Kind.TRAINING: gettext_lazy("%(name)s还没有完成家访培训，不能外出家访。请先登记培训，或重新排程。"),
    Clearance.Kind.COMMITMENT: gettext_lazy("%(name)s还没有签家访承诺书，不能外出家访。请先登记承诺，或重新排程。"),
}


@action("campaign.ask_clearance", may=may_manage_campaign)
def ask_clearance(campaign: Campaign, *, by: Actor, training: bool, commitment: bool) -> Campaign:
    """Say whether everybody who goes out must be trained, and must have signed."""
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))
    campaign.needs_training, campaign.needs_commitment = training, commitment
    campaign.save(update_fields=["needs_training", "needs_commitment"])
    return campaign


@action("staff.clear", may=may_clear_staff)
def clear(staff: Staff, *, by: Actor, kind: str, has_it: bool, until: date | None = None) -> Clearance | None:
    """Note that somebody has done the training or signed, or has not. Raises Invalid for a day that is past."""
    if not has_it:
        Clearance.objects.filter(staff=staff, kind=kind).delete()
        return None
    if until is not None and until < clock.today():
        raise Invalid(_("有效期不能早于今天。"))
    row, _made = Clearance.objects.update_or_create(
        staff=staff, kind=kind, defaults={"valid_until": until, "noted_by": by.display_name}
    )
    return row


@action("staff.exempt", may=may_clear_staff)
def exempt(staff: Staff, *, by: Actor, campaign: Campaign, reason: str) -> Exemption | None:
    """Free somebody from the campaign's task number for this reason; without a reason the number counts again."""
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再改动。"))
    if not reason.strip():
        Exemption.objects.filter(campaign=campaign, staff=staff).delete()
        return None
    row, _made = Exemption.objects.update_or_create(
        campaign=campaign, staff=staff, defaults={"reason": reason.strip(), "noted_by": by.display_name}
    )
    return row


@action("staff.speak", may=may_clear_staff)
def set_languages(staff: Staff, *, by: Actor, languages: list[str]) -> Staff:
    """Set the languages somebody speaks beside 普通话. Raises Invalid for more than five."""
    if len(languages) > LONGEST_LIST:
        raise Invalid(_("会说的语言最多填五种。"))
    staff.languages = list(dict.fromkeys(languages))
    staff.save(update_fields=["languages"])
    return staff


def require_cleared(plan: Plan) -> None:
    """Raises Conflict naming the first person of a plan's teams who has not what the campaign asks for."""
    team = OutingStaff.objects.filter(outing__plan=plan).select_related("staff", "outing__slot")
    rows = list(team.order_by("starts_at", "pk"))
    cleared = clearances(plan.campaign, {row.staff_id for row in rows})
    for row in rows:
        one = cleared[row.staff_id]
        if one.lacks:
            raise Conflict(LACKS[Clearance.Kind(one.lacks)] % {"name": row.staff.name})
        if not one.on(row.outing.slot.date):
            raise Conflict(
                _("%(name)s的家访资格到 %(day)s 为止，之后还有外出。请先延长有效期，或重新排程。")
                % {"name": row.staff.name, "day": one.until}
            )
