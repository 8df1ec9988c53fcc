"""What the pages about homes read."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Prefetch, QuerySet

from koumen.registry.models import Guardianship, Household, Org, Place, SiblingOffer, Student


def _with_people(path: str) -> Any:
    children = Student.objects.select_related("school_class").prefetch_related(
        Prefetch("guardianships", Guardianship.objects.filter(ends=None).select_related("guardian"))
    )
    return Prefetch(f"{path}students", children)


def offers(state: str, reason: str = "") -> "QuerySet[SiblingOffer]":
    """Pairs of homes in one state, with children and adults."""
    rows = SiblingOffer.objects.filter(state=state).select_related("household", "other").order_by("pk")
    return (rows.filter(reason=reason) if reason else rows).prefetch_related(
        _with_people("household__"), _with_people("other__")
    )


def offer_counts() -> dict[tuple[str, str], int]:
    """(state, reason) → number of pairs."""
    rows = SiblingOffer.objects.values_list("state", "reason").annotate(n=Count("pk"))
    return {(state, reason): n for state, reason, n in rows}


def living() -> "QuerySet[Household]":
    """Homes in which a child of the school lives."""
    return Household.objects.filter(students__state=Student.State.ENROLLED).distinct()


def without_point() -> "QuerySet[Household]":
    """Homes of the school's children that are nowhere on the map."""
    homes = living().filter(lng=None).select_related("place").order_by("place__name", "pk")
    children = Student.objects.enrolled().select_related("school_class")
    return homes.prefetch_related(Prefetch("students", children))


def point_counts() -> dict[str, int]:
    """Where the points of the homes come from → number of homes."""
    rows = living().values_list("point_source").annotate(n=Count("pk", distinct=True))
    return dict(rows)


def map_around(home: Household, org_id: int) -> dict[str, Any]:
    """What the map shows while a point is chosen: school, places, the point so far. No other family's home."""
    school = Org.objects.values_list("lat", "lng", "name").get(pk=org_id)
    places = Place.objects.order_by("name").values_list("lat", "lng", "name")[:500]
    return {
        "school": [school[0], school[1]] if school[0] is not None else None,
        "name": school[2],
        "places": [list(place) for place in places],
        "point": [home.lat, home.lng] if home.lat is not None else None,
        "tiles": settings.KOUMEN_TILE_URL,
        "source": urlsplit(settings.KOUMEN_TILE_URL).netloc.replace("{s}.", ""),
    }
