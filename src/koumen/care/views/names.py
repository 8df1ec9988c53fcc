"""两人导出: lists with names, to approve and to download."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.care.models import NameList
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.care.policies.ledger import may_decide_names, may_download_names
from koumen.care.services import name_lists as services
from koumen.core import clock, files
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden
from koumen.core.requests import Request
from koumen.core.web import paged, show

_ROWS = NameList.objects.select_related("asked_by", "approved_by")


@require_GET
def names(request: Request) -> HttpResponse:
    """What waits for a second person, and what one has asked for."""
    actor, now = request.actor, clock.now()
    if not actor.holds(*STAFF_OF_CARE):
        raise Forbidden
    page = paged(request, _ROWS.visible_to(actor))
    lines = [
        {
            "row": row,
            "decides": row.approved_at is None and row.refused_at is None and may_decide_names(actor, row),
            "is_open": row.ends_at is not None and row.ends_at > now,
            "downloads": may_download_names(actor, row),
        }
        for row in page
    ]
    return show(request, "care/names", {"page": page, "lines": lines})


@require_POST
def names_decide(request: Request, pk: int) -> HttpResponse:
    """The second person's yes or no."""
    row = fetch(request.actor, _ROWS, pk, to=may_decide_names)
    is_approved = request.POST.get("did") == "approve"
    services.decide_on_names(row, by=request.actor, is_approved=is_approved)
    messages.success(request, _("已批准，24 小时内可下载。") if is_approved else _("没有批准。"))
    return HttpResponseRedirect(reverse("care:names", kwargs={"org": request.actor.org.slug}))


@require_POST
def names_download(request: Request, pk: int) -> HttpResponse:
    """The file, for whoever asked."""
    row = fetch(request.actor, _ROWS, pk, to=may_download_names)
    content = services.download_names(row, by=request.actor)
    kind = services.KINDS[row.kind]
    return files.as_download(content, name=f"{kind.file_name()}.{kind.form}", kind=kind.form)
