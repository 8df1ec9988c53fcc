"""一生一案: the list, a new one, the case itself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.cases import CaseFilterForm, CaseForm, ParticularsForm
from koumen.care.models import Case, CaseAgreement, CaseReview, Finding, Referral
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CaseSight, case_sight, may_open_case, may_read_case, may_work_on_case, seat_of
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.care.queries import cases as queries
from koumen.care.services import cases as services
from koumen.care.services.casework import change_case, confirm_case
from koumen.care.services.papers import case_paper
from koumen.care.views.asking import ask
from koumen.care.views.tabs import care_tabs
from koumen.core import audit, clock, files
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Flag, Student
from koumen.registry.policies import Sight, sight_of
from koumen.registry.presets.categories import SEALED, sensitivity

READ_TABS = ("", "notes", "team")


def address(request: Request, case: Case, tab: str = "") -> str:
    """The case's page."""
    url = reverse("care:case", kwargs={"org": request.actor.org.slug, "pk": case.pk})
    return f"{url}?tab={tab}" if tab else url


def working(request: Request, pk: int) -> Case:
    """The case of an address, for somebody who works in it."""
    return fetch(request.actor, Case.objects.select_related("student__school_class", "lead"), pk, to=may_work_on_case)


@require_GET
def cases(request: Request) -> HttpResponse:
    """Cases whose file is open to this person; leaders have those they opened a file for."""
    if not request.actor.holds(*STAFF_OF_CARE):
        raise Forbidden
    form = CaseFilterForm(request.GET or None, classes=queries.classes_of(request.actor))
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.cases(request.actor, asked.get("state") or "", asked.get("school_class"))
    context = {
        "form": form,
        "page": paged(request, rows),
        "tabs": care_tabs(request.actor, "cases"),
        "today": clock.today(),
        "proposes": request.actor.holds("moral_office", "class_teacher"),
        "filtered": bool(asked.get("state") or asked.get("school_class")),
    }
    return show(request, "care/cases", context)


