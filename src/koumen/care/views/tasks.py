"""任务: the lists, one task, and giving one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.tasks import SentenceForm, TaskForm
from koumen.care.models import Task
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.care.policies.tasks import may_drop, may_finish, may_verify
from koumen.care.presets.tasks import kind_of
from koumen.care.queries import tasks as queries
from koumen.care.services import tasks as services
from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show

NO_SENTENCE, NO_REASON = gettext_lazy("请写一句是怎么办的。"), gettext_lazy("请写一下为什么取消。")


def _page_of(org: str, task: Task) -> str:
    """The page of the row a task is about, or ""."""
    name, row = kind_of(task.about).page, {"pk": task.about_id} if task.about_id else {}
    try:
        return reverse(name, kwargs={"org": org, **row}) if name else ""
    except NoReverseMatch:
        return ""


@require_GET
def tasks(request: Request) -> HttpResponse:
    """One's own tasks, those to confirm, those given; the office sees what is late in the school."""
    if not request.actor.holds(*STAFF_OF_CARE):
        raise Forbidden
    today = clock.today()
    found = queries.counts(request.actor, today)
    words = {"mine": _("我的待办"), "verify": _("等我确认"), "given": _("我交办的"), "ended": _("已办")}
    if request.actor.holds("moral_office"):
        words["overdue"] = _("全校逾期")
    which = request.GET.get("list", "mine")
    which = which if which in words else "mine"
    tabs = [
        {"url": f"?list={key}", "label": label, "active": key == which, "count": found.get(key)}
        for key, label in words.items()
    ]
    page = paged(request, queries.tasks(request.actor, which, today))
    lines = [queries.line(row, today) for row in page]
    context = {"tabs": tabs, "page": page, "lines": lines, "which": which, "today": today}
    return show(request, "care/tasks", context)


def _show(request: Request, row: Task, failed: dict[str, SentenceForm] | None = None) -> HttpResponse:
    """One task with what one may do; `failed` is the form that was sent, under its name."""
    actor = request.actor
    context: dict[str, Any] = {
        "task": row,
        "line": queries.line(row, clock.today()),
        "about_url": _page_of(actor.org.slug, row),
        "done_form": SentenceForm(needed=NO_SENTENCE),
        "back_form": SentenceForm(auto_id="back-%s"),
        "drop_form": SentenceForm(auto_id="drop-%s", needed=NO_REASON),
        "finishes": row.state == Task.State.OPEN and may_finish(actor, row),
        "verifies": row.state == Task.State.DONE and row.needs_verifying and may_verify(actor, row),
        "drops": row.state == Task.State.OPEN and may_drop(actor, row),
    } | (failed or {})
    return show(request, "care/task", context, status=422 if failed else 200)


@require_GET
def task(request: Request, pk: int) -> HttpResponse:
    """One task, and what one may do with it."""
    row = fetch(request.actor, Task.objects.select_related("owner", "given_by"), pk)
    return _show(request, row)


def _act(
    request: Request, pk: int, may: Callable[..., bool], do: Callable[[Task, str], object], name: str, needed: Any = ""
) -> HttpResponse:
    """Do it with the sentence sent; a refusal is shown at the form called `name`."""
    row = fetch(request.actor, Task.objects.select_related("owner", "given_by"), pk, to=may, lock=True)
    form = SentenceForm(request.POST, needed=needed, auto_id=f"{name.removesuffix('_form')}-%s")
    if form.is_valid():
        try:
            do(row, form.cleaned_data["sentence"])
        except Invalid as refusal:
            form.add_error("sentence", str(refusal))
    if form.errors:
        return _show(request, row, {name: form})
    return HttpResponseRedirect(reverse("care:tasks", kwargs={"org": request.actor.org.slug}))


@require_POST
def task_finish(request: Request, pk: int) -> HttpResponse:
    """Done, with a sentence."""

    def do(row: Task, sentence: str) -> None:
        services.finish(row, by=request.actor, sentence=sentence)
        messages.success(request, _("记下了，辛苦了。"))

    return _act(request, pk, may_finish, do, "done_form", NO_SENTENCE)


@require_POST
def task_verify(request: Request, pk: int) -> HttpResponse:
    """Confirmed, or given back."""
    is_done = request.POST.get("done") == "yes"

    def do(row: Task, sentence: str) -> None:
        services.verify(row, by=request.actor, is_done=is_done, sentence=sentence)
        messages.success(request, _("已确认。") if is_done else _("已退回给责任人。"))

    return _act(request, pk, may_verify, do, "back_form")


@require_POST
def task_drop(request: Request, pk: int) -> HttpResponse:
    """Not needed any more."""

    def do(row: Task, sentence: str) -> None:
        services.drop(row, by=request.actor, because=sentence)
        messages.success(request, _("任务已取消。"))

    return _act(request, pk, may_drop, do, "drop_form", NO_REASON)


@require_http_methods(["GET", "HEAD", "POST"])
def task_new(request: Request) -> HttpResponse:
    """Give a task by hand."""
    if not request.actor.holds(*STAFF_OF_CARE):
        raise Forbidden
    form = TaskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        told = form.cleaned_data
        try:
            services.give(
                told["owner"],
                by=request.actor,
                title=told["title"],
                due=told["due"],
                once_key=f"hand-{told['token']}",
                needs_verifying=told["needs_verifying"],
            )
        except Invalid as refusal:
            form.add_error("due" if told["title"].strip() else "title", str(refusal))
        else:
            messages.success(request, _("任务已交给{name}。").format(name=told["owner"].name))
            here = reverse("care:tasks", kwargs={"org": request.actor.org.slug})
            return HttpResponseRedirect(f"{here}?list=given")
    return show(request, "care/task_new", {"form": form}, status=422 if form.errors else 200)
