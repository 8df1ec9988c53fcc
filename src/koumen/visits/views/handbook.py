"""家访手册: one's own visits of this term, or of one month of it, as a Word file made in the background."""

from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core import jobs
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.visits.policies.visits import may_keep_records
from koumen.visits.queries import handbook as queries
from koumen.visits.queries.coverage import Window
from koumen.visits.queries.papers import last_day

MOST_CHILDREN = 50  # of one export; more need a second person


@require_http_methods(["GET", "POST"])
def handbook(request: Request) -> HttpResponse:
    """What will stand in it, and the button that makes it."""
    actor = request.actor
    if not may_keep_records(actor):
        raise Forbidden
    term = queries.term()
    months = queries.months(term)
    asked = (request.POST if request.method == "POST" else request.GET).get("month", "")
    month = next((m for m in months if f"{m:%Y-%m}" == asked), None)
    window = Window(month, last_day(month)) if month else term
    visits = queries.of(actor, window)
    if request.method == "POST":
        return _start(request, visits, window, month)
    tabs = [{"label": _("本学期"), "url": "?", "active": month is None}] + [
        {
            "label": _("%(year)d年%(month)d月") % {"year": m.year, "month": m.month},
            "url": f"?month={m:%Y-%m}",
            "active": m == month,
        }
        for m in months
    ]
    return show(request, "visits/handbook", {"tabs": tabs, "page": paged(request, visits), "month": month})


def _start(request: Request, visits: Any, window: Window, month: date | None) -> HttpResponse:
    if not visits.exists():
        raise Invalid(_("这段时间还没有家访，没有可以装订的内容。"))
    if queries.children_in(visits) > MOST_CHILDREN:
        raise Forbidden(_("一次最多导出 50 名学生的记录。请按月份分册下载。"))
    when = f"{month:%Y-%m}" if month else f"{window.first:%Y-%m}–{window.last:%Y-%m}"
    label = _("%(name)s家访手册 %(when)s") % {"name": request.actor.display_name, "when": when}
    slug = request.actor.org.slug
    started = jobs.start(
        "visits.handbook",
        by=request.actor,
        title=label,
        url=reverse("visits:handbook", kwargs={"org": slug}),
        first=window.first.isoformat(),
        last=window.last.isoformat(),
        label=label,
    )
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": slug, "pk": started.pk}))
