"""Ways as a school knows them: road times told by a map service, estimates set right by measured routes.

All in whole five minutes, so that families are told times of the clock: 19:05, not 19:03:42.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from koumen import planner
from koumen.core import clock
from koumen.planner import roads
from koumen.visits.models import MeasuredRoute, Plan, PlanRoads, RoadChoice, RoadTimes

STEP = 300  # seconds


@dataclass(frozen=True)
class Roads:
    """What ways are made of: those told (driving), and how much longer than estimated the way to a place takes."""

    known: Mapping[tuple[int, int], roads.Told] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)


NO_ROADS = Roads()


class ClockTravel:
    """The planner's ways, rounded up. Visits take whole minutes and slots begin on the clock already.

    Whoever reckons with a stored plan gives its own ways, `roads_of(plan)`, so that nothing shifts.
    """

    def __init__(self, problem: planner.Problem, known: Roads = NO_ROADS) -> None:
        self._ways = roads.Ways(problem, known.known, known.factors)

    @property
    def estimated(self) -> tuple[str, ...]:
        return self._ways.estimated

    def legs(self, homes: Sequence[planner.Household]) -> planner.Legs:
        """Seconds in steps of five minutes; metres as they are."""
        found = self._ways.legs(homes)
        return planner.Legs(-(-found.seconds // STEP) * np.int64(STEP), found.metres)


def roads_of(plan: Plan, *, among: Collection[planner.Point] | None = None) -> Roads:
    """The ways a plan was made with; with `among`, only those from these points."""
    kept = PlanRoads.objects.filter(plan=plan).first()
    if kept is None:
        return NO_ROADS
    return Roads(known_at(kept.known_at, among) if kept.known_at else {}, kept.factors)


class Stored(Mapping[tuple[int, int], roads.Told]):
    """Stored answers by (from, to), each row read when one of its ways is asked for.

    A school of 1,800 students has 80,000 ways; a visit moved by hand asks for some hundred of them.
    """

    def __init__(self, rows: Iterable[tuple[int, str, str]]) -> None:
        self._rows: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self._read: dict[int, dict[int, roads.Told]] = {}
        for origin, ways, source in rows:
            self._rows[origin].append((ways, source))

    def __getitem__(self, pair: tuple[int, int]) -> roads.Told:
        return self._from(pair[0])[pair[1]]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((origin, end) for origin in self._rows for end in self._from(origin))

    def __len__(self) -> int:
        return sum(len(self._from(origin)) for origin in self._rows)

    def __bool__(self) -> bool:
        return bool(self._rows)

    def _from(self, origin: int) -> dict[int, roads.Told]:
        """The ways from this point; later answers count."""
        if origin not in self._read:
            self._read[origin] = {
                end: roads.Told(seconds, metres, source)
                for ways, source in self._rows.get(origin, ())
                for end, seconds, metres in json.loads(ways)
            }
        return self._read[origin]


def known_at(moment: datetime, among: Collection[planner.Point] | None = None) -> Stored:
    """What the services had told by then; with `among`, of the ways from these points."""
    rows = RoadTimes.objects.filter(asked_at__lte=moment).order_by("pk")
    if among is not None:
        rows = rows.filter(origin__in={roads.cell(point) for point in among})
    return Stored(rows.values_list("origin", Cast("ways", TextField()), "source"))


def keep_told(told: Mapping[tuple[int, int], roads.Told]) -> None:
    """Store what a service has just told."""
    rows: dict[tuple[int, str], list[tuple[int, int, int]]] = defaultdict(list)
    for (origin, end), way in told.items():
        rows[origin, way.source].append((end, way.seconds, way.metres))
    now = clock.now()
    RoadTimes.objects.bulk_create(
        (RoadTimes(origin=origin, source=source, ways=ways, asked_at=now) for (origin, source), ways in rows.items()),
        batch_size=1_000,
    )


def forget_gone(living: Collection[int]) -> None:
    """Delete what is known of points at which nobody lives any more."""
    RoadTimes.objects.exclude(origin__in=living).delete()
    for row in RoadTimes.objects.iterator(500):
        ways = [way for way in row.ways if way[0] in living]
        if len(ways) < len(row.ways):
            row.ways = ways
            row.save(update_fields=["ways"])


def asker() -> roads.Asker | None:
    """A conversation with the site's map service; None when there is none."""
    service = settings.KOUMEN_ROADS
    if not service.name:
        return None
    adapter = roads.service_of(service.name, service.key, service.url)
    return roads.Asker(adapter, roads.Pace(service.per_second))


def school_asks() -> bool:
    """Whether the site has a map service and this school lets it be asked."""
    return bool(settings.KOUMEN_ROADS.name) and RoadChoice.objects.filter(asks=True).exists()


def groups(problem: planner.Problem) -> list[list[planner.Point]]:
    """By class, or pair of classes: the points that may lie on one outing."""
    return list({id(group): group for group in _by_class(problem).values()}.values())


def _by_class(problem: planner.Problem) -> dict[str, list[planner.Point]]:
    """Paired classes have one and the same list."""
    found: dict[str, list[planner.Point]] = {team.id: [] for team in problem.classes}
    for pair in problem.pairs:
        found[pair.second] = found[pair.first]
    homes = problem.household_by_id
    stops = [(home.point, home.classes) for home in homes.values() if home.point is not None]
    for one in problem.gatherings:
        stops.append((one.point, frozenset[str]().union(*(homes[home].classes for home in one.households))))
    for point, classes in stops:
        for group in (found[one] for one in sorted(classes)):
            if point not in group:
                group.append(point)
    return found


def points_around(problem: planner.Problem, class_id: str) -> list[planner.Point]:
    """The school and the points that may lie on an outing of this class."""
    return [problem.school, *_by_class(problem)[class_id]]


def sources(problem: planner.Problem, known: Roads) -> Counter[str]:
    """How many ways within classes are told by whom."""
    ways = roads.Ways(problem, known.known, known.factors)
    homes: dict[str, list[planner.Household]] = defaultdict(list)
    for home in problem.households:
        homes[home.lead_class].append(home)
    return sum((ways.sources(group) for group in homes.values()), Counter())


def factors(school: planner.Point) -> dict[str, float]:
    """By place with measured routes: how much longer the way really takes than estimated."""
    minutes: dict[int, list[int]] = defaultdict(list)
    points = {}
    for route in MeasuredRoute.objects.select_related("place"):
        minutes[route.place_id].append(route.minutes * 60)
        points[route.place_id] = planner.Point(route.place.lng, route.place.lat)
    found = {place: roads.factor_of(took, roads.estimate(school, points[place])[0]) for place, took in minutes.items()}
    return {str(place): factor for place, factor in sorted(found.items()) if factor != 1.0}
