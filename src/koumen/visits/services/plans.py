"""What is done to a plan: ask for one, adopt it, move a visit in it."""

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import clock, jobs, outbox
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import Job, OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.visits.models import Campaign, OutingStaff, Plan, PlanPart, PlanTask
from koumen.visits.policies.campaigns import may_manage_campaign, may_manage_plan
from koumen.visits.services.appointing import appoint, settle_old
from koumen.visits.services.clearances import require_cleared
from koumen.visits.services.targets import fit_targets


@action("plan.compute", may=may_manage_campaign)
def compute(
    campaign: Campaign, *, by: Actor, seed: int | None = None, effort: str = Plan.Effort.FIRST, priority: int = 0
) -> Plan:
    """Ask for a plan; it is computed in the background, higher priorities first.

    Raises Conflict while another one is being computed, Invalid when there is no such effort.
    """
    if effort not in Plan.Effort.values:
        raise Invalid(_("请选择“快速”或“精细”。"))
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束，不能再排程。"))
    waiting = campaign.plans.filter(state=Plan.State.COMPUTING).select_related("job")
    if any(plan.standing == Plan.State.COMPUTING for plan in waiting):
        raise Conflict(_("正在排程，请等它完成或先取消。"))
    fit_targets(campaign)
    PlanPart.objects.filter(plan__campaign=campaign).delete()  # of plans that were cancelled
    PlanTask.objects.filter(plan__campaign=campaign).delete()
    plan = Plan.objects.create(campaign=campaign, seed=campaign.seed if seed is None else seed, effort=effort)
    url = reverse("visits:plan", kwargs={"org": by.org.slug, "pk": plan.pk})
    title = _("排程：%s") % campaign.name
    plan.job = jobs.start("visits.plan", by=by, title=title, url=url, priority=priority, plan_id=plan.pk)
    plan.save(update_fields=["job"])
    return plan


@action("plan.adopt", may=may_manage_plan)
def adopt(plan: Plan, *, by: Actor) -> Plan:
    """Make it the campaign's plan: every family gets its visit, every member of staff the outings.

    What is recorded, and what begins within a day, stays as it is. Raises Conflict naming the first person who would
    be in two places or is not cleared, or when the plan has already begun.
    """
    campaign = Campaign.objects.select_for_update().get(pk=plan.campaign_id)
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if plan.state != Plan.State.DRAFT:
        raise Conflict(_("只有草案可以采用。"))
    if campaign.state == Campaign.State.CLOSED:
        raise Conflict(_("这次家访活动已结束。"))
    first = plan.outings.order_by("leaves_at").first()
    if first is not None and first.leaves_at < clock.now():
        raise Conflict(_("这份计划里有已经过去的外出，请重新排程。"))
    require_cleared(plan)
    settle_old(campaign, plan)
    appoint(plan)
    go_live(plan)
    plan.state, plan.adopted_by, plan.adopted_at = Plan.State.ADOPTED, by.display_name, clock.now()
    plan.save(update_fields=["state", "adopted_by", "adopted_at"])
    if campaign.state == Campaign.State.DRAFT:
        campaign.state = Campaign.State.OPEN
        campaign.save(update_fields=["state"])
    tell_staff(plan, reverse("visits:outings", kwargs={"org": by.org.slug}))
    return plan


def tell_staff(plan: Plan, url: str) -> None:
    """Tell everybody who goes, once for each plan, how often; names of families stay out of it."""
    team = OutingStaff.objects.filter(outing__plan=plan, staff__account_id__isnull=False).order_by()
    with for_others():
        for account, times in team.values_list("staff__account_id").annotate(n=Count("pk")):
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("“%(name)s”的家访安排好了") % {"name": plan.campaign.name},
                body=_("您有 %(n)d 次外出，时间和同行老师见您的日程。") % {"n": times},
                url=url,
                once_key=f"plan:{plan.pk}:{account}",
            )


@action("plan.cancel", may=may_manage_plan)
def cancel(plan: Plan, *, by: Actor) -> Plan:
    """Ask the computing of this plan to stop; nothing of it is kept."""
    if plan.job is not None and not plan.job.is_over:
        jobs.cancel(Job.objects.select_for_update().get(pk=plan.job.pk))
    return plan


def go_live(plan: Plan) -> None:
    """Put the teams' times under the database's eye. Raises Conflict naming who would be in two places."""
    clash = first_clash(plan)
    try:
        with transaction.atomic():
            OutingStaff.objects.filter(outing__plan=plan).update(is_live=True)
    except IntegrityError as error:
        raise Conflict(clash or _("有老师在同一时间被安排了两次外出，请重新排程。")) from error


def first_clash(plan: Plan) -> str:
    """Who would be in two places, as a sentence; "" when nobody."""
    mine = OutingStaff.objects.filter(outing__plan=plan).select_related("staff")
    live = OutingStaff.objects.filter(is_live=True, staff__in=mine.values("staff_id")).exclude(outing__plan=plan)
    taken: dict[int, list[OutingStaff]] = {}
    for row in live.select_related("outing__plan__campaign"):
        taken.setdefault(row.staff_id, []).append(row)
    for row in mine.order_by("starts_at", "pk"):
        for other in taken.get(row.staff_id, ()):
            if row.starts_at < other.ends_at and other.starts_at < row.ends_at:
                return _("%(name)s在%(when)s已经有“%(campaign)s”的外出，不能同时在两处。请重新排程。") % {
                    "name": row.staff.name,
                    "when": clock.local(other.starts_at).strftime("%m-%d %H:%M"),
                    "campaign": other.outing.plan.campaign.name,
                }
    return ""