@require_GET
def candidates(request: Request) -> HttpResponse:
    """Children a case may be opened for: a problem found, or a key category, and no case yet."""
    if not request.actor.holds("moral_office", "class_teacher"):
        raise Forbidden
    page = paged(request, queries.candidates(request.actor))
    lines = []
    for child in page:
        codes = [flag.category for flag in child.key_flags] + [row.category for row in child.open_findings]
        found = child.open_findings[0] if child.open_findings else None
        lines.append({"child": child, "codes": queries.names_of(sorted(set(codes))), "finding": found})
    return show(request, "care/candidates", {"page": page, "lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def case_new(request: Request, pk: int) -> HttpResponse:
    """建档 for a child: by hand, or from a problem or a flag, which fill the form."""
    rows = Student.objects.select_related("school_class")
    child = fetch(request.actor, rows, pk, to=may_open_case)
    known = queries.live_case(child)
    if known is not None:
        if not may_read_case(request.actor, known):
            raise Invalid(_("这名学生已经建档，由班主任和团队负责。"))
        messages.info(request, _("这名学生已经有一份一生一案。"))
        return HttpResponseRedirect(address(request, known))
    source, source_id, start = _from(request, child)
    form = CaseForm(request.POST if request.method == "POST" else None, initial=start)
    home = reverse("registry:student", kwargs={"org": request.actor.org.slug, "pk": child.pk})

    def open_it(valid: Any) -> None:
        nonlocal home
        case = services.open_case(child, by=request.actor, source=source, source_id=source_id, **valid.cleaned_data)
        if may_read_case(request.actor, case):
            home = address(request, case)

    answer = ask(
        request, form, open_it, title=_("建档：%(name)s") % {"name": child.name}, back=home, submit=_("建档"),
        lead=_("先写原因，下一步定措施、责任人和日期。"), draft=f"case-new-{child.pk}",
        done=_("已记下，请接着定措施。"),
    )  # fmt: skip
    return HttpResponseRedirect(home) if answer.status_code == 302 else answer


def _from(request: Request, child: Student) -> tuple[Source, UUID | None, dict[str, Any]]:
    """Where it comes from, and what that fills in; only for whoever has the child's file."""
    if sight_of(request.actor, child.school_class) < Sight.FULL:
        return Source.TEACHER, None, {}
    flags = list(Flag.objects.current(clock.today()).filter(student=child, sensitivity__lt=SEALED))
    findings = list(Finding.objects.open().filter(student=child).order_by("-found_on")[:20])
    codes = {flag.category for flag in flags} | {row.category for row in findings}
    words = "\n".join(dict.fromkeys(row.text for row in findings if row.text))
    start = {"reasons": sorted(codes), "why": words[:2000]}
    if findings:
        return Source(findings[0].source), findings[0].source_id, start
    if flags:
        imported = all(flag.source == Flag.Source.IMPORT for flag in flags)
        return Source.IMPORT if imported else Source.FLAG, None, start
    return Source.TEACHER, None, start


@require_GET
def case(request: Request, pk: int) -> HttpResponse:
    """The file of one case, in three sheets. Reading it is noted."""
    actor = request.actor
    row: Any = fetch(actor, queries.with_team(Case.objects.all()), pk, to=may_read_case)
    sight, seat = case_sight(actor, row), queries.own_seat(row, actor)
    audit.note_read(actor, "case.read", row)
    tab = request.GET.get("tab", "")
    tab = tab if tab in READ_TABS else ""
    names = {"": _("帮扶"), "notes": _("记录与评估"), "team": _("团队与约定")}
    works = sight >= CaseSight.WORK and row.is_live
    context = {
        "case": row, "source": queries.source_of(row), "tab": tab, "works": works, "seat": seat, "today": clock.today(),
        "may_reopen": row.state == Case.State.CLOSED and sight >= CaseSight.WORK,
        "reasons": queries.names_of(row.reasons, sealed=seat is not None),
        "hidden_reasons": seat is None and queries.names_of(row.reasons) != queries.names_of(row.reasons, sealed=True),
        "asked_by_me": row.close_asked_by_id is not None and row.close_asked_by_id == actor.member_id,
        "tabs": [{"url": address(request, row, key), "label": names[key], "active": key == tab} for key in READ_TABS],
        **_sheet(row, tab, actor, sight),
    }  # fmt: skip
    return show(request, "care/case", context)


def _sheet(row: Any, tab: str, actor: Actor, sight: CaseSight) -> dict[str, Any]:
    """What one sheet shows beside the head."""
    if tab == "notes":
        reviews = CaseReview.objects.filter(case=row).select_related("by")[:50]
        notes = queries.notes_of(row, actor, sight, queries.own_seat(row, actor))
        if notes.sealed_shown:
            audit.note_read(actor, "case.sealed", row)
        return {"notes": notes, "reviews": reviews}
    if tab == "team":
        agreement = CaseAgreement.objects.filter(case=row).select_related("answered_by").first()
        return {"agreement": agreement, "helpers": queries.helpers_of(row)}
    measures = list(queries.measures_of(row))
    found = Finding.objects.filter(case=row).exclude(state=Finding.State.WITHDRAWN).order_by("-found_on")
    if queries.own_seat(row, actor) is None:
        found = found.filter(category__in=queries.OPEN_CODES)
    return {
        "measures": measures,
        "findings": found[:20],
        "referrals": Referral.objects.filter(case=row)[:20],
        "has_open": any(m.state == "open" for m in measures),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def case_edit(request: Request, pk: int) -> HttpResponse:
    """Level, reasons, goals, lead and the day of the next review."""
    row = working(request, pk)
    start = {
        "level": row.level, "reasons": row.reasons, "why": row.why, "goals": row.goals, "lead": row.lead_id,
        "review_on": row.review_on,
    }  # fmt: skip
    sealed = [code for code in row.reasons if sensitivity(code) >= SEALED]
    kept = sealed if seat_of(request.actor, row) is None else []  # neither seen nor lost by whoever has no seat
    form = ParticularsForm(
        request.POST if request.method == "POST" else None, initial=start, staff=queries.colleagues(), kept=kept
    )
    return ask(
        request, form, lambda f: change_case(row, by=request.actor, to=f.particulars()),
        title=_("修改档案"), back=address(request, row), submit=_("保存"), draft=f"case-{row.pk}", done=_("已保存。"),
    )  # fmt: skip


@require_POST
def case_confirm(request: Request, pk: int) -> HttpResponse:
    """A proposal whose help is agreed becomes a case."""
    row = working(request, pk)
    confirm_case(row, by=request.actor)
    messages.success(request, _("已建档。"))
    return HttpResponseRedirect(address(request, row))


@require_GET
def paper(request: Request, pk: int) -> HttpResponse:
    """The case file as Word, without sealed notes. Taking it away is noted."""
    row = fetch(request.actor, queries.with_team(Case.objects.all()), pk, to=may_read_case)
    content = case_paper(row, by=request.actor)
    audit.note_read(request.actor, "case.print", row)
    return files.as_download(content, name=f"{row.get_kind_display()}-{row.code}.docx", kind="docx")
