"""路程: where travel times come from, the map service, and measured routes."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Forbidden
from koumen.core.requests import Request
from koumen.core.web import paged, show
from koumen.registry.models import Place
from koumen.visits.forms.roads import MeasuredRouteForm
from koumen.visits.models import MeasuredRoute
from koumen.visits.planning import ways_to
from koumen.visits.policies.roads import may_arrange_roads
from koumen.visits.presets.roads import TROUBLES
from koumen.visits.queries import roads as queries
from koumen.visits.services import roads as services


@require_GET
def roads(request: Request) -> HttpResponse:
    """How travel times are found, and the villages with their ways."""
    if not may_arrange_roads(request.actor):
        raise Forbidden
    page = paged(request, queries.places(), size=20)
    context = {"service": queries.service(), "page": page, "rows": ways_to(page.object_list)}
    return show(request, "visits/roads", context)


@require_POST
def roads_service(request: Request) -> HttpResponse:
    """Allow or forbid asking the map service."""
    asks = request.POST.get("asks") == "1"
    if asks and not settings.KOUMEN_ROADS.name:
        raise Conflict(_("这个站点还没有设置地图服务，请联系管理员。"))
    services.choose_service(request.actor.org, by=request.actor, asks=asks)
    said = _("下次排程会查询道路时间。") if asks else _("不再查询道路时间，下次排程按估算。")
    messages.success(request, said)
    return _back(request)


@require_http_methods(["GET", "POST"])
def road_place(request: Request, pk: int) -> HttpResponse:
    """One village: its estimate beside what was measured; one more measured route."""
    place = fetch(request.actor, queries.places(), pk, to=may_arrange_roads)
    form = MeasuredRouteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.add_route(place, by=request.actor, **form.cleaned_data)
        messages.success(request, _("已记下，下次排程按它修正。"))
        return _to_place(request, place)
    return show(request, "visits/road_place", _about(place) | {"form": form}, status=422 if form.errors else 200)


@require_POST
def road_try(request: Request, pk: int) -> HttpResponse:
    """Ask the map service for the way to this village."""
    place = fetch(request.actor, queries.places(), pk, to=may_arrange_roads)
    if not settings.KOUMEN_ROADS.name:
        raise Conflict(_("这个站点还没有设置地图服务，请联系管理员。"))
    trial = services.try_way(place, by=request.actor)
    trouble = "" if trial.trouble is None else str(TROUBLES[trial.trouble])
    context = _about(place) | {"form": MeasuredRouteForm(), "trial": trial, "trouble": trouble}
    return show(request, "visits/road_place", context)


@require_POST
def road_drop(request: Request, pk: int) -> HttpResponse:
    """A measured route was wrong."""
    route = fetch(request.actor, MeasuredRoute.objects.select_related("place"), pk, to=may_arrange_roads)
    services.drop_route(route, by=request.actor)
    return _to_place(request, route.place)


def _about(place: Place) -> dict[str, Any]:
    ((_place, way),) = ways_to([place])
    return {"place": place, "way": way, "service": queries.service()}


def _to_place(request: Request, place: Place) -> HttpResponseRedirect:
    kwargs = {"org": request.actor.org.slug, "pk": place.pk}
    return HttpResponseRedirect(reverse("visits:road_place", kwargs=kwargs))


def _back(request: Request) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("visits:roads", kwargs={"org": request.actor.org.slug}))
