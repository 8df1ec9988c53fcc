"""Travel times between a school and its families without any map service.

Great circle × detour + fixed minutes, the quickest of foot, bicycle and car. The detour factors, speeds and
fixed minutes are the ones the planner's measurements were made with; road times of a map service enter by
another class with the same face.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from koumen.planner.parts import Household, Point
from koumen.planner.problem import Problem

Matrix = NDArray[np.int64]

EARTH_KM = 6371.0088  # mean radius, IUGG
SAME_PLACE_SECONDS = 300  # between two homes of one village when one of them has no point


@dataclass(frozen=True)
class Mode:
    """A way to travel: detour factor on the great circle, km/h, fixed seconds, and the longest great circle
    in km.
    """

    name: str
    detour: float
    speed: float
    fixed: int
    longest: float = float("inf")


# A car is slower in town: up to 3 km of great circle it goes at 24 km/h, beyond at 38 km/h.
FOOT = Mode("foot", 1.25, 4.5, 0)
BIKE = Mode("bike", 1.30, 14.0, 60, longest=4.0)
CAR_IN_TOWN = Mode("car", 1.35, 24.0, 240, longest=3.0)
CAR = Mode("car", 1.35, 38.0, 240)
MODES = (FOOT, BIKE, CAR_IN_TOWN, CAR)


@dataclass(frozen=True)
class Legs:
    """Square matrices, row 0 the school and row i+1 the i-th family asked for: travel seconds and metres."""

    seconds: Matrix
    metres: Matrix


class Travel(Protocol):
    """What the planner needs to know of the roads."""

    @property
    def estimated(self) -> tuple[str, ...]:
        """Ids of families whose place had to be guessed, in the problem's order."""

    def legs(self, homes: Sequence[Household]) -> Legs:
        """Seconds and metres between the school and these families, in this order."""


def great_circle_km(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine distances in km between (n, 2) points of longitude and latitude in degrees, shape (n, n)."""
    lng, lat = np.radians(points).T
    half = np.sin((lat[:, None] - lat[None]) / 2) ** 2
    half += np.cos(lat)[:, None] * np.cos(lat)[None] * np.sin((lng[:, None] - lng[None]) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))), dtype=np.float64)


def quickest(km: NDArray[np.float64], modes: Sequence[Mode] = MODES) -> Legs:
    """Seconds and metres of the quickest mode for great circles `km`, rounded to whole numbers."""
    seconds = np.full(km.shape, np.inf)
    metres = np.zeros(km.shape)
    for mode in modes:
        road = km * mode.detour
        took = mode.fixed + road / mode.speed * 3600
        # The slower town speed must not be undercut by the open-road speed on the same short way.
        usable = (km <= mode.longest) & ~((mode is CAR) & (km < CAR_IN_TOWN.longest))
        better = usable & (took < seconds)
        seconds = np.where(better, took, seconds)
        metres = np.where(better, road * 1000, metres)
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    return Legs(np.rint(seconds).astype(np.int64), np.rint(metres).astype(np.int64))


class GreatCircle:
    """Travel by great circle for one problem.

    A family without a point stands at the middle of the known points of its place, or at the school when
    there is none; two families of one place, one of them without a point, are `SAME_PLACE_SECONDS` apart.
    """

    def __init__(self, problem: Problem) -> None:
        self._school = problem.school
        self._middles = _middles(problem.households)
        self._estimated = tuple(home.id for home in problem.households if home.point is None)

    @property
    def estimated(self) -> tuple[str, ...]:
        return self._estimated

    def legs(self, homes: Sequence[Household]) -> Legs:
        points = [self._school, *(self._standing(home) for home in homes)]
        legs = quickest(great_circle_km(np.array([(point.lng, point.lat) for point in points])))
        places = np.array(["", *(home.place for home in homes)])
        guessed = np.array([False, *(home.point is None for home in homes)])
        near = (places[:, None] == places[None]) & (places != "")[:, None] & (guessed[:, None] | guessed[None])
        np.fill_diagonal(near, False)
        legs.seconds[near] = SAME_PLACE_SECONDS
        return legs

    def _standing(self, home: Household) -> Point:
        return home.point or self._middles.get(home.place, self._school)


def _middles(homes: Sequence[Household]) -> dict[str, Point]:
    """The mean of the known points of each place."""
    known: dict[str, list[Point]] = {}
    for home in homes:
        if home.point is not None and home.place:
            known.setdefault(home.place, []).append(home.point)
    return {
        place: Point(sum(p.lng for p in points) / len(points), sum(p.lat for p in points) / len(points))
        for place, points in known.items()
    }
