"""开学返校核查: how far each class is, and one class on one page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.care.forms.dropout import AwayForm
from koumen.care.models import ReturnCheck
from koumen.care.policies import dropout as policies
from koumen.care.queries import dropout as queries
from koumen.care.services.returns import check_class
from koumen.care.views.dropout import tabs_of, to_page
from koumen.core import audit, clock
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import SchoolClass, Student, Term
from koumen.registry.queries.calendar import current_term


@require_GET
def returns(request: Request) -> HttpResponse:
    """Every class one looks after, with the check of this term."""
    if not request.actor.holds(*policies.SCHOOL_WIDE, "class_teacher"):
        raise Forbidden
    term = current_term()
    rows = queries.class_checks(request.actor, term) if term else []
    context = {
        "pages": tabs_of(request.actor, "returns"),
        "term": term,
        "begun": term is not None and term.starts <= clock.today(),
        "rows": [(row, policies.may_check_class(request.actor, row.school_class)) for row in rows],
        "done": sum(1 for row in rows if row.check),
        "away": sum(row.away for row in rows),
    }
    return show(request, "care/returns", context)


@require_http_methods(["GET", "POST"])
def return_check(request: Request, pk: int) -> HttpResponse:
    """One class: everybody is here, unless said otherwise."""
    room = fetch(request.actor, SchoolClass, pk, to=policies.may_check_class)
    term = current_term()
    if term is None:
        raise Invalid(_("还没有设置学期，请德育处先填校历。"))
    children = list(Student.objects.enrolled().filter(school_class=room))
    known = ReturnCheck.objects.filter(term=term, school_class=room).select_related("done_by").first()
    sent = request.POST if request.method == "POST" else None
    forms = _forms(children, known, sent)
    sentence = ""
    if sent is not None and all(form.is_valid() for _child, form in forms):
        try:
            return _save(request, room, term, forms)
        except Invalid as refusal:
            sentence = str(refusal)
    audit.note_read(request.actor, "returns.open", room)
    wrong = bool(sentence) or any(form.errors for _child, form in forms)
    context = {"room": room, "term": term, "known": known, "forms": forms, "sentence": sentence}
    return show(request, "care/return_check", context, status=422 if wrong else 200)


Forms = list[tuple[Student, AwayForm]]


def _forms(children: list[Student], known: ReturnCheck | None, sent: Any) -> Forms:
    """A row for each child, as last said; one tap of 全部到校 sends none."""
    last = {c.student_id: {"state": c.state, "note": c.note} for c in known.children.all()} if known else {}
    if sent is not None and sent.get("all") == "here":
        sent = {}
    return [(child, AwayForm(sent, prefix=f"c{child.pk}", initial=last.get(child.pk, {}))) for child in children]


def _save(request: Request, room: SchoolClass, term: Term, forms: Forms) -> HttpResponse:
    said = {child.pk: form.away() for child, form in forms}
    away = {pk: one for pk, one in said.items() if one is not None}
    check_class(room, by=request.actor, term=term, away=away)
    missing = sum(1 for one in away.values() if one.state == "not_back")
    if missing:
        messages.success(request, _("已保存。{n} 名未到校的学生已列入疑似名单。").format(n=missing))
    else:
        messages.success(request, _("已保存，返校核查完成。"))
    return to_page(request, "dropout_lists") if missing else to_page(request, "returns")
