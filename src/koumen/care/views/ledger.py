"""台账: the list, its numbers, its file, and one problem."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.ledger import HandForm, LedgerFilters, ReasonForm, ResultForm
from koumen.care.models import Finding, Measure
from koumen.care.policies.ledger import may_count, may_list, may_settle
from koumen.care.queries import ledger as queries
from koumen.care.services import ledger as services
from koumen.care.services.name_lists import MOST_ALONE, ask_for_names, watermark
from koumen.care.views.tabs import care_tabs
from koumen.core import audit, clock, files
from koumen.core.gate import fetch
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.presets.categories import name

_ROWS = Finding.objects.select_related("student__school_class__grade", "owner", "found_by", "closed_by", "case")


def _to(request: Request, page: str, **kwargs: object) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse(page, kwargs={"org": request.actor.org.slug, **kwargs}))


def _list(request: Request, asked: QueryDict, reason: ReasonForm, *, status: int = 200) -> HttpResponse:
    actor, today = request.actor, clock.today()
    start = asked.copy()
    start.setdefault("state", "open")
    form = LedgerFilters(start, actor=actor)
    filters = form.filters()
    rows = queries.chosen(actor, filters, today)
    sums = queries.numbers(actor, filters, today)
    page = paged(request, queries.with_names(rows), count=sums["shown"])
    if page.object_list:
        audit.write(actor, "ledger.read", kind=AuditEntry.READ, reason=_("第 %(n)s 页") % {"n": page.number})
    context = {
        "form": form,
        "page": page,
        "lines": queries.lines(page, today),
        "sums": sums,
        "reason": reason,
        "asked": asked.urlencode(),
        "may_list": True,
        "tabs": care_tabs(actor, "ledger"),
    }
    return show(request, "care/ledger", context, status=status)


@require_GET
def ledger(request: Request) -> HttpResponse:
    """Problems with names; whoever may know the numbers alone is shown those."""
    if may_list(request.actor):
        return _list(request, request.GET, ReasonForm())
    if may_count(request.actor):
        return _to(request, "care:ledger_numbers")
    raise Forbidden


@require_GET
def ledger_numbers(request: Request) -> HttpResponse:
    """By class and by category, without names."""
    actor, today = request.actor, clock.today()
    if not may_count(actor):
        raise Forbidden
    classes = queries.by_class(actor, today)
    keys = ("raised", "open", "overdue", "closed")
    context: dict[str, Any] = {
        "classes": classes,
        "total": {key: sum(row[key] for row in classes) for key in keys},
        "categories": queries.by_category(actor, today),
        "may_list": may_list(actor),
        "tabs": care_tabs(actor, "ledger"),
    }
    return show(request, "care/ledger_numbers", context)


@require_POST
def ledger_file(request: Request) -> HttpResponse:
    """Excel of what is shown: at once up to fifty children, beyond with a second person."""
    if not may_list(request.actor):
        raise Forbidden
    asked = QueryDict(request.POST.get("asked", "")[:500])
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _list(request, asked, form, status=422)
    filters = LedgerFilters(asked, actor=request.actor).filters()
    wanted, because = filters.as_wanted(), form.cleaned_data["because"]
    if services.ledger_children(request.actor, wanted) > MOST_ALONE:
        ask_for_names("ledger", by=request.actor, wanted=wanted, because=because)
        messages.success(request, _("超过 50 名学生，要第二人批准。已经提醒可以批准的人。"))
        return _to(request, "care:names")
    content = services.export_ledger(filters, by=request.actor, watermark=watermark(request.actor), because=because)
    return files.as_download(content, name=f"{_('问题台账')}.xlsx", kind="xlsx")


def _finding(request: Request, row: Finding, typed: dict[str, Form] | None = None, status: int = 200) -> HttpResponse:
    found = {
        "result": ResultForm(auto_id="result-%s"),
        "hand": HandForm(initial={"owner": row.owner_id, "due": row.due}, auto_id="hand-%s"),
        "again": ResultForm(auto_id="again-%s"),
    } | (typed or {})
    audit.note_read(request.actor, "finding.read", row)
    context = {
        "finding": row,
        "category": name(row.category),
        "line": queries.lines([row], clock.today())[0],
        "measures": Measure.objects.filter(student=row.student_id, source=row.source, source_id=row.source_id)
        .exclude(source_id=None)
        .select_related("owner"),
        "may_settle": may_settle(request.actor, row),
        "forms": found,
    }
    return show(request, "care/finding", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: Request, pk: int) -> HttpResponse:
    """One problem, with all that is known of it; closed with a result, handed on, taken up again."""
    if request.method != "POST":
        return _finding(request, fetch(request.actor, _ROWS, pk))
    row = fetch(request.actor, _ROWS, pk, to=may_settle)
    did = request.POST.get("did", "")
    name = {"close": "result", "give": "hand", "reopen": "again"}.get(did)
    if name is None:
        raise Forbidden
    form: Form = (HandForm if name == "hand" else ResultForm)(request.POST, auto_id=f"{name}-%s")
    if form.is_valid():
        try:
            messages.success(request, _act(request, row, did, form.cleaned_data))
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to(request, "care:finding", pk=row.pk)
    return _finding(request, row, {name: form}, 422)


def _act(request: Request, row: Finding, did: str, told: dict[str, Any]) -> str:
    if did == "close":
        services.close_finding(row, by=request.actor, result=told["result"])
        return _("已办结。")
    if did == "give":
        services.give_finding(row, by=request.actor, owner=told["owner"], due=told["due"])
        return _("已交给%(name)s。") % {"name": told["owner"].name}
    services.reopen_finding(row, by=request.actor, because=told["result"])
    return _("已重新办理。")
