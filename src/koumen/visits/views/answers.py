"""The family's page behind its personal link: when and how the visit suits. No account, one question a screen."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from koumen.core import clock, files, links
from koumen.core.models import PersonalLink
from koumen.core.refusals import Conflict, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Guardianship, Org
from koumen.registry.presets.codes import RELATIONS
from koumen.registry.queries.actors import org_ref
from koumen.visits.forms.appointments import PROXIES, ReplyForm
from koumen.visits.models import Appointment, Mode, Visit
from koumen.visits.policies.appointments import PURPOSE, rights_of
from koumen.visits.queries.offers import Diary, from_afar
from koumen.visits.services.appointments import OTHER_MODES, answer, last_change, may_change
from koumen.visits.services.calendars import appointment_calendar
from koumen.visits.views.reports import with_report

ICONS = {Mode.PHONE: "phone", Mode.VIDEO: "video", Mode.AT_SCHOOL: "building"}
STEPS = ("time", "mode", "when", "change", "who")
OVER = (Visit.State.RECORDED, Visit.State.CANCELLED)


def _row(link: PersonalLink) -> Appointment | None:
    rows = Appointment.objects.live().exclude(visit__state__in=OVER)
    rows = rows.select_related("visit__lead", "visit__campaign", "visit__stop__outing__slot", "answered_by")
    return rows.filter(pk=int(link.object_id)).first() if link.object_id.isdecimal() else None


def _tie(link: PersonalLink) -> Guardianship | None:
    row = _row(link)
    return rights_of(row, link.person_id) if row else None


def _holds(link: PersonalLink) -> bool:
    return _tie(link) is not None


def _reach(link: PersonalLink) -> str:
    tie = _tie(link)
    return tie.guardian.phone if tie else ""


def _visit(link: PersonalLink) -> Visit:
    row = _row(link)
    assert row is not None  # `holds` has looked
    return row.visit


@links.purpose(PURPOSE, lasts=timedelta(days=14), holds=_holds, reach=_reach)
@with_report(_visit)
def page(request: Request, link: PersonalLink) -> HttpResponse:
    """One screen of the answer; a press of a button; the calendar file of what was agreed."""
    row, tie = _row(link), _tie(link)
    if row is None or tie is None:
        raise NotFound
    org = Org.objects.get(pk=link.org_id)
    if request.method == "POST":
        return _answered(request, link, row, tie, org)
    if "calendar" in request.GET and row.starts_at is not None:
        content = appointment_calendar(row, org=org_ref(org))
        return files.as_download(content, name=f"{_('家访')}.ics", kind="ics")
    return _screen(request, row, tie, org)


def _answered(request: Request, link: PersonalLink, row: Appointment, tie: Guardianship, org: Org) -> HttpResponse:
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _screen(request, row, tie, org, sentence=_("没有听清，请再选一次。"), status=422)
    proxy = form.cleaned_data["proxy"]
    who = f"{tie.guardian.name}({_('代')}{RELATIONS[proxy]})" if proxy else tie.guardian.name
    try:
        done = answer(row, by=links.visitor(link, who, org_ref(org)), reply=form.reply(), proxy=proxy)
    except (Conflict, Invalid) as refusal:
        return _screen(request, row, tie, org, sentence=str(refusal), status=refusal.status)
    if done.closed_at is not None:
        return show(request, "visits/answer_over", {"org": org, "teacher": row.visit.lead.name})
    return HttpResponseRedirect(f"{request.path}?proxy={proxy}" if proxy else request.path)


def _screen(
    request: Request, row: Appointment, tie: Guardianship, org: Org, *, sentence: str = "", status: int = 200
) -> HttpResponse:
    row = _row_again(row)
    step = request.GET.get("step", "")
    step = step if step in STEPS and may_change(row) and request.method == "GET" else ""
    mode = request.GET.get("mode", "")
    mode = mode if mode in OTHER_MODES else ""
    proxy = request.POST.get("proxy") or request.GET.get("proxy", "")
    context: dict[str, Any] = {
        "org": org,
        "row": row,
        "visit": row.visit,
        "teacher": row.visit.lead.name,
        "child": tie.student.name if tie.sees_data else "",
        "relation": RELATIONS.get(tie.relation, ""),
        "sentence": sentence,
        "step": step,
        "mode": mode,
        "mode_label": Mode(mode).label if mode else "",
        "proxy": proxy if proxy in PROXIES else "",
        "may_change": may_change(row),
        "until": last_change(row),
        "answered_by": _answered_by(row, tie),
        "is_afar": row.visit.mode in OTHER_MODES,
    }
    return show(request, "visits/answer", context | _choices(row, step, mode), status=status)


def _row_again(row: Appointment) -> Appointment:
    """As it is now: a refused answer has left nothing behind, and times may have changed since."""
    found: Appointment = Appointment.objects.select_related(
        "visit__lead", "visit__campaign", "visit__stop__outing__slot", "answered_by"
    ).get(pk=row.pk)
    return found


def _answered_by(row: Appointment, tie: Guardianship) -> str:
    """Who answered, in the family's own words: 母亲, or the relation of who answered in that adult's stead."""
    if row.proxy_relation:
        return str(RELATIONS[row.proxy_relation])
    if row.answered_by_id is None:
        return ""
    other = Guardianship.objects.filter(student=tie.student_id, guardian=row.answered_by_id).first()
    return str(RELATIONS.get(other.relation, "")) if other else ""


def _choices(row: Appointment, step: str, mode: str) -> dict[str, Any]:
    """What there is to press on this screen."""
    if step == "time":
        return {"times": list(_times(row))}
    if step in ("mode", "change"):
        now = row.visit.mode if row.is_settled else ""
        return {"modes": [(one, Mode(one).label, ICONS[one]) for one in OTHER_MODES if one != now]}
    if step == "when":
        visit = row.visit
        diary = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
        return {"times": [(one.starts, one.starts, _part(one.starts), 0) for one in from_afar(visit, diary, mode)]}
    if step == "who":
        return {"proxies": [(one, RELATIONS[one]) for one in PROXIES]}
    return {}


def _times(row: Appointment) -> Any:
    """The offered times that are not the one agreed or planned now: (start, exact start or None, picture, number)."""
    for number, (starts, ends, slot) in enumerate(row.offered()):
        here = row.visit.stop.outing.slot_id if row.visit.stop else None
        is_now = slot == here if slot else starts == row.visit.starts_at
        if is_now or starts < clock.now() or (row.state == Appointment.State.OTHER_TIME and _wished(row, number)):
            continue
        exact = starts if slot is None or number == 0 or ends - starts < timedelta(hours=1) else None
        yield starts, exact, _part(starts), number


def _wished(row: Appointment, number: int) -> bool:
    return bool(row.offers[number].get("wished"))


def _part(moment: datetime) -> str:
    """The picture of a time of day."""
    hour = clock.local(moment).hour
    return "sunrise" if hour < 12 else "sun" if hour < 18 else "moon"
