"""Moving one visit to another outing: what it would change, what is refused, what is written."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Household
from koumen.visits.models import Plan, Slot, Stop, Visit
from koumen.visits.planning import held
from koumen.visits.planning import outings as rows
from koumen.visits.services import moves, plans
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
    """阿虎's home, one of class 1."""
    home = hill.student("阿虎").household
    assert home is not None
    return home


def key(hill: Cast, slot: Slot, name: str = "三年级1班") -> str:
    return f"{hill.school_class(name).pk}@{slot.pk}"


def free_slot(plan: Plan, hill: Cast) -> Slot:
    """A later slot in which class 1 has no outing and its teacher is free."""
    used = plan.outings.values("slot_id")
    found = plan.campaign.slots.filter(free_staff__staff=hill.staff("teacher1"), free_staff__slot__kind="evening")
    slot = found.filter(date__gte=season.TODAY.date() + timedelta(days=3)).exclude(pk__in=used).first()
    assert slot is not None
    return slot


def other_slot(plan: Plan, hill: Cast) -> Slot:
    """A slot in which the class teacher of class 1 is not free and no outing is."""
    mine = hill.staff("teacher1").free_slots.values("slot_id")
    used = plan.outings.values("slot_id")
    slot = plan.campaign.slots.exclude(pk__in=mine).exclude(pk__in=used).filter(kind="evening").last()
    assert slot is not None
    return slot


