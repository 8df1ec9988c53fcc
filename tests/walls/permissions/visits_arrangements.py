"""Families' times, clearance, group visits, pairs."""

from typing import Any

from tests.cast import Cast

from koumen.core import clock
from koumen.registry.models import Account, Place
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Campaign, GroupVisit, GroupVisitHome
from koumen.visits.services.campaigns import start_campaign

MANAGED = {"office": 200, "principal": 200, "middle": 200}
CLOSED = {"sysadmin": 404, "stranger": 404, "nobody": 302}
MANAGERS = {**MANAGED, "teacher1": 403, "teacher2": 403, "subject1": 403, **CLOSED}
SAVED = {who: 302 if status == 200 else status for who, status in MANAGERS.items()}


def campaign(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign().pk}


def family(cast: Cast) -> dict[str, Any]:
    """阿虎's, of teacher1's class alone."""
    home = cast.student("阿虎").household
    return {"pk": _campaign().pk, "household": home.pk if home else 0}


def staff(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign().pk, "staff": cast.staff("teacher1").pk}


def group(cast: Cast) -> dict[str, Any]:
    home = cast.student("阿虎").household
    assert home is not None
    found = GroupVisit.objects.create(
        campaign=_campaign(),
        name="村委会",
        place=Place.objects.get(name="柳树村"),
        school_class=cast.school_class("三年级1班"),
    )
    GroupVisitHome.objects.create(group_visit=found, household=home)
    return {"pk": found.pk}


def _campaign() -> Campaign:
    office = actor_for(Account.objects.get(username="office"), "hill")
    assert office is not None
    day = clock.today()
    return start_campaign(office.org, by=office, name="家访", theme="", starts=day, ends=day)


OWN_FAMILY = {**MANAGED, "teacher1": 200, "teacher2": 404, "subject1": 404, **CLOSED}
TABLE: dict[str, tuple[Any, ...]] = {
    "visits:families": (campaign, MANAGERS | {"teacher1": 200, "teacher2": 200}),
    "visits:family": (family, OWN_FAMILY),
    "visits:family POST": (
        family,
        {who: 302 if status == 200 else status for who, status in OWN_FAMILY.items()},
        {"by": "habit"},
    ),
    "visits:campaign_staff": (campaign, MANAGERS),
    "visits:campaign_staff POST": (campaign, SAVED, {"training": "on"}),
    "visits:campaign_staff_of": (staff, MANAGERS),
    "visits:campaign_staff_of POST": (staff, SAVED, {"training": "on"}),
    "visits:groups": (campaign, MANAGERS),
    "visits:group_new": (campaign, MANAGERS),
    "visits:group": (group, MANAGERS),
    "visits:group_off POST": (group, SAVED),
    "visits:gatherings": ({}, {**dict.fromkeys(MANAGERS, 200), "sysadmin": 403, "stranger": 404, "nobody": 302}),
    "visits:gathering": (group, {**MANAGERS, "office": 403, "principal": 403, "middle": 403, "teacher1": 200}),
    "visits:pairs": (campaign, MANAGERS),
    "visits:pairs POST": (campaign, SAVED),
}
