"""控辍保学: the lists, one child's entry, and what is written into it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.dropout import AttemptForm, DescribeForm, FindForm, FoundForm, NamesForm, VerifyForm
from koumen.care.models import DropoutEntry
from koumen.care.models.findings import Source
from koumen.care.policies import dropout as policies
from koumen.care.policies.cases import may_read_case
from koumen.care.presets.dropout import Reason, Verified, Way
from koumen.care.queries import dropout as queries
from koumen.care.services import dropout as services
from koumen.care.services.dropout_names import ask_for_dropouts
from koumen.care.services.dropout_word import record_of_entry
from koumen.core import audit, clock, files
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Student

ROWS = DropoutEntry.objects.select_related(
    "student__school_class__grade", "student__household", "case", "verified_by", "closed_by", "listed_by", "signature"
)


DOUBTS = 20  # shown beside the list


def tabs_of(actor: Actor, active: str) -> list[dict[str, Any]]:
    """The pages of 控辍保学 this person has."""
    pages = [
        ("dropout_lists", _("名单"), policies.may_see_lists(actor)),
        ("returns", _("返校核查"), actor.holds(*policies.SCHOOL_WIDE, "class_teacher")),
        ("dropout_month", _("月报"), policies.may_see_numbers(actor)),
        ("demands", _("教学点需求"), policies.may_ask_demand(actor)),
    ]
    return [
        {"url": reverse(f"care:{name}", kwargs={"org": actor.org.slug}), "label": label, "active": name == active}
        for name, label, may in pages
        if may
    ]


def to_page(request: Request, name: str, **kwargs: Any) -> HttpResponseRedirect:
    """On to another page of care."""
    return HttpResponseRedirect(reverse(f"care:{name}", kwargs={"org": request.actor.org.slug, **kwargs}))


@require_GET
def dropout_lists(request: Request) -> HttpResponse:
    """疑似 · 辍学与劝返 · 复学与排除 · 已销号."""
    actor = request.actor
    if not policies.may_see_lists(actor):
        raise Forbidden
    words = {"suspected": _("疑似辍学"), "dropped": _("辍学与劝返"), "back": _("待销号"), "closed": _("已销号")}
    name = request.GET.get("list", "")
    name = name if name in words else "suspected"
    rows = queries.entries(actor)
    counted = queries.counts(rows)
    lists = [
        {"url": f"?list={key}", "label": label, "active": key == name, "count": counted[key]}
        for key, label in words.items()
    ]
    context = {
        "pages": tabs_of(actor, "dropout_lists"),
        "lists": lists,
        "page": paged(request, queries.on_list(rows, name), count=counted[name]),
        "name": name,
        "doubts": list(queries.doubts(actor)[:DOUBTS]) if name == "suspected" else [],
        "may_list": actor.holds("moral_office", "class_teacher", "subject_teacher", "counsellor"),
        "may_export": policies.may_export_names(actor),
    }
    return show(request, "care/dropout_lists", context)


@require_GET
def dropout_find(request: Request) -> HttpResponse:
    """Whom it is about: own children, or any of the school for the office."""
    actor = request.actor
    if not policies.may_see_lists(actor):
        raise Forbidden
    form = FindForm(request.GET)
    name = form.cleaned_data["q"].strip() if form.is_valid() else ""
    page = paged(request, queries.listable(actor, name))
    return show(request, "care/dropout_find", {"page": page, "form": form})


@require_http_methods(["GET", "POST"])
def dropout_new(request: Request, pk: int) -> HttpResponse:
    """疑似辍学摸底: put a child on the list; signed by the family on the phone where somebody is met."""
    rows = Student.objects.select_related("school_class__grade", "household")
    child = fetch(request.actor, rows, pk, to=policies.may_list_child)
    form = FoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        found = form.found()
        source = Source.SURVEY if found.signature else Source.TEACHER
        try:
            row = services.list_child(
                child, by=request.actor, token=form.cleaned_data["token"], found=found, source=source
            )
        except Invalid as refusal:
            form.add_error("signature" if found.words else "signs", str(refusal))
        else:
            return _listed(request, row)
    live = child.dropout_entries.live().select_related("case", "student").first()
    known = live is not None and policies.may_read_entry(request.actor, live)
    context = {"child": child, "form": form, "live": live if known else None}
    return show(request, "care/dropout_new", context, status=422 if form.errors else 200)


def _listed(request: Request, row: DropoutEntry) -> HttpResponse:
    """On to the entry; who named a child that others look after already is not told so."""
    if not DropoutEntry.objects.visible_to(request.actor).filter(pk=row.pk).exists():
        messages.success(request, _("已收到，负责的老师会去看。"))
        return to_page(request, "dropout_lists")
    messages.success(request, _("已列入名单，一生一案和劝返措施已建好。"))
    return to_page(request, "dropout", pk=row.pk)


@require_GET
def dropout(request: Request, pk: int) -> HttpResponse:
    """One child's entry: in full for who works on it, its header for the principal. A reading is noted."""
    entry = fetch(request.actor, ROWS, pk)
    full = policies.may_read_entry(request.actor, entry)
    if full:
        audit.note_read(request.actor, "dropout.read", entry)
    attempts = list(entry.attempts.select_related("by")) if full else []
    works = policies.may_work_on_entry(request.actor, entry)
    context = {
        "entry": entry,
        "full": full,
        "attempts": [(a, str(Way(a.mode).label)) for a in attempts],
        "steps": list(entry.steps.select_related("by")) if full else [],
        "reason": Reason(entry.reason).label if entry.reason else "",
        "how": Verified(entry.verified_how).label if entry.verified_how else "",
        "works": works,
        "case_url": _case_page(request, entry) if full else "",
        "tries": works and entry.state in services.AT_WORK,
        "closes": entry.closed_on is None
        and entry.state in services.OVER
        and entry.verified_on is not None
        and policies.may_close_entry(request.actor, entry),
    }
    return show(request, "care/dropout", context)


