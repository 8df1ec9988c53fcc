"""Two plans of a campaign compared."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from koumen.core.gate import fetch
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.models import Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import compare as queries

READY = (Plan.State.DRAFT, Plan.State.ADOPTED, Plan.State.REPLACED)


@require_GET
def compare_with(request: Request, pk: int) -> HttpResponse:
    """Choose the plan to compare with; the only other one is compared at once."""
    plan = _plan(request, pk)
    others = list(plan.campaign.plans.filter(state__in=READY).exclude(pk=pk)[:30])
    if len(others) == 1:
        org = request.actor.org.slug
        return HttpResponseRedirect(
            reverse("visits:plan_compare", kwargs={"org": org, "pk": others[0].pk, "other": plan.pk})
        )
    return show(request, "visits/plan_compare_with", {"plan": plan, "others": others})


@require_GET
def compare(request: Request, pk: int, other: int) -> HttpResponse:
    """From plan `pk` to plan `other`: figures, outings, and the families whose time changes."""
    before = _plan(request, pk)
    rows = Plan.objects.filter(campaign=before.campaign_id, state__in=READY)
    after = fetch(request.actor, rows, other, to=policies.may_manage_plan)
    difference = queries.Difference(before, after)
    page = paged(request, difference.homes)  # type: ignore[arg-type]
    context = {
        "before": before,
        "after": after,
        "sides": (before, after),
        "pairs": queries.pairs(before, after),
        "difference": difference,
        "page": page,
        "rows": queries.changes(before, after, page.object_list),
    }
    return show(request, "visits/plan_compare", context)


def _plan(request: Request, pk: int) -> Plan:
    rows = Plan.objects.select_related("campaign").filter(state__in=READY)
    return fetch(request.actor, rows, pk, to=policies.may_manage_plan)
