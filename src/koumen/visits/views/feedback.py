"""家访反馈表: its links, the family's page, and what comes of it in numbers."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import links
from koumen.core.models import PersonalLink
from koumen.core.refusals import Conflict, Forbidden
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.visits.forms.after import FeedbackForm, SendForm
from koumen.visits.models import FeedbackRequest, Visit
from koumen.visits.policies.after import FEEDBACK, Form, may_see_results, ties
from koumen.visits.presets.feedback import LEAST, QUESTIONS
from koumen.visits.queries import after as queries
from koumen.visits.services import feedback as services
from koumen.visits.views.agreements import address_in, record_of
from koumen.visits.views.reports import with_report

LAST = len(QUESTIONS) - 1


@require_POST
def feedback_letters(request: Request, pk: str) -> HttpResponse:
    """Fresh links to the form for the family's adults."""
    record = record_of(request, pk)
    form = SendForm(request.POST)
    send = form.is_valid() and form.cleaned_data["send"]
    found = services.ask_feedback(record, by=request.actor, address=address_in(request), send=send)
    context = {"visit": record.visit, "letters": found, "sent": send, "what": _("家访反馈表")}
    return show(request, "visits/after_letters", context)


@require_GET
def feedback(request: Request) -> HttpResponse:
    """What families said, in numbers of at least five."""
    actor = request.actor
    if not may_see_results(actor):
        raise Forbidden
    context = {"rows": queries.results(actor), "suggestions": queries.suggestions(actor), "least": LEAST}
    return show(request, "visits/feedback", context)


def _asked(link: PersonalLink) -> FeedbackRequest | None:
    rows = FeedbackRequest.objects.select_related("visit__lead", "visit__household")
    found: FeedbackRequest | None = rows.filter(visit=UUID(link.object_id)).first()
    return found


def _holds(link: PersonalLink) -> bool:
    asked = _asked(link)
    return asked is not None and ties(asked.visit, link.person_id) is not None


def _reach(link: PersonalLink) -> str:
    asked = _asked(link)
    tie = ties(asked.visit, link.person_id) if asked else None
    return tie.guardian.phone if tie else ""


def _visit(link: PersonalLink) -> Visit:
    asked = _asked(link)
    assert asked is not None  # `holds` has looked
    return asked.visit


@links.purpose(FEEDBACK, lasts=services.LASTS, holds=_holds, reach=_reach)
@with_report(_visit)
def family_feedback(request: Request, link: PersonalLink) -> HttpResponse:
    """Eight questions, one a screen, none of which has to be answered; nobody is told who answered.

    What was answered on earlier screens travels with the page: nothing is kept before the last one.
    """
    asked = _asked(link)
    assert asked is not None
    org = org_ref(Org.objects.get(pk=link.org_id))
    form = FeedbackForm(request.POST if request.method == "POST" else None)
    is_done, step = asked.is_answered, _step(request, form)
    if not is_done and step is None and form.is_valid():
        by = links.visitor(link, _("匿名"), org)
        try:
            services.give_feedback(Form(asked.visit), by=by, answers=form.answers())
        except Conflict as refusal:
            messages.info(request, str(refusal))
        is_done = True
    return show(request, "visits/family_feedback", {"org": org, "is_done": is_done} | _question(form, step or 0))


def _step(request: Request, form: FeedbackForm) -> int | None:
    """Which question is shown next; None after the last one."""
    if request.method != "POST":
        return 0
    said = request.POST.get("step", "")
    shown = min(int(said), LAST) if said.isascii() and said.isdigit() and len(said) < 3 else LAST
    if "back" in request.POST:
        return max(0, shown - 1)
    wrong = next((n for n, one in enumerate(QUESTIONS[: shown + 1]) if form.errors.get(one.name)), None)
    return wrong if wrong is not None else shown + 1 if shown < LAST else None


def _question(form: FeedbackForm, step: int) -> dict[str, Any]:
    """One question with its pictures, and the answers to the others."""
    question = QUESTIONS[step]
    choices = getattr(form.fields[question.name], "choices", ())
    pictures = [(value, label, icon) for (value, label), icon in zip(choices, question.icons, strict=False)]
    others = [(one.name, form[one.name].value() or "") for one in QUESTIONS if one is not question]
    return {
        "field": form[question.name],
        "choices": pictures,
        "carried": [(name, value) for name, value in others if value],
        "step": step,
        "number": step + 1,
        "count": len(QUESTIONS),
    }
