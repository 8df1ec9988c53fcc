"""帮扶措施: set in a case, and each on its own page, which tells what is done and not why."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.cases import HandOverForm, LineForm, MeasureForm
from koumen.care.models import Measure
from koumen.care.policies.cases import may_arrange_measure, may_do_measure, may_read_case
from koumen.care.queries import cases as queries
from koumen.care.services import measures as services
from koumen.care.views.asking import ask
from koumen.care.views.cases import address, working
from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.policies import may_see_child

_ROWS = Measure.objects.select_related("owner", "student__school_class", "case__student__school_class")
Act = Callable[..., object]


@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: Request, pk: int) -> HttpResponse:
    """Agree on help in a case."""
    row = working(request, pk)
    form = MeasureForm(
        request.POST if request.method == "POST" else None, staff=queries.colleagues(), initial={"owner": row.lead_id}
    )
    return ask(
        request, form, lambda f: services.set_measure(row, by=request.actor, **f.cleaned_data),
        title=_("加一项措施"), back=address(request, row), submit=_("加上"), draft=f"case-measure-{row.pk}",
        done=_("已加上，责任人会收到任务。"),
    )  # fmt: skip


def _show(request: Request, row: Measure, line: LineForm, result: LineForm, *, status: int = 200) -> HttpResponse:
    is_open = row.state == Measure.State.OPEN
    context = {
        "measure": row,
        "lines": row.progress.select_related("by")[:100],
        "line": line,
        "result": result,
        "today": clock.today(),
        "does": is_open and may_do_measure(request.actor, row),
        "arranges": is_open and may_arrange_measure(request.actor, row),
        "reads_case": row.case is not None and may_read_case(request.actor, row.case),
        "names_child": may_see_child(request.actor, row.student),
    }
    return show(request, "care/measure", context, status=status)


@require_GET
def measure(request: Request, pk: int) -> HttpResponse:
    """What is done for a child, line by line."""
    return _show(request, fetch(request.actor, _ROWS, pk), _line(), _result())


def _line(sent: Any = None) -> LineForm:
    return LineForm(sent, label=_("做了什么"), prefix="line")


def _result(sent: Any = None) -> LineForm:
    return LineForm(sent, label=_("结果"), prefix="result")


def _wrote(request: Request, row: Measure, form: LineForm, act: Act, word: str, done: str) -> HttpResponse:
    if not form.is_valid():
        line, result = (form, _result()) if form.prefix == "line" else (_line(), form)
        return _show(request, row, line, result, status=422)
    act(row, by=request.actor, **{word: form.cleaned_data["text"]})
    messages.success(request, done)
    return HttpResponseRedirect(reverse("care:measure", kwargs={"org": request.actor.org.slug, "pk": row.pk}))


@require_POST
def measure_progress(request: Request, pk: int) -> HttpResponse:
    """One line of what was done."""
    row = fetch(request.actor, _ROWS, pk, to=may_do_measure)
    return _wrote(request, row, _line(request.POST), services.note_progress, "text", _("已记下。"))


@require_POST
def measure_finish(request: Request, pk: int) -> HttpResponse:
    """It is done, with this result."""
    row = fetch(request.actor, _ROWS, pk, to=may_do_measure)
    return _wrote(request, row, _result(request.POST), services.finish_measure, "result", _("已办结，任务也办结了。"))


@require_http_methods(["GET", "HEAD", "POST"])
def measure_drop(request: Request, pk: int) -> HttpResponse:
    """It is not needed any more."""
    row = fetch(request.actor, _ROWS, pk, to=may_arrange_measure)
    form = LineForm(request.POST if request.method == "POST" else None, label=_("为什么取消"))
    return ask(
        request, form, lambda f: services.drop_measure(row, by=request.actor, because=f.cleaned_data["text"]),
        title=_("取消这项措施"), back=_page(request, row), submit=_("取消措施"), done=_("已取消。"), is_danger=True,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def measure_hand_over(request: Request, pk: int) -> HttpResponse:
    """Somebody else, or another day."""
    row = fetch(request.actor, _ROWS, pk, to=may_arrange_measure)
    start = {"owner": row.owner_id, "due": row.due}
    form = HandOverForm(request.POST if request.method == "POST" else None, staff=queries.colleagues(), initial=start)
    return ask(
        request, form, lambda f: services.hand_over_measure(row, by=request.actor, **f.cleaned_data),
        title=_("换责任人或日期"), back=_page(request, row), submit=_("保存"), done=_("已保存，任务跟着改了。"),
    )  # fmt: skip


def _page(request: Request, row: Measure) -> str:
    return reverse("care:measure", kwargs={"org": request.actor.org.slug, "pk": row.pk})
