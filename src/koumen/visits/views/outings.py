"""Outings: one's own timetable on the phone, one outing's page, and timetables as Excel."""

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, clock, jobs
from koumen.core.actor import Actor
from koumen.core.files import as_download
from koumen.core.gate import fetch
from koumen.core.refusals import Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Org, Staff
from koumen.visits.models import Outing, Plan
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import plans as queries
from koumen.visits.services.timetables import print_one, workbook

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
    context = {"tabs": tabs, "page": paged(request, rows), "shows_past": shows_past}
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
        "stops": [(stop, known.get(stop.household_id, "")) for stop in row.stops.all()],
        "shows_addresses": shows,
        "may_manage": policies.manages(actor),
        "has_map": _sees_map(actor, row),
    }
    return show(request, "visits/outing", context)


@require_GET
def outing_map(request: Request, pk: int) -> JsonResponse:
    """One outing's route as the map draws it; for those who see its addresses, and for those who plan."""
    row = fetch(request.actor, queries.full(Outing.objects.all()), pk, to=_sees_map)
    return JsonResponse(queries.map_of([row], Org.objects.get(pk=request.actor.org.id)))


def _sees_map(actor: Actor, row: Outing) -> bool:
    return policies.manages(actor) or policies.may_see_addresses(actor, row)


@require_GET
def my_timetable(request: Request) -> HttpResponse:
    """One's own timetable of all campaigns as Excel, with the addresses that are open today."""
    actor = request.actor
    if actor.member_id is None or not actor.holds(*TEACHING):
        raise NotFound
    rows = list(queries.outings_of_staff(actor.member_id, since=clock.now() - timedelta(hours=12))[:MOST_OUTINGS])
    if not rows:
        raise Invalid(_("您还没有家访安排，暂时没有可下载的日程。"))
    shown = frozenset(row.pk for row in rows if policies.may_see_addresses(actor, row))
    audit.note_read(actor, "outing.export_own", rows[0])
    content = workbook({actor.display_name: rows}, by=actor, shown=shown)
    return as_download(content, name=_file_name(_("家访日程"), actor.display_name), kind="xlsx")


@require_GET
def staff_timetable(request: Request, pk: int, staff: int) -> HttpResponse:
    """One person's timetable of a plan as Excel."""
    row = _plan(request, pk)
    person = fetch(request.actor, Staff, staff)
    rows = queries.outings(row, request.actor, staff=person.pk)
    content = print_one(row, by=request.actor, staff=person, rows=rows)
    return as_download(content, name=_file_name(_("家访日程"), person.name), kind="xlsx")


@require_POST
def plan_timetable(request: Request, pk: int) -> HttpResponse:
    """A whole plan as Excel, a sheet for every member of staff, made in the background."""
    row = _plan(request, pk)
    slug = request.actor.org.slug
    label = _file_name(_("家访日程"), row.campaign.name).removesuffix(".xlsx")
    here = reverse("visits:plan", kwargs={"org": slug, "pk": row.pk})
    started = jobs.start("visits.timetable", by=request.actor, title=label, url=here, plan_id=row.pk, label=label)
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": slug, "pk": started.pk}))


def _plan(request: Request, pk: int) -> Plan:
    return fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)


def _file_name(*parts: str) -> str:
    return f"{get_valid_filename('-'.join(parts))}.xlsx"
