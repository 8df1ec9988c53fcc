"""A plan's explanations: one family's page, and the advice that fills in on the lists of what is missing."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from koumen.core.gate import fetch
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.models import Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import moves
from koumen.visits.queries import why as queries
from koumen.visits.services import why as services
from koumen.visits.views.ways import left_out

READY = (Plan.State.DRAFT, Plan.State.ADOPTED, Plan.State.REPLACED)


def _fetch(request: Request, pk: int) -> Plan:
    """A plan that was made. Raises NotFound for one still computing."""
    row = fetch(request.actor, Plan.objects.select_related("campaign", "job"), pk, to=policies.may_see_plan)
    if row.standing not in READY:
        raise NotFound
    return row


@require_GET
def why(request: Request, pk: int, household: int) -> HttpResponse:
    """Why one family is seen here and then, or why it is not."""
    plan = _fetch(request, pk)
    home = fetch(request.actor, queries.homes_for(plan, request.actor), household)
    context: dict[str, Any] = {
        "plan": plan,
        "home": home,
        "family": moves.name_of(home),
        "stop": moves.stop_of(plan, home),
        "may_move": policies.manages(request.actor) and plan.state in (Plan.State.DRAFT, Plan.State.ADOPTED),
        "why": services.family_why(plan, home.pk, queries.named_classes(request.actor)),
    }
    return show(request, "visits/why", context)


@require_GET
def plan_advice(request: Request, pk: int) -> HttpResponse:
    """For the tab that asks (`of=left` or `of=short`, its page and class): what helps, and why each row is there."""
    plan = _fetch(request, pk)
    if request.GET.get("of") == "short" and policies.manages(request.actor):
        rows = list(paged(request, plan.shortfalls).object_list)
        return show(request, "visits/plan_advice", {"plan": plan, "short": services.short_whys(plan, rows)})
    left = left_out(request, plan)
    rows = list(paged(request, left).object_list)  # type: ignore[arg-type]
    among = {row["household"] for row in left if "household" in row}
    advice, whys = services.left_whys(plan, rows, among, queries.named_classes(request.actor))
    context = {"plan": plan, "advice": advice, "left": list(zip(rows, whys, strict=True))}
    return show(request, "visits/plan_advice", context)
