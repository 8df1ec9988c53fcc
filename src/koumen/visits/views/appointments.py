"""Appointments of a class: who was asked, who answered what; invitations to hand out; answers noted for families."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import audit
from koumen.core.gate import fetch
from koumen.core.refusals import Invalid
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import SchoolClass
from koumen.visits.forms.appointments import ReplyForm
from koumen.visits.models import Appointment, Mode, Visit
from koumen.visits.policies.appointments import may_arrange, may_ask, may_ask_class
from koumen.visits.queries import appointments as queries
from koumen.visits.queries.offers import Diary, from_afar
from koumen.visits.services import appointments as services
from koumen.visits.services.invitations import Address, Letter, hand_out, send

_ROWS = Appointment.objects.select_related("visit__lead", "visit__school_class", "visit__campaign", "answered_by")


@dataclass(frozen=True)
class Press:
    """A button with which the teacher notes what a family said."""

    kind: str
    at: datetime | None = None
    offer: int = 0
    mode: str = ""
    label: str = ""


@dataclass(frozen=True)
class Card:
    """A letter with its picture, as the sheet shows it."""

    letter: Letter
    qr: SafeString


@require_GET
def appointments(request: Request, pk: int) -> HttpResponse:
    """The families of a class: asked or not, what they answered, what waits for the teacher."""
    row = fetch(request.actor, SchoolClass, pk, to=may_ask_class)
    numbers = queries.counts(row)
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in queries.SHOWN else ""
    labels = {
        "todo": _("等老师处理"), "asked": _("等回复"), "agreed": _("已约定"), "declined": _("婉拒"), "fresh": _("未约"),
    }  # fmt: skip
    tabs = [{"label": _("全部"), "url": "?", "active": not chosen}] + [
        {"label": labels[key], "url": f"?show={key}", "active": key == chosen, "count": count}
        for key, count in ((key, numbers[key]) for key in queries.SHOWN)
    ]
    context = {
        "class": row,
        "tabs": tabs,
        "numbers": numbers,
        "page": paged(request, queries.of_class(row, chosen), count=numbers[chosen or "all"]),
        "fresh": numbers["askable"],
    }
    return show(request, "visits/appointments", context)


@require_POST
def invite_class(request: Request, pk: int) -> HttpResponse:
    """Ask every family of the class that can be asked, and show the links to hand out."""
    row = fetch(request.actor, SchoolClass, pk, to=may_ask_class)
    asked, left = services.invite_class(row, by=request.actor)
    if not asked:
        raise Invalid(_("没有可以邀请的家庭：都已邀请过，或离家访不到 24 小时。"))
    said = _("已邀请 %(n)d 个家庭。") % {"n": asked}
    if left:
        said += _("另有 %(n)d 个家庭还不能邀请。") % {"n": left}
    messages.success(request, said)
    return _letters(request, row)


@require_POST
def letters(request: Request, pk: int) -> HttpResponse:
    """New links for the families that have not answered: to copy, to print."""
    return _letters(request, fetch(request.actor, SchoolClass, pk, to=may_ask_class))


@require_POST
def send_letters(request: Request, pk: int) -> HttpResponse:
    """Send the links by SMS to the phones on file."""
    row = fetch(request.actor, SchoolClass, pk, to=may_ask_class)
    sent, without = send(row, by=request.actor, address=_address(request))
    messages.success(request, _("已安排发送 %(n)d 条短信（免打扰时间顺延）。") % {"n": sent})
    if without:
        messages.warning(request, _("%(n)d 位家长没有登记手机，请复制链接或打印二维码。") % {"n": without})
    return _to_class(request, row.pk)


@require_POST
def invite(request: Request, pk: str) -> HttpResponse:
    """Ask one family, or give it new links."""
    visit = fetch(request.actor, Visit.objects.select_related("school_class"), pk, to=may_ask)
    if not visit.appointments.live().exists():
        services.invite(visit, by=request.actor, sooner=request.POST.get("sooner") == "on")
    return _letters(request, visit.school_class, visit)


@require_http_methods(["GET", "HEAD", "POST"])
def appointment(request: Request, pk: int) -> HttpResponse:
    """One appointment: what was answered, and what the family says on the phone."""
    row = fetch(request.actor, _ROWS, pk, to=may_arrange)
    if request.method == "POST":
        form = ReplyForm(request.POST)
        if not form.is_valid():
            raise Invalid
        services.answer(row, by=request.actor, reply=form.reply())
        messages.success(request, _("已记下家长的回复。"))
        return _to_class(request, row.visit.school_class_id)
    visit = row.visit
    context: dict[str, Any] = {
        "row": row,
        "visit": visit,
        "offers": row.offered(),
        "groups": _presses(row),
        "is_open": row.closed_at is None and visit.state not in (Visit.State.RECORDED, Visit.State.CANCELLED),
    }
    return show(request, "visits/appointment", context)


def _presses(row: Appointment) -> list[tuple[str, list[Press]]]:
    """What can be noted for the family, by form."""
    visit = row.visit
    diary = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
    first = [Press("accept", visit.starts_at)] if visit.starts_at else []
    offers = enumerate(row.offered())
    later = [Press("time", starts, number) for number, (starts, _ends, _slot) in offers if starts != visit.starts_at]
    groups = [(str(Mode(row.offers[0]["mode"]).label), first + later)]
    for mode in services.OTHER_MODES:
        groups.append((str(mode.label), [Press("mode", one.starts, 0, mode) for one in from_afar(visit, diary, mode)]))
    return [*groups, (_("不方便"), [Press("no", label=_("这次不方便，也不换别的方式"))])]


@require_POST
def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take an invitation back."""
    row = fetch(request.actor, _ROWS, pk, to=may_arrange)
    services.withdraw(row, by=request.actor)
    messages.success(request, _("邀请已收回，链接已失效。"))
    return _to_class(request, row.visit.school_class_id)


def _letters(request: Request, school_class: SchoolClass, visit: Visit | None = None) -> HttpResponse:
    """The sheet with every adult's own link. The links are made for this page and shown once."""
    made = hand_out(school_class, by=request.actor, address=_address(request), visit=visit)
    audit.note_read(request.actor, "appointment.letters", school_class)
    context = {
        "class": school_class,
        "cards": [Card(one, _qr(one.url)) for one in made],
        "all": "\n\n".join(f"{one.children} {one.name}\n{one.text}" for one in made),
    }
    return show(request, "visits/letters", context)


def _qr(url: str) -> SafeString:
    """A picture of the link; it holds nothing but lines."""
    drawn = segno.make(url, error="m").svg_inline(border=4, omitsize=True)
    return mark_safe(drawn)  # noqa: S308  (drawn by us from our own address)


def _address(request: Request) -> Address:
    return lambda secret: request.build_absolute_uri(reverse("link", kwargs={"secret": secret}))


def _to_class(request: Request, pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("visits:appointments", kwargs={"org": request.actor.org.slug, "pk": pk}))
