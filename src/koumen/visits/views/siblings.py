"""分开写: one record for each child of a home, on one page."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Conflict
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Student
from koumen.visits.forms.parts import AT_HOME, CommonForm, Part, child_parts, typed_before
from koumen.visits.forms.record import Around, fresh
from koumen.visits.models import Visit, VisitRecord
from koumen.visits.policies.visits import may_record, may_split, may_start
from koumen.visits.queries import visits as queries
from koumen.visits.queries.questions import in_use, version_shown
from koumen.visits.services import siblings as services
from koumen.visits.services import visits
from koumen.visits.services.drafts import drop_draft
from koumen.visits.services.entries import Entry
from koumen.visits.services.integrity import CommitmentNeeded, lacks_commitment
from koumen.visits.services.visits import RecordConflict, start_visit
from koumen.visits.views.reports import commit_first

_VISITS = Visit.objects.select_related("household__place", "school_class", "lead", "record")


@require_http_methods(["GET", "HEAD", "POST"])
def record_apart(request: Request, pk: str) -> HttpResponse:
    """The children of a planned visit, each with a record of its own."""
    visit = fetch(request.actor, _VISITS.all(), pk, to=may_split)
    return _apart(request, queries.children_of(visit.household, visit), visit, None)


@require_http_methods(["GET", "HEAD", "POST"])
def new_record_apart(request: Request, pk: int) -> HttpResponse:
    """The same for a visit that nobody planned."""
    rows = Student.objects.select_related("household__place", "school_class")
    child = fetch(request.actor, rows, pk, to=may_start)
    return _apart(request, queries.children_of(child.household) if child.household else [child], None, child)


def _apart(request: Request, home: list[Student], visit: Visit | None, child: Student | None) -> HttpResponse:
    children = _chosen(request, home)
    if len(children) < 2:
        raise Conflict(_("只有一个孩子时不用分开写，请返回填一份记录。"))
    around = _around(children, visit, request.actor.member_id)
    # Pressed on the one form for all, what was typed there comes along.
    is_sent = request.method == "POST" and f"s{children[0].pk}-record_id" in request.POST
    before = typed_before(request.POST) if request.method == "POST" and not is_sent else {}
    data = request.POST if is_sent else None
    asks = None
    if visit is not None:
        told = request.POST.get("asked_by")
        asks = version_shown(visit.campaign_id, told) if request.method == "POST" else in_use(visit.campaign_id)
    form = CommonForm(data, initial=fresh(visit, []) | before, around=around, questions=asks)
    content = {name: value for name, value in before.items() if name not in AT_HOME}
    parts = child_parts(children, data, around, content)
    context = {"visit": visit, "child": child, "form": form, "parts": parts, "moved": bool(before)}
    if lacks_commitment(request.actor, visit.campaign if visit else None):
        if data is None:
            return commit_first(request)
        form.add_error(None, str(CommitmentNeeded()))
    elif form.is_valid() and all(part.form.is_valid() for part in parts):
        return _write(request, context)
    return _page(request, context, 422 if is_sent else 200)


def _chosen(request: Request, home: list[Student]) -> list[Student]:
    """Whom the page is about: its parts, or the children ticked on the form before it, or all of the home."""
    parts = [one for one in home if f"s{one.pk}-record_id" in request.POST]
    ticked = set(request.POST.getlist("students"))
    return parts or [one for one in home if str(one.pk) in ticked] or home


def _around(children: list[Student], visit: Visit | None, member_id: int | None) -> Around:
    already = [row.staff for row in visit.companions.select_related("staff")] if visit else []
    classes = {one.school_class_id for one in children} | ({visit.school_class_id} if visit else set())
    staff = queries.who_may_come_along(classes, already, visit.lead_id if visit else member_id)
    return Around(children, queries.guardians_of(children), staff)


def _write(request: Request, context: dict[str, Any]) -> HttpResponse:
    parts: list[Part] = context["parts"]
    for page in _pages(context["visit"], context["child"]):
        drop_draft(page, by=request.actor)
    common: CommonForm = context["form"]
    asked: dict[str, Any] = {"question_form": common.asks if common.answers else None, "answers": common.answers}
    entries = [(part.form.cleaned_data["record_id"], replace(part.form.entry(), **asked)) for part in parts]
    try:
        with transaction.atomic():
            visit = context["visit"] or start_visit(parts[0].children[0], by=request.actor, record_id=entries[0][0])
            services.record_apart(visit, by=request.actor, parts=entries)
    except RecordConflict as conflict:
        return _beside(request, conflict.record, [entry for _id, entry in entries])
    messages.success(request, _("已分开记录，每个孩子一份。"))
    return _to(request, visit)


def _pages(visit: Visit | None, child: Student | None) -> list[str]:
    """This page's draft, and that of the one form for all before it."""
    if visit is not None:
        return [f"apart-{visit.pk}", f"record-{visit.pk}"]
    return [f"apart-new-{child.pk}", f"new-{child.pk}"] if child is not None else []


def _beside(request: Request, kept: VisitRecord, entries: list[Entry]) -> HttpResponse:
    """Somebody wrote the visit down meanwhile: every part is kept beside that record, to be decided on its page."""
    if not may_record(request.actor, kept.visit):
        raise Conflict(_("这份记录的编号不能用，请刷新页面再提交；填写的内容会保留。"))
    for entry in entries:
        visits.keep_both(kept, by=request.actor, entry=entry)
    messages.warning(request, _("这次家访已经有一份记录。您分开写的都留着，在那份记录下面，请核对。"))
    return _to(request, kept.visit)


def _page(request: Request, context: dict[str, Any], status: int) -> HttpResponse:
    visit, child = context["visit"], context["child"]
    home = visit.household if visit else child.household
    context["draft"] = _pages(visit, child)[0]
    context["lately"] = queries.lately(home, but=visit) if home else None
    return show(request, "visits/record_apart", context, status=status)


def _to(request: Request, visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("visits:visit", kwargs={"org": request.actor.org.slug, "pk": visit.pk}))
