"""Phones: siblings written about apart, and families of one group visit."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.test import Client

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Place
from koumen.visits.models import GroupVisit, Outing, Plan, RecordVersion, Slot, Stop, Visit, VisitRecord, VisitStudent
from koumen.visits.queries.sync import held
from tests.cast import Cast
from tests.visits import season
from tests.visits.phones import Phone
from tests.visits.stories import EVENING, LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R6")]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> Iterator[None]:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(hill: Cast) -> Visit:
    return planned(hill, "阿梅", "阿乐")


@pytest.fixture
def phone(client_of: Clients) -> Phone:
    return Phone(client_of("teacher1"))


def test_siblings_apart_in_whatever_order_they_arrive(hill: Cast, visit: Visit, phone: Phone) -> None:
    """Each child its own record, each sent twice, the second one first: two records, each child once."""
    mei, le = hill.student("阿梅").pk, hill.student("阿乐").pk
    first, second = uuid4(), uuid4()
    for _twice in range(2):
        status, told = phone.send(second, visit, student=le, entry={"students": [le], "content": "弟弟"})
        assert (status, told["record"]) == (200, str(second))
        assert told["visit"] != str(visit.pk)
        status, told = phone.send(first, visit, entry={"students": [mei], "content": "姐姐"})
        assert (status, told["visit"]) == (200, str(visit.pk))
    rows = VisitStudent.objects.values_list("student__name", "visit__record__content")
    assert sorted(rows) == sorted([("阿梅", "姐姐"), ("阿乐", "弟弟")])
    assert (Visit.objects.count(), VisitRecord.objects.count(), RecordVersion.objects.count()) == (2, 2, 0)


def test_the_part_is_changed_under_its_own_version(hill: Cast, visit: Visit, phone: Phone) -> None:
    le, record = hill.student("阿乐").pk, uuid4()
    phone.send(record, visit, student=le, entry={"students": [le], "content": "一"})
    status, told = phone.send(record, visit, student=le, base_version=1, entry={"students": [le], "content": "二"})
    assert (status, told["version"]) == (200, 2)
    assert Visit.objects.filter(beside=visit).count() == 1


def test_two_phones_that_write_about_the_same_child_are_shown_both(
    hill: Cast, visit: Visit, phone: Phone, client_of: Clients
) -> None:
    other, le = Phone(client_of("teacher1")), hill.student("阿乐").pk
    phone.send(uuid4(), visit, student=le, entry={"students": [le], "content": "一"})
    status, told = other.send(uuid4(), visit, student=le, entry={"students": [le], "content": "二"})
    assert (status, told["kept"]["entry"]["content"]) == (409, "一")
    assert RecordVersion.objects.get().entry["content"] == "二"


def test_a_child_of_another_home_is_refused(hill: Cast, visit: Visit, phone: Phone) -> None:
    status, told = phone.send(uuid4(), visit, student=hill.student("阿宝").pk)
    assert status == 422
    assert "同一家" in told["sentence"]
    assert not VisitRecord.objects.exists()


def test_a_cancelled_visit_is_gone_for_its_siblings_too(hill: Cast, visit: Visit, phone: Phone) -> None:
    visit.state = "cancelled"
    visit.save()
    le = hill.student("阿乐").pk
    assert phone.send(uuid4(), visit, student=le, entry={"students": [le]})[0] == 410


def test_families_of_a_group_visit_are_told_and_stay_in_their_group(
    hill: Cast, phone: Phone, actor: Callable[..., Actor]
) -> None:
    """The phone sends each family's record alone; the server puts it into its group."""
    campaign = season.campaign(actor("office"))
    group = GroupVisit.objects.create(
        campaign=campaign,
        name="村委会",
        place=Place.objects.get(name="柳树村"),
        school_class=hill.school_class("三年级1班"),
    )
    visits = [planned(hill, name) for name in ("阿虎", "阿宝")]
    slot = Slot.objects.filter(campaign=campaign)[0]
    outing = Outing.objects.create(
        plan=Plan.objects.create(campaign=campaign, seed=1),
        slot=slot,
        school_class=group.school_class,
        leaves_at=EVENING,
        back_at=EVENING,
    )
    for order, one in enumerate(visits):
        one.stop = Stop.objects.create(
            outing=outing,
            household=one.household,
            group_visit=group,
            order=order,
            arrives_at=EVENING,
            starts_at=EVENING,
            ends_at=EVENING,
        )
        one.mode = "06"
        one.save()
    told = held(actor("teacher1"), "").visits
    assert [row["group"] for row in told] == [{"id": group.pk, "name": "村委会"}] * 2
    for one in visits:
        assert phone.send(uuid4(), one, entry={"mode": "06"})[0] == 200
    assert set(Visit.objects.values_list("group_visit", "mode", "state")) == {(group.pk, "06", "recorded")}
