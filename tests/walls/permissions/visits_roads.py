"""Travel times: those who plan visits, and the system's administrator."""

from typing import Any

from tests.cast import Cast

from koumen.registry.models import Place
from koumen.visits.models import MeasuredRoute

ARRANGE = {
    "office": 200, "principal": 200, "middle": 200, "sysadmin": 200,
    "teacher1": 403, "teacher2": 403, "subject1": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
SENT_ON = {who: 302 if status == 200 else status for who, status in ARRANGE.items()}
# This test site has no map service, so whoever may ask for it is told so.
NO_SERVICE = {who: 409 if status == 200 else status for who, status in ARRANGE.items()}


def place(cast: Cast) -> dict[str, Any]:
    return {"pk": Place.objects.get(name="云上村").pk}


def route(cast: Cast) -> dict[str, Any]:
    found = MeasuredRoute.objects.create(place=Place.objects.get(name="云上村"), minutes=30, entered_by="周主任")
    return {"pk": found.pk}


TABLE: dict[str, Any] = {
    "visits:roads": ({}, ARRANGE),
    "visits:roads_service POST": ({}, SENT_ON, {"asks": "0"}),
    "visits:road_place": (place, ARRANGE),
    "visits:road_place POST": (place, SENT_ON, {"minutes": "45", "note": ""}),
    "visits:road_try POST": (place, NO_SERVICE),
    "visits:road_drop POST": (route, SENT_ON),
}
