"""Plans whose ways a map service tells: asked once, kept, never in the way of a plan, the same for later moves."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.conf import LazySettings

from koumen import planner
from koumen.config.env import RoadService
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.planner import roads as map_services
from koumen.registry.models import Household, Org, Place
from koumen.visits.models import Plan, PlanRoads, RoadTimes, Stop
from koumen.visits.planning.moves import preview_move
from koumen.visits.planning.outings import outings_of, read_plan
from koumen.visits.planning.problem import problem_around
from koumen.visits.planning.roads import NO_ROADS, ClockTravel, Roads, keep_told, roads_of
from koumen.visits.services.roads import add_route, choose_service
from tests.cast import Cast
from tests.planner.roads.fake import KEY, Fake, serving, way_of
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Actors = Callable[..., Actor]
SERVICES = ("osrm", "amap", "tencent", "tianditu")
# Class 1: the school and three families, the siblings' among them. Class 2: two families, one of them without a point.
WAYS = {"told": 4 * 3 + 2, "estimate": 4}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving() as one:
        yield one


@pytest.fixture
def hill(cast: Cast, actor: Actors) -> Iterator[Cast]:
    """The school, which allows its map service."""
    with scope.enter(cast.hill.pk):
        choose_service(actor("office").org, by=actor("office"), asks=True)
        yield cast


def use(settings: LazySettings, fake: Fake, name: str = "amap", key: str = KEY) -> None:
    settings.KOUMEN_ROADS = RoadService(name, key, fake.address, 900.0)


def told(plan: Plan) -> dict[str, int]:
    return dict(PlanRoads.objects.get(plan=plan).told)


def faults(plan: Plan, known: Roads) -> set[str]:
    """What the checker says of the stored plan with these ways."""
    rows = outings_of(plan)
    problem = problem_around(plan, rows, (stop for row in rows for stop in row.stops.all()))
    found = planner.check(problem, read_plan(plan, rows), travel=ClockTravel(problem, known))
    return {fault.code for fault in found}


@pytest.mark.parametrize("name", SERVICES)
def test_a_plan_drives_what_the_service_tells(
    settings: LazySettings, fake: Fake, hill: Cast, actor: Actors, name: str
) -> None:
    use(settings, fake, name)
    plan = season.planned(actor("office"))
    kept = PlanRoads.objects.get(plan=plan)
    assert kept.told == {name: WAYS["told"], "estimate": WAYS["estimate"]}
    assert kept.trouble == ""
    school = Org.objects.get(slug="hill")
    for stop in Stop.objects.filter(outing__plan=plan, order=1, household__lng__isnull=False):
        home = stop.household
        seconds, metres = way_of(_point(school.lng, school.lat), _point(home.lng, home.lat))
        took = map_services.seconds_by_road(seconds, metres)
        assert stop.travel_seconds == -(-took // 300) * 300
    assert "travel" not in faults(plan, roads_of(plan))
    assert "travel" in faults(plan, NO_ROADS)


def _point(lng: float | None, lat: float | None) -> planner.Point:
    assert lng is not None
    assert lat is not None
    return map_services.rounded(planner.Point(lng, lat))


def test_it_is_off_until_a_school_allows_it(settings: LazySettings, fake: Fake, cast: Cast, actor: Actors) -> None:
    use(settings, fake)
    with scope.enter(cast.hill.pk):
        plan = season.planned(actor("office"))
        assert set(told(plan)) == {"estimate"}
        assert not RoadTimes.objects.exists()
    assert not fake.paths


def test_a_school_that_allows_it_on_a_site_without_a_service(hill: Cast, actor: Actors) -> None:
    assert set(told(season.planned(actor("office")))) == {"estimate"}


def test_a_second_plan_asks_nothing(settings: LazySettings, fake: Fake, hill: Cast, actor: Actors) -> None:
    use(settings, fake)
    first = season.planned(actor("office"))
    asked = len(fake.paths)
    assert asked
    second = season.planned(actor("office"), name="再排一次")
    assert len(fake.paths) == asked
    assert told(first) == told(second)


def test_a_family_that_moved_is_asked_for_and_its_old_point_forgotten(
    settings: LazySettings, fake: Fake, hill: Cast, actor: Actors
) -> None:
    use(settings, fake, "tencent")
    season.planned(actor("office"))
    before, pairs = len(fake.paths), fake.pairs
    home = hill.student("阿宝").household
    assert home is not None
    old = map_services.cell(_point(home.lng, home.lat))
    home.lng, home.lat = 102.75, 25.06
    home.save()
    season.planned(actor("office"), name="再排一次")
    assert before < len(fake.paths)
    assert fake.pairs - pairs < pairs
    rows = list(RoadTimes.objects.all())
    assert all(row.origin != old and old not in [way[0] for way in row.ways] for row in rows)


def test_only_rounded_points_leave(settings: LazySettings, fake: Fake, hill: Cast, actor: Actors) -> None:
    use(settings, fake, "osrm")
    Household.objects.filter(lng=102.712).update(lng=102.712349)
    season.planned(actor("office"))
    for path in fake.paths:
        points = path.split("/")[-1].split("?")[0].split(";")
        assert all(re.fullmatch(r"10\d\.\d{4}00,2\d\.\d{4}00", point) for point in points), path
        assert path.isascii()
        assert "%" not in path


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    ("behaviour", "trouble"),
    [({"statuses": [500] * 500}, "busy"), ({"statuses": [403] * 500}, "key"), ({"body": b"<html>wifi</html>"}, ""),
     ({"statuses": [404] * 500}, "refused"), ({"statuses": [429] * 500}, "busy")],
)  # fmt: skip
def test_a_failing_service_never_stops_a_plan(
    settings: LazySettings, fake: Fake, hill: Cast, actor: Actors, name: str, behaviour: dict[str, object], trouble: str
) -> None:
    use(settings, fake, name)
    for what, how in behaviour.items():
        setattr(fake, what, how)
    with patch("koumen.planner.roads.asking.BACK_OFF", 0):
        plan = season.planned(actor("office"))
    assert plan.state == Plan.State.DRAFT
    kept = PlanRoads.objects.get(plan=plan)
    assert set(kept.told) == {"estimate"}
    assert kept.trouble in ({trouble} if trouble else {"garbage", "refused"})
    assert kept.trouble_label


def test_a_wrong_key_and_no_network_are_said(settings: LazySettings, fake: Fake, hill: Cast, actor: Actors) -> None:
    use(settings, fake, key="wrong")
    plan = season.planned(actor("office"))
    assert (PlanRoads.objects.get(plan=plan).trouble, len(fake.paths)) == ("key", 1)
    with serving() as gone:
        use(settings, gone)
    with patch("koumen.planner.roads.asking.BACK_OFF", 0):
        plan = season.planned(actor("office"), name="断网")
    assert PlanRoads.objects.get(plan=plan).trouble == "offline"


def test_exactly_the_ways_not_told_are_estimated(settings: LazySettings, fake: Fake, hill: Cast, actor: Actors) -> None:
    use(settings, fake, "osrm")
    season.planned(actor("office"))
    RoadTimes.objects.all().delete()
    fake.lost = {1}
    plan = season.planned(actor("office"), name="有一户没有路")
    assert 0 < told(plan)["osrm"] < WAYS["told"]
    assert sum(told(plan).values()) == sum(told(Plan.objects.exclude(pk=plan.pk).get()).values())


def test_asking_that_was_broken_off_goes_on_where_it_was(
    settings: LazySettings, fake: Fake, hill: Cast, actor: Actors
) -> None:
    """The worker dies after the first class: its answers are kept, the next run asks for the rest alone."""
    use(settings, fake, "osrm")
    keeping = [keep_told, KeyboardInterrupt]

    def keep(ways: dict[tuple[int, int], map_services.Told]) -> None:
        step = keeping.pop(0)
        if step is KeyboardInterrupt:
            raise KeyboardInterrupt
        keep_told(ways)

    with patch("koumen.visits.planning.asking.keep_told", keep), pytest.raises(KeyboardInterrupt):
        season.planned(actor("office"))
    asked, kept = len(fake.paths), RoadTimes.objects.count()
    assert kept == 4  # from the school and the three families of class 1
    plan = season.planned(actor("office"), name="接着排")
    assert told(plan)["osrm"] == WAYS["told"]
    assert len(fake.paths) == asked + 2


def test_what_is_learnt_or_measured_later_moves_nothing(
    settings: LazySettings, fake: Fake, hill: Cast, actor: Actors
) -> None:
    """A week later the roads are ten times as long, a village has a measured route and the service is off."""
    use(settings, fake)
    plan = season.planned(actor("office"))
    home = Stop.objects.filter(outing__plan=plan).first()
    assert home is not None
    target = f"{home.outing.school_class_id}@{home.outing.slot_id}"
    before = preview_move(plan, home.household, target)
    known = roads_of(plan).known
    with clock.at(season.TODAY + timedelta(days=7)):
        keep_told({pair: way._replace(seconds=way.seconds * 10) for pair, way in known.items()})
        add_route(Place.objects.get(name="云上村"), by=actor("office"), minutes=200)
        choose_service(actor("office").org, by=actor("office"), asks=False)
    assert roads_of(plan).known == known
    assert roads_of(plan).factors == {}
    assert "travel" not in faults(plan, roads_of(plan))
    assert preview_move(plan, home.household, target) == before


def test_measured_routes_set_the_estimate_right(cast: Cast, actor: Actors) -> None:
    """Three routes to the far village, two and a half times as long in the middle: its family is that far away."""
    with scope.enter(cast.hill.pk):
        far = cast.student("阿斗").household
        assert far is not None
        first = season.planned(actor("office"))
        office, place = actor("office"), Place.objects.get(name="云上村")
        Place.objects.filter(pk=place.pk).update(lng=far.lng, lat=far.lat)
        plain = roads_of(first)
        problem = problem_around(first, rows := outings_of(first), (s for row in rows for s in row.stops.all()))
        home = problem.household_by_id[str(far.pk)]
        minutes = map_services.Ways(problem, {}, {}).legs([home]).seconds[0, 1] / 60
        for times in (2, 2.5, 9):
            add_route(place, by=office, minutes=round(minutes * times))
        second = season.planned(actor("office"), name="修正后")
        right = roads_of(second)
        assert plain.factors == {}
        assert right.factors[str(place.pk)] == pytest.approx(2.5, abs=0.02)
        took = map_services.Ways(problem, {}, right.factors).legs([home]).seconds[0, 1] / 60
        assert took == pytest.approx(2.5 * minutes, rel=0.02)
        assert "travel" not in faults(second, right)


def test_another_school_sees_nothing_of_it(settings: LazySettings, fake: Fake, hill: Cast, actor: Actors) -> None:
    use(settings, fake)
    season.planned(actor("office"))
    assert RoadTimes.objects.exists()
    with scope.enter(hill.river.pk):
        assert not RoadTimes.objects.exists()
        assert not PlanRoads.objects.exists()
