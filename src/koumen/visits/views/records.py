"""Recording a visit, planned or not, and revising what was recorded."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Student
from koumen.visits.forms.record import Around, RecordForm, filled, fresh
from koumen.visits.models import Mode, QuestionForm, Visit, VisitRecord
from koumen.visits.policies.visits import may_record, may_revise, may_split, may_start
from koumen.visits.queries import visits as queries
from koumen.visits.queries.questions import in_use, version_shown
from koumen.visits.services import visits as services
from koumen.visits.services.drafts import drop_draft
from koumen.visits.services.entries import entry_at_hand, entry_of
from koumen.visits.services.integrity import CommitmentNeeded, lacks_commitment
from koumen.visits.services.spoken import side_by_side
from koumen.visits.services.visits import RecordConflict
from koumen.visits.views.reports import commit_first


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: Request, pk: str) -> HttpResponse:
    """The record of a visit that was planned, or declined first."""
    visit = fetch(request.actor, queries.whole(Visit.objects.all()), pk, to=may_record)
    if request.method != "POST" and hasattr(visit, "record"):
        return _to(request, visit)
    children = _children(visit)
    about = [s for s in children if s.pk in {row.student_id for row in visit.students.all()}]
    wish = request.GET.get("mode", "")
    start = fresh(visit, about, wish if wish in Mode.values else "")
    asks = _asks(request, visit)
    form = RecordForm(request.POST or None, initial=start, around=_around(children, visit), questions=asks)
    if lacks_commitment(request.actor, visit.campaign):
        return _commit(request, form, visit=visit, children=children)
    if not form.is_valid():
        return _form(request, form, visit=visit, children=children)
    return _write(request, form, visit)


@require_http_methods(["GET", "HEAD", "POST"])
def new_record(request: Request, pk: int) -> HttpResponse:
    """The record of a visit that nobody planned, about this child."""
    rows = Student.objects.select_related("household__place", "school_class")
    child = fetch(request.actor, rows, pk, to=may_start)
    siblings = queries.children_of(child.household) if child.household else [child]
    staff = queries.who_may_come_along({child.school_class_id}, [], request.actor.member_id)
    around = Around(siblings, queries.guardians_of([child]), staff)
    form = RecordForm(request.POST or None, initial=fresh(None, [child]), around=around)
    if lacks_commitment(request.actor, None):
        return _commit(request, form, children=siblings, child=child)
    if not form.is_valid():
        return _form(request, form, children=siblings, child=child)
    visit = services.start_visit(child, by=request.actor, record_id=form.cleaned_data["record_id"])
    drop_draft(f"new-{child.pk}", by=request.actor)
    return _write(request, form, visit)


@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: Request, pk: str) -> HttpResponse:
    """Correct one's own record while its month is open."""
    visit = fetch(request.actor, queries.whole(Visit.objects.filter(record__isnull=False)), pk)
    kept = visit.record
    if not may_revise(request.actor, kept):
        raise Forbidden
    start = filled(entry_at_hand(kept)) | {"record_id": str(kept.pk), "version": kept.version}
    children = _children(visit)
    asks = _asks(request, visit, kept)
    form = RecordForm(request.POST or None, initial=start, around=_around(children, visit), questions=asks)
    if not form.is_valid():
        return _form(request, form, visit=visit, children=children, record=kept)
    version = form.cleaned_data["version"] or 0
    try:
        services.revise(kept, by=request.actor, entry=form.entry(), version=version)
    except RecordConflict as conflict:
        drop_draft(f"revise-{visit.pk}", by=request.actor)
        return _both(request, form, conflict.record)
    drop_draft(f"revise-{visit.pk}", by=request.actor)
    messages.success(request, _("已保存修改，修改前的内容也留着。"))
    return _to(request, visit)


def _commit(request: Request, form: RecordForm, **context: Any) -> HttpResponse:
    """The commitment first; what was typed meanwhile stays on the page."""
    if not form.is_bound:
        return commit_first(request)
    form.add_error(None, str(CommitmentNeeded()))
    return _form(request, form, **context)


def _asks(request: Request, visit: Visit, kept: VisitRecord | None = None) -> QuestionForm | None:
    """The campaign's own questions: the version the page had before it, the one a record answered, or today's."""
    if request.method == "POST":
        return version_shown(visit.campaign_id, request.POST.get("asked_by"))
    return (kept.question_form if kept and kept.answers else None) or in_use(visit.campaign_id)


def _children(visit: Visit) -> list[Student]:
    return queries.children_of(visit.household, visit)


def _around(children: list[Student], visit: Visit) -> Around:
    already = [row.staff for row in visit.companions.all()]
    classes = {visit.school_class_id, *(s.school_class_id for s in children)}
    staff = queries.who_may_come_along(classes, already, visit.lead_id)
    return Around(children, queries.guardians_of(children), staff)


def _write(request: Request, form: RecordForm, visit: Visit) -> HttpResponse:
    drop_draft(f"record-{visit.pk}", by=request.actor)
    try:
        services.record(visit, by=request.actor, record_id=form.cleaned_data["record_id"], entry=form.entry())
    except RecordConflict as conflict:
        return _both(request, form, conflict.record)
    messages.success(request, _("已记录，辛苦了。"))
    return _to(request, visit)


def _both(request: Request, form: RecordForm, kept: VisitRecord) -> HttpResponse:
    """Both versions side by side; the new one is kept beside the record until somebody decides."""
    if not may_record(request.actor, kept.visit):
        raise Conflict(_("这份记录的编号不能用，请刷新页面再提交；填写的内容会保留。"))
    mine = form.entry()
    services.keep_both(kept, by=request.actor, entry=mine)
    context = {
        "visit": kept.visit,
        "record": kept,
        "rows": side_by_side(entry_of(kept), mine),
        "may_revise": may_revise(request.actor, kept),
        "answers": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in {"csrfmiddlewaretoken", "version", "record_id"}
            for value in values
        ],
    }
    return show(request, "visits/record_conflict", context, status=409)


def _form(request: Request, form: RecordForm, **context: Any) -> HttpResponse:
    visit, child = context.get("visit"), context.get("child")
    household = visit.household if visit else child.household if child else None
    page = f"revise-{visit.pk}" if visit and "record" in context else f"record-{visit.pk}" if visit else ""
    context |= {
        "form": form,
        "draft": page or (f"new-{child.pk}" if child else ""),
        "may_split": len(form.around.children) > 1 and (visit is None or may_split(request.actor, visit)),
        "lately": queries.lately(household, but=visit) if household else None,
        "open_more": bool(
            set(form.errors) & set(RecordForm.base_fields) - {"met_relation", "mode", "topics", "content"}
        ),
    }
    return show(request, "visits/record", context, status=422 if form.is_bound else 200)


def _to(request: Request, visit: Visit) -> HttpResponse:
    return HttpResponseRedirect(reverse("visits:visit", kwargs={"org": request.actor.org.slug, "pk": visit.pk}))
