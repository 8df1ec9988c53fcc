"""The public door of a school: the opinion box, following by code, and 您说—我们做. No account, no personal cookie."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from koumen.care.forms.box import BoxForm, CodeForm
from koumen.care.models import Opinion
from koumen.care.policies.opinions import BOX
from koumen.care.presets.promises import PROMISES
from koumen.care.queries import opinions as queries
from koumen.care.services.opinion_family import consent, judge, withdraw
from koumen.care.services.opinions import Sending, code_hash, send
from koumen.core import audit, scope, throttle
from koumen.core.actor import Actor, OrgRef, Visitor
from koumen.core.refusals import Invalid, NotFound, Refusal
from koumen.core.requests import Request
from koumen.core.web import paged, refusing, show
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

# A village, or a whole school, may share one address.
SENT = (60, timedelta(hours=1))
SENT_TO_SCHOOL = (1_000, timedelta(days=1))
WRONG_CODES = (30, timedelta(minutes=10))
Inside = Callable[[Request, OrgRef], HttpResponse]


def public(view: Inside) -> Callable[..., HttpResponse]:
    """Let anybody in, inside the scope of an active school; else it is no page. What is shown is kept nowhere."""

    @login_not_required
    @refusing
    @wraps(view)
    def door(request: Request, school: str) -> HttpResponse:
        kinds = (Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT)
        found = Org.objects.filter(slug=school, kind__in=kinds, is_active=True).first()
        if found is None:
            raise NotFound
        with scope.enter(found.pk):
            response = view(request, org_ref(found))
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        return response

    return door


def somebody(school: OrgRef, what: str = "") -> Actor:
    """Whoever stands at the door; `what` is the opinion whose code they told."""
    return Actor(None, _("匿名"), school, visitor=Visitor(None, BOX, what))


@require_http_methods(["GET", "HEAD", "POST"])
@public
def write(request: Request, school: OrgRef) -> HttpResponse:
    """意见箱: the form and, once it is sent, its number and code."""
    form = BoxForm(request.POST or None, request.FILES or None)
    sent = None
    if request.method == "POST" and form.is_valid():
        for what, who, (times, per) in (
            ("box", throttle.origin(request), SENT),
            ("box of", str(school.id), SENT_TO_SCHOOL),
        ):
            throttle.require_below(what, who, times, per)
            throttle.count(what, who, per)
        data = form.cleaned_data
        sending = Sending(
            text=data["text"],
            token=data["token"],
            channel=Opinion.Channel.BOX,
            identity=Opinion.Identity(data["identity"]),
            topic=data["topic"],
            about_words=data["about_words"],
            sender_name=data["sender_name"].strip(),
            sender_phone=data["sender_phone"].strip(),
            voice=data["voice"],
        )
        sent = send(school, by=somebody(school), sending=sending)
    context = {"form": form, "org": school, "sent": sent, "promises": PROMISES}
    return show(request, "care/box", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@public
def follow(request: Request, school: OrgRef) -> HttpResponse:
    """By its code: where the opinion stands, the answer, the verdict. The code stays in the form, not in an address."""
    who = throttle.origin(request)
    throttle.require_below("opinion code", who, *WRONG_CODES)
    form = CodeForm(request.POST if request.method == "POST" else None)
    row, sentence = None, ""
    if form.is_valid():
        wanted = code_hash(form.cleaned_data["code"])
        row = Opinion.objects.filter(code_hash=wanted, origin_org=None).first() if wanted else None
        if row is None:
            throttle.count("opinion code", who, WRONG_CODES[1])
            form.add_error("code", _("没有找到这个查询码，请核对 12 位数字。"))
        else:
            by = somebody(school, f"code-{row.pk}")
            row, sentence = act(request, row, by)
            audit.note_read(by, "opinion.follow", row)
    context = {
        "form": form,
        "org": school,
        "row": row,
        "code": form.cleaned_data["code"] if row else "",
        "steps": queries.steps(row, for_family=True) if row else [],
        "sentence": sentence,
        "here": reverse("box:follow", kwargs={"school": school.slug}),
    }
    return show(request, "care/box_follow", context, status=422 if form.errors or sentence else 200)


def act(request: Request, row: Opinion, by: Actor) -> tuple[Opinion, str]:
    """What the family pressed, if anything: the row as it is now, and a sentence when it could not be done."""
    did = request.POST.get("did", "")
    try:
        if did in ("3", "2", "1"):
            row = judge(row, by=by, face=int(did), words=request.POST.get("words", "")[:300])
        elif did == "withdraw":
            row = withdraw(row, by=by)
        elif did in ("agree", "disagree"):
            row = consent(row, by=by, agrees=did == "agree")
        elif did:
            raise Invalid
    except Refusal as refusal:
        return Opinion.objects.get(pk=row.pk), str(refusal)
    return row, ""


@require_GET
@public
def done(request: Request, school: OrgRef) -> HttpResponse:
    """您说—我们做: what was changed because families said so."""
    return show(request, "care/box_done", {"org": school, "page": paged(request, queries.published(), size=20)})
