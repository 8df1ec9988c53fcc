"""Asking families and what their answers do: to the visit, to the plan, to the link."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from koumen.core import clock, links, outbox
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage, PersonalLink
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Guardian, Guardianship, Org
from koumen.registry.queries.actors import org_ref
from koumen.visits.models import Appointment, Plan, Slot, Stop, Visit
from koumen.visits.models.visits import Phase
from koumen.visits.planning.standing import locked_stops
from koumen.visits.queries.offers import Diary, from_afar
from koumen.visits.services import appointments
from koumen.visits.services.appointments import Reply
from koumen.visits.services.invitations import hand_out, send
from koumen.visits.services.moves import look_at_move
from koumen.visits.services.plans import adopt, compute
from koumen.visits.services.telling import remind
from tests.cast import Cast
from tests.visits import season
from tests.visits.stories import planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R2")]
Who = Callable[..., Actor]
SOON = datetime(2026, 9, 12, 19, 0, tzinfo=clock.ZONE)


@pytest.fixture
def adopted(hill: Cast, actor: Who) -> Plan:
    """The season's plan in force, on 7 September."""
    with clock.at(season.TODAY):
        plan = season.planned(actor("office"))
        adopt(plan, by=actor("office"))
    return plan


def of(child: str) -> Visit:
    return Visit.objects.get(students__student__name=child, campaign__isnull=False)


def family(row: Appointment, name: str, by: Actor) -> Actor:
    """The adult of that name behind the own link."""
    guardian = Guardian.objects.get(name=name)
    link = PersonalLink(org_id=row.org_id, purpose="appointment", person_id=guardian.pk, object_id=str(row.pk))
    return links.visitor(link, name, by.org)


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
        answered = _answer(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor)
        assert (answered.state, answered.starts_at) == ("agreed", visit.starts_at)
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
            _answer(row, "阿南妈妈", Reply("accept", at=shown), actor)


