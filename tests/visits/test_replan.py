"""A plan changed because something has happened: looked at first, then done; the fact itself is kept."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Household, Place, Student
from koumen.visits.models import FamilyAnswer, Outing, Plan, Stop, Visit
from koumen.visits.planning import outings as rows
from koumen.visits.planning.replans import Away, Lost, New, Other
from koumen.visits.planning.standing import locked_stops
from koumen.visits.services import plans, replans
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def office(hill: Cast, actor: Actors) -> Actor:
    return actor("office")


@pytest.fixture
def plan(office: Actor) -> Plan:
    made = season.planned(office)
    plans.adopt(made, by=office)
    return Plan.objects.select_related("campaign").get(pk=made.pk)


@pytest.fixture
def tiger(plan: Plan, hill: Cast) -> Household:
    home = hill.student("阿虎").household
    assert home is not None
    return home


def starts(plan: Plan) -> dict[int, Any]:
    return dict(Stop.objects.filter(outing__plan=plan).values_list("household_id", "starts_at"))


def slots_on(plan: Plan, day: date) -> tuple[Any, ...]:
    return tuple(plan.campaign.slots.filter(date=day))


def sound(plan: Plan) -> bool:
    plan.refresh_from_db()
    return rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == plan.digest


def outing_of(plan: Plan, home: Household) -> Outing:
    return Outing.objects.select_related("slot").get(plan=plan, stops__household=home)


def test_it_works_a_lost_day(plan: Plan, office: Actor, tiger: Household) -> None:
    """Looking writes nothing; done, the day is closed, its families have other days, and the rest did not move."""
    day = outing_of(plan, tiger).slot.date
    before = starts(plan)
    on_it = set(Stop.objects.filter(outing__plan=plan, outing__slot__date=day).values_list("household_id", flat=True))
    words = replans.look_ahead(plan, Lost(slots_on(plan, day)))
    assert words is not None
    assert not words.broken
    assert len(words.switched) == len(on_it)
    assert words.others == 0
    assert starts(plan) == before
    replans.carry_out(plan, by=office, what=Lost(slots_on(plan, day)), better=False, seen=plan.digest)
    now = starts(plan)
    assert all(now[home] == before[home] for home in before if home not in on_it)
    assert {(one.before, one.after) for one in words.switched} == {(before[home], now.get(home)) for home in on_it}
    assert not Outing.objects.filter(plan=plan, slot__date=day).exists()
    assert not plan.campaign.slots.filter(date=day, is_open=True).exists()
    assert sound(plan)
    visit = Visit.objects.get(household=tiger)
    assert visit.starts_at == now.get(tiger.pk)
    assert AuditEntry.objects.filter(verb="plan.replan").count() == 1
    assert OutboxMessage.objects.filter(subject__contains="有变化").exists()


def test_a_sick_companion_is_replaced_and_the_next_plan_knows(plan: Plan, office: Actor, tiger: Household) -> None:
    """Nobody's time changes; somebody else goes; the sick teacher's free slots of those days are gone."""
    outing = outing_of(plan, tiger)
    ill = outing.team.filter(leads=False).select_related("staff")[0].staff
    goes_on = Outing.objects.filter(plan=plan, slot__date=outing.slot.date, team__staff=ill).count()
    before = starts(plan)
    what = Away(ill, slots_on(plan, outing.slot.date))
    words = replans.look_ahead(plan, what)
    assert words is not None
    assert not words.broken
    assert len(words.restaffed) + len(words.closed and [1]) >= 1
    assert {one.left for one in words.restaffed} <= {ill.name}
    replans.carry_out(plan, by=office, what=what, better=False, seen=plan.digest)
    if len(words.restaffed) == goes_on:
        assert starts(plan) == before
        assert not words.switched
    assert not ill.free_slots.filter(slot__in=what.slots).exists()
    assert not Outing.objects.filter(plan=plan, slot__in=what.slots, team__staff=ill).exists()
    assert plan.campaign.availabilities.filter(staff=ill).exists()
    for one in Outing.objects.filter(plan=plan):
        assert one.team.count() >= 2
        assert one.team.filter(leads=True).count() == 1
        assert not one.team.filter(is_live=False).exists()
    assert sound(plan)


def test_a_family_with_other_times_and_another_address(plan: Plan, office: Actor, tiger: Household) -> None:
    """Only that family gets another time; its answer and its address are kept."""
    outing = outing_of(plan, tiger)
    soon = clock.now() + timedelta(days=2)
    suits = tuple(plan.campaign.slots.open().from_on(soon).exclude(pk=outing.slot_id))
    place = Place.objects.get(name="桃园村")
    what = Other(tiger, suits, "青山镇桃园村99号", place, place.lng, place.lat)
    before = starts(plan)
    replans.carry_out(plan, by=office, what=what, better=False, seen=plan.digest)
    now = starts(plan)
    assert now[tiger.pk] != before[tiger.pk]
    moved = {home for home in before if now[home].date() != before[home].date()}
    assert moved == {tiger.pk}
    assert FamilyAnswer.objects.filter(campaign=plan.campaign, household=tiger).exists()
    kept = Household.objects.get(pk=tiger.pk)
    assert (kept.address, kept.place, kept.lng) == ("青山镇桃园村99号", place, place.lng)
    assert sound(plan)
    assert Visit.objects.get(household=tiger).starts_at == now[tiger.pk]


def newcomer(hill: Cast) -> Student:
    home = Household.objects.create(address="青山镇柳树村77号", lng=102.713, lat=25.041, point_source="file")
    return Student.objects.create(name="阿新", school_class=hill.school_class("三年级1班"), household=home)


def test_a_family_that_joined_later_is_fitted_in(plan: Plan, office: Actor, hill: Cast) -> None:
    child = newcomer(hill)
    assert child.household is not None
    before = starts(plan)
    what = replans.new_homes(plan, [child.household.pk])
    assert not plan.campaign.targets.filter(student=child).exists()
    words = replans.look_ahead(plan, what)
    assert words is not None
    assert next((one.family, one.before) for one in words.switched if not one.is_other) == ("阿新", None)
    replans.carry_out(plan, by=office, what=what, better=False, seen=plan.digest)
    now = starts(plan)
    assert child.household.pk in now
    assert {now[home].date() for home in before} == {before[home].date() for home in before}
    assert plan.campaign.targets.filter(student=child).exists()
    assert Visit.objects.get(household=child.household).starts_at == now[child.household.pk]
    assert sound(plan)


def test_what_is_recorded_or_near_stays(plan: Plan, office: Actor, tiger: Household) -> None:
    """A recorded visit keeps its slot and time through a lost day; a day before, an outing is locked."""
    outing = outing_of(plan, tiger)
    Visit.objects.filter(household=tiger).update(state=Visit.State.RECORDED)
    before = starts(plan)[tiger.pk]
    replans.carry_out(plan, by=office, what=Lost(slots_on(plan, outing.slot.date)), better=False, seen=plan.digest)
    assert starts(plan)[tiger.pk] == before
    with clock.at(outing.slot.starts_at - timedelta(hours=23)):
        assert tiger.pk in locked_stops(plan)


def test_somebody_was_faster_and_nobody_else_may(plan: Plan, office: Actor, actor: Actors, tiger: Household) -> None:
    what = Lost(slots_on(plan, outing_of(plan, tiger).slot.date))
    with pytest.raises(Conflict, match="最新计划"):
        replans.carry_out(plan, by=office, what=what, better=False, seen="old")
    with pytest.raises(Forbidden):
        replans.carry_out(plan, by=actor("teacher1"), what=what, better=False, seen=plan.digest)
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.REPLACED)
    plan.refresh_from_db()
    with pytest.raises(Invalid):
        replans.look_ahead(plan, New())


def test_the_pages(client_of: Clients, plan: Plan, hill: Cast, tiger: Household) -> None:
    """Choose, fill in, look, and do; what was typed stays; other facts than those looked at are not done."""
    client = client_of("office")
    here = f"/s/hill/plans/{plan.pk}/replan/"
    assert "天气或停课" in client.get(here).content.decode()
    day = outing_of(plan, tiger).slot.date
    assert client.get(f"{here}nothing/").status_code == 404
    for kind in ("away", "lost", "family", "new"):
        assert "看看影响" in client.get(f"{here}{kind}/").content.decode()
        assert client.post(f"{here}{kind}/", {}).status_code == 422
    facts = {"day": day.isoformat(), "place": "", "school_class": ""}
    page = client.post(f"{here}lost/", facts)
    text = page.content.decode()
    assert "就这样调整" in text
    assert "阿虎" in text
    shown = page.context["shown"]
    assert page.context["words"].switched
    better = client.post(f"{here}lost/better/", facts, headers={"hx-request": "true"})
    assert "更好的方案" in better.content.decode()
    sent = facts | {"step": "repair", "seen": plan.digest, "shown": shown}
    other = client.post(f"{here}lost/", sent | {"school_class": str(hill.school_class("三年级2班").pk)})
    assert other.status_code == 409
    assert "再核对一次" in other.content.decode()
    stale = client.post(f"{here}lost/", sent | {"seen": "old"})
    assert stale.status_code == 409
    assert f'value="{day.isoformat()}" selected' in stale.content.decode()
    assert client.post(f"{here}lost/", sent).status_code == 302
    with scope.enter(hill.hill.pk):
        assert not Outing.objects.filter(plan=plan, slot__date=day).exists()
    assert client.post(f"{here}lost/", sent).status_code in (409, 422)


def test_a_village_or_a_class_alone_loses_its_day(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    outing = outing_of(plan, tiger)
    place = tiger.place
    there = set(Household.objects.filter(place=place).values_list("pk", flat=True))
    before = starts(plan)
    what = Lost(slots_on(plan, outing.slot.date), place=place)
    replans.carry_out(plan, by=office, what=what, better=False, seen=plan.digest)
    now = starts(plan)
    assert all(now[home].date() == before[home].date() for home in before if home not in there and home in now)
    assert now.get(tiger.pk) is None or now[tiger.pk].date() != outing.slot.date
    assert plan.campaign.slots.filter(date=outing.slot.date, is_open=True).exists()
    assert FamilyAnswer.objects.filter(campaign=plan.campaign, household=tiger).exists()


def test_a_family_that_cannot_come_in_one_slot(plan: Plan, office: Actor, tiger: Household) -> None:
    """Only that slot is taken from what the family could do before."""
    slot = outing_of(plan, tiger).slot
    what = Other(tiger, (slot,), only=False)
    replans.carry_out(plan, by=office, what=what, better=False, seen=plan.digest)
    assert outing_of(plan, tiger).slot_id != slot.pk
    free = set(plan.campaign.slots.filter(free_families__household=tiger).values_list("pk", flat=True))
    assert free == set(plan.campaign.slots.exclude(pk=slot.pk).values_list("pk", flat=True))


def test_the_ways_there(client_of: Clients, plan: Plan, tiger: Household) -> None:
    """From the plan, from an outing and from a family's move, with what is known filled in."""
    client, outing = client_of("office"), outing_of(plan, tiger)
    here = f"/s/hill/plans/{plan.pk}/replan/"
    assert here in client.get(f"/s/hill/plans/{plan.pk}/").content.decode()
    day = outing.slot.date.isoformat()
    page = client.get(f"/s/hill/outings/{outing.pk}/").content.decode()
    assert f"{here}away/?first={day}" in page
    form = client.get(f"{here}lost/?day={day}&school_class={outing.school_class_id}").content.decode()
    assert f'value="{day}" selected' in form
    assert f'value="{outing.school_class_id}" selected' in form
    assert (
        f"{here}family/?household={tiger.pk}"
        in client.get(f"/s/hill/plans/{plan.pk}/move/{tiger.pk}/").content.decode()
    )
