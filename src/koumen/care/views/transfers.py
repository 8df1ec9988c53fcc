"""转接: asking another school, and answering one that asks."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from koumen.care.forms.transfers import AskForm, RefuseForm, TakeForm
from koumen.care.models import Case, CaseTransfer
from koumen.care.models.referrals import Way
from koumen.care.policies.transfers import (
    may_answer_transfer,
    may_ask_transfer,
    may_read_transfer,
    may_withdraw_transfer,
)
from koumen.care.queries import referrals as queries
from koumen.care.services import transfers as services
from koumen.care.views.asking import ask
from koumen.core import audit
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Student

_ROWS = CaseTransfer.objects.select_related("other_org", "case__student__school_class")


@require_http_methods(["GET", "HEAD", "POST"])
def transfer_new(request: Request, pk: int) -> HttpResponse:
    """Ask the child's new school to take the case on."""
    case = fetch(request.actor, Case.objects.select_related("student__school_class"), pk, to=may_ask_transfer)
    form = AskForm(request.POST if request.method == "POST" else None, actor=request.actor)

    def send(valid: Any) -> None:
        services.ask_transfer(case, by=request.actor, **valid.cleaned_data)

    return ask(
        request, form, send, title=_("随学生转接"), submit=_("请求转接"),
        back=reverse("care:case", kwargs={"org": request.actor.org.slug, "pk": case.pk}),
        lead=_("对方先看到姓名和有多少内容；接收后档案才转过去，本校不再能查看。密封记录不转，由心理教师当面交接。"),
        done=_("已发出请求，等接收学校回复。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: Request, pk: int) -> HttpResponse:
    """One transfer, and what one may do with it. Reading it is noted."""
    row = fetch(request.actor, _ROWS, pk, to=may_read_transfer)
    head = json.loads(row.payload) if row.payload else {}
    data = request.POST if request.method == "POST" else None
    did = request.POST.get("did", "")
    found = queries.matches(head) if row.way == Way.IN and head else Student.objects.none()
    take, refuse = TakeForm(data if did == "take" else None, found=found), RefuseForm(data if did == "refuse" else None)
    sentence = ""
    if data is not None:
        form: Any = {"take": take, "refuse": refuse}.get(did)
        if form is None or form.is_valid():
            try:
                return _act(request, row, did, form.cleaned_data if form else {})
            except (Invalid, Conflict) as refusal:
                sentence = str(refusal)
    audit.note_read(request.actor, "transfer.read", row)
    is_asked = row.state == CaseTransfer.State.ASKED
    context = {
        "row": row,
        "head": head,
        "found": found,
        "take": take,
        "refuse": refuse,
        "sentence": sentence,
        "answers": is_asked and may_answer_transfer(request.actor, row),
        "withdraws": is_asked and may_withdraw_transfer(request.actor, row),
    }
    return show(request, "care/transfer", context, status=422 if data is not None else 200)


def _act(request: Request, row: CaseTransfer, did: str, told: dict[str, Any]) -> HttpResponse:
    by, slug = request.actor, request.actor.org.slug
    if did == "take":
        case = services.accept_transfer(row, by=by, student=told["student"])
        messages.success(request, _("已接收，档案已经转到本校。"))
        return HttpResponseRedirect(reverse("care:case", kwargs={"org": slug, "pk": case.pk}))
    if did == "refuse":
        services.refuse_transfer(row, by=by, reason=told["reason"])
        messages.success(request, _("已告知对方不接收。"))
    elif did == "withdraw":
        services.withdraw_transfer(row, by=by)
        messages.success(request, _("已撤回。"))
    else:
        raise Forbidden
    return HttpResponseRedirect(reverse("care:referrals", kwargs={"org": slug}))