def _case_page(request: Request, entry: DropoutEntry) -> str:
    if entry.case is None or not may_read_case(request.actor, entry.case):
        return ""
    return reverse("care:case", kwargs={"org": request.actor.org.slug, "pk": entry.case_id})


@require_http_methods(["GET", "POST"])
def dropout_names(request: Request) -> HttpResponse:
    """Ask for the list with names the law demands; a second person approves it."""
    if not policies.may_export_names(request.actor):
        raise Forbidden
    form = NamesForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ask_for_dropouts(by=request.actor, because=form.cleaned_data["because"])
        except Invalid as refusal:
            form.add_error("because", str(refusal))
        else:
            messages.success(request, _("已提交，等另一人批准。"))
            return to_page(request, "names")
    return show(request, "care/dropout_names", {"form": form}, status=422 if form.errors else 200)


def _at_work(request: Request, pk: int, *, lock: bool = False) -> DropoutEntry:
    rows = DropoutEntry.objects.select_related("student__school_class", "case")
    return fetch(request.actor, rows, pk, to=policies.may_work_on_entry, lock=lock)


def _write(request: Request, name: str, entry: DropoutEntry, form: Any, save: Any, field: str) -> HttpResponse:
    """Show a form, or do what it says and go back to the entry; a refusal stands at its field."""
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except (Invalid, Conflict) as refusal:
            form.add_error(field, str(refusal))
        else:
            messages.success(request, _("已保存。"))
            return to_page(request, "dropout", pk=entry.pk)
    context = {"entry": entry, "form": form}
    return show(request, f"care/{name}", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def dropout_describe(request: Request, pk: int) -> HttpResponse:
    """基本情况 corrected."""
    entry = _at_work(request, pk)
    form = DescribeForm(request.POST if request.method == "POST" else None, entry=entry)

    def save() -> None:
        services.describe(entry, by=request.actor, found=form.found())

    return _write(request, "dropout_describe", entry, form, save, "words")


@require_http_methods(["GET", "POST"])
def dropout_attempt(request: Request, pk: int) -> HttpResponse:
    """One attempt to bring the child back."""
    entry = _at_work(request, pk)
    form = AttemptForm(request.POST if request.method == "POST" else None, me=request.actor.display_name)

    def save() -> None:
        services.attempt(entry, by=request.actor, done=form.done())

    return _write(request, "dropout_attempt", entry, form, save, "at")


@require_http_methods(["GET", "POST"])
def dropout_verify(request: Request, pk: int) -> HttpResponse:
    """Somebody has looked."""
    entry = _at_work(request, pk)
    form = VerifyForm(request.POST if request.method == "POST" else None, entry=entry)

    def save() -> None:
        data = form.cleaned_data
        services.verify(entry, by=request.actor, how=data["how"], on=data["on"], outcome=data["outcome"])

    return _write(request, "dropout_verify", entry, form, save, "outcome")


@require_POST
def dropout_close(request: Request, pk: int) -> HttpResponse:
    """销号 by a second person."""
    rows = DropoutEntry.objects.select_related("student__school_class")
    entry = fetch(request.actor, rows, pk, to=policies.may_close_entry, lock=True)
    services.close(entry, by=request.actor)
    messages.success(request, _("已销号。"))
    return to_page(request, "dropout_lists")


@require_GET
def dropout_word(request: Request, pk: int) -> HttpResponse:
    """控辍保学劝返记录, as Word."""
    entry = fetch(request.actor, ROWS, pk, to=policies.may_read_entry)
    audit.note_read(request.actor, "dropout.print", entry)
    content = record_of_entry(entry, list(entry.attempts.select_related("by")), by=request.actor)
    name = _("控辍保学劝返记录 {number}.docx").format(number=f"{clock.today():%Y%m%d}-{entry.pk}")
    return files.as_download(content, name=name, kind="docx")


@require_GET
def dropout_signature(request: Request, pk: int) -> HttpResponse:
    """The family's signature under the survey."""
    entry = fetch(request.actor, ROWS, pk, to=policies.may_read_entry)
    if entry.signature is None:
        raise NotFound
    return files.inline(files.on_disk(entry.signature).read_bytes(), content_type="image/png")
