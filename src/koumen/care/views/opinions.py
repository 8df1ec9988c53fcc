"""意见建议: lists, numbers, the poster, and what staff enter for a family."""

from dataclasses import dataclass

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.care.forms.opinions import EntryForm, LimitForm, PeriodForm
from koumen.care.models import Opinion
from koumen.care.models.findings import Source
from koumen.care.policies.opinions import LEADS, may_invite, may_lead, may_list, may_send
from koumen.care.presets.promises import PROMISES
from koumen.care.presets.topics import Topic
from koumen.care.queries import limits as limit_queries
from koumen.care.queries import opinions as queries
from koumen.care.services import opinion_letters
from koumen.care.services.opinion_public import set_limit
from koumen.care.services.opinion_sheet import sheet
from koumen.care.services.opinions import Sending, send
from koumen.core import audit, files
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import SchoolClass, Student


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    active: bool
    count: int


def tabs(request: Request, chosen: str, counted: dict[str, int]) -> list[Tab]:
    """What the list is narrowed to, each with its number."""
    labels = {
        "mine": _("等我办"),
        "open": _("办理中"),
        "answered": _("等家长评价"),
        "over": _("已办结"),
        "all": _("全部"),
    }
    return [Tab(labels[tab], f"?tab={tab}", tab == chosen, counted[tab]) for tab in queries.TABS]


@require_GET
def listing(request: Request) -> HttpResponse:
    """Opinions this person may see: first those that wait for them."""
    actor = request.actor
    if not may_list(actor):
        raise Forbidden
    counted = queries.counts(actor)
    usual = "mine" if counted["mine"] else "open" if counted["open"] else "all"
    asked = request.GET.get("tab", "")
    topic, level = request.GET.get("topic", ""), request.GET.get("level", "")
    wanted = queries.Wanted(
        tab=asked if asked in queries.TABS else usual,
        topic=topic if topic in Topic.values else "",
        level=level if level in Opinion.Level.values else "",
        late="late" in request.GET,
    )
    context = {
        "page": paged(request, queries.listed(actor, wanted)),
        "tabs": tabs(request, wanted.tab, counted),
        "wanted": wanted,
        "counted": counted,
        "topics": Topic.choices,
        "levels": Opinion.Level.choices,
        "sees_above": actor.holds("principal"),
        "leads": may_lead(actor),
        "may_count": may_lead(actor) or actor.holds("bureau_officer"),
        "may_enter": actor.visitor is None and may_send(actor, actor.org),
        "may_ask": actor.holds(*LEADS, "class_teacher"),
    }
    return show(request, "care/opinions", context)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: Request) -> HttpResponse:
    """What a family said at a meeting, a hearing, by phone or on paper; its number and code are told to them."""
    actor = request.actor
    if not may_send(actor, actor.org):
        raise Forbidden
    form = EntryForm(request.POST if request.method == "POST" else None, staff=queries.colleagues())
    sent = None
    if form.is_valid():
        data = form.cleaned_data
        sending = Sending(
            text=data["text"],
            token=data["token"],
            channel=Opinion.Channel(data["channel"]),
            identity=Opinion.Identity(data["identity"]),
            topic=data["topic"],
            about=(data["about"].pk,) if data["about"] else (),
            sender_name=data["sender_name"].strip(),
            sender_phone=data["sender_phone"].strip(),
            source=Source.TEACHER,
        )
        sent = send(actor.org, by=actor, sending=sending)
    context = {"form": form, "sent": sent, "promises": PROMISES, "follow": _door(request, "box:follow")}
    return show(request, "care/opinion_new", context, status=422 if form.errors else 200)


@require_GET
def figures(request: Request) -> HttpResponse:
    """Answered, settled and unsettled apart; the median of school days."""
    actor = request.actor
    if not (may_lead(actor) or actor.holds("bureau_officer")):
        raise Forbidden
    form = PeriodForm(request.GET)
    found = None
    if form.is_valid():
        found = queries.figures(actor, form.cleaned_data["first"], form.cleaned_data["last"])
    context = {"form": form, "found": found, "leads": may_lead(actor)}
    return show(request, "care/opinion_figures", context, status=422 if form.errors else 200)


