"""廉洁: the commitment's page, and the report every family page offers, which becomes an opinion of integrity."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.core import clock, links, throttle
from koumen.core.models import PersonalLink
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.registry.queries.calendar import term_of
from koumen.visits.forms.after import ReportForm
from koumen.visits.models import Commitment, Visit
from koumen.visits.policies.after import may_commit, ties
from koumen.visits.presets.commitment import TEXTS, VERSION
from koumen.visits.queries import after as queries
from koumen.visits.services import integrity as services

Page = Callable[[Request, PersonalLink], HttpResponse]
REPORTS = (30, timedelta(days=1))  # from one address; a village may share it


@require_http_methods(["GET", "HEAD", "POST"])
def commitment(request: Request) -> HttpResponse:
    """The text of this term's commitment, to be read and accepted by the person themself."""
    actor = request.actor
    if not may_commit(actor, actor.org):
        raise Forbidden
    if request.method == "POST":
        services.accept(actor.org, by=actor, version=request.POST.get("version", "")[:10])
        messages.success(request, _("已签廉洁承诺，本学期有效。"))
        return HttpResponseRedirect(_next(request))
    first, last = term_of(clock.today())
    row = Commitment.objects.of(actor.member_id, first).first()
    context = {
        "row": row,
        "version": row.text_version if row else VERSION,
        "lines": TEXTS[row.text_version if row else VERSION],
        "last": last,
        "next": request.GET.get("next", "")[:300],
    }
    return show(request, "visits/commitment", context)


def _next(request: Request) -> str:
    """Back to where the commitment was asked for; nowhere outside this site."""
    here = request.POST.get("next", "")[:300]
    if here.startswith("/") and url_has_allowed_host_and_scheme(here, allowed_hosts=None):
        return here
    return request.path


def commit_first(request: Request) -> HttpResponseRedirect:
    """To the commitment's page, and back here afterwards."""
    url = reverse("visits:commitment", kwargs={"org": request.actor.org.slug}, query={"next": request.path})
    return HttpResponseRedirect(url)


def with_report(visit_of: Callable[[PersonalLink], Visit]) -> Callable[[Page], Page]:
    """Let a family's page offer the report: at `?report=1` of the same link the form stands in the page's place."""

    def wrap(page: Page) -> Page:
        @wraps(page)
        def either(request: Request, link: PersonalLink) -> HttpResponse:
            if "report" in request.GET:
                return _report(request, link, visit_of(link))
            return page(request, link)

        return either

    return wrap


def _report(request: Request, link: PersonalLink, visit: Visit) -> HttpResponse:
    """The report's form and, once it is sent, its number. Nothing of the link is kept with it."""
    org = org_ref(Org.objects.get(pk=link.org_id))
    team = queries.team_of(visit)
    choices = [(str(one.pk), one.name) for one in team]
    start = {"about": choices[0][0], "signed": ""}
    form = ReportForm(request.POST if request.method == "POST" else None, initial=start, team=choices)
    code = ""
    if form.is_valid():
        throttle.require_below("report", throttle.origin(request), *REPORTS)
        throttle.count("report", throttle.origin(request), REPORTS[1])
        data = form.cleaned_data
        tie = ties(visit, link.person_id) if data["signed"] else None
        name = tie.guardian.name if tie else _("匿名")
        report = services.Report(
            text=data["text"],
            token=data["token"],
            about=next((one for one in team if str(one.pk) == data["about"]), None),
            household=visit.household if tie else None,
            signed=tie.guardian.name if tie else "",
        )
        code = services.send_report(org, by=links.visitor(link, name, org), report=report)
    context = {"form": form, "org": org, "code": code}
    return show(request, "visits/family_report", context, status=422 if form.errors else 200)
