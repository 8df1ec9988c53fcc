"""约定: the teacher's page and the family's."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koumen.core import audit, links
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.models import PersonalLink
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.visits.forms.after import AgreementForm, SendForm
from koumen.visits.models import Agreement, Visit, VisitRecord
from koumen.visits.policies.after import AGREEMENT, may_follow, ties
from koumen.visits.queries import after as queries
from koumen.visits.services import agreements as services
from koumen.visits.views.reports import with_report

_ROWS = Agreement.objects.select_related("record__visit__lead", "made_by", "answered_by", "read_by")


def record_of(request: Request, pk: str) -> VisitRecord:
    """The record of a visit this person goes on with; NotFound while there is none."""
    visit = fetch(request.actor, Visit.objects.select_related("lead", "school_class"), pk, to=may_follow)
    record = VisitRecord.objects.filter(visit=visit).first()
    if record is None:
        raise NotFound
    record.visit = visit
    return record


def back_to(request: Request, pk: object) -> HttpResponseRedirect:
    """The visit's own page."""
    return HttpResponseRedirect(reverse("visits:visit", kwargs={"org": request.actor.org.slug, "pk": pk}))


def address_in(request: Request) -> services.Address:
    """From a secret to the whole address of its link."""
    return lambda secret: request.build_absolute_uri(reverse("link", kwargs={"secret": secret}))


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: Request, pk: str) -> HttpResponse:
    """What the family will be shown, to be checked before its links are made."""
    record = record_of(request, pk)
    row = queries.agreement_of(record)
    lines = row.items if row else services.drafted(record)
    start = {"items": "\n".join(lines), "follow_up_on": row.follow_up_on if row else record.follow_up_on}
    form = AgreementForm(request.POST if request.method == "POST" else None, initial=start)
    if form.is_valid():
        try:
            items = form.cleaned_data["items"].splitlines()
            services.make_agreement(
                record, by=request.actor, items=items, follow_up_on=form.cleaned_data["follow_up_on"]
            )
        except Invalid as refusal:
            form.add_error("items", str(refusal))
        else:
            messages.success(request, _("约定写好了，可以请家长看了。"))
            return HttpResponseRedirect(request.path)
    context = {"visit": record.visit, "agreement": row, "form": form}
    return show(request, "visits/agreement", context, status=422 if form.errors else 200)


@require_POST
def agreement_letters(request: Request, pk: str) -> HttpResponse:
    """Fresh links for the family's adults: shown once, to paste or already sent."""
    record = record_of(request, pk)
    row = queries.agreement_of(record)
    if row is None:
        raise NotFound
    form = SendForm(request.POST)
    send = form.is_valid() and form.cleaned_data["send"]
    row.record = record
    found = services.letters(row, by=request.actor, address=address_in(request), send=send)
    context = {"visit": record.visit, "letters": found, "sent": send, "what": _("约定")}
    return show(request, "visits/after_letters", context)


@require_POST
def agreement_keep(request: Request, pk: str) -> HttpResponse:
    """Mark a confirmed agreement for the growth record, or take the mark away."""
    record = record_of(request, pk)
    row = queries.agreement_of(record)
    if row is None:
        raise NotFound
    services.keep(row, by=request.actor, is_kept=request.POST.get("keep") == "yes")
    messages.success(request, _("已保存。"))
    return back_to(request, record.visit_id)


def visitor_of(link: PersonalLink, visit: Visit | None) -> Actor:
    """Who acts behind a link about a visit: the log calls them by their name."""
    tie = ties(visit, link.person_id) if visit else None
    name = tie.guardian.name if tie else ""
    return links.visitor(link, name, org_ref(Org.objects.get(pk=link.org_id)))


def _row(link: PersonalLink) -> Agreement | None:
    found: Agreement | None = _ROWS.filter(pk=link.object_id).first() if link.object_id.isdecimal() else None
    return found


def _holds(link: PersonalLink) -> bool:
    row = _row(link)
    return row is not None and ties(row.record.visit, link.person_id) is not None


def _reach(link: PersonalLink) -> str:
    row = _row(link)
    tie = ties(row.record.visit, link.person_id) if row else None
    return tie.guardian.phone if tie else ""


def _visit(link: PersonalLink) -> Visit:
    row = _row(link)
    assert row is not None  # `holds` has looked
    return row.record.visit


@links.purpose(AGREEMENT, lasts=services.LASTS, holds=_holds, reach=_reach)
@with_report(_visit)
def family_agreement(request: Request, link: PersonalLink) -> HttpResponse:
    """The family reads what was agreed, says yes, or says what is wrong: one task a screen."""
    row = _row(link)
    assert row is not None
    by = visitor_of(link, row.record.visit)
    tie = ties(row.record.visit, link.person_id)
    sentence = ""
    if request.method == "POST":
        try:
            _act(request, row, by)
        except Invalid as refusal:
            sentence = str(refusal)
        else:
            return HttpResponseRedirect(request.path)
    else:
        audit.note_read(by, "agreement.open", row)
    context = {
        "row": row,
        "org": by.org,
        "children": row.record.visit.names,
        "teacher": row.record.visit.lead.name,
        "shown": row.made_at.isoformat(),
        "may_sign": tie is not None and tie.may_sign,
        "step": "correct" if sentence or request.GET.get("step") == "correct" else "",
        "typed": request.POST.get("text", "")[:500],
        "sentence": sentence,
    }
    return show(request, "visits/family_agreement", context, status=422 if sentence else 200)


def _act(request: Request, row: Agreement, by: Actor) -> None:
    did, shown = request.POST.get("did", ""), request.POST.get("shown", "")[:40]
    if did == "confirm":
        services.confirm(row, by=by, shown=shown)
    elif did == "correct":
        services.correct(row, by=by, text=request.POST.get("text", ""), shown=shown)
    elif did == "read":
        services.note_seen(row, by=by, shown=shown)
    elif did in ("keep", "drop"):
        services.keep(row, by=by, is_kept=did == "keep")
    else:
        raise Forbidden
