"""Homes: joined, kept apart, taken back; put on the map."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast

from koumen.core import scope
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Household, SiblingOffer, Student
from koumen.registry.services import households
from koumen.registry.services.imports.siblings import offer_siblings

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
As = Callable[..., Actor]
SignIn = Callable[[str], Client]


def home_of(name: str) -> Household:
    home = Student.objects.select_related("household").get(name=name).household
    assert home is not None
    return home


def pair(one: str, two: str, reason: str = "phone") -> SiblingOffer:
    homes = sorted((home_of(one), home_of(two)), key=lambda h: h.pk)
    return SiblingOffer.objects.create(household=homes[0], other=homes[1], reason=reason)


def together() -> list[set[str]]:
    found: dict[int | None, set[str]] = {}
    for name, home in Student.objects.order_by("pk").values_list("name", "household_id"):
        found.setdefault(home, set()).add(name)
    return [names for names in found.values() if len(names) > 1]


def test_it_works(hill: Cast, actor: As) -> None:
    offer = households.join(pair("阿虎", "阿宝"), by=actor("office"))
    assert (offer.state, offer.decided_by) == ("confirmed", "周主任")
    assert together() == [{"阿梅", "阿乐"}, {"阿虎", "阿宝"}]


def test_a_join_can_be_taken_back(hill: Cast, actor: As) -> None:
    offer = households.join(pair("阿虎", "阿宝"), by=actor("office"))
    households.part(offer, by=actor("office"))
    assert together() == [{"阿梅", "阿乐"}]
    assert home_of("阿宝").address == "青山镇桃园村8号"


def test_pairs_said_apart_are_not_offered_again(hill: Cast, actor: As) -> None:
    tiger, treasure = home_of("阿虎"), home_of("阿宝")
    treasure.address = tiger.address
    treasure.save()
    assert offer_siblings() == 1
    households.part(SiblingOffer.objects.get(), by=actor("office"))
    assert offer_siblings() == 0
    with pytest.raises(Conflict):
        households.join(SiblingOffer.objects.get(), by=actor("office"))


def test_all_of_one_reason_at_once_joins_chains_into_one_home(hill: Cast, actor: As) -> None:
    pair("阿虎", "阿宝"), pair("阿宝", "阿南"), pair("阿斗", "阿虎", "address")
    assert households.join_all(actor("office").org, by=actor("office"), reason="phone") == 2
    assert together() == [{"阿梅", "阿乐"}, {"阿虎", "阿宝", "阿南"}]
    left = SiblingOffer.objects.get(state="open")
    assert {left.household_id, left.other_id} == {home_of("阿虎").pk, home_of("阿斗").pk}


def test_an_open_pair_is_answered_by_two_joins_around_it(hill: Cast, actor: As) -> None:
    first, second, third = pair("阿虎", "阿宝"), pair("阿宝", "阿南"), pair("阿虎", "阿南", "address")
    households.join(first, by=actor("office"))
    households.join_all(actor("office").org, by=actor("office"), reason="phone")
    assert together()[-1] == {"阿虎", "阿宝", "阿南"} or not SiblingOffer.objects.filter(pk=second.pk).exists()
    households.join_all(actor("office").org, by=actor("office"), reason="address")
    assert {"阿虎", "阿宝", "阿南"} in together()
    assert not SiblingOffer.objects.filter(state="open").exists()
    assert third.pk


def test_the_joined_home_takes_a_point_when_it_has_none(hill: Cast, actor: As) -> None:
    offer = SiblingOffer.objects.create(household=home_of("阿南"), other=home_of("阿斗"), reason="phone")
    households.join(offer, by=actor("office"))
    home = home_of("阿南")
    assert (home.lng, home.is_remote) == (102.86, True)


def test_teachers_may_not(hill: Cast, actor: As) -> None:
    with pytest.raises(Forbidden):
        households.join(pair("阿虎", "阿宝"), by=actor("teacher1"))


def test_a_point_outside_china_is_refused(hill: Cast, actor: As) -> None:
    with pytest.raises(Invalid):
        households.set_point(home_of("阿南"), by=actor("office"), lng=2.3, lat=48.8)


def test_the_pages(cast: Cast, client_of: SignIn) -> None:
    with scope.enter(cast.hill.pk):
        offer, nan = pair("阿虎", "阿宝"), home_of("阿南")
    office = client_of("office")
    assert "阿虎爷爷 100****0002" in office.get("/s/hill/households/").content.decode()
    office.post(f"/s/hill/households/pairs/{offer.pk}/join/")
    assert "拆开" in office.get("/s/hill/households/?state=confirmed").content.decode()
    assert office.get("/s/hill/households/?state=odd").status_code == 404
    assert "阿南" in office.get("/s/hill/households/points/").content.decode()
    address = f"/s/hill/households/{nan.pk}/point/"
    assert office.post(address, {"lng": "x", "lat": "25"}).status_code == 422
    assert office.post(address, {"lng": "102.75", "lat": "25.06", "is_risky": "on"}).status_code == 302
    with scope.enter(cast.hill.pk):
        home = nan.refreshed()
    assert (home.lng, home.point_source, home.is_risky) == (102.75, "map", True)
    around = office.get(f"/s/hill/households/{nan.pk}/map/").json()
    assert around["point"] == [25.06, 102.75]
    assert client_of("office2").get(f"/s/river/households/{nan.pk}/point/").status_code == 404


@pytest.mark.parametrize("path", ["households/", "households/points/", "imports/"])
def test_lists_take_few_queries_whatever_their_length(cast: Cast, client_of: SignIn, path: str) -> None:
    office = client_of("office")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert office.get(f"/s/hill/{path}").status_code == 200
        return len([q for q in seen if q["sql"].startswith("SELECT") and "set_config" not in q["sql"]])

    with scope.enter(cast.hill.pk):
        pair("阿虎", "阿宝")
    few = queries()
    with scope.enter(cast.hill.pk):
        homes = [Household(address=f"村{n}号") for n in range(40)]
        Household.objects.bulk_create(homes)
        children = [Student(name=f"雨{n}", household=home) for n, home in enumerate(homes)]
        Student.objects.bulk_create(children)
        for one, two in zip(homes[::2], homes[1::2], strict=True):
            SiblingOffer.objects.create(household=one, other=two, reason="phone")
    assert max(few, queries()) <= 12
