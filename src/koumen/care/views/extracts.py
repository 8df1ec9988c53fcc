"""个案摘编: the list, the workbench, the second reader's page, and the family's."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.extracts import ExtractForm, ReaderForm, WordForm
from koumen.care.models import Case, Extract
from koumen.care.policies.extracts import (
    CONSENT,
    may_extract,
    may_second_read,
    may_see_extracts,
    may_take_back,
    may_write,
    tie_of,
)
from koumen.care.presets.extracts import LEAST_ALIKE
from koumen.care.presets.identifiers import INSTEAD, WHY
from koumen.care.queries import extracts as queries
from koumen.care.services import extracts as services
from koumen.care.views.tabs import care_tabs
from koumen.core import audit, links
from koumen.core.gate import fetch
from koumen.core.models import PersonalLink
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.core.words import listed
from koumen.registry.models import Org
from koumen.registry.presets import categories
from koumen.registry.presets.codes import RELATIONS
from koumen.registry.queries.actors import org_ref

_ROWS = Extract.objects.select_related(
    "case__student__school_class__grade", "case__student__household__place", "made_by"
)
State = Extract.State


def _back(request: Request, row: Extract) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("care:extract", kwargs={"org": request.actor.org.slug, "pk": row.pk}))


@require_GET
def extracts(request: Request) -> HttpResponse:
    """One's own, those to read, those ready."""
    if not may_see_extracts(request.actor):
        raise Forbidden
    page = paged(request, queries.extracts(request.actor))
    return show(request, "care/extracts", {"page": page, "tabs": care_tabs(request.actor, "extracts")})


@require_POST
def extract_new(request: Request, pk: int) -> HttpResponse:
    """Begin one from a case."""
    rows = Case.objects.select_related("student__school_class__grade")
    row = services.begin(fetch(request.actor, rows, pk, to=may_extract), by=request.actor)
    return _back(request, row)


def _report(row: Extract, request: Request) -> dict[str, Any]:
    """The check as the page shows it: each thing found with why and what to write instead."""
    report = services.check(row, request.actor)
    lines = [
        {"before": before, "found": found, "after": after, "why": WHY[found.kind], "instead": INSTEAD[found.kind]}
        for before, found, after in report.found
    ]
    wider = report.wider
    return {
        "report": report,
        "lines": lines,
        "least": LEAST_ALIKE,
        "wider": wider,
        "wider_width": Extract.Width(wider.width).label if wider else "",
        "wider_names": listed(categories.name(c) for c in wider.categories) if wider else "",
    }


