"""Handing out invitations, taking them back, reminding; and the class's page of them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from koumen.core import clock, outbox
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage, PersonalLink
from koumen.registry.models import Guardian, Guardianship, Household, Org, Student
from koumen.registry.queries.actors import org_ref
from koumen.visits.jobs.reminders import remind_all
from koumen.visits.models import Plan, Visit, VisitStudent
from koumen.visits.services import appointments
from koumen.visits.services.appointments import Reply
from koumen.visits.services.invitations import hand_out, send
from koumen.visits.services.telling import remind
from tests.cast import Cast
from tests.visits import season
from tests.visits.asking import adopted_plan, answered, of

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R2")]
Who = Callable[..., Actor]
SOON = datetime(2026, 9, 12, 19, 0, tzinfo=clock.ZONE)


@pytest.fixture
def adopted(hill: Cast, actor: Who) -> Plan:
    return adopted_plan(actor("office"))


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
        answered(row, "阿南妈妈", Reply("accept", at=visit.starts_at), actor("teacher2"))
    assert visit.starts_at is not None
    org = org_ref(Org.objects.get(slug="hill"))
    with clock.at(clock.local(visit.starts_at).replace(hour=18, minute=0) - timedelta(days=1)):
        assert remind_all(0) == {"said": 2}
        assert remind(org) == 0
        [sms] = OutboxMessage.objects.filter(channel="sms")
        assert (sms.address, "阿南" in sms.body) == ("10000000004", False)
        assert clock.local(sms.not_before).hour in range(7, 22)


def test_the_page_of_a_large_class_asks_few_questions(
    hill: Cast, actor: Who, client_of: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    """A class of 45 with as many families, half of them asked: the list, and the sheet of links."""
    room = hill.school_class("三年级1班")
    homes = Household.objects.bulk_create(Household(address=f"示范镇{n}号") for n in range(45))
    children = Student.objects.bulk_create(
        Student(name=f"学生{n}", school_class=room, household=home) for n, home in enumerate(homes)
    )
    lead = hill.staff("teacher1")
    at = clock.now() + timedelta(days=3)
    visits = Visit.objects.bulk_create(
        Visit(household=home, school_class=room, lead=lead, starts_at=at + timedelta(hours=n), ends_at=at)
        for n, home in enumerate(homes)
    )
    VisitStudent.objects.bulk_create(
        VisitStudent(visit=visit, student=child) for visit, child in zip(visits, children, strict=True)
    )
    for visit in visits[::2]:
        appointments.invite(visit, by=actor("teacher1"))
    client = client_of("teacher1")
    for show in ("", "asked", "fresh"):
        with django_assert_max_num_queries(12 + 4):  # four of them are the session's and the scope's
            assert client.get(f"/s/hill/classes/{room.pk}/appointments/", {"show": show}).status_code == 200
