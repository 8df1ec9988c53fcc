"""Bringing in rosters: upload, preview, confirm, result."""

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import audit, files
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid, NotFound, TooLarge
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry import policies
from koumen.registry.forms.imports import ConfirmForm, UploadForm
from koumen.registry.models import ImportBatch
from koumen.registry.queries import households, imports
from koumen.registry.services.imports import batches
from koumen.registry.services.roster.blanks import TABLES, blank
from koumen.registry.services.roster.workbook import SIZE_LIMIT


@require_GET
def overview(request: Request) -> HttpResponse:
    """Uploads so far, and the form for the next."""
    return _overview(request, UploadForm(kinds=_kinds(request)))


@require_POST
def upload(request: Request) -> HttpResponse:
    """Take in a file; a form that cannot be used comes back with its sentence."""
    form = UploadForm(request.POST, request.FILES, kinds=_kinds(request))
    if not form.is_valid():
        return _overview(request, form, status=422)
    kind = form.cleaned_data["kind"]
    try:
        kept = files.keep_upload(form.cleaned_data["file"], purpose="import", owner_id=None, limit=SIZE_LIMIT)
    except (Invalid, TooLarge) as refusal:
        form.add_error("file", str(refusal))
        return _overview(request, form, status=422)
    batch = batches.upload(kind, by=request.actor, file=kept, add_classes=form.cleaned_data["add_classes"])
    assert batch.job is not None
    batch.job.url = _address(request, batch)
    batch.job.save(update_fields=["url"])
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": request.actor.org.slug, "pk": batch.job.pk}))


@require_GET
def template(request: Request, kind: str) -> HttpResponse:
    """An empty template to fill in."""
    if kind not in TABLES:
        raise NotFound
    if not policies.may_upload(request.actor, kind):
        raise Forbidden
    label = dict(imports.kinds_for(request.actor))[kind]
    return files.as_download(blank(kind), name=_("%(kind)s模板.xlsx") % {"kind": label}, kind="xlsx")


@require_GET
def preview(request: Request, pk: int) -> HttpResponse:
    """What a file would do, or did."""
    batch = fetch(request.actor, imports.batches_for(request.actor), pk, to=policies.may_import)
    return _preview(request, batch, ConfirmForm())


@require_POST
def confirm(request: Request, pk: int) -> HttpResponse:
    """Have it applied."""
    batch = fetch(request.actor, imports.batches_for(request.actor), pk, to=policies.may_import, lock=True)
    form = ConfirmForm(request.POST)
    form.is_valid()
    try:
        batch = batches.confirm(batch, by=request.actor, **form.cleaned_data)
    except Invalid as refusal:
        form.add_error(None, str(refusal))
        return _preview(request, batch, form, status=422)
    assert batch.job is not None
    batch.job.url = _address(request, batch)
    batch.job.save(update_fields=["url"])
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": request.actor.org.slug, "pk": batch.job.pk}))


@require_POST
def discard(request: Request, pk: int) -> HttpResponse:
    """Throw it away."""
    batch = fetch(request.actor, imports.batches_for(request.actor), pk, to=policies.may_import, lock=True)
    batches.discard(batch, by=request.actor)
    return HttpResponseRedirect(reverse("registry:imports", kwargs={"org": request.actor.org.slug}))


@require_GET
def marked(request: Request, pk: int) -> FileResponse:
    """The same file with its wrong cells marked."""
    batch = fetch(request.actor, imports.batches_for(request.actor), pk, to=policies.may_import)
    if batch.marked_file is None:
        raise NotFound
    audit.note_read(request.actor, "import.marked", batch)
    return files.download(batch.marked_file)


def _kinds(request: Request) -> list[tuple[str, str]]:
    kinds = imports.kinds_for(request.actor)
    if not kinds:
        raise Forbidden
    return kinds


def _overview(request: Request, form: UploadForm, *, status: int = 200) -> HttpResponse:
    page = paged(request, imports.batches_for(request.actor))
    context = {"form": form, "page": page, "kinds": imports.kinds_for(request.actor)}
    return show(request, "registry/imports", context, status=status)


def _preview(request: Request, batch: ImportBatch, form: ConfirmForm, *, status: int = 200) -> HttpResponse:
    tabs = imports.tabs(batch)
    wanted = request.GET.get("change", "")
    change = wanted if wanted in {t[0] for t in tabs} else (tabs[0][0] if tabs else "")
    page = paged(request, imports.lines(batch, change))
    counts = batch.counts
    applied = batch.state == ImportBatch.State.APPLIED and batch.kind == ImportBatch.Kind.STUDENTS
    context = {
        "batch": batch,
        "counts": counts,
        "form": form,
        "change": change,
        "page": page,
        "lines": [(line, imports.shown(line)) for line in page],
        "tabs": [{"url": f"?change={c}", "label": label, "count": n, "active": c == change} for c, label, n in tabs],
        "effective": sum(counts.get(c, 0) for c in ("new", "changed", "moved")),
        "correct": sum(counts.get(c, 0) for c in ("new", "changed", "moved", "same")),
        "many_left": counts.get("left", 0) > batches.LEAVING_LIMIT * counts.get("on_roll", 0),
        "under_way": _under_way(batch),
        "without_point": households.without_point().count() if applied else 0,
    }
    return show(request, "registry/import", context, status=status)


def _under_way(batch: ImportBatch) -> bool:
    working = batch.state in {ImportBatch.State.READING, ImportBatch.State.APPLYING}
    return working and batch.job is not None and not batch.job.is_over


def _address(request: Request, batch: ImportBatch) -> str:
    return reverse("registry:import", kwargs={"org": request.actor.org.slug, "pk": batch.pk})
