"""Asking families and what their answers do: to the visit, to the plan, to the link."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connections

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Guardianship
from koumen.visits.models import Appointment, Effect, Plan, Share, Slot, Stop, Trip, Visit
from koumen.visits.models.visits import Phase
from koumen.visits.planning.replans import Lost
from koumen.visits.planning.standing import locked_stops
from koumen.visits.services import appointments
from koumen.visits.services.appointments import Reply
from koumen.visits.services.moves import look_at_move
from koumen.visits.services.plans import adopt, compute
from koumen.visits.services.replans import carry_out
from tests.cast import Cast
from tests.visits import season
from tests.visits.asking import adopted_plan, answered, family, free, of
from tests.visits.stories import planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R2")]
Who = Callable[..., Actor]
SOON = datetime(2026, 9, 12, 19, 0, tzinfo=clock.ZONE)


@pytest.fixture
def adopted(hill: Cast, actor: Who) -> Plan:
    return adopted_plan(actor("office"))


def test_a_class_is_asked_and_each_family_gets_three_times_a_day_ahead(adopted: Plan, hill: Cast, actor: Who) -> None:
    teacher = actor("teacher2")
    with clock.at(season.TODAY):
        asked, left = appointments.invite_class(hill.school_class("三年级2班"), by=teacher)
        rows = list(Appointment.objects.filter(visit__school_class__name="三年级2班"))
        assert (asked, left) == (len(rows), 0)
        assert rows
        for row in rows:
            times = row.offered()
            assert len({slot for _a, _b, slot in times}) == len(times) == 3
            assert times[0][0] == row.visit.starts_at
            assert all(starts >= clock.now() + timedelta(hours=24) for starts, _ends, _slot in times)
            assert row.visit.phase == Phase.ASKED
        assert appointments.invite_class(hill.school_class("三年级2班"), by=teacher) == (0, 0)


def test_less_than_a_day_ahead_is_refused_unless_the_family_asks(hill: Cast, actor: Who) -> None:
    teacher, visit = actor("teacher1"), planned(hill, "阿虎", at=SOON)
    with clock.at(SOON - timedelta(hours=23)):
        with pytest.raises(Invalid, match="24 小时"):
            appointments.invite(visit, by=teacher)
        assert appointments.invite(visit, by=teacher, sooner=True).family_asked_sooner
        with pytest.raises(Conflict):
            appointments.invite(visit, by=teacher, sooner=True)


def test_yes_locks_the_time_for_moves_and_replanning(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        assert visit.household_id not in locked_stops(adopted)
        done = answered(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor("teacher2"))
        assert (done.state, done.starts_at) == ("agreed", visit.starts_at)
        assert Visit.objects.get(pk=visit.pk).phase == Phase.AGREED
        assert visit.household_id in locked_stops(adopted)
        with pytest.raises(Invalid, match="约定"):
            look_at_move(adopted, visit.household, "")


def test_yes_to_a_time_that_has_changed_meanwhile_is_asked_again(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        shown = visit.starts_at
        Visit.objects.filter(pk=visit.pk).update(starts_at=SOON + timedelta(minutes=5))
        with pytest.raises(Conflict, match="变化"):
            answered(row, "阿南妈妈", Reply("accept", at=shown), actor("teacher2"))


def test_another_time_mends_the_plan_and_nobody_else_moves(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        others = {v.pk: v.starts_at for v in Visit.objects.exclude(pk=visit.pk)}
        row = appointments.invite(visit, by=actor("teacher2"))
        wanted = row.offered()[1][2]
        done = answered(row, "阿南妈妈", Reply("time", offer=1), actor("teacher2"))
        assert done.state == "agreed"
        stop = Stop.objects.select_related("outing").get(outing__plan=adopted, household=visit.household)
        assert stop.outing.slot_id == wanted
        assert stop.starts_at == done.starts_at == Visit.objects.get(pk=visit.pk).starts_at
        assert {v.pk: v.starts_at for v in Visit.objects.exclude(pk=visit.pk)} == others


def test_a_time_that_cannot_be_had_becomes_the_teachers_task(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        Slot.objects.filter(pk=row.offered()[2][2] or 0).update(is_open=False)
        done = answered(row, "阿南妈妈", Reply("time", offer=2), actor("teacher2"))
        assert (done.state, done.needs_teacher, done.offers[2]["wished"]) == ("other_time", True, True)
        assert Visit.objects.get(pk=visit.pk).starts_at == visit.starts_at
        told = OutboxMessage.objects.filter(channel="in_app", once_key__startswith="answer:")
        assert [message.account_id for message in told] == [visit.lead.account_id]
        assert "阿南" not in told[0].subject + told[0].body


def test_by_video_the_visit_leaves_its_outing_and_stays_out_of_the_plan(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        at = free(visit, "04")
        done = answered(row, "阿南妈妈", Reply("mode", at=at, mode="04"), actor("teacher2"))
        after = Visit.objects.get(pk=visit.pk)
        assert (done.state, after.mode, after.starts_at, after.stop) == ("agreed", "04", at, None)
        adopted.refresh_from_db()
        assert visit.household_id in adopted.remote
        assert not Stop.objects.filter(outing__plan=adopted, household=visit.household).exists()
        other = appointments.invite(of("阿斗"), by=actor("teacher2"))
        with pytest.raises(Conflict):  # the teacher is taken then
            answered(other, "阿斗奶奶", Reply("mode", at=at, mode="03"), actor("teacher2"))


def test_a_new_plan_leaves_promises_alone(adopted: Plan, hill: Cast, actor: Who) -> None:
    office = actor("office")
    with clock.at(season.TODAY):
        door, video = of("阿斗"), of("阿南")
        promised = answered(
            appointments.invite(door, by=office), "阿斗奶奶", Reply("accept", at=door.starts_at), actor("teacher2")
        ).starts_at
        at = free(video, "04")
        answered(appointments.invite(video, by=office), "阿南妈妈", Reply("mode", at=at, mode="04"), actor("teacher2"))
        plan = compute(adopted.campaign, by=office)
        assert plan.job is not None
        season.run(plan.job)
        plan.refresh_from_db()
        adopt(plan, by=office)
        assert Visit.objects.get(pk=door.pk).starts_at == promised
        kept = Visit.objects.get(pk=video.pk)
        assert (kept.mode, kept.starts_at, kept.stop) == ("04", at, None)


def test_a_decline_is_offered_another_form_once_then_it_is_over(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        first = answered(row, "阿南妈妈", Reply("decline"), actor("teacher2"))
        assert (first.state, first.closed_at) == ("declined", None)
        after = Visit.objects.get(pk=visit.pk)
        assert (after.state, after.not_visited, after.phase) == ("declined", "declined", Phase.CLOSED)
        last = answered(row, "阿南妈妈", Reply("no"), actor("teacher2"))
        assert last.closed_at is not None
        with pytest.raises(Conflict, match="结束"):
            answered(row, "阿南妈妈", Reply("call"), actor("teacher2"))


def test_whoever_declined_may_still_talk_on_the_phone(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        answered(row, "阿南妈妈", Reply("decline"), actor("teacher2"))
        done = answered(row, "阿南妈妈", Reply("call", mode="03"), actor("teacher2"))
        after = Visit.objects.get(pk=visit.pk)
        assert (done.state, after.state, after.mode, after.not_visited) == ("other_mode", "planned", "03", "")


def test_it_can_be_changed_until_the_evening_before(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        answered(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor("teacher2"))
    assert visit.starts_at is not None
    eve = clock.local(visit.starts_at).replace(hour=21, minute=0, second=0) - timedelta(days=1)
    with clock.at(eve - timedelta(minutes=1)):
        assert answered(row, "阿南妈妈", Reply("call"), actor("teacher2")).state == "other_time"
        answered(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor("teacher2"))
    with clock.at(eve):
        with pytest.raises(Conflict, match="前一天晚上"):
            answered(row, "阿南妈妈", Reply("decline"), actor("teacher2"))
        appointments.answer(row, by=actor("teacher2"), reply=Reply("decline"))  # the teacher, told on the phone


def test_only_the_adult_with_the_right_answers_and_a_proxy_is_written_down(
    adopted: Plan, hill: Cast, actor: Who
) -> None:
    with clock.at(season.TODAY):
        row = appointments.invite(of("阿南"), by=actor("teacher2"))
        for stranger in ("阿斗奶奶", "阿梅妈妈"):
            with pytest.raises(Forbidden):
                answered(row, stranger, Reply("decline"), actor("teacher2"))
        with pytest.raises(Forbidden):
            appointments.answer(row, by=actor("teacher1"), reply=Reply("decline"))
        mother = family(row, "阿南妈妈", actor("teacher2"))
        done = appointments.answer(row, by=mother, reply=Reply("call"), proxy="62")
        assert (done.proxy_relation, done.answered_by and done.answered_by.name) == ("62", "阿南妈妈")
        Guardianship.objects.filter(guardian__name="阿南妈妈").update(gets_notices=False)
        with pytest.raises(Forbidden):
            appointments.answer(row, by=mother, reply=Reply("decline"))


def test_a_family_whose_day_is_lost_is_asked_anew(adopted: Plan, hill: Cast, actor: Who) -> None:
    """A promise the plan cannot keep is not kept on paper: the appointment waits for an answer to the new time."""
    office = actor("office")
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=office)
        answered(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor("teacher2"))
        assert visit.stop is not None
        what = Lost((visit.stop.outing.slot,))
        adopted.refresh_from_db()
        carry_out(adopted, by=office, what=what, better=False, seen=adopted.digest)
        now, row = Visit.objects.get(pk=visit.pk), Appointment.objects.get()
        assert now.starts_at != visit.starts_at
        assert (row.state, row.starts_at, row.answered_at) == ("asked", None, None)
        assert now.phase in (Phase.ASKED, Phase.NOT_ASKED)


def test_the_phase_follows_trip_record_sharing_and_effect(adopted: Plan, hill: Cast, actor: Who) -> None:
    me = hill.staff("teacher2")
    with clock.at(season.TODAY):
        visit = of("阿南")
        assert visit.phase == Phase.NOT_ASKED
        assert visit.stop is not None
        trip = Trip.objects.create(
            outing=visit.stop.outing, leaves_at=clock.now(), arrives_at=clock.now(), back_at=clock.now(), buddy=me,
            duty_leader=me, filed_by=me, filed_at=clock.now(),
        )  # fmt: skip
        assert of("阿南").phase == Phase.NOT_ASKED
        Trip.objects.filter(pk=trip.pk).update(state=Trip.State.ARRIVED)
        assert of("阿南").phase == Phase.ON_THE_WAY
    record = recorded(hill, actor("teacher1"), "阿虎")
    done = record.visit
    assert Visit.objects.get(pk=done.pk).phase == Phase.RECORDED
    Share.objects.create(record=record, student=hill.student("阿虎"), shared_by=me, shared_at=clock.now())
    assert Visit.objects.get(pk=done.pk).phase == Phase.SHARED
    effect = Effect.objects.create(record=record, asked=me, asked_at=clock.now())
    assert Visit.objects.get(pk=done.pk).phase == Phase.SHARED
    Effect.objects.filter(pk=effect.pk).update(answered_at=clock.now())
    assert Visit.objects.get(pk=done.pk).phase == Phase.FOLLOWED_UP


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_answers_and_a_replanning_at_once_end_in_one_truth(cast: Cast, actor: Who) -> None:
    """Two families press for the same half hour while the office replans: nobody hangs, at most one gets it."""
    hill, office = cast.hill.pk, actor("office")
    with scope.enter(hill):
        plan = adopted_plan(office)
        with clock.at(season.TODAY):
            rows = [appointments.invite(of(child), by=office) for child in ("阿南", "阿斗")]
            at = free(of("阿南"), "04")
            stop = of("阿斗").stop
            assert stop is not None
            slot = stop.outing.slot
            plan.refresh_from_db()

    def press(row: Appointment, name: str) -> str:
        with scope.enter(hill), clock.at(season.TODAY):
            return answered(row, name, Reply("mode", at=at, mode="04"), office).state

    def replan() -> str:
        with scope.enter(hill), clock.at(season.TODAY):
            seen = Plan.objects.get(pk=plan.pk)
            carry_out(seen, by=office, what=Lost((slot,)), better=False, seen=seen.digest)
            return "replanned"

    acts: list[Callable[[], str]] = [partial(press, rows[0], "阿南妈妈"), partial(press, rows[1], "阿斗奶奶"), replan]
    with ThreadPoolExecutor(3) as pool:
        ended = [one.exception() or one.result() for one in [pool.submit(_with_own_connection, act) for act in acts]]
    assert all(isinstance(one, (str, Conflict)) for one in ended), ended
    agreed = ended[:2].count("agreed")
    assert agreed == 1 or (agreed == 0 and ended[2] == "replanned"), ended  # the replanning may take the half hour
    with scope.enter(hill):
        assert Visit.objects.filter(lead=rows[0].visit.lead_id, starts_at=at, mode="04").count() == agreed


def _with_own_connection(act: Callable[[], str]) -> str:
    try:
        return act()
    finally:
        connections.close_all()
