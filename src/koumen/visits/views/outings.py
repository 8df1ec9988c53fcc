"""Outings: one's own on the phone, and one outing's page."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from koumen.core import audit, clock
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Org
from koumen.visits.models import GroupVisit, Outing, Trip
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies import campaigns as policies
from koumen.visits.policies.arrangements import may_record_group
from koumen.visits.policies.trips import goes, may_file, may_report
from koumen.visits.queries import plans as queries
from koumen.visits.queries import trips
from koumen.visits.queries.routes import map_of

MOST_OUTINGS = 500


@require_GET
def outings(request: Request) -> HttpResponse:
    """One's own outings: those to come, or those behind."""
    actor = request.actor
    if actor.member_id is None or not actor.holds(*TEACHING):
        raise NotFound
    shows_past = request.GET.get("show") == "past"
    start = clock.now() - timedelta(hours=12)
    if shows_past:
        rows = queries.outings_of_staff(actor.member_id, until=start).order_by("-leaves_at", "pk")
    else:
        rows = queries.outings_of_staff(actor.member_id, since=start)
    tabs = [
        {"label": _("接下来"), "url": "?", "active": not shows_past},
        {"label": _("过去的"), "url": "?show=past", "active": shows_past},
    ]
    page, today = paged(request, rows, size=10), clock.today()
    mine = [
        {
            "outing": row,
            "is_today": row.slot.date == today,
            "has_begun": row.slot.date <= today,
            "has_map": policies.may_see_addresses(actor, row),
        }
        for row in page
    ]
    context = {"tabs": tabs, "page": page, "mine": mine, "shows_past": shows_past}
    return show(request, "visits/outings", context)


@require_GET
def outing(request: Request, pk: int) -> HttpResponse:
    """One outing: who goes, when, in which order; and where, for those who go."""
    actor = request.actor
    row = fetch(actor, queries.full(Outing.objects.all()), pk, to=policies.may_see_outing)
    shows = policies.may_see_addresses(actor, row)
    if shows:
        audit.note_read(actor, "outing.read_addresses", row)
    known = queries.addresses(row) if shows else {}
    context = {
        "outing": row,
        # Nobody goes to the door of a family met at a group visit: its address is nobody's business then.
        "stops": [(one, "" if one.group_visit else known.get(one.household_id, "")) for one in row.stops.all()],
        "shows_addresses": shows,
        "may_manage": policies.manages(actor),
        "has_map": _sees_map(actor, row),
        "to_record": _groups(actor, row),
    }
    return show(request, "visits/outing", context | _trip_of(actor, row))


def _groups(actor: Actor, row: Outing) -> list[GroupVisit]:
    """The group visits of an outing that has begun, for those who write them down."""
    if row.slot.date > clock.today():
        return []
    found = {one.group_visit for one in row.stops.all() if one.group_visit is not None}
    return [group for group in sorted(found, key=lambda one: one.pk) if may_record_group(actor, group)]


def _trip_of(actor: Actor, row: Outing) -> dict[str, Any]:
    """The trip filed for it, as far as the reader sees trips, and what they may do."""
    trip = trips.trips(Trip.objects.visible_to(actor).filter(outing=row)).first()
    is_open = trip is not None and not trip.is_over
    stands = trip is not None and trip.state != Trip.State.CANCELLED
    return {
        "trip": trip,
        "goes": goes(actor, row),
        "may_report": trip is not None and is_open and may_report(actor, trip),
        "may_file": not stands and may_file(actor, row) and row.plan.is_live and row.back_at >= clock.now(),
    }


@require_GET
def outing_map(request: Request, pk: int) -> JsonResponse:
    """One outing's route as the map draws it; for those who see its addresses, and for those who plan."""
    row = fetch(request.actor, queries.full(Outing.objects.all()), pk, to=_sees_map)
    return JsonResponse(map_of([row], Org.objects.get(pk=request.actor.org.id)))


def _sees_map(actor: Actor, row: Outing) -> bool:
    return policies.manages(actor) or policies.may_see_addresses(actor, row)
