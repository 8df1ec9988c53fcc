"""What the pages about travel times show."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Prefetch, QuerySet

from koumen.registry.models import Place
from koumen.visits.models import MeasuredRoute, RoadChoice
from koumen.visits.presets.roads import SOURCES


@dataclass(frozen=True)
class Service:
    """The site's map service as the page shows it; `name` is "" when there is none."""

    name: str
    asks: bool
    chosen_by: str = ""
    chosen_at: Any = None


def service() -> Service:
    """The map service, and whether this school lets it be asked."""
    name = settings.KOUMEN_ROADS.name
    choice = RoadChoice.objects.first()
    label = str(SOURCES[name]) if name else ""
    if choice is None:
        return Service(label, False)
    return Service(label, choice.asks and bool(name), choice.chosen_by, choice.chosen_at)


def places() -> QuerySet[Place]:
    """The villages, those with measured routes first; with `homes` and their routes."""
    routes = Prefetch("measured", MeasuredRoute.objects.all())
    found: QuerySet[Place] = (
        Place.objects.annotate(routes=Count("measured", distinct=True), homes=Count("households", distinct=True))
        .order_by("-routes", "name", "pk")
        .prefetch_related(routes)
    )
    return found
