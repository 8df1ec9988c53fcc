"""What is done in a case: a decision, a note, a review, closing by two, taking up again, and its team."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.cases import BecauseForm, NoteForm, ReviewForm, SeatForm
from koumen.care.models import Case
from koumen.care.policies.cases import may_reopen
from koumen.care.queries import cases as queries
from koumen.care.services import casework, closing, teams
from koumen.care.views.asking import ask
from koumen.care.views.cases import address, working
from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Staff

MOST_SEATS = 30


@require_http_methods(["GET", "HEAD", "POST"])
def no_action(request: Request, pk: int) -> HttpResponse:
    """The recorded decision not to act."""
    row = working(request, pk)
    form = BecauseForm(request.POST if request.method == "POST" else None, label=_("为什么暂不采取措施"))
    return ask(
        request, form,
        lambda f: casework.decide_not_to_act(row, by=request.actor, because=f.cleaned_data["because"]),
        title=_("暂不采取措施"), back=address(request, row), submit=_("记下决定"), done=_("已记下。"),
        lead=_("没有措施也要写明理由，这个决定会留在档案里。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def note(request: Request, pk: int) -> HttpResponse:
    """Write into the file."""
    row = working(request, pk)
    form = NoteForm(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda f: casework.add_note(row, by=request.actor, **f.cleaned_data),
        title=_("写一条记录"), back=address(request, row, "notes"), submit=_("保存"), draft=f"case-note-{row.pk}",
        done=_("已保存。"), lead=_("密封的记录只有您本人和团队里的心理教师能打开，不会导出，别人只看到有一条。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, pk: int) -> HttpResponse:
    """效果评估."""
    row = working(request, pk)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    return ask(
        request, form, lambda f: casework.review_case(row, by=request.actor, looked=f.looked()),
        title=_("效果评估"), back=address(request, row, "notes"), submit=_("保存评估"), draft=f"case-review-{row.pk}",
        done=_("已保存。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, pk: int) -> HttpResponse:
    """Ask for closing."""
    row = working(request, pk)
    form = BecauseForm(request.POST if request.method == "POST" else None, label=_("撤档理由"))
    return ask(
        request, form, lambda f: closing.ask_close(row, by=request.actor, because=f.cleaned_data["because"]),
        title=_("申请撤档"), back=address(request, row), submit=_("申请撤档"), done=_("已申请，等另一位老师确认。"),
        lead=_("撤档要两个人：您申请，团队里的另一位老师或德育处确认。"),
    )  # fmt: skip


@require_POST
def close_confirm(request: Request, pk: int) -> HttpResponse:
    """The second person agrees."""
    row = working(request, pk)
    closing.confirm_close(row, by=request.actor)
    messages.success(request, _("已撤档。"))
    return HttpResponseRedirect(address(request, row))


@require_http_methods(["GET", "HEAD", "POST"])
def close_refuse(request: Request, pk: int) -> HttpResponse:
    """The second person does not agree, or the first takes it back."""
    row = working(request, pk)
    form = BecauseForm(request.POST if request.method == "POST" else None, label=_("为什么不撤档"))
    return ask(
        request, form, lambda f: closing.refuse_close(row, by=request.actor, because=f.cleaned_data["because"]),
        title=_("不撤档"), back=address(request, row), submit=_("不撤档"), done=_("已退回，档案继续。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: Request, pk: int) -> HttpResponse:
    """Take a closed case up again."""
    row = fetch(request.actor, Case.objects.select_related("student__school_class"), pk, to=may_reopen)
    form = BecauseForm(request.POST if request.method == "POST" else None, label=_("重新建档的理由"))
    return ask(
        request, form, lambda f: closing.reopen(row, by=request.actor, because=f.cleaned_data["because"]),
        title=_("重新建档"), back=address(request, row), submit=_("重新建档"), done=_("已重新建档，请接着定措施。"),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def seat_new(request: Request, pk: int) -> HttpResponse:
    """Ask a colleague onto the team."""
    row = working(request, pk)
    form = SeatForm(request.POST if request.method == "POST" else None, staff=queries.colleagues())
    return ask(
        request, form, lambda f: teams.give_seat(row, by=request.actor, **f.cleaned_data),
        title=_("加一位老师"), back=address(request, row, "team"), submit=_("加入团队"), done=_("已加入团队。"),
        lead=_("加入后能看这份档案（密封记录除外），到学期末为止。"),
    )  # fmt: skip


@require_POST
def seat_end(request: Request, pk: int, staff: int) -> HttpResponse:
    """Take somebody off the team."""
    row = working(request, pk)
    teams.end_seat(row, by=request.actor, staff=fetch(request.actor, Staff, staff))
    messages.success(request, _("已离开团队。"))
    return HttpResponseRedirect(address(request, row, "team"))


@require_GET
def renewals(request: Request) -> HttpResponse:
    """Seats that end with the term: who goes on."""
    if not request.actor.holds("moral_office", "class_teacher"):
        raise Forbidden
    context = {"page": paged(request, queries.renewals(request.actor)), "today": clock.today()}
    return show(request, "care/renewals", context)


@require_POST
def renew(request: Request, pk: int) -> HttpResponse:
    """Those ticked go on until the new term ends."""
    row = working(request, pk)
    ticked = [int(one) for one in request.POST.getlist("staff")[:MOST_SEATS] if one.isdecimal() and len(one) < 15]
    if not ticked:
        raise Invalid(_("请勾选要继续参加的老师。没有勾选的，到期自动离开。"))
    teams.renew_seats(row, by=request.actor, staff=ticked)
    messages.success(request, _("已续到学期末。"))
    if request.POST.get("back") == "list":
        return HttpResponseRedirect(reverse("care:case_renewals", kwargs={"org": request.actor.org.slug}))
    return HttpResponseRedirect(address(request, row, "team"))