def test_another_time_mends_the_plan_and_nobody_else_moves(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        others = {v.pk: v.starts_at for v in Visit.objects.exclude(pk=visit.pk)}
        row = appointments.invite(visit, by=actor("teacher2"))
        wanted = row.offered()[1][2]
        done = _answer(row, "阿南妈妈", Reply("time", offer=1), actor)
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
        done = _answer(row, "阿南妈妈", Reply("time", offer=2), actor)
        assert (done.state, done.needs_teacher, done.offers[2]["wished"]) == ("other_time", True, True)
        assert Visit.objects.get(pk=visit.pk).starts_at == visit.starts_at
        told = OutboxMessage.objects.filter(channel="in_app", once_key__startswith="answer:")
        assert [message.account_id for message in told] == [visit.lead.account_id]
        assert "阿南" not in told[0].subject + told[0].body


def test_by_video_the_visit_leaves_its_outing_and_stays_out_of_the_plan(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        at = _free(visit, "04")
        done = _answer(row, "阿南妈妈", Reply("mode", at=at, mode="04"), actor)
        after = Visit.objects.get(pk=visit.pk)
        assert (done.state, after.mode, after.starts_at, after.stop) == ("agreed", "04", at, None)
        adopted.refresh_from_db()
        assert visit.household_id in adopted.remote
        assert not Stop.objects.filter(outing__plan=adopted, household=visit.household).exists()
        other = appointments.invite(of("阿斗"), by=actor("teacher2"))
        with pytest.raises(Conflict):  # the teacher is taken then
            _answer(other, "阿斗奶奶", Reply("mode", at=at, mode="03"), actor)


def test_a_new_plan_leaves_promises_alone(adopted: Plan, hill: Cast, actor: Who) -> None:
    office = actor("office")
    with clock.at(season.TODAY):
        door, video = of("阿斗"), of("阿南")
        promised = _answer(
            appointments.invite(door, by=office), "阿斗奶奶", Reply("accept", at=door.starts_at), actor
        ).starts_at
        at = _free(video, "04")
        _answer(appointments.invite(video, by=office), "阿南妈妈", Reply("mode", at=at, mode="04"), actor)
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
        first = _answer(row, "阿南妈妈", Reply("decline"), actor)
        assert (first.state, first.closed_at) == ("declined", None)
        after = Visit.objects.get(pk=visit.pk)
        assert (after.state, after.not_visited, after.phase) == ("declined", "declined", Phase.CLOSED)
        last = _answer(row, "阿南妈妈", Reply("no"), actor)
        assert last.closed_at is not None
        with pytest.raises(Conflict, match="结束"):
            _answer(row, "阿南妈妈", Reply("call"), actor)


def test_whoever_declined_may_still_talk_on_the_phone(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        _answer(row, "阿南妈妈", Reply("decline"), actor)
        done = _answer(row, "阿南妈妈", Reply("call", mode="03"), actor)
        after = Visit.objects.get(pk=visit.pk)
        assert (done.state, after.state, after.mode, after.not_visited) == ("other_mode", "planned", "03", "")


def test_it_can_be_changed_until_the_evening_before(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        _answer(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor)
    assert visit.starts_at is not None
    eve = clock.local(visit.starts_at).replace(hour=21, minute=0, second=0) - timedelta(days=1)
    with clock.at(eve - timedelta(minutes=1)):
        assert _answer(row, "阿南妈妈", Reply("call"), actor).state == "other_time"
        _answer(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor)
    with clock.at(eve):
        with pytest.raises(Conflict, match="前一天晚上"):
            _answer(row, "阿南妈妈", Reply("decline"), actor)
        appointments.answer(row, by=actor("teacher2"), reply=Reply("decline"))  # the teacher, told on the phone


def test_only_the_adult_with_the_right_answers_and_a_proxy_is_written_down(
    adopted: Plan, hill: Cast, actor: Who
) -> None:
    with clock.at(season.TODAY):
        row = appointments.invite(of("阿南"), by=actor("teacher2"))
        for stranger in ("阿斗奶奶", "阿梅妈妈"):
            with pytest.raises(Forbidden):
                _answer(row, stranger, Reply("decline"), actor)
        with pytest.raises(Forbidden):
            appointments.answer(row, by=actor("teacher1"), reply=Reply("decline"))
        mother = family(row, "阿南妈妈", actor("teacher2"))
        done = appointments.answer(row, by=mother, reply=Reply("call"), proxy="62")
        assert (done.proxy_relation, done.answered_by and done.answered_by.name) == ("62", "阿南妈妈")
        Guardianship.objects.filter(guardian__name="阿南妈妈").update(gets_notices=False)
        with pytest.raises(Forbidden):
            appointments.answer(row, by=mother, reply=Reply("decline"))


def test_letters_have_a_link_for_each_adult_who_gets_notices(adopted: Plan, hill: Cast, actor: Who) -> None:
    teacher = actor("teacher2")
    with clock.at(season.TODAY):
        appointments.invite(of("阿南"), by=teacher)
        father = Guardian.objects.create(name="阿南爸爸", phone="10000000044")
        uncle = Guardian.objects.create(name="阿南叔叔")
        for adult, relation, told in ((father, "51", True), (uncle, "83", False)):
            Guardianship.objects.create(
                student=hill.student("阿南"), guardian=adult, relation=relation, gets_notices=told, order=2,
                starts=season.TODAY.date(),
            )  # fmt: skip
        made = hand_out(hill.school_class("三年级2班"), by=teacher, address=lambda secret: f"https://x/l/{secret}/")
        assert {(one.name, one.relation) for one in made} == {("阿南妈妈", "母亲"), ("阿南爸爸", "父亲")}
        assert len({one.url for one in made}) == 2
        assert all("阿南" not in one.text for one in made)
        assert PersonalLink.objects.filter(purpose="appointment", ended_at=None).count() == 2


def test_sms_goes_once_a_day_to_phones_on_file(adopted: Plan, hill: Cast, actor: Who) -> None:
    teacher, room = actor("teacher2"), hill.school_class("三年级2班")
    with clock.at(season.TODAY):
        appointments.invite(of("阿南"), by=teacher)
        assert send(room, by=teacher, address=lambda secret: f"https://x/l/{secret}/") == (1, 0)
        assert send(room, by=teacher, address=lambda secret: f"https://x/l/{secret}/") == (0, 0)
        [message] = OutboxMessage.objects.filter(channel=outbox.Channel.SMS)
        assert message.address == "10000000004"
        assert "阿南" not in message.body


def test_withdrawn_the_links_are_dead_and_the_family_may_be_asked_again(adopted: Plan, hill: Cast, actor: Who) -> None:
    teacher = actor("teacher2")
    with clock.at(season.TODAY):
        row = appointments.invite(of("阿南"), by=teacher)
        hand_out(hill.school_class("三年级2班"), by=teacher, address=str)
        appointments.withdraw(row, by=teacher)
        assert not PersonalLink.objects.filter(purpose="appointment", ended_at=None).exists()
        assert appointments.invite(of("阿南"), by=teacher).state == "asked"


def test_the_day_before_everybody_is_reminded_once(adopted: Plan, hill: Cast, actor: Who) -> None:
    with clock.at(season.TODAY):
        visit = of("阿南")
        row = appointments.invite(visit, by=actor("teacher2"))
        _answer(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor)
    assert visit.starts_at is not None
    org = org_ref(Org.objects.get(slug="hill"))
    with clock.at(clock.local(visit.starts_at).replace(hour=18, minute=0) - timedelta(days=1)):
        assert remind(org) == 2
        assert remind(org) == 0
        [sms] = OutboxMessage.objects.filter(channel="sms")
        assert (sms.address, "阿南" in sms.body) == ("10000000004", False)
        assert clock.local(sms.not_before).hour in range(7, 22)


def _answer(row: Appointment, name: str, reply: Reply, actor: Who) -> Appointment:
    return appointments.answer(row, by=family(row, name, actor("teacher2")), reply=reply)


def _free(visit: Visit, mode: str) -> datetime:
    diary = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
    return from_afar(visit, diary, mode)[0].starts
