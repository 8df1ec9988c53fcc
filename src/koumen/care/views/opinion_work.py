"""One opinion: its page, and each step somebody takes with it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from koumen.care.forms import opinions as f
from koumen.care.models import Opinion
from koumen.care.policies import opinions as policies
from koumen.care.queries import opinions as queries
from koumen.care.services import opinion_letters
from koumen.care.services import opinion_public as public
from koumen.care.services import opinion_work as work
from koumen.care.views.opinions import ways
from koumen.core import audit, files
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.voices import VOICES
from koumen.core.web import show

_ROWS = Opinion.objects.select_related(
    "handler", "about", "guardian", "household", "merged_into", "voice", "taken_by", "answered_by"
)
Take = Callable[[Request, Opinion, dict[str, Any]], object]


def _form(name: str, request: Request, row: Opinion, data: Any = None) -> forms.Form:
    """The form of one deed; its ids begin with the deed, as all stand on one page."""
    more: dict[str, Any] = {"data": data, "auto_id": f"{name}-%s"}
    if name in ("forward", "concern"):
        kind = f.ForwardForm if name == "forward" else f.ConcernForm
        return kind(staff=queries.colleagues(row), **more)
    if name == "merge":
        return f.MergeForm(rows=queries.mergeable(request.actor, row), **more)
    if name == "publish":
        said = {"said": row.public_text or row.gist, "done": row.public_answer}
        return f.PublishForm(initial=said, **more)
    if name == "accept":
        return f.AcceptForm(initial={"topic": row.topic}, **more)
    if name == "answer":
        return f.AnswerForm(initial={"gist": row.gist}, **more)
    return f.WrittenForm(**more) if name == "write" else f.ReasonForm(**more)


class Deed(NamedTuple):
    """Who may, what is done with the form's data, and what is said afterwards."""

    may: Callable[[Actor, Opinion], bool]
    take: Take
    said: Any


DEEDS: dict[str, Deed] = {
    "accept": Deed(policies.may_assign, lambda r, o, d: work.accept(o, by=r.actor, **d), _("已受理，由您办理。")),
    "forward": Deed(
        policies.may_assign, lambda r, o, d: work.forward(o, by=r.actor, **d), _("已交办，对方会收到任务。")
    ),
    "merge": Deed(
        policies.may_assign, lambda r, o, d: work.merge(o, by=r.actor, **d), _("已合并，有了答复一起告诉家长。")
    ),
    "refuse": Deed(
        policies.may_assign, lambda r, o, d: work.refuse(o, by=r.actor, ways=ways(r), **d), _("已把原因告诉家长。")
    ),
    "extend": Deed(
        policies.may_answer,
        lambda r, o, d: work.extend(o, by=r.actor, ways=ways(r), **d),
        _("已延期，原因已告诉家长。"),
    ),
    "answer": Deed(
        policies.may_answer, lambda r, o, d: work.answer(o, by=r.actor, ways=ways(r), **d), _("答复已发出。")
    ),
    "write": Deed(
        policies.may_listen, lambda r, o, d: work.write_down(o, by=r.actor, **d), _("已写成文字，录音已删除。")
    ),
    "concern": Deed(
        policies.may_assign, lambda r, o, d: work.concern(o, by=r.actor, staff=d["to"]), _("已记下，不会交给本人。")
    ),
    "lift": Deed(policies.may_assign, lambda r, o, d: work.lift(o, by=r.actor, **d), _("已提交上一级。")),
    "publish": Deed(policies.may_publish, lambda r, o, d: public.publish(o, by=r.actor, **d), _("已公开。")),
    "unpublish": Deed(policies.may_publish, lambda r, o, _d: public.unpublish(o, by=r.actor), _("已撤下。")),
}


@require_GET
def opinion(request: Request, pk: int) -> HttpResponse:
    """What was said, by whom as far as promised, what happened, and what this person can do."""
    row = fetch(request.actor, _ROWS, pk)
    audit.note_read(request.actor, "opinion.read", row)
    return _page(request, row)


def _page(request: Request, row: Opinion, bad: "dict[str, forms.Form] | None" = None) -> HttpResponse:
    actor = request.actor
    is_waiting = row.is_working
    assigns = is_waiting and policies.may_assign(actor, row)
    answers = is_waiting and policies.may_answer(actor, row)
    publishes = row.publishing in ("agreed", "published") and policies.may_publish(actor, row)
    listens = row.voice_id is not None and policies.may_listen(actor, row)
    begun = row.state in (Opinion.State.ACCEPTED, Opinion.State.FORWARDED)
    taking, answering = ["accept", "forward"] * assigns, ["answer"] * answers
    names = [
        *(["publish"] * publishes),
        *(["write"] * listens),
        *(answering + taking if begun else taking + answering),
        *(["extend"] * (answers and not row.extended_because)),
        *(["merge", "concern", "refuse"] * assigns),
        *(["lift"] * (assigns and row.level == Opinion.Level.SCHOOL)),
    ]
    context = {
        "row": row,
        "forms": {name: _form(name, request, row) for name in names} | (bad or {}),
        "bad": next(iter(bad), "") if bad else "",
        "first": "" if bad else next(iter(names), ""),
        "steps": queries.steps(row),
        "joined": list(row.merged.all()[:30]),
        "sees_sender": policies.may_see_sender(actor, row),
        "may_write_letters": policies.may_see_sender(actor, row) and row.origin_org is None,
        "listens": listens,
        "left": row.handler is not None and not row.handler.is_active,
    }
    return show(request, "care/opinion", context, status=422 if bad else 200)


@require_POST
def deed(request: Request, pk: int, deed: str) -> HttpResponse:
    """Take one step. What cannot be done is said beside its form, with everything typed kept."""
    chosen = DEEDS.get(deed)
    if chosen is None:
        raise NotFound
    row = fetch(request.actor, _ROWS, pk, to=chosen.may)
    form = forms.Form(request.POST) if deed == "unpublish" else _form(deed, request, row, request.POST)
    if form.is_valid():
        try:
            chosen.take(request, row, form.cleaned_data)
        except (Invalid, Conflict) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, str(chosen.said))
            return HttpResponseRedirect(_after(request, row))
    return _page(request, fetch(request.actor, _ROWS, pk), {deed: form})


def _after(request: Request, row: Opinion) -> str:
    """Back to its page, or to the list when it lies where this person does not see it any more."""
    org = request.actor.org.slug
    if Opinion.objects.visible_to(request.actor).filter(pk=row.pk).exists():
        return reverse("care:opinion", kwargs={"org": org, "pk": row.pk})
    return reverse("care:opinions", kwargs={"org": org})


@require_GET
def voice(request: Request, pk: int) -> HttpResponse:
    """The voice note, for those it is for."""
    row = fetch(request.actor, _ROWS, pk, to=policies.may_listen)
    if row.voice is None:
        raise NotFound
    audit.note_read(request.actor, "opinion.listen", row)
    kind = row.voice.content_type if row.voice.content_type in VOICES else "application/octet-stream"
    return files.inline(files.on_disk(row.voice).read_bytes(), content_type=kind)


@require_POST
def letters(request: Request, pk: int) -> HttpResponse:
    """Fresh links for those who sent it, to be pasted into a chat."""
    row = fetch(request.actor, _ROWS, pk, to=policies.may_see_sender)
    found = opinion_letters.letters(row, by=request.actor, ways=ways(request), send=request.POST.get("send") == "yes")
    back = reverse("care:opinion", kwargs={"org": request.actor.org.slug, "pk": row.pk})
    return show(request, "care/opinion_letters", {"letters": found, "back": back, "sent": "send" in request.POST})
