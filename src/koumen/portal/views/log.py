"""The log of the org, for its audit administrator."""

from datetime import date, datetime, time, timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from koumen.core import clock
from koumen.core.models import AuditEntry
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.portal.forms import LogForm
from koumen.portal.policies import may_read_log
from koumen.portal.queries.verbs import in_words
from koumen.portal.services import check_log

PAGE = 50


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.ZONE)


@require_GET
def log(request: Request) -> HttpResponse:
    """Who did or read what, month by month."""
    if not may_read_log(request.actor, request.actor.org):
        raise Forbidden
    form = LogForm(request.GET or None, initial={"month": f"{clock.today():%Y-%m}"})
    asked = form.cleaned_data if form.is_valid() else {}
    month = form.first_day(clock.today())
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    rows = AuditEntry.objects.filter(at__gte=_midnight(month), at__lt=_midnight(after))
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("who"):
        rows = rows.filter(actor_name=asked["who"].strip())
    page = paged(request, rows.order_by("-at", "-seq"), size=PAGE)
    lines = [(entry, in_words(entry.verb)) for entry in page]
    return show(request, "portal/log", {"page": page, "lines": lines, "form": form, "month": month})


@require_POST
def check(request: Request) -> HttpResponse:
    """Recompute the chain in the background."""
    if not may_read_log(request.actor, request.actor.org):
        raise Forbidden
    org = request.actor.org
    row = check_log(org, by=request.actor, url=reverse("portal:log", kwargs={"org": org.slug}))
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": org.slug, "pk": row.pk}))
