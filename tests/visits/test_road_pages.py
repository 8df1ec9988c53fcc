"""The pages about travel times: the service allowed and tried, villages and their measured routes."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.config.env import RoadService, SettingsError, road_service
from koumen.core import scope
from koumen.core.models import AuditEntry
from koumen.registry.models import Place
from koumen.visits.models import MeasuredRoute, RoadChoice
from koumen.visits.planning import try_service
from tests.cast import Cast
from tests.planner.roads.fake import KEY, Fake, serving

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Clients = Callable[[str], Client]
URL = "/s/hill/roads/"


@pytest.fixture
def fake(settings: LazySettings) -> Iterator[Fake]:
    with serving() as one:
        settings.KOUMEN_ROADS = RoadService("amap", KEY, one.address, 900.0)
        yield one


@pytest.fixture
def place(cast: Cast) -> Place:
    with scope.enter(cast.hill.pk):
        return Place.objects.get(name="云上村")


def url(place: Place, end: str = "") -> str:
    return f"{URL}places/{place.pk}/{end}"


def test_it_works(client_of: Clients, place: Place) -> None:
    page = client_of("office").get(URL).content.decode()
    assert "没有设置地图服务" in page
    assert "柳树村" in page
    assert "记实测" in page


def test_a_measured_route_changes_what_is_planned_with(client_of: Clients, place: Place, cast: Cast) -> None:
    office = client_of("office")
    before = office.get(url(place)).context["way"]
    answer = office.post(url(place), {"minutes": before.estimated * 2, "note": "雨后"}, follow=True)
    assert "已记下" in answer.content.decode()
    after = answer.context["way"]
    assert after.estimated == before.estimated
    assert after.planned == pytest.approx(before.planned * 2, abs=1)
    with scope.enter(cast.hill.pk):
        route = MeasuredRoute.objects.get()
        assert (route.place_id, route.note, route.entered_by) == (place.pk, "雨后", "周主任")
        assert AuditEntry.objects.filter(verb="roads.measure").count() == 1
    office.post(f"{URL}measured/{route.pk}/drop/")
    assert office.get(url(place)).context["way"] == before


def test_a_measured_route_far_off_asks_to_look_again(client_of: Clients, place: Place) -> None:
    office = client_of("office")
    minutes = office.get(url(place)).context["way"].estimated
    assert "差得太多" not in office.post(url(place), {"minutes": minutes * 2}, follow=True).content.decode()
    for _again in range(2):
        page = office.post(url(place), {"minutes": minutes * 9}, follow=True)
    assert "差得太多" in page.content.decode()
    assert page.context["way"].factor == 4


@pytest.mark.parametrize("minutes", ["", "0", "-5", "601", "abc", "9" * 30, "12.5"])
def test_what_is_typed_wrongly_stays_in_the_form(client_of: Clients, place: Place, minutes: str, cast: Cast) -> None:
    answer = client_of("office").post(url(place), {"minutes": minutes, "note": "骑摩托"})
    assert answer.status_code == 422
    assert "骑摩托" in answer.content.decode()
    with scope.enter(cast.hill.pk):
        assert not MeasuredRoute.objects.exists()


def test_the_service_is_off_until_somebody_turns_it_on(
    client_of: Clients, fake: Fake, cast: Cast, place: Place
) -> None:
    office = client_of("office")
    page = office.get(URL).content.decode()
    assert "没有开启" in page
    assert "只有坐标" in page
    assert "已开启" in office.post(f"{URL}service/", {"asks": "1"}, follow=True).content.decode()
    with scope.enter(cast.hill.pk):
        assert RoadChoice.objects.get().asks
        assert RoadChoice.objects.get().chosen_by == "周主任"
    assert "没有开启" in office.post(f"{URL}service/", {"asks": "0"}, follow=True).content.decode()
    assert not fake.paths
    assert KEY not in page


def test_without_a_service_there_is_nothing_to_turn_on(client_of: Clients, place: Place) -> None:
    office = client_of("office")
    assert office.post(f"{URL}service/", {"asks": "1"}).status_code == 409
    assert office.post(url(place, "try/")).status_code == 409


def test_one_way_is_tried_and_shown_beside_the_estimate(client_of: Clients, fake: Fake, place: Place) -> None:
    answer = client_of("office").post(url(place, "try/"))
    page = answer.content.decode()
    trial, way = answer.context["trial"], answer.context["way"]
    assert trial.trouble is None
    assert trial.metres > way.metres / 2
    assert f"{trial.minutes}" in page
    assert "高德地图" in page
    assert len(fake.paths) == 2


def test_trying_again_at_once_is_too_often(client_of: Clients, fake: Fake, place: Place) -> None:
    office = client_of("office")
    assert office.post(url(place, "try/")).status_code == 200
    assert office.post(url(place, "try/")).status_code == 429
    assert len(fake.paths) == 2


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [({"statuses": [500] * 9}, "忙"), ({"statuses": [403] * 9}, "密钥"), ({"body": b"hello"}, "看不懂"),
     ({"lost": {0}}, "不知道这条路")],
)  # fmt: skip
def test_a_trial_that_fails_says_why(
    client_of: Clients, fake: Fake, place: Place, behaviour: dict[str, object], said: str
) -> None:
    for what, how in behaviour.items():
        setattr(fake, what, how)
    answer = client_of("office").post(url(place, "try/"))
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_a_place_without_a_usable_point(client_of: Clients, fake: Fake, cast: Cast, place: Place) -> None:
    with scope.enter(cast.hill.pk):
        Place.objects.filter(pk=place.pk).update(lng=0, lat=0)
        place.refresh_from_db()
        assert try_service(place).trouble == "address"
    assert "没有可用的坐标" in client_of("office").get(url(place)).content.decode()
    assert not fake.paths


def test_wrong_ids_and_methods(client_of: Clients, place: Place) -> None:
    office = client_of("office")
    assert office.get(f"{URL}places/999999/").status_code == 404
    assert office.post(f"{URL}measured/999999/drop/").status_code == 404
    assert office.get(url(place, "try/")).status_code == 405
    assert office.get(f"{URL}service/").status_code == 405
    assert office.post(URL).status_code == 405


def test_many_villages_need_no_more_questions(client_of: Clients, cast: Cast) -> None:
    office = client_of("office")

    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            assert office.get(URL).status_code == 200
        return len([q for q in found if q["sql"].startswith("SELECT") and "set_config" not in q["sql"]])

    few = asked()
    with scope.enter(cast.hill.pk):
        places = Place.objects.bulk_create(Place(name=f"村{i}", lng=102.7 + i / 1000, lat=25.03) for i in range(60))
        MeasuredRoute.objects.bulk_create(MeasuredRoute(place=one, minutes=20, entered_by="x") for one in places)
    assert asked() == few <= 12


@pytest.mark.parametrize(
    ("given", "said"),
    [({"KOUMEN_ROADS": "baidu"}, "may be"), ({"KOUMEN_ROADS": "amap"}, "KOUMEN_ROADS_KEY"),
     ({"KOUMEN_ROADS": "osrm"}, "KOUMEN_ROADS_URL"), ({"KOUMEN_ROADS_PER_SECOND": "0"}, "number"),
     ({"KOUMEN_ROADS_PER_SECOND": "fast"}, "number")],
)  # fmt: skip
def test_half_a_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        road_service()
