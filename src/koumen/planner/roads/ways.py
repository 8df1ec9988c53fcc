"""Travel for the planner from what is known: road times, and estimates set right by a few real routes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

from koumen.planner.parts import Household, Point
from koumen.planner.problem import Problem
from koumen.planner.roads.matrix import ESTIMATE, Cell, Told, cell
from koumen.planner.travel import BIKE, CAR, FOOT, GreatCircle, Legs, great_circle_km, quickest

LEAST_FACTOR, MOST_FACTOR = 0.5, 4.0


def factor_of(measured: Sequence[float], estimated: float) -> float:
    """How much longer the way to a place really takes than estimated: the median, within 0.5–4; 1 without any."""
    if not measured or estimated <= 0:
        return 1.0
    return min(MOST_FACTOR, max(LEAST_FACTOR, median(measured) / estimated))


def estimate(start: Point, end: Point) -> tuple[int, int]:
    """Seconds and metres of one way without any map service: the quickest of foot, bicycle and car."""
    legs = quickest(great_circle_km(np.array([(start.lng, start.lat), (end.lng, end.lat)])))
    return int(legs.seconds[0, 1]), int(legs.metres[0, 1])


class Ways:
    """`Travel` over known road times, with great-circle times × the factors of the two places for the rest.

    A road is driven in the time told + the car's fixed minutes, or walked or cycled along the same length when that
    is quicker. Families without a point are always estimated.
    """

    def __init__(self, problem: Problem, known: Mapping[tuple[Cell, Cell], Told], factors: Mapping[str, float]) -> None:
        self._straight = GreatCircle(problem)
        self._school = cell(problem.school)
        self._known, self._factors = known, factors

    @property
    def estimated(self) -> tuple[str, ...]:
        return self._straight.estimated

    def legs(self, homes: Sequence[Household]) -> Legs:
        found = self._straight.legs(homes)
        if self._factors:
            seconds = np.rint(found.seconds * self._corrections(homes)).astype(np.int64)
            found = Legs(seconds, found.metres)
        if self._known:
            self._put_roads(found, self._cells(homes))
        return found

    def sources(self, homes: Sequence[Household]) -> Counter[str]:
        """How many of the ways between the school and these families are told by whom."""
        cells = self._cells(homes)
        told = (self._told(a, b) for i, a in enumerate(cells) for j, b in enumerate(cells) if i != j)
        return Counter(ESTIMATE if one is None else one.source for one in told)

    def _cells(self, homes: Sequence[Household]) -> list[Cell | None]:
        return [self._school, *(None if home.point is None else cell(home.point) for home in homes)]

    def _told(self, a: Cell | None, b: Cell | None) -> Told | None:
        return self._known.get((a, b)) if a is not None and b is not None and a != b else None

    def _corrections(self, homes: Sequence[Household]) -> NDArray[np.float64]:
        """The mean of the factors of both ends; a way from the school has its other end's alone."""
        own = np.array([1.0, *(self._factors.get(home.place, 1.0) for home in homes)])
        both: NDArray[np.float64] = (own[:, None] + own[None]) / 2
        both[0], both[:, 0] = own, own
        return both

    def _put_roads(self, legs: Legs, cells: list[Cell | None]) -> None:
        for i, a in enumerate(cells):
            for j, b in enumerate(cells):
                told = self._told(a, b)
                if told is not None:
                    metres = max(told.metres, 1)
                    legs.seconds[i, j], legs.metres[i, j] = seconds_by_road(told.seconds, metres), metres


def seconds_by_road(driven: int, metres: int) -> int:
    """The quickest of driving as told + the car's fixed minutes, walking and cycling along the same length."""
    on_foot = metres / 1000 / FOOT.speed * 3600
    by_bike = BIKE.fixed + metres / 1000 / BIKE.speed * 3600
    can_ride = metres <= BIKE.longest * BIKE.detour * 1000
    return round(min(driven + CAR.fixed, on_foot, by_bike if can_ride else on_foot))
