"""A plan's page by day, teacher, class and on the map; starting, adopting and changing it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core.gate import fetch
from koumen.core.models import Job
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Org
from koumen.visits.models import Campaign, Plan
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import plans as queries
from koumen.visits.services import plans as services

WAYS = ("day", "staff", "class", "map", "left", "short")
MOST_ROUTES = 120  # on one map; more are neither legible nor quick on a phone


def _to_plan(request: Request, plan: Plan) -> HttpResponseRedirect:
    return HttpResponseRedirect(_plan_url(request, plan))


def _plan_url(request: Request, plan: Plan, name: str = "plan") -> str:
    return reverse(f"visits:{name}", kwargs={"org": request.actor.org.slug, "pk": plan.pk})


def _fetch(request: Request, pk: object, **kwargs: Any) -> Plan:
    rows = Plan.objects.select_related("campaign", "job")
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
        context |= _view(request, row)
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


def _view(request: Request, row: Plan) -> dict[str, Any]:
    """The chosen way of looking at a finished plan."""
    chosen = request.GET.get("by", "day")
    chosen = chosen if chosen in WAYS else "day"
    left = queries.unplanned(row, request.actor)
    missed = row.shortfalls if policies.manages(request.actor) else []
    labels = {"day": _("按日期"), "staff": _("按老师"), "class": _("按班级"), "map": _("地图")}
    tabs = [{"label": label, "url": f"?by={way}", "active": way == chosen} for way, label in labels.items()]
    tabs.append({"label": _("没排上"), "url": "?by=left", "active": chosen == "left", "count": len(left)})
    if policies.manages(request.actor):
        tabs.append({"label": _("没达到"), "url": "?by=short", "active": chosen == "short", "count": len(missed)})
    context = {"by": chosen, "tabs": tabs, "figures": queries.figures(row), "left_count": len(left)}
    context["missed_count"] = len(missed)
    match chosen:
        case "left":
            page = paged(request, left)  # type: ignore[arg-type]
            return context | {"page": page, "rows": queries.name_left_out(page.object_list)}
        case "short":
            page = paged(request, missed)  # type: ignore[arg-type]
            return context | {"page": page, "rows": queries.shortfalls(page.object_list)}
        case _:
            return context | _outings(request, row, chosen)


def _outings(request: Request, row: Plan, chosen: str) -> dict[str, Any]:
    actor = request.actor
    staff, school_class = _number(request, "staff"), _number(request, "class")
    if chosen == "staff" and not staff:
        return {"page": paged(request, queries.by_staff(row, actor))}
    if chosen == "class" and not school_class:
        return {"page": paged(request, queries.by_class(row, actor))}
    if chosen == "staff":
        return {
            "page": paged(request, queries.outings(row, actor, staff=staff), size=20),
            "narrowed": "staff",
            "staff_id": staff,
        }
    if chosen == "class":
        rows = list(queries.outings(row, actor, school_class=school_class)[:60])
        return {"board": rows, "narrowed": "class", "class_name": rows[0].school_class.name if rows else ""}
    days = queries.days(row, actor)
    day = _day(request, [one["day"] for one in days])
    context = {"days": days, "day": day}
    if chosen == "map":
        query = f"?day={day.isoformat()}" if day else ""
        return context | {"map_url": _plan_url(request, row, "plan_map") + query}
    return context | {"page": paged(request, queries.outings(row, actor, day=day), size=20)}


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _day(request: Request, days: list[date]) -> date | None:
    """The day asked for, if the plan has it; else its first day."""
    asked = request.GET.get("day", "")
    return next((day for day in days if day.isoformat() == asked), days[0] if days else None)


@require_GET
def plan_map(request: Request, pk: int) -> JsonResponse:
    """The routes of one day as the map draws them."""
    row = _fetch(request, pk)
    day = _day(request, [one["day"] for one in queries.days(row, request.actor)])
    rows = queries.outings(row, request.actor, day=day)[:MOST_ROUTES]
    return JsonResponse(queries.map_of(rows, Org.objects.get(pk=request.actor.org.id)))


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
