"""教学点恢复需求: asked on the phone, told by village."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.care.forms.demand import DemandForm
from koumen.care.models import PointDemand
from koumen.care.policies import dropout as policies
from koumen.care.queries import demand as queries
from koumen.care.services.demand import sign_demand
from koumen.care.services.demand_word import MOST_IN_ONE, signed_list
from koumen.care.services.dropout_books import demand_book
from koumen.care.views.dropout import tabs_of
from koumen.core import audit, files
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show


@require_GET
def demands(request: Request) -> HttpResponse:
    """The table by village for the office and the leaders; everybody may ask the next family."""
    actor = request.actor
    if not policies.may_ask_demand(actor):
        raise Forbidden
    sees = policies.may_see_demand(actor)
    lines, total = queries.villages() if sees else ([], queries.Village(""))
    mine = PointDemand.objects.filter(asked_by=actor.member_id or 0).count()
    context = {
        "pages": tabs_of(actor, "demands"),
        "sees": sees,
        "lines": lines,
        "total": total,
        "mine": mine,
    }
    return show(request, "care/demands", context)


@require_http_methods(["GET", "POST"])
def demand_new(request: Request) -> HttpResponse:
    """One family, on the phone; the next one in the same village follows."""
    if not policies.may_ask_demand(request.actor):
        raise Forbidden
    place = request.GET.get("place", "").strip()[:60]
    form = DemandForm(request.POST if request.method == "POST" else None, initial={"place_name": place})
    if form.is_valid():
        try:
            row = sign_demand(request.actor.org, by=request.actor, answer=form.answer())
        except Invalid as refusal:
            form.add_error("signature", str(refusal))
        else:
            messages.success(request, _("已保存 {name} 的签名。").format(name=row.signed_by))
            following = reverse("care:demand_new", kwargs={"org": request.actor.org.slug})
            return HttpResponseRedirect(f"{following}?{urlencode({'place': row.place_name})}")
    context = {"form": form, "places": queries.place_names()}
    return show(request, "care/demand_new", context, status=422 if form.errors else 200)


@require_GET
def demand_file(request: Request) -> HttpResponse:
    """The table by village as Excel."""
    if not policies.may_see_demand(request.actor):
        raise Forbidden
    lines, total = queries.villages()
    audit.write(request.actor, "demand.export", kind="read")
    return files.as_download(demand_book(lines, total, by=request.actor), name=_("教学点恢复需求.xlsx"), kind="xlsx")


@require_GET
def demand_list(request: Request) -> HttpResponse:
    """One village's answers with their signatures, as Word. It names adults, no child."""
    if not policies.may_see_demand(request.actor):
        raise Forbidden
    rows = list(queries.answers(request.GET.get("place", "")[:60])[:MOST_IN_ONE])
    if not rows:
        raise NotFound
    audit.write(request.actor, "demand.export_list", kind="read")
    content = signed_list(rows, by=request.actor)
    return files.as_download(content, name=_("教学点恢复需求登记表.docx"), kind="docx")