def _page(request: Request, row: Extract, form: ExtractForm | None = None, *, sentence: str = "") -> HttpResponse:
    actor = request.actor
    writes = may_write(actor, row)
    start = {name: getattr(row, name) for name in ("title", "text", "categories", "width", "nicknames")}
    context: dict[str, Any] = {
        "row": row,
        "names": listed(categories.name(c) for c in row.categories),
        "writes": writes,
        "form": (form or ExtractForm(initial=start)) if writes else None,
        "reads": row.state == State.CHECKED and may_second_read(actor, row),
        "asks_reader": writes and row.state == State.CHECKED,
        "reader_form": ReaderForm(readers=queries.readers(row)) if writes else None,
        "asks_consent": writes and row.state == State.READ,
        "takes_back": may_take_back(actor, row) and row.state != State.WITHDRAWN,
        "word_form": WordForm(auto_id="word-%s"),
        "sentence": sentence,
    }
    if writes and row.state != State.WITHDRAWN:
        context |= _report(row, request)
    failed = bool(sentence or (form is not None and form.errors))
    return show(request, "care/extract", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def extract(request: Request, pk: int) -> HttpResponse:
    """The workbench for its writer; the text for others who may see it."""
    row = fetch(request.actor, _ROWS, pk, to=may_write if request.method == "POST" else None)
    if request.method != "POST":
        return _page(request, row)
    form = ExtractForm(request.POST)
    if form.is_valid():
        row = services.write(row, by=request.actor, draft=services.Draft(**form.cleaned_data))
        if row.state == State.DRAFT:
            messages.warning(request, _("已保存。还有看得出是谁的地方，请照下面的提示改。"))
        else:
            messages.success(request, _("已保存，检查通过。"))
        return _back(request, row)
    return _page(request, row, form)


def _act(request: Request, pk: int, may: Callable[..., bool], do: Callable[[Extract], str]) -> HttpResponse:
    row = fetch(request.actor, _ROWS, pk, to=may)
    try:
        said = do(row)
    except Invalid as refusal:
        return _page(request, row, sentence=str(refusal))
    messages.success(request, said)
    return _back(request, row)


@require_POST
def extract_reader(request: Request, pk: int) -> HttpResponse:
    """Ask a colleague to read it."""

    def do(row: Extract) -> str:
        form = ReaderForm(request.POST, readers=queries.readers(row))
        if not form.is_valid():
            raise Invalid(_("请选另一位在职的同事。"))
        services.ask_reader(row, by=request.actor, reader=form.cleaned_data["reader"])
        return _("已请{name}审读。").format(name=form.cleaned_data["reader"].name)

    return _act(request, pk, may_write, do)


@require_POST
def extract_read(request: Request, pk: int) -> HttpResponse:
    """The second reader's word."""

    def do(row: Extract) -> str:
        form = WordForm(request.POST)
        if not form.is_valid():
            raise Invalid(_("请写得短一些，300 字以内。"))
        is_fine = request.POST.get("fine") == "yes"
        services.second_read(row, by=request.actor, is_fine=is_fine, because=form.cleaned_data["because"])
        return _("谢谢您的审读。")

    return _act(request, pk, may_second_read, do)


@require_POST
def extract_consent(request: Request, pk: int) -> HttpResponse:
    """Links for the family, shown once."""
    row = fetch(request.actor, _ROWS, pk, to=may_write)

    def address(secret: str) -> str:
        return request.build_absolute_uri(reverse("link", kwargs={"secret": secret}))

    found = services.ask_consent(row, by=request.actor, address=address)
    letters = [(tie, str(RELATIONS.get(tie.relation, "")), url) for tie, url in found]
    return show(request, "care/extract_letters", {"row": row, "letters": letters})


@require_POST
def extract_withdraw(request: Request, pk: int) -> HttpResponse:
    """Out of every list."""

    def do(row: Extract) -> str:
        form = WordForm(request.POST)
        services.withdraw(row, by=request.actor, because=form.cleaned_data["because"] if form.is_valid() else "")
        return _("已撤回。")

    return _act(request, pk, may_take_back, do)


def _row(link: PersonalLink) -> Extract | None:
    found: Extract | None = _ROWS.filter(pk=link.object_id).first() if link.object_id.isdecimal() else None
    return found


def _holds(link: PersonalLink) -> bool:
    row = _row(link)
    return row is not None and tie_of(row, link.person_id) is not None


def _reach(link: PersonalLink) -> str:
    row = _row(link)
    tie = tie_of(row, link.person_id) if row else None
    return tie.guardian.phone if tie else ""


@links.purpose(CONSENT, lasts=services.LASTS, holds=_holds, reach=_reach)
def family_extract(request: Request, link: PersonalLink) -> HttpResponse:
    """The family reads the very words others would read, agrees or not, and can take it back later."""
    row = _row(link)
    assert row is not None  # `holds` has looked
    tie = tie_of(row, link.person_id)
    by = links.visitor(link, tie.guardian.name if tie else "", org_ref(Org.objects.get(pk=link.org_id)))
    sentence = ""
    if request.method == "POST":
        try:
            if request.POST.get("did") == "agree":
                services.consent(row, by=by, shown=request.POST.get("shown", "")[:40])
            else:
                services.withdraw(row, by=by)
        except Conflict as refusal:
            sentence = str(refusal)
        else:
            return HttpResponseRedirect(request.path)
    else:
        audit.note_read(by, "extract.open", row)
    context = {"row": row, "org": by.org, "shown": row.changed_at.isoformat(), "sentence": sentence}
    return show(request, "care/family_extract", context, status=409 if sentence else 200)
