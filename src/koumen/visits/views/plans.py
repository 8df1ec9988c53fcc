"""A plan's page; starting, adopting and cancelling it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core.gate import fetch
from koumen.core.models import Job
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Org
from koumen.visits.models import Campaign, Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import plans as queries
from koumen.visits.queries.routes import map_of
from koumen.visits.services import plans as services
from koumen.visits.views.ways import MOST_ROUTES, day_of, left_out, looked_at, narrow_of

MOST_IN_TRAY = 20  # the rest is in its own tab


def _to_plan(request: Request, plan: Plan) -> HttpResponseRedirect:
    return HttpResponseRedirect(_plan_url(request, plan))


def _plan_url(request: Request, plan: Plan, name: str = "plan") -> str:
    return reverse(f"visits:{name}", kwargs={"org": request.actor.org.slug, "pk": plan.pk})


def _fetch(request: Request, pk: object, **kwargs: Any) -> Plan:
    rows = Plan.objects.select_related("campaign", "job", "roads")
    return fetch(request.actor, rows, pk, to=policies.may_see_plan, **kwargs)


@require_POST
def plan_start(request: Request, pk: int) -> HttpResponse:
    """排程: ask for a plan."""
    campaign = fetch(request.actor, Campaign, pk, to=policies.may_manage_campaign)
    effort = request.POST.get("effort", Plan.Effort.FIRST)
    return _to_plan(request, services.compute(campaign, by=request.actor, effort=effort))


@require_GET
def plan(request: Request, pk: int) -> HttpResponse:
    """A plan's figures, and one of its views."""
    row = _fetch(request, pk)
    context: dict[str, Any] = {
        "plan": row,
        "campaign": row.campaign,
        "may_manage": policies.manages(request.actor),
        "job": _job(request, row),
        "is_ready": row.standing not in (Plan.State.COMPUTING, Plan.State.FAILED),
    }
    if context["is_ready"]:
        context |= looked_at(request, row)
    return show(request, "visits/plan", context)


@require_GET
def plan_progress(request: Request, pk: int) -> HttpResponse:
    """How far the computing is, asked again by the page every two seconds."""
    row = _fetch(request, pk)
    return show(request, "core/job", {"job": _job(request, row)})


def _job(request: Request, row: Plan) -> dict[str, Any]:
    job = row.job
    state = job.state if job else Job.State.FAILED
    text = job.text if job else _("排程没有完成，请重新开始。")
    if state == Job.State.CANCELLED:
        text = _("已取消，没有改动任何内容。")
    may_cancel = job is not None and not job.is_over and not job.cancel_asked and policies.manages(request.actor)
    return {
        "label": _("排程"),
        "state": Job.State.FAILED if state == Job.State.CANCELLED else state,
        "done": job.done if job else 0,
        "total": job.total if job else 0,
        "message": text,
        "url": _plan_url(request, row) if state == Job.State.DONE else "",
        "poll_url": _plan_url(request, row, "plan_progress"),
        "cancel_url": _plan_url(request, row, "plan_cancel") if may_cancel else "",
        "cancel_label": _("取消排程"),
    }


@require_GET
def plan_map(request: Request, pk: int) -> JsonResponse:
    """The routes of one day as the map draws them."""
    row, narrow = _fetch(request, pk), narrow_of(request)
    day = day_of(request, queries.days(row, request.actor, narrow), narrow)
    found = queries.outings(row, request.actor, narrow, day)[:MOST_ROUTES]
    return JsonResponse(map_of(found, Org.objects.get(pk=request.actor.org.id)))


@require_GET
def plan_tray(request: Request, pk: int) -> HttpResponse:
    """The first families without a visit, from where they are dragged onto the board."""
    row = fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)
    left = [one for one in left_out(request, row) if "household" in one]
    rows = queries.name_left_out(left[:MOST_IN_TRAY])
    context = {"plan": row, "rows": rows, "left_count": len(left), "more": len(left) > MOST_IN_TRAY}
    return show(request, "visits/plan_tray", context | {"left_url": f"{_plan_url(request, row)}?by=left"})


@require_POST
def plan_adopt(request: Request, pk: int) -> HttpResponse:
    """Make this plan the one that counts."""
    row = fetch(request.actor, Plan, pk, to=policies.may_manage_plan)
    services.adopt(row, by=request.actor)
    messages.success(request, _("已采用。每位老师都能在自己的日程里看到家访安排。"))
    return _to_plan(request, row)


@require_POST
def plan_cancel(request: Request, pk: int) -> HttpResponse:
    """Stop computing."""
    row = fetch(request.actor, Plan.objects.select_related("job"), pk, to=policies.may_manage_plan)
    services.cancel(row, by=request.actor)
    return _to_plan(request, row)