def test_it_works(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    """A look writes nothing; the move opens an outing, and the visit of the adopted plan goes with it."""
    slot = free_slot(plan, hill)
    before = rows.digest_of(rows.read_plan(plan, rows.outings_of(plan)))
    seen = moves.look_at_move(plan, tiger, key(hill, slot))
    assert (seen.broken, seen.opened.startswith("三年级1班"), seen.shifts) == ((), True, ())
    assert seen.arrives is not None
    assert rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == before == plan.digest
    visit = Visit.objects.get(household=tiger)
    moves.move_visit(plan, by=office, household=tiger, to=key(hill, slot), seen=plan.digest)
    moved = Visit.objects.select_related("stop__outing__slot").get(household=tiger)
    assert moved.pk == visit.pk
    assert moved.stop is not None
    assert (moved.stop.outing.slot_id, moved.starts_at) == (slot.pk, seen.arrives)
    team = moved.stop.outing.team
    assert team.count() >= 2
    assert not team.filter(is_live=False).exists()
    assert rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == plan.digest != before
    assert AuditEntry.objects.filter(verb="plan.move_visit").count() == 1


def test_the_shifts_told_are_the_shifts_that_happen(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    """Away and back again: whoever else gets another time was announced with both times, nobody else does."""
    stop = Stop.objects.get(outing__plan=plan, household=tiger)
    for to in (key(hill, free_slot(plan, hill)), key(hill, stop.outing.slot)):
        others = Stop.objects.filter(outing__plan=plan).exclude(household=tiger)
        before = dict(others.values_list("household_id", "starts_at"))
        told = {(was, will) for _name, was, will in moves.look_at_move(plan, tiger, to).shifts}
        moves.move_visit(plan, by=office, household=tiger, to=to, seen=plan.digest)
        after = dict(others.values_list("household_id", "starts_at"))
        assert {(before[home], after[home]) for home in before if before[home] != after[home]} == told


def test_a_broken_rule_is_named_and_nothing_changes(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    """A family at home at weekends alone: an evening is refused by its name, and so is the attempt to force it."""
    Household.objects.filter(pk=tiger.pk).update(pattern="weekends")
    to = key(hill, free_slot(plan, hill))
    seen = moves.look_at_move(plan, tiger, to)
    assert any("阿虎" in sentence and "方便" in sentence for sentence in seen.broken)
    with pytest.raises(Conflict, match="方便"):
        moves.move_visit(plan, by=office, household=tiger, to=to, seen=plan.digest)
    plan.refresh_from_db()
    assert rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == plan.digest


def test_another_class_is_no_place(plan: Plan, hill: Cast, tiger: Household) -> None:
    seen = moves.look_at_move(plan, tiger, key(hill, free_slot(plan, hill), "三年级2班"))
    assert seen.broken


def test_two_people_are_needed(plan: Plan, hill: Cast, tiger: Household) -> None:
    slot = free_slot(plan, hill)
    slot.free_staff.exclude(staff=hill.staff("teacher1")).delete()
    assert any("两位" in sentence for sentence in moves.look_at_move(plan, tiger, key(hill, slot)).broken)


def test_too_soon_recorded_unknown(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    slot = free_slot(plan, hill)
    with clock.at(slot.starts_at - timedelta(hours=23)), pytest.raises(Invalid, match="提前一天"):
        moves.look_at_move(plan, tiger, key(hill, slot))
    for to in ("1@99999", "x", "@", "1@", "99999@" + str(slot.pk)):
        with pytest.raises(Invalid):
            moves.look_at_move(plan, tiger, to)
    Visit.objects.filter(household=tiger).update(state=Visit.State.RECORDED)
    with pytest.raises(Invalid, match="已经记录"):
        moves.move_visit(plan, by=office, household=tiger, to=key(hill, slot), seen=plan.digest)


def test_somebody_was_faster(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    seen, to = plan.digest, key(hill, free_slot(plan, hill))
    moves.move_visit(plan, by=office, household=tiger, to=to, seen=seen)
    home = hill.student("阿宝").household
    assert home is not None
    with pytest.raises(Conflict):
        moves.move_visit(plan, by=office, household=home, to=to, seen=seen)


def test_out_of_the_plan_and_in_again(plan: Plan, office: Actor, hill: Cast, tiger: Household) -> None:
    """Taken out, the visit waits without a time and the family is named; placed again, it is the same visit."""
    visit = Visit.objects.get(household=tiger)
    moves.move_visit(plan, by=office, household=tiger, to="", seen=plan.digest)
    waiting = Visit.objects.get(household=tiger)
    assert (waiting.state, waiting.starts_at, waiting.stop) == (Visit.State.POSTPONED, None, None)
    assert [row["household"] for row in plan.unplanned] == [tiger.pk]
    moves.move_visit(plan, by=office, household=tiger, to=key(hill, free_slot(plan, hill)), seen=plan.digest)
    placed = Visit.objects.get(household=tiger)
    assert (placed.pk, placed.state) == (visit.pk, Visit.State.PLANNED)
    assert plan.unplanned == []


def test_teachers_move_nothing(plan: Plan, actor: Actors, tiger: Household) -> None:
    with pytest.raises(Forbidden):
        moves.move_visit(plan, by=actor("teacher1"), household=tiger, to="", seen=plan.digest)


def test_the_page_shows_effects_before_it_is_done(client_of: Clients, plan: Plan, hill: Cast, tiger: Household) -> None:
    client, slot = client_of("office"), free_slot(plan, hill)
    here = f"/s/hill/plans/{plan.pk}/move/{tiger.pk}/"
    assert "看看影响" in client.get(here).content.decode()
    page = client.get(f"{here}?to={key(hill, slot)}").content.decode()
    assert "确认调整" in page
    assert "新增外出" in page
    with scope.enter(hill.hill.pk):
        assert Stop.objects.get(outing__plan=plan, household=tiger).outing.slot_id != slot.pk
    answer = client.post(here, {"to": key(hill, slot), "seen": plan.digest})
    assert answer.status_code == 302
    with scope.enter(hill.hill.pk):
        assert Stop.objects.get(outing__plan=plan, household=tiger).outing.slot_id == slot.pk
    answer = client.post(here, {"to": "out", "seen": plan.digest})
    assert answer.status_code == 409
    assert "刚刚被别人改过" in answer.content.decode()
    assert client.post(here, {"to": "out"}).status_code == 404
    assert client.get(f"{here}?to=9@9").status_code == 422
    assert client.get(f"/s/hill/plans/{plan.pk}/move/987654/").status_code == 404


def test_a_look_sees_what_changed_since_the_look_before(plan: Plan, hill: Cast, tiger: Household) -> None:
    """What this process holds from the last look is not used once a row behind it is another one."""
    to = key(hill, free_slot(plan, hill))
    assert moves.look_at_move(plan, tiger, to).broken == ()
    assert held.hold(plan) is held.hold(plan)
    Household.objects.filter(pk=tiger.pk).update(pattern="weekends")
    assert moves.look_at_move(plan, tiger, to).broken
    Household.objects.filter(pk=tiger.pk).update(pattern="any")
    assert moves.look_at_move(plan, tiger, to).broken == ()
    free_slot(plan, hill).free_staff.exclude(staff=hill.staff("teacher1")).delete()
    assert moves.look_at_move(plan, tiger, to).broken
