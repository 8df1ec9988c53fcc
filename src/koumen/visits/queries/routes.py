"""Outings as the map draws them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from koumen.registry.models import Org
from koumen.visits.models import Outing

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which look like numbers


def letters(number: int) -> str:
    """The sign of the outing with that number, from 0: A … Z, AA …; it stands on the map and in the list beside it."""
    head, last = divmod(number, len(LETTERS))
    return (letters(head - 1) if head else "") + LETTERS[last]


@dataclass(frozen=True)
class Route:
    """An outing with its sign, and how many of its families stand on no map."""

    sign: str
    outing: Outing
    unknown: int


def routes(outings: Iterable[Outing]) -> list[Route]:
    """Outings in the order and with the signs the map has."""
    return [
        Route(letters(number), row, sum(stop.spot is None for stop in row.stops.all()))
        for number, row in enumerate(outings)
    ]


def map_of(rows: Iterable[Outing], school: Org) -> dict[str, Any]:
    """Routes for the map: the school, and every outing's known points in order. No names, no addresses."""
    drawn = [
        {
            "sign": one.sign,
            "label": _("%(sign)s 线 %(name)s %(slot)s")
            % {"sign": one.sign, "name": one.outing.school_class.name, "slot": one.outing.slot.label},
            "points": [[*stop.spot, str(stop.order)] for stop in one.outing.stops.all() if stop.spot is not None],
        }
        for one in routes(rows)
    ]
    here = None if school.lat is None else [school.lat, school.lng]
    tiles = settings.KOUMEN_TILE_URL
    source = urlsplit(tiles).netloc.replace("{s}.", "")
    return {"school": here, "name": school.name, "routes": drawn, "tiles": tiles, "source": source}
