"""Homes: which look like one, and where they are."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import audit
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, NotFound
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry import policies
from koumen.registry.forms.imports import PointForm
from koumen.registry.models import Household, SiblingOffer
from koumen.registry.queries import households
from koumen.registry.services import households as services
from koumen.registry.services.imports.siblings import REASONS

States = SiblingOffer.State


@require_GET
def overview(request: Request) -> HttpResponse:
    """Pairs of homes that look like one, by state and reason."""
    _allowed(request)
    state = request.GET.get("state", States.OPEN)
    reason = request.GET.get("reason", "")
    if state not in States.values or (reason and reason not in REASONS):
        raise NotFound
    counts = households.offer_counts()
    chosen = sum(n for (of, why), n in counts.items() if of == state and reason in ("", why))
    by_state = {s: sum(n for (of, _why), n in counts.items() if of == s) for s in States.values}
    context = {
        "state": state,
        "reason": reason,
        "page": paged(request, households.offers(state, reason), count=chosen),
        "tabs": [
            {"url": f"?state={s}", "label": label, "count": by_state[s], "active": s == state}
            for s, label in States.choices
        ],
        "reasons": [
            (code, label, counts[States.OPEN.value, code])
            for code, label in REASONS.items()
            if counts.get((States.OPEN.value, code))
        ],
        "reason_labels": REASONS,
        "points": households.point_counts(),
    }
    return show(request, "registry/households", context)


@require_POST
def join(request: Request, pk: int) -> HttpResponse:
    """They are one."""
    services.join(
        fetch(request.actor, SiblingOffer, pk, to=policies.may_arrange_households, lock=True), by=request.actor
    )
    return _back(request)


@require_POST
def part(request: Request, pk: int) -> HttpResponse:
    """They are not one."""
    services.part(
        fetch(request.actor, SiblingOffer, pk, to=policies.may_arrange_households, lock=True), by=request.actor
    )
    return _back(request)


@require_POST
def join_all(request: Request) -> HttpResponse:
    """All pairs offered for one reason are one."""
    reason = request.POST.get("reason", "")
    if reason not in REASONS:
        raise NotFound
    n = services.join_all(request.actor.org, by=request.actor, reason=reason)
    messages.success(request, _("已合并 %(n)d 对家庭。") % {"n": n})
    return _back(request)


@require_GET
def without_point(request: Request) -> HttpResponse:
    """Homes that are nowhere on the map."""
    _allowed(request)
    context = {"page": paged(request, households.without_point()), "points": households.point_counts()}
    return show(request, "registry/points", context)


@require_http_methods(["GET", "POST"])
def point(request: Request, pk: int) -> HttpResponse:
    """One home's place on the map: a click, or two numbers."""
    home = fetch(request.actor, Household, pk, to=policies.may_arrange_households)
    form = PointForm(request.POST or None, initial={
        "lng": home.lng, "lat": home.lat, "is_remote": home.is_remote, "is_risky": home.is_risky,
    })  # fmt: skip
    if request.method == "POST" and form.is_valid():
        services.set_point(home, by=request.actor, **form.cleaned_data)
        messages.success(request, _("位置已保存。"))
        return HttpResponseRedirect(reverse("registry:points", kwargs={"org": request.actor.org.slug}))
    audit.note_read(request.actor, "household.address", home)
    children = home.students.select_related("school_class")
    context = {"home": home, "form": form, "children": children}
    return show(request, "registry/point", context, status=422 if form.errors else 200)


@require_GET
def map_around(request: Request, pk: int) -> JsonResponse:
    """What the map shows while a point is chosen."""
    home = fetch(request.actor, Household, pk, to=policies.may_arrange_households)
    return JsonResponse(households.map_around(home, request.actor.org.id))


def _allowed(request: Request) -> None:
    if not policies.may_arrange_households(request.actor):
        raise Forbidden


def _back(request: Request) -> HttpResponse:
    return HttpResponseRedirect(reverse("registry:households", kwargs={"org": request.actor.org.slug}))
