"""Campaigns, plans and outings."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tests.cast import Cast

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Campaign, Outing, OutingStaff, Plan, Stop
from koumen.visits.services.campaigns import start_campaign

MANAGED = {"office": 200, "principal": 200, "middle": 200}
CLOSED = {"sysadmin": 404, "stranger": 404, "nobody": 302}
MANAGERS = {**MANAGED, "teacher1": 403, "teacher2": 403, "subject1": 403, **CLOSED}
STAFF = {**MANAGED, "teacher1": 200, "teacher2": 200, "subject1": 200, **CLOSED}
CLASS_TEACHERS = {**STAFF, "subject1": 403}
# a plan that is not adopted does not exist for teachers
DRAFT = {**MANAGED, "teacher1": 404, "teacher2": 404, "subject1": 404, **CLOSED}


def _after(rows: dict[str, int]) -> dict[str, int]:
    """Who may is sent on to a page."""
    return {who: 302 if status == 200 else status for who, status in rows.items()}


def _asking(rows: dict[str, int]) -> dict[str, int]:
    """Who may is told that a reason is missing."""
    return {who: 422 if status == 200 else status for who, status in rows.items()}


def _office() -> Actor:
    found = actor_for(Account.objects.get(username="office"), "hill")
    assert found is not None
    return found


def _campaign(cast: Cast) -> Campaign:
    first = clock.today() + timedelta(days=3)
    return start_campaign(
        _office().org, by=_office(), name="家访", theme="", starts=first, ends=first + timedelta(days=27)
    )


def _plan(cast: Cast, state: str = Plan.State.ADOPTED) -> Plan:
    """A plan of one outing: teacher1 leads, subject1 goes along, to class 1's 阿虎, ten days from now."""
    campaign = _campaign(cast)
    figures = {"travel": 600, "outings": 1, "cost": 2400, "planned": 1}
    plan = Plan.objects.create(
        campaign=campaign, seed=1, state=state, figures={"plan": figures, "greedy": figures}, digest="d"
    )
    slot = campaign.slots.filter(date__gte=clock.today() + timedelta(days=10)).first()
    assert slot is not None
    times = {"starts_at": slot.starts_at, "ends_at": slot.ends_at}
    outing = Outing.objects.create(
        plan=plan,
        slot=slot,
        school_class=cast.school_class("三年级1班"),
        leaves_at=slot.starts_at,
        back_at=slot.ends_at,
    )
    OutingStaff.objects.create(outing=outing, staff=cast.staff("teacher1"), leads=True, **times)
    OutingStaff.objects.create(outing=outing, staff=cast.staff("subject1"), **times)
    home = cast.student("阿虎").household
    assert home is not None
    Stop.objects.create(
        outing=outing,
        household=home,
        order=1,
        arrives_at=slot.opens_at,
        starts_at=slot.opens_at,
        ends_at=slot.closes_at,
    )
    return plan


def campaign(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign(cast).pk}


def step(name: str) -> Callable[[Cast], dict[str, Any]]:
    return lambda cast: {"pk": _campaign(cast).pk, "step": name}


def own_slots(cast: Cast) -> dict[str, Any]:
    return {"pk": _campaign(cast).pk, "staff": cast.staff("teacher1").pk}


def plan(cast: Cast) -> dict[str, Any]:
    return {"pk": _plan(cast).pk}


def draft(cast: Cast) -> dict[str, Any]:
    return {"pk": _plan(cast, Plan.State.DRAFT).pk}


def two_plans(cast: Cast) -> dict[str, Any]:
    """An adopted plan and a draft of the same campaign."""
    first = _plan(cast)
    figures = first.figures
    other = Plan.objects.create(campaign=first.campaign, seed=2, state=Plan.State.DRAFT, figures=figures, digest="e")
    return {"pk": first.pk, "other": other.pk}


def staff_sheet(cast: Cast) -> dict[str, Any]:
    return {"pk": _plan(cast).pk, "staff": cast.staff("teacher1").pk}


def move(cast: Cast) -> dict[str, Any]:
    home = cast.student("阿虎").household
    return {"pk": _plan(cast).pk, "household": home.pk if home else 0}


def outing(cast: Cast) -> dict[str, Any]:
    return {"pk": _plan(cast).outings.get().pk}


OWN_OUTING = {**MANAGED, "teacher1": 200, "teacher2": 404, "subject1": 200, **CLOSED}
ABOUT = {"name": "秋季家访", "starts": date(2026, 9, 9), "ends": date(2026, 9, 30)}
TABLE: dict[str, tuple[Any, ...]] = {
    "visits:campaigns": ({}, STAFF),
    "visits:campaign_new": ({}, MANAGERS),
    "visits:campaign_new POST": ({}, _after(MANAGERS), ABOUT),
    "visits:campaign": (campaign, STAFF),
    "visits:campaign_edit": (step("scope"), MANAGERS),
    "visits:campaign_edit (times)": (step("times"), MANAGERS),
    "visits:campaign_edit POST": (step("about"), _after(MANAGERS), ABOUT),
    "visits:campaign_state POST": (campaign, _after(MANAGERS), {"to": "open"}),
    "visits:free": (campaign, STAFF | {"teacher1": 302, "teacher2": 302, "subject1": 302}),
    "visits:free_of": (own_slots, MANAGERS | {"teacher1": 200}),
    "visits:free_of POST": (own_slots, _after(MANAGERS | {"teacher1": 200})),
    "visits:plan_start POST": (campaign, _after(MANAGERS)),
    "visits:plan": (plan, CLASS_TEACHERS),
    "visits:plan (draft)": (draft, DRAFT),
    "visits:plan_progress": (plan, CLASS_TEACHERS),
    "visits:plan_cancel POST": (plan, _after(MANAGERS)),
    "visits:plan_adopt POST": (draft, _after(DRAFT)),
    "visits:plan_map": (plan, CLASS_TEACHERS),
    "visits:plan_tray": (plan, MANAGERS),
    "visits:why": (move, MANAGERS | {"teacher1": 200, "teacher2": 404}),
    "visits:plan_advice": (plan, CLASS_TEACHERS),
    "visits:plan_advice (draft)": (draft, DRAFT),
    "visits:plan_compare_with": (plan, MANAGERS),
    "visits:plan_compare": (two_plans, MANAGERS),
    "visits:plan_wall": (plan, MANAGERS),
    "visits:staff_calendar": (staff_sheet, MANAGERS),
    "visits:plan_timetable POST": (plan, _after(MANAGERS)),
    "visits:plan_names POST": (plan, _asking(MANAGERS), {"because": ""}),
    "visits:staff_timetable": (staff_sheet, MANAGERS),
    "visits:move_visit": (move, MANAGERS),
    "visits:outings": ({}, STAFF),
    "visits:outing": (outing, OWN_OUTING),
    "visits:outing_map": (outing, OWN_OUTING | {"subject1": 403}),
    "visits:my_calendar": ({}, dict.fromkeys(STAFF, 422) | CLOSED),
    "visits:my_timetable": ({}, dict.fromkeys(STAFF, 422) | CLOSED),
}
