"""共育约定 of a case: the school's page and the family's."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from koumen.care.forms.cases import AgreementForm
from koumen.care.models import CaseAgreement
from koumen.care.policies.cases import CASE_AGREEMENT, family_tie
from koumen.care.services import agreements as services
from koumen.care.views.asking import ask
from koumen.care.views.cases import address, working
from koumen.core import audit, links
from koumen.core.actor import Actor
from koumen.core.models import PersonalLink
from koumen.core.refusals import Forbidden, Invalid, NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

_ROWS = CaseAgreement.objects.select_related("case__student__school_class", "case__lead", "answered_by")


@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: Request, pk: int) -> HttpResponse:
    """What the family will be shown, to be checked before its links are made."""
    row = working(request, pk)
    last = CaseAgreement.objects.filter(case=row).first()
    lines = last.items if last else services.drafted(row)
    form = AgreementForm(request.POST if request.method == "POST" else None, initial={"items": "\n".join(lines)})
    return ask(
        request, form,
        lambda f: services.make_agreement(row, by=request.actor, items=f.cleaned_data["items"].splitlines()),
        title=_("共育约定"), back=address(request, row, "team"), submit=_("写好了"), draft=f"case-agreement-{row.pk}",
        lead=_("写学校做什么、家里做什么。家长看到的就是这些话，不写原因。"), done=_("约定写好了，可以请家长看了。"),
    )  # fmt: skip


@require_POST
def agreement_letters(request: Request, pk: int) -> HttpResponse:
    """Fresh links for the family's adults: shown once, to paste or already sent."""
    row = working(request, pk)
    last = _ROWS.filter(case=row).first()
    if last is None:
        raise NotFound
    send = request.POST.get("send") == "on"

    def whole(secret: str) -> str:
        return request.build_absolute_uri(reverse("link", kwargs={"secret": secret}))

    found = services.letters(last, by=request.actor, address=whole, send=send)
    context = {"case": row, "back": address(request, row, "team"), "letters": found, "sent": send}
    return show(request, "care/agreement_letters", context)


def _row(link: PersonalLink) -> CaseAgreement | None:
    found: CaseAgreement | None = _ROWS.filter(pk=link.object_id).first() if link.object_id.isdecimal() else None
    return found


def _holds(link: PersonalLink) -> bool:
    row = _row(link)
    return row is not None and family_tie(row.case, link.person_id) is not None


def _reach(link: PersonalLink) -> str:
    row = _row(link)
    tie = family_tie(row.case, link.person_id) if row and not services.is_over(row) else None
    return tie.guardian.phone if tie else ""


def _visitor(link: PersonalLink, name: str) -> Actor:
    return links.visitor(link, name, org_ref(Org.objects.get(pk=link.org_id)))


@links.purpose(CASE_AGREEMENT, lasts=services.LASTS, holds=_holds, reach=_reach)
def family_case_agreement(request: Request, link: PersonalLink) -> HttpResponse:
    """The family reads what was agreed, says yes, or says what is wrong. Over: one sentence, nothing personal."""
    row = _row(link)
    tie = family_tie(row.case, link.person_id) if row else None
    assert row is not None  # `holds` has looked
    assert tie is not None
    by = _visitor(link, tie.guardian.name)
    if services.is_over(row):
        return show(request, "care/family_agreement_over", {"org": by.org}, status=410)
    sentence = ""
    if request.method == "POST":
        try:
            _act(request, row, by)
        except Invalid as refusal:
            sentence = str(refusal)
        else:
            return HttpResponseRedirect(request.path)
    else:
        audit.note_read(by, "case_agreement.open", row)
    context = {
        "row": row,
        "org": by.org,
        "child": row.case.student.name,
        "may_sign": tie.may_sign,
        "step": "correct" if sentence or request.GET.get("step") == "correct" else "",
        "typed": request.POST.get("text", "")[:500],
        "sentence": sentence,
    }
    return show(request, "care/family_agreement", context, status=422 if sentence else 200)


def _act(request: Request, row: CaseAgreement, by: Actor) -> None:
    did = request.POST.get("did", "")
    if did == "confirm":
        services.confirm(row, by=by)
    elif did == "correct":
        services.correct(row, by=by, text=request.POST.get("text", ""))
    else:
        raise Forbidden
