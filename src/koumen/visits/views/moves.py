"""Moving one visit to another outing: choose, see what it changes, confirm."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Household
from koumen.visits.forms.moves import OUT, MoveForm
from koumen.visits.models import Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import moves as queries
from koumen.visits.services import moves as services


@require_http_methods(["GET", "POST"])
def move_visit(request: Request, pk: int, household: int) -> HttpResponse:
    """GET chooses an outing and shows what a move there would change; POST does it."""
    plan = fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)
    home = fetch(request.actor, queries.homes_in(plan), household)
    stop = queries.stop_of(plan, home)
    form = MoveForm(
        request.POST if request.method == "POST" else request.GET if "to" in request.GET else None,
        groups=queries.targets_for(plan, home, stop),
    )
    context: dict[str, Any] = {"plan": plan, "home": home, "stop": stop, "form": form}
    context["family"] = queries.name_of(home)
    refusal, status = "", 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound:
        to = "" if form.cleaned_data["to"] == OUT else form.cleaned_data["to"]
        try:
            if request.method == "POST":
                return _done(request, plan, home, to)
            context["effects"] = services.look_at_move(plan, home, to)
        except (Invalid, Conflict) as refused:
            refusal, status = str(refused), refused.status
    return show(request, "visits/plan_move", context | {"refusal": refusal}, status=status)


def _done(request: Request, plan: Plan, home: Household, to: str) -> HttpResponse:
    seen = request.POST.get("seen", "")[:64]
    if not seen:
        raise NotFound
    services.move_visit(plan, by=request.actor, household=home, to=to, seen=seen)
    if request.htmx:  # the board tells and draws itself anew
        return HttpResponse(status=204)
    messages.success(request, _("已调整。") if to else _("已移出计划，可以在“没排上”里重新安排。"))
    here = reverse("visits:plan", kwargs={"org": request.actor.org.slug, "pk": plan.pk})
    school_class = to.partition("@")[0]
    return HttpResponseRedirect(f"{here}?by=board&class={school_class}" if to else f"{here}?by=left")
