"""行程报备: filed in two taps, departed, arrived and returned by big buttons, alarms seen to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Staff
from koumen.visits.forms.trips import CancelForm, ChangeForm, TripForm
from koumen.visits.models import Outing, Stop, Trip
from koumen.visits.policies import trips as policies
from koumen.visits.presets.trips import CALLS, STEPS
from koumen.visits.queries import plans
from koumen.visits.queries import trips as queries
from koumen.visits.services import calling_off
from koumen.visits.services import trips as services

SAID = ("departed", "arrived", "returned")


def _to(request: Request, trip: Trip) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("visits:trip", kwargs={"org": request.actor.org.slug, "pk": trip.pk}))


@require_http_methods(["GET", "POST"])
def file_trip(request: Request, pk: int) -> HttpResponse:
    """The form, filled in from the plan; sent, the trip is filed."""
    actor = request.actor
    outing = fetch(actor, plans.full(Outing.objects.live().select_related("trip")), pk, to=policies.may_file)
    known = getattr(outing, "trip", None)
    if known is not None and known.state != Trip.State.CANCELLED:
        return _to(request, known)
    goes = (member.staff for member in outing.team.all() if member.staff_id == actor.member_id)
    me = next(goes, None) or Staff.objects.get(pk=actor.member_id or 0)
    form = TripForm(request.POST or None, outing=outing, me=me)
    status, refusal = 200, ""
    if request.method == "POST":
        if form.is_valid():
            try:
                trip = services.file_trip(outing, by=actor, filing=form.filing())
            except (Conflict, Invalid) as refused:
                status, refusal = refused.status, str(refused)
            else:
                messages.success(request, _("已报备。出发时点“出发了”，路上平安。"))
                return _to(request, trip)
        else:
            status = 422
    context = {"outing": outing, "form": form, "refusal": refusal, "open_more": bool(form.errors)}
    return show(request, "visits/trip_new", context, status=status)


@require_GET
def trips(request: Request) -> HttpResponse:
    """Trips under way that concern the reader, the overdue first, then those over lately."""
    if request.actor.member_id is None:
        raise NotFound
    shows_past = request.GET.get("show") == "past"
    rows = queries.trips(Trip.objects.visible_to(request.actor))
    over = (Trip.State.RETURNED, Trip.State.CANCELLED)
    rows = rows.filter(state__in=over).order_by("-back_at", "pk") if shows_past else rows.exclude(state__in=over)
    tabs = [
        {"label": _("进行中"), "url": "?", "active": not shows_past},
        {"label": _("已结束"), "url": "?show=past", "active": shows_past},
    ]
    context = {
        "tabs": tabs,
        "page": paged(request, rows if shows_past else rows.order_by("back_at", "pk")),
        "shows_past": shows_past,
        "may_arrange": policies.may_arrange_safety(request.actor, request.actor.org),
        "contact": queries.contact(),
    }
    return show(request, "visits/trips", context)


@require_GET
def trip(request: Request, pk: int) -> HttpResponse:
    """One trip: what was filed, how far it is, and what the reader may do."""
    row = fetch(request.actor, queries.trips(Trip.objects.all()), pk, to=policies.may_see_trip)
    return show(request, "visits/trip", _about(request, row))


def _about(request: Request, row: Trip) -> dict[str, Any]:
    actor = request.actor
    return {
        "trip": row,
        "stops": [(stop, row.arrivals.get(str(stop.pk)) is not None) for stop in queries.stops_of(row)],
        "may_report": policies.may_report(actor, row) and not row.is_over,
        "may_change": policies.may_change(actor, row) and not row.is_over,
        "may_see_to": policies.may_see_to(actor, row),
        "goes": actor.member_id in row.team,
        "change": ChangeForm(back_at=row.back_at),
        "cancel": CancelForm(),
        "leader_phone": queries.phone_of(row.duty_leader),
    }


@require_POST
def report(request: Request, pk: int) -> HttpResponse:
    """Departed, arrived (at one stop), returned: one tap."""
    row = fetch(request.actor, Trip, pk, to=policies.may_report)
    state, stop = request.POST.get("state", ""), request.POST.get("stop", "")
    if state not in SAID:
        raise Invalid
    where = Stop.objects.filter(outing=row.outing_id or 0, pk=int(stop)).first() if _is_id(stop) else None
    services.report(row, by=request.actor, state=state, stop=where)
    words = {"departed": _("已记下出发。"), "arrived": _("已记下到达。"), "returned": _("平安返回，辛苦了。")}
    messages.success(request, words[state])
    return _to(request, row)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


@require_POST
def change(request: Request, pk: int) -> HttpResponse:
    """Another time of return."""
    row = fetch(request.actor, queries.trips(Trip.objects.all()), pk, to=policies.may_change)
    form = ChangeForm(request.POST, back_at=row.back_at)
    if not form.is_valid():
        return show(request, "visits/trip", _about(request, row) | {"change": form}, status=422)
    services.change(row, by=request.actor, back_at=form.back_at(), because=form.cleaned_data["because"])
    messages.success(request, _("返回时间已改，知悉人和值班领导都会看到。"))
    return _to(request, row)


@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """Call the outing off; its families are told."""
    row = fetch(request.actor, queries.trips(Trip.objects.all()), pk, to=policies.may_change)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return show(request, "visits/trip", _about(request, row) | {"cancel": form}, status=422)
    calling_off.cancel(row, by=request.actor, **form.cleaned_data)
    messages.success(request, _("已取消，还没家访的家长会收到通知。"))
    return _to(request, row)


@require_POST
def see_to(request: Request, pk: int) -> HttpResponse:
    """The alarm is seen to."""
    row = fetch(request.actor, Trip, pk, to=policies.may_see_to)
    services.see_to(row, by=request.actor)
    messages.success(request, _("知道您在处理了，不再重复提醒。联系上后请点“已平安返回”。"))
    return _to(request, row)


@require_GET
def card(request: Request, pk: int) -> HttpResponse:
    """应急卡: whom to call and what to do, on the phone or printed."""
    row = fetch(request.actor, queries.trips(Trip.objects.all()), pk, to=policies.may_see_trip)
    context = {
        "trip": row,
        "contact": queries.contact(),
        "leader_phone": queries.phone_of(row.duty_leader),
        "buddy_phone": queries.phone_of(row.buddy),
        "calls": CALLS,
        "steps": STEPS,
        "printed_at": clock.now(),
    }
    return show(request, "visits/trip_card", context)
