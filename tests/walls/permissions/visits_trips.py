"""行程报备: who goes, the buddy and the duty leader, and the managers of visits."""

from typing import Any

from tests.cast import Cast
from tests.visits.outing import filed, outing_of

from koumen.visits.models import Trip

CLOSED = {"sysadmin": 404, "stranger": 404, "nobody": 302}
TEAM = {"teacher1": 200, "subject1": 200}
# teacher2 is the buddy, middle the duty leader
SEES = {**TEAM, "teacher2": 200, "middle": 200, "office": 200, "principal": 200, **CLOSED}
GOES = {**TEAM, "teacher2": 404, "middle": 403, "office": 403, "principal": 403, **CLOSED}
REPORTS = {**TEAM, "teacher2": 200, "middle": 200, "office": 403, "principal": 403, **CLOSED}
CHANGES = {**TEAM, "teacher2": 403, "middle": 200, "office": 200, "principal": 200, **CLOSED}
SEES_TO = {"teacher1": 403, "subject1": 403, "teacher2": 200, "middle": 200, "office": 200, "principal": 200, **CLOSED}
MANAGES = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 403, "teacher2": 403, "subject1": 403,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
EVERYBODY = {**MANAGES, "teacher1": 200, "teacher2": 200, "subject1": 200, "sysadmin": 200}


def _after(rows: dict[str, int]) -> dict[str, int]:
    return {who: 302 if status == 200 else status for who, status in rows.items()}


def outing(cast: Cast) -> dict[str, Any]:
    return {"pk": outing_of(cast).pk}


def trip(cast: Cast) -> dict[str, Any]:
    return {"pk": filed(cast).pk}


def form(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {
        "buddy": cast.staff("teacher2").pk,
        "duty_leader": cast.staff("middle").pk,
        "transport": "car",
        "contact": "10000000099",
        "leaves": "14:00",
        "arrives": "14:20",
        "back": "17:00",
        "route": "学校 → 柳树村 → 学校",
    }


def late(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"back": f"{Trip.objects.get(pk=kwargs['pk']).back_at.astimezone():%H:%M}", "because": "雨大，慢些开"}


CONTACT = {"name": "周主任", "phone": "10000000098", "note": ""}
TABLE: dict[str, Any] = {
    "visits:trip_new": (outing, GOES),
    "visits:trip_new POST": (outing, _after(GOES), form),
    "visits:trips": ({}, EVERYBODY),
    "visits:trip": (trip, SEES),
    "visits:trip_card": (trip, SEES),
    "visits:trip_report POST": (trip, _after(REPORTS), {"state": "departed"}),
    "visits:trip_report": (trip, dict.fromkeys(SEES, 405) | {"stranger": 404, "nobody": 302}),
    "visits:trip_change POST": (trip, _after(CHANGES), late),
    "visits:trip_cancel POST": (trip, _after(CHANGES), {"why": "weather", "because": "暴雨"}),
    "visits:trip_seen POST": (trip, _after(SEES_TO)),
    "visits:safety": ({}, MANAGES),
    "visits:safety POST": ({}, _after(MANAGES), CONTACT),
    "visits:call_off": ({}, MANAGES),
    "visits:call_off POST": ({}, {who: 422 if status == 200 else status for who, status in MANAGES.items()}, {}),
}
