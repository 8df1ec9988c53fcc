"""The way from the school to a village: estimated, set right by measured routes, and asked of the map service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from koumen import planner
from koumen.core import scope
from koumen.planner import roads
from koumen.registry.models import Org, Place
from koumen.visits.planning.homes import point_of
from koumen.visits.planning.roads import asker

TRIAL_SECONDS = 15.0
TRIAL_REQUESTS = 3


@dataclass(frozen=True)
class PlaceWay:
    """Estimated metres and minutes, the factor of the measured routes, and the minutes planned with."""

    metres: int
    estimated: int
    factor: float
    planned: int
    is_cut: bool = False  # the measured routes say even more, or less, than a factor may

    @property
    def kilometres(self) -> float:
        return round(self.metres / 1000, 1)


@dataclass(frozen=True)
class Trial:
    """What the service told of one way: minutes as planned and metres, or the code of the trouble."""

    minutes: int = 0
    metres: int = 0
    trouble: str | None = None

    @property
    def kilometres(self) -> float:
        return round(self.metres / 1000, 1)


def school_start() -> planner.Point | None:
    """Where teams leave from, as far as the school's own point tells."""
    org = Org.objects.get(pk=scope.org_id())
    return point_of(org.lng, org.lat)


def way_to(start: planner.Point | None, place: Place, measured: Sequence[int]) -> PlaceWay | None:
    """The way to a village with its measured minutes; None when one end has no usable point."""
    end = point_of(place.lng, place.lat)
    if start is None or end is None:
        return None
    seconds, metres = roads.estimate(start, end)
    factor = roads.factor_of([minutes * 60 for minutes in measured], seconds)
    is_cut = factor in (roads.LEAST_FACTOR, roads.MOST_FACTOR)
    return PlaceWay(metres, _minutes(seconds), factor, _minutes(seconds * factor), is_cut)


def ways_to(places: Iterable[Any]) -> list[tuple[Any, PlaceWay | None]]:
    """Each village with its way; their `measured` routes are prefetched."""
    start = school_start()
    return [(place, way_to(start, place, [route.minutes for route in place.measured.all()])) for place in places]


def try_service(place: Place) -> Trial:
    """Ask the map service for one way, within seconds. Only the two points leave the site."""
    talk = asker()
    start, end = school_start(), point_of(place.lng, place.lat)
    if talk is None or start is None or end is None:
        return Trial(trouble="address")
    talk.most_requests, talk.most_seconds = TRIAL_REQUESTS, TRIAL_SECONDS
    known: roads.Known = {}
    roads.Asked(talk, known).matrix([start, end], "car")
    told = known.get((roads.cell(start), roads.cell(end)))
    if told is None:
        return Trial(trouble=next(iter(talk.failures), talk.stopped))
    return Trial(_minutes(roads.seconds_by_road(told.seconds, told.metres)), told.metres)


def _minutes(seconds: float) -> int:
    return ceil(seconds / 60)
