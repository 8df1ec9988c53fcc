"""Timetables to take along: Excel and calendar files of one person, of a whole plan, and a sheet for the wall."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.care.services.name_lists import ask_for_names
from koumen.core import audit, clock, jobs
from koumen.core.files import as_download
from koumen.core.gate import fetch
from koumen.core.refusals import Invalid, NotFound
from koumen.core.requests import Request
from koumen.registry.models import Staff
from koumen.visits.models import Outing, Plan
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies import campaigns as policies
from koumen.visits.queries import plans as queries
from koumen.visits.queries.appointments import meetings_of
from koumen.visits.queries.narrow import Narrow
from koumen.visits.services.calendars import calendar, calendar_one
from koumen.visits.services.timetables import FORMS, print_one, workbook

MOST_OUTINGS = 500


@require_GET
def my_timetable(request: Request) -> HttpResponse:
    """One's own timetable of all campaigns as Excel, with the addresses that are open today."""
    actor, rows = request.actor, _own(request)
    shown = frozenset(row.pk for row in rows if policies.may_see_addresses(actor, row))
    audit.note_read(actor, "outing.export_own", rows[0])
    content = workbook({actor.display_name: rows}, by=actor, shown=shown)
    return as_download(content, name=_file_name(_("家访日程"), actor.display_name), kind="xlsx")


@require_GET
def my_calendar(request: Request) -> HttpResponse:
    """One's own outings of all campaigns, and talks agreed, as a calendar file: no names, no addresses."""
    name, meetings = request.actor.display_name, meetings_of(request.actor.member_id)
    rows = _own(request, or_nothing=bool(meetings))
    title = _("%(name)s 家访日程") % {"name": name}
    content = calendar(rows, name=title, by=request.actor, meetings=meetings)
    return as_download(content, name=_file_name(_("家访日历"), name, kind="ics"), kind="ics")


def _own(request: Request, *, or_nothing: bool = False) -> list[Outing]:
    """The outings that are still to come."""
    actor = request.actor
    if actor.member_id is None or not actor.holds(*TEACHING):
        raise NotFound
    rows = list(queries.outings_of_staff(actor.member_id, since=clock.now() - timedelta(hours=12))[:MOST_OUTINGS])
    if not rows and not or_nothing:
        raise Invalid(_("您还没有家访安排，暂时没有可下载的日程。"))
    return rows


@require_GET
def staff_timetable(request: Request, pk: int, staff: int) -> HttpResponse:
    """One person's timetable of a plan as Excel."""
    row, person = _plan(request, pk), fetch(request.actor, Staff, staff)
    rows = queries.outings(row, request.actor, Narrow(staff=person.pk))
    content = print_one(row, by=request.actor, staff=person, rows=rows)
    return as_download(content, name=_file_name(_("家访日程"), person.name), kind="xlsx")


@require_GET
def staff_calendar(request: Request, pk: int, staff: int) -> HttpResponse:
    """One person's outings of a plan as a calendar file."""
    row, person = _plan(request, pk), fetch(request.actor, Staff, staff)
    rows = queries.outings(row, request.actor, Narrow(staff=person.pk))
    content = calendar_one(row, by=request.actor, staff=person, rows=rows)
    return as_download(content, name=_file_name(_("家访日历"), person.name, kind="ics"), kind="ics")


@require_POST
def plan_timetable(request: Request, pk: int) -> HttpResponse:
    """A whole plan, made in the background: one workbook, or a zip with everybody's own Excel and calendar file."""
    row = _plan(request, pk)
    form = request.POST.get("form", "book")
    if form not in FORMS:
        raise NotFound
    slug = request.actor.org.slug
    label = get_valid_filename("-".join((_("家访日程"), row.campaign.name)))
    here = reverse("visits:plan", kwargs={"org": slug, "pk": row.pk})
    started = jobs.start("visits.timetable", by=request.actor, title=label, url=here, plan_id=row.pk, label=label,
                         form=form)  # fmt: skip
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": slug, "pk": started.pk}))


@require_POST
def plan_names(request: Request, pk: int) -> HttpResponse:
    """Ask that the whole plan be let out with the children's names; a second person decides."""
    row = _plan(request, pk)
    because = request.POST.get("because", "")
    ask_for_names("timetables", by=request.actor, wanted={"plan": row.pk}, because=because)
    messages.success(request, _("已提醒可以批准的人。批准后 24 小时内可下载。"))
    return HttpResponseRedirect(reverse("care:names", kwargs={"org": request.actor.org.slug}))


def _plan(request: Request, pk: int) -> Plan:
    return fetch(request.actor, Plan.objects.select_related("campaign"), pk, to=policies.may_manage_plan)


def _file_name(*parts: str, kind: str = "xlsx") -> str:
    return f"{get_valid_filename('-'.join(parts))}.{kind}"
