"""One visit prepared on one page; one line asked of colleagues; three sheets to print."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import audit, files
from koumen.core.gate import fetch
from koumen.core.refusals import Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.core.words import listed
from koumen.visits.forms.preparation import AnswerForm, PreparationForm
from koumen.visits.models import Preparation, Remark, Visit
from koumen.visits.policies.preparation import may_answer, may_prepare
from koumen.visits.presets.openings import openings
from koumen.visits.queries import preparation as queries
from koumen.visits.services import preparation as services
from koumen.visits.services.sheets import SHEETS
from koumen.visits.services.spoken import span


def _fetch(request: Request, pk: str) -> Visit:
    rows = Visit.objects.select_related("household__place", "school_class", "lead", "preparation")
    return fetch(request.actor, rows, pk, to=may_prepare)


def _known(visit: Visit) -> Preparation | None:
    known: Preparation | None = getattr(visit, "preparation", None)
    return known


@require_http_methods(["GET", "POST"])
def prepare(request: Request, pk: str) -> HttpResponse:
    """What is on file to confirm, what others say, what is meant to be done. Reading it is noted."""
    visit = _fetch(request, pk)
    known = _known(visit)
    form = PreparationForm(request.POST or None, known=known)
    if request.method == "POST" and form.is_valid():
        services.prepare(visit, by=request.actor, said=form.cleaned_data)
        messages.success(request, _("已保存。"))
        return _back(request, visit)
    audit.note_read(request.actor, "visit.read_preparation", visit)
    found = queries.on_file(request.actor, visit)
    context: dict[str, Any] = {
        "visit": visit,
        "form": form,
        "known": known,
        "file": found,
        "openings": openings(found.codes),
        "names": listed(one.student.name for one in found.children),
        "when": span(visit.starts_at, visit.ends_at),
        "sheets": [(name, str(one.title)) for name, one in SHEETS.items()],
        "asked": {row.teacher_id for row in found.remarks},
        "is_open": visit.state == Visit.State.PLANNED,
    }
    return show(request, "visits/prepare", context, status=422 if form.errors else 200)


def _back(request: Request, visit: Visit) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("visits:prepare", kwargs={"org": request.actor.org.slug, "pk": visit.pk}))


@require_POST
def ask(request: Request, pk: str) -> HttpResponse:
    """Ask one teacher of the children, or all of them."""
    visit = _fetch(request, pk)
    whom = request.POST.get("teacher", "")
    if whom and not (whom.isascii() and whom.isdigit() and len(whom) <= 18):
        raise Invalid
    asked = services.ask(visit, by=request.actor, teachers=[int(whom)] if whom else None)
    messages.success(request, _("已请老师写一句，写好会出现在这里。") if asked else _("这些老师都已经问过了。"))
    return _back(request, visit)


@require_GET
def sheet(request: Request, pk: str, name: str) -> HttpResponse:
    """One of the three sheets, as Word."""
    visit = _fetch(request, pk)
    if name not in SHEETS:
        raise NotFound
    audit.note_read(request.actor, f"visit.print_{name}", visit)
    content = SHEETS[name].make(visit, _known(visit), queries.on_file(request.actor, visit), request.actor)
    return files.as_download(content, name=f"{SHEETS[name].title}.docx", kind="docx")


@require_GET
def remarks(request: Request) -> HttpResponse:
    """What colleagues want to know of one's own pupils before they visit."""
    if request.actor.member_id is None:
        raise NotFound
    page = paged(request, queries.asked_of(request.actor.member_id))
    return show(
        request, "visits/remarks", {"page": page, "rows": [(row, AnswerForm(prefix=f"r{row.pk}")) for row in page]}
    )


@require_POST
def answer(request: Request, pk: int) -> HttpResponse:
    """One line about a child."""
    row = fetch(request.actor, Remark.objects.select_related("visit"), pk, to=may_answer)
    form = AnswerForm(request.POST, prefix=f"r{row.pk}")
    if not form.is_valid():
        raise Invalid(_("请写一句看到的事，最多 200 个字。"))
    services.answer(row, by=request.actor, text=form.cleaned_data["text"])
    messages.success(request, _("谢谢，已经转给家访的老师。"))
    return HttpResponseRedirect(reverse("visits:remarks", kwargs={"org": request.actor.org.slug}))
