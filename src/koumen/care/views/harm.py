"""强制报告: reporting, the restricted case, one's own report."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.care.forms.harm import HarmForm, PersonForm, StepForm
from koumen.care.models import Case, HarmReport
from koumen.care.policies.harm import may_handle, may_read_own, may_report
from koumen.care.presets.harm import Situation
from koumen.care.queries import harm as queries
from koumen.care.services import harm as services
from koumen.care.views.tabs import care_tabs
from koumen.core import audit, clock
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Staff, Student


@require_GET
def harms(request: Request) -> HttpResponse:
    """The cases one is named on, and one's own reports; nobody sees that there are others."""
    actor = request.actor
    if not may_report(actor, actor.org):
        raise Forbidden
    context = {
        "page": paged(request, queries.named_on(actor)),
        "own": queries.own_reports(actor)[:50],
        "tabs": care_tabs(actor, "harms"),
    }
    return show(request, "care/harms", context)


def _child(request: Request) -> Student | None:
    """The child of the page it was pressed on; one not in sight is named on the form instead."""
    pk = request.GET.get("student", "")
    rows = Student.objects.visible_to(request.actor).select_related("school_class")
    return rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None


@require_http_methods(["GET", "HEAD", "POST"])
def harm_new(request: Request) -> HttpResponse:
    """Report, about a child of the page it was pressed on or any child of the school."""
    actor = request.actor
    if not may_report(actor, actor.org):
        raise Forbidden
    child = _child(request)
    start = {"record_id": request.GET.get("record", "")[:36]}
    form = HarmForm(request.POST if request.method == "POST" else None, actor=actor, child=child, initial=start)
    if form.is_valid() and form.child is not None:
        told = form.cleaned_data
        suspicion = services.Suspicion(
            **{name: told[name] for name in ("kind", "what", "found_at", "token", "concerns", "record_id")}
        )
        try:
            row = services.report_harm(form.child, by=actor, suspicion=suspicion)
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已报告。知情人已收到提醒。情况紧急请立即拨打 110。"))
            return HttpResponseRedirect(reverse("care:harm_own", kwargs={"org": actor.org.slug, "pk": row.pk}))
    return show(request, "care/harm_new", {"form": form, "child": child}, status=422 if form.errors else 200)


@require_GET
def harm_own(request: Request, pk: int) -> HttpResponse:
    """What one reported, and when; what followed is for the persons named."""
    row = fetch(request.actor, HarmReport.objects.select_related("case__student__school_class"), pk, to=may_read_own)
    audit.note_read(request.actor, "harm.read_own", row)
    return show(request, "care/harm_own", {"report": row, "situation": Situation(row.kind).label})


def _page(request: Request, case: Case, note: StepForm, person: PersonForm, *, status: int = 200) -> HttpResponse:
    audit.note_read(request.actor, "harm.read", case)
    reports = list(case.harm_reports.select_related("by", "concerns"))
    lines = queries.checklist(reports, list(case.harm_steps.select_related("by")), clock.now())
    context: dict[str, Any] = {
        "case": case,
        "told": [(report, Situation(report.kind).label) for report in reports],
        "lines": lines,
        "late": queries.late(lines),
        "seats": list(case.seats.live(clock.today()).select_related("staff")),
        "works": may_handle(request.actor, case),
        "note": note,
        "person": person,
    }
    return show(request, "care/harm", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def harm(request: Request, pk: int) -> HttpResponse:
    """The restricted case. Each reading is noted."""
    rows = Case.objects.filter(kind=Case.Kind.HARM).select_related("student__school_class", "lead")
    if request.method != "POST":
        return _page(request, fetch(request.actor, rows, pk), StepForm(), PersonForm())
    case, did = fetch(request.actor, rows, pk, to=may_handle), request.POST.get("did", "")
    note = StepForm(request.POST if did == "step" else None)
    person = PersonForm(request.POST if did in ("name", "unname") else None)
    form: Any = note if did == "step" else person
    if did not in ("step", "name", "unname"):
        raise Forbidden
    if form.is_valid():
        try:
            _act(request, case, did, form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已记下。"))
            stays = did != "unname" or form.cleaned_data["staff"].pk != request.actor.member_id
            page, more = ("care:harm", {"pk": case.pk}) if stays else ("care:harms", {})
            return HttpResponseRedirect(reverse(page, kwargs={"org": request.actor.org.slug, **more}))
    return _page(request, case, note, person, status=422)


def _act(request: Request, case: Case, did: str, told: dict[str, Any]) -> None:
    if did == "step":
        services.do_step(case, by=request.actor, step=told["step"], note=told["note"])
        return
    staff: Staff = told["staff"]
    change = services.name_person if did == "name" else services.unname_person
    change(case, by=request.actor, staff=staff)
