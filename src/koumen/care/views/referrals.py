"""转介: what was sent, what came, sending one after looking at exactly what goes, answering one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.care.forms.referrals import AnswerForm, ReferralForm
from koumen.care.models import Case, Referral
from koumen.care.models.referrals import Way
from koumen.care.policies.referrals import (
    PARTNERS,
    may_answer,
    may_follow_up,
    may_read_referral,
    may_refer,
    may_see_referrals,
)
from koumen.care.queries import referrals as queries
from koumen.care.services import letters, name_lists
from koumen.care.services import referrals as services
from koumen.care.views.tabs import care_tabs
from koumen.core import audit, clock, files
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show

_ROWS = Referral.objects.select_related("case__student__school_class", "to_staff", "other_org")
OPEN = (Referral.State.SENT, Referral.State.ACCEPTED)


@require_GET
def referrals(request: Request) -> HttpResponse:
    """Sent or received; the bureau has received ones alone."""
    actor, today = request.actor, clock.today()
    if not may_see_referrals(actor):
        raise Forbidden
    is_bureau = actor.holds("bureau_officer")
    way = Way.IN if is_bureau or request.GET.get("way") == Way.IN else Way.OUT
    found = queries.counts(actor, today)
    sheets = [] if is_bureau else [
        {"url": "?way=out", "label": _("我们转出的"), "active": way == Way.OUT, "count": found["out"]},
        {"url": "?way=in", "label": _("转给我们的"), "active": way == Way.IN, "count": found["into"]},
    ]  # fmt: skip
    page = paged(request, queries.referrals(actor, way))
    context = {
        "page": page,
        "lines": [(row, (today - row.due).days if row.state in OPEN and row.due < today else 0) for row in page],
        "way": way,
        "sheets": sheets,
        "transfers": [] if is_bureau else queries.transfers(actor)[:20],
        "tabs": [] if is_bureau else care_tabs(actor, "referrals"),
    }
    return show(request, "care/referrals", context)


@require_http_methods(["GET", "HEAD", "POST"])
def referral_new(request: Request, pk: int) -> HttpResponse:
    """Written, then shown exactly as it will be read, then sent."""
    case = fetch(request.actor, Case.objects.select_related("student__school_class"), pk, to=may_refer)
    form = ReferralForm(request.POST if request.method == "POST" else None, actor=request.actor)
    text, did = "", request.POST.get("did", "")
    if form.is_valid():
        matter = form.matter()
        try:
            text = services.checked_text(case, matter, request.actor)
            if did == "send":
                shown = request.POST.get("shown", "")[:64]
                row = services.send_referral(case, by=request.actor, matter=matter, shown=shown)
                messages.success(request, _("已转出。对方回复后会提醒您。"))
                return _to(request, row)
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
            text = ""
    checking = bool(text) and did in ("preview", "send") and not form.errors
    context: dict[str, Any] = {
        "case": case,
        "form": form,
        "text": text,
        "shown": services.digest(text),
        "checking": checking,
        "to": _receiver(form) if checking else "",
        "back": reverse("care:case", kwargs={"org": request.actor.org.slug, "pk": case.pk}),
    }
    return show(request, "care/referral_new", context, status=422 if form.errors else 200)


def _receiver(form: ReferralForm) -> str:
    told = form.cleaned_data
    label = str(Referral.To(told["to"]).label)
    named = told["to_staff"] or (told["other_org"].name if told["other_org"] else "") or told["to_name"]
    return f"{label} {named}".strip() if told["to"] != Referral.To.BUREAU else label


def _to(request: Request, row: Referral) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("care:referral", kwargs={"org": request.actor.org.slug, "pk": row.pk}))


@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: Request, pk: int) -> HttpResponse:
    """One referral: what was passed on, what came back; the receiver answers here. Reading it is noted."""
    row = fetch(request.actor, _ROWS, pk, to=may_read_referral)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _act(request, row, form.cleaned_data))
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _to(request, row)
    audit.note_read(request.actor, "referral.read", row)
    today = clock.today()
    context = {
        "row": row,
        "form": form,
        "days_over": (today - row.due).days if row.state in OPEN and row.due < today else 0,
        "answers": row.state in OPEN and may_answer(request.actor, row),
        "records": row.state in OPEN and row.to in PARTNERS and may_follow_up(request.actor, row),
        "prints": row.way == Way.OUT and may_follow_up(request.actor, row),
        "withdraws": row.state == Referral.State.SENT and may_follow_up(request.actor, row),
    }
    return show(request, "care/referral", context, status=422 if form.errors else 200)


def _act(request: Request, row: Referral, told: dict[str, Any]) -> str:
    did, by, words = request.POST.get("did", ""), request.actor, told["words"]
    if did == "withdraw":
        services.withdraw(row, by=by)
        return _("已撤回。")
    if row.way == Way.OUT and did in ("accept", "return", "report"):
        services.record_answer(row, by=by, did=did, who=told["who"], words=words)
        return _("已记下对方的回复。")
    if did == "report":
        services.report_back(row, by=by, report=words)
        return _("结果已反馈给对方。")
    if did in ("accept", "return"):
        services.answer(row, by=by, is_accepted=did == "accept", reason=words)
        return _("已受理。") if did == "accept" else _("已退回。")
    raise Forbidden


@require_GET
def referral_letter(request: Request, pk: int) -> HttpResponse:
    """The letter to print."""
    row = fetch(request.actor, _ROWS, pk, to=may_follow_up)
    content = letters.letter(row, by=request.actor, watermark=name_lists.watermark(request.actor))
    return files.as_download(content, name=f"{_('转介函')}{row.pk}.docx", kind="docx")
