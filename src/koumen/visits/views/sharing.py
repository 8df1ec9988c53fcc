"""交流反馈: telling the child's other teachers, and their page."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.services.measures import add_measure
from koumen.core import audit, clock
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.forms.after import MeasureForm, ShareForm
from koumen.visits.models import Share, Visit, VisitRecord
from koumen.visits.policies.after import About, may_follow, may_read_share, may_share
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.queries import after as queries
from koumen.visits.services import sharing as services

USUAL = timedelta(weeks=4)


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: Request, pk: str, student: int) -> HttpResponse:
    """What the teachers of one child of a visit are told."""
    actor = request.actor
    visit = fetch(actor, Visit.objects.select_related("lead"), pk)
    record = VisitRecord.objects.filter(visit=visit).first()
    row = visit.students.select_related("student__school_class").filter(student=student).first()
    if record is None or row is None:
        raise NotFound
    record.visit = visit
    about = About(record, row.student)
    if not may_share(actor, about):
        raise Forbidden
    told = Share.objects.filter(record=record, student=row.student).first()
    first = {"kinds": record.measures, "advice": record.next_step}
    if told is not None:
        first = {"kinds": told.kinds, "advice": told.advice}
    form = ShareForm(request.POST if request.method == "POST" else None, initial=first, measures=record.measures)
    if form.is_valid():
        try:
            services.share(about, by=actor, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已告诉孩子的任课老师。"))
            here = reverse("visits:visit", kwargs={"org": actor.org.slug, "pk": visit.pk})
            return HttpResponseRedirect(here)
    context = {"visit": visit, "child": row.student, "told": told, "form": form, "next_step": record.next_step}
    return show(request, "visits/share", context, status=422 if form.errors else 200)


@require_POST
def recall(request: Request, pk: str) -> HttpResponse:
    """Take back what the teachers of a visit's children were told, so that its record can be changed."""
    visit = fetch(request.actor, Visit.objects.select_related("lead"), pk, to=may_follow)
    record = VisitRecord.objects.select_related("visit").filter(visit=visit).first()
    if record is None:
        raise NotFound
    services.recall(record, by=request.actor)
    messages.success(request, _("已收回，任课老师不再看到。改好后可以再分享。"))
    here = reverse("visits:visit", kwargs={"org": request.actor.org.slug, "pk": visit.pk})
    return HttpResponseRedirect(here)


@require_GET
def shared(request: Request) -> HttpResponse:
    """What colleagues told this teacher about children taught."""
    if not may_keep_records(request.actor):
        raise Forbidden
    return show(request, "visits/shared", {"page": paged(request, queries.shares(request.actor))})


@require_http_methods(["GET", "HEAD", "POST"])
def shared_one(request: Request, pk: int) -> HttpResponse:
    """One child's measures and advice; a teacher of the child adds a measure of their own."""
    actor = request.actor
    row = fetch(actor, queries.shares(actor), pk, to=may_read_share)
    start = {"due": clock.today() + USUAL}
    form = MeasureForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid():
        try:
            add_measure(row.student, by=actor, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error("due", str(refusal))
        else:
            messages.success(request, _("已加上您的措施。"))
            return HttpResponseRedirect(request.path)
    if request.method != "POST":
        audit.note_read(actor, "share.read", row)
    context = {
        "share": row,
        "told": queries.measures_told(row),
        "added": queries.measures_added(row),
        "form": form,
    }
    return show(request, "visits/shared_one", context, status=422 if form.errors else 200)