@require_GET
def export(request: Request) -> HttpResponse:
    """Sheet 4 as Excel."""
    form = PeriodForm(request.GET)
    if not form.is_valid():
        raise Invalid(_("请选择正确的起止日期。"))
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    content = sheet(request.actor.org, by=request.actor, first=first, last=last)
    return files.as_download(content, name=_("家长意见建议统计表") + ".xlsx", kind="xlsx")


@require_GET
def poster(request: Request) -> HttpResponse:
    """An A4 page with the school's QR code, to be printed and hung up."""
    if not may_lead(request.actor):
        raise Forbidden
    url = _door(request, "box:write")
    return show(request, "care/opinion_poster", {"url": url, "code": drawn(url)})


def drawn(url: str) -> SafeString:
    """A picture of an address; it holds nothing but lines."""
    svg = segno.make(url, error="m").svg_inline(border=2, omitsize=True)
    return mark_safe(svg)  # noqa: S308  (drawn by us from our own address)


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: Request) -> HttpResponse:
    """How many school days each topic may take."""
    actor = request.actor
    if not may_lead(actor):
        raise Forbidden
    bad = None
    if request.method == "POST":
        bad = LimitForm(request.POST)
        if bad.is_valid():
            set_limit(actor.org, by=actor, **bad.cleaned_data)
            messages.success(request, _("已保存，从新收到的意见开始用。"))
            return HttpResponseRedirect(request.path)
    rows = [
        bad
        if bad is not None and bad.data.get("topic") == topic
        else LimitForm(
            initial={"topic": topic, "days": limit.days, "extra_days": limit.extra_days}, auto_id=f"{topic}-%s"
        )
        for topic, limit in limit_queries.limits().items()
    ]
    names = [label for _value, label in Topic.choices]
    context = {"rows": list(zip(names, rows, strict=True))}
    return show(request, "care/opinion_limits", context, status=422 if bad is not None else 200)


@require_GET
def invite(request: Request) -> HttpResponse:
    """The children of a class, to make their adults' links."""
    actor = request.actor
    if not actor.holds(*LEADS, "class_teacher"):
        raise Forbidden
    classes = SchoolClass.objects.filter(is_open=True).select_related("grade")
    if not actor.holds(*LEADS):
        classes = classes.filter(pk__in=actor.units("class", "class_teacher"))
    found = list(classes.order_by("grade__stage", "grade__level", "number", "pk")[:500])
    asked = request.GET.get("class", "")
    chosen = next((one for one in found if str(one.pk) == asked), found[0] if found else None)
    rows = Student.objects.enrolled().filter(school_class=chosen).order_by("class_no", "pk")
    return show(
        request, "care/opinion_invite", {"classes": found, "chosen": chosen, "page": paged(request, rows, size=60)}
    )


@require_POST
def invite_child(request: Request, pk: int) -> HttpResponse:
    """Fresh links for a child's adults: shown once, to be pasted, or sent by SMS."""
    child = fetch(request.actor, Student.objects.select_related("school_class"), pk, to=may_invite)
    send_sms = request.POST.get("send") == "yes"
    found = opinion_letters.invite(child, by=request.actor, ways=ways(request), send=send_sms)
    audit.note_read(request.actor, "opinion.invite", child)
    back = reverse(
        "care:opinion_invite", kwargs={"org": request.actor.org.slug}, query={"class": child.school_class_id}
    )
    return show(request, "care/opinion_letters", {"letters": found, "back": back, "sent": send_sms})


def ways(request: Request) -> opinion_letters.Ways:
    """Whole addresses of this site."""
    return opinion_letters.Ways(
        link=lambda secret: request.build_absolute_uri(reverse("link", kwargs={"secret": secret})),
        door=_door(request, "box:follow"),
    )


def _door(request: Request, name: str) -> str:
    return request.build_absolute_uri(reverse(name, kwargs={"school": request.actor.org.slug}))
