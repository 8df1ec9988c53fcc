"""A guardian's own page behind a link: say something, see what came of it, judge the answer."""

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from koumen.care.forms.box import OwnForm
from koumen.care.models import Opinion
from koumen.care.policies.opinions import FAMILY, is_sender, ties_of
from koumen.care.presets.promises import PROMISES
from koumen.care.queries import opinions as queries
from koumen.care.services.opinion_letters import LASTS
from koumen.care.services.opinions import Sending, Sent, send
from koumen.care.views.box import act
from koumen.core import links, throttle
from koumen.core.actor import Actor
from koumen.core.models import PersonalLink
from koumen.core.refusals import NotFound, Refusal
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.registry.models import Guardian, Guardianship, Org
from koumen.registry.queries.actors import org_ref

SENT = (20, timedelta(days=1))


def _ties(link: PersonalLink) -> list[Guardianship]:
    return ties_of(link.person_id)


def _holds(link: PersonalLink) -> bool:
    """While this adult belongs to a child of the school; for an opinion told at a visit, to that home."""
    ties = _ties(link)
    if not ties or not link.object_id:
        return bool(ties)
    row = Opinion.objects.filter(pk=link.object_id).first() if link.object_id.isdecimal() else None
    return row is not None and is_sender(_visitor(link), row)


def _reach(link: PersonalLink) -> str:
    ties = _ties(link)
    return str(ties[0].guardian.phone) if ties else ""


def _visitor(link: PersonalLink) -> Actor:
    """Who acts; the log calls nobody by name, as it would tell more than the page promises."""
    return links.visitor(link, _("家长"), org_ref(Org.objects.get(pk=link.org_id)))


@links.purpose(FAMILY, lasts=LASTS, holds=_holds, reach=_reach)
def own(request: Request, link: PersonalLink) -> HttpResponse:
    """One page: what this adult said and what came of it, and a form for something new.

    Opening it is not logged: beside what is sent without a name a minute later, it would tell whose that is.
    """
    ties = _ties(link)
    guardian = ties[0].guardian
    by = _visitor(link)
    sentence, sent = "", None
    is_writing = "write" in request.GET or not link.object_id
    form = OwnForm(request.POST or None, request.FILES or None) if is_writing else OwnForm()
    if request.method == "POST" and request.POST.get("opinion"):
        form = OwnForm()
        sentence = _act(request, by)
        if not sentence:
            return HttpResponseRedirect(request.get_full_path())
    elif request.method == "POST" and form.is_valid():
        sent = _send(request, by, ties[0], form)
    rows = queries.of_family(guardian.pk, link.object_id)
    context = {
        "org": by.org,
        "rows": rows,
        "form": form,
        "sent": sent,
        "sent_without_name": request.POST.get("identity") == Opinion.Identity.ANONYMOUS,
        "sentence": sentence,
        "promises": PROMISES,
        "is_writing": is_writing and sent is None and (request.method == "POST" or "write" in request.GET or not rows),
        "aloud": guardian.reading == Guardian.Reading.ALOUD,
    }
    bad = (request.method == "POST" and form.is_bound and form.errors) or sentence
    return show(request, "care/own_opinions", context, status=422 if bad else 200)


def _act(request: Request, by: Actor) -> str:
    """What was pressed beside one of the rows; a sentence when it could not be done."""
    pk = request.POST.get("opinion", "")
    row = Opinion.objects.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if row is None or not is_sender(by, row):
        raise NotFound
    try:
        return act(request, row, by)[1]
    except Refusal as refusal:
        return str(refusal)


def _send(request: Request, by: Actor, tie: Guardianship, form: OwnForm) -> Sent:
    who = f"{by.org.id} {tie.guardian_id}"
    throttle.require_below("opinion", who, *SENT)
    throttle.count("opinion", who, SENT[1])
    data = form.cleaned_data
    is_anonymous = data["identity"] == Opinion.Identity.ANONYMOUS
    nobody = links.visitor(_nameless(by), _("匿名"), by.org) if is_anonymous else by
    sending = Sending(
        text=data["text"],
        token=data["token"],
        channel=Opinion.Channel.BOX,
        identity=Opinion.Identity(data["identity"]),
        topic=data["topic"],
        about_words=data["about_words"],
        household=tie.student.household,
        guardian=tie.guardian,
        voice=data["voice"],
    )
    return send(by.org, by=nobody, sending=sending)


def _nameless(by: Actor) -> PersonalLink:
    """Behind which nobody stands: what an anonymous sender is logged as."""
    return PersonalLink(purpose=FAMILY, person_id=None, object_id="")
