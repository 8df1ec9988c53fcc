"""The one interface of travel times: points in, a table of seconds, metres and sources out."""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from koumen.planner.parts import Point
from koumen.planner.roads.asking import PLACES, Asker
from koumen.planner.roads.service import ModeName, Way
from koumen.planner.travel import BIKE, CAR, CAR_IN_TOWN, FOOT, Matrix, great_circle_km, quickest

ESTIMATE = "estimate"
ESTIMATED_BY = {"car": (CAR_IN_TOWN, CAR), "foot": (FOOT,), "bike": (BIKE,)}
Cell = int


class Told(NamedTuple):
    """A way and who told it."""

    seconds: int
    metres: int
    source: str


Known = MutableMapping[tuple[Cell, Cell], Told]  # (from, to)


def cell(point: Point) -> Cell:
    """The point as services hear it, as one number: in ten-thousandths of a degree, longitude × 10⁷ + latitude."""
    scale: int = 10**PLACES
    return round(round(point.lng, PLACES) * scale) * 10_000_000 + round(round(point.lat, PLACES) * scale)


@dataclass(frozen=True)
class Table:
    """Square matrices over the points asked for: travel seconds, metres, and the source of each pair."""

    seconds: Matrix
    metres: Matrix
    source: NDArray[np.str_]


class TravelTimes(Protocol):
    """Whatever knows the ways between points."""

    def matrix(self, points: Sequence[Point], mode: ModeName, depart: datetime | None = None) -> Table:
        """All ways between these points. `depart` is for services that know the traffic of an hour; none of the
        matrices asked so far takes it. Never raises: what is unknown is estimated, and `source` says so.
        """


class Estimate:
    """Great circle × detour, for one mode."""

    def matrix(self, points: Sequence[Point], mode: ModeName, depart: datetime | None = None) -> Table:
        legs = quickest(great_circle_km(np.array([(point.lng, point.lat) for point in points])), ESTIMATED_BY[mode])
        source = np.full(legs.seconds.shape, ESTIMATE, dtype="<U16")
        np.fill_diagonal(source, "")
        return Table(legs.seconds, legs.metres, source)


@dataclass
class Asked:
    """A service's ways: those known first, then those asked for, then estimates for exactly the pairs without.

    What is learnt goes into `known`, so that nothing is asked twice; one `known` is of one mode. `most` bounds the
    requests of one matrix.
    """

    asker: Asker
    known: Known
    most: int | None = None
    cancelled: Callable[[], bool] | None = None
    learnt: dict[tuple[Cell, Cell], Told] = field(default_factory=dict)
    fallback: TravelTimes = field(default_factory=Estimate)

    def matrix(self, points: Sequence[Point], mode: ModeName, depart: datetime | None = None) -> Table:
        table = self.fallback.matrix(points, mode, depart)
        cells = [cell(point) for point in points]
        wanted = np.array([[a != b and (a, b) not in self.known for b in cells] for a in cells])
        if wanted.any():
            self._ask(points, cells, _once(wanted, cells), mode)
        for i, a in enumerate(cells):
            for j, b in enumerate(cells):
                told = self.known.get((a, b))
                if told is not None and a != b:
                    table.seconds[i, j], table.metres[i, j], table.source[i, j] = told
        return table

    def _ask(self, points: Sequence[Point], cells: list[Cell], wanted: NDArray[np.bool_], mode: ModeName) -> None:
        found = self.asker.ask(points, wanted, mode, most=self.most, cancelled=self.cancelled)
        told = {(cells[i], cells[j]): _told(way, self.asker.service.name) for (i, j), way in found.items()}
        self.learnt |= told
        self.known.update(told)


def _once(wanted: NDArray[np.bool_], cells: list[Cell]) -> NDArray[np.bool_]:
    """Neighbours behind one cell are asked for once."""
    seen: set[Cell] = set()
    for at, one in enumerate(cells):
        if one in seen:
            wanted[at, :] = wanted[:, at] = False
        seen.add(one)
    return wanted


def _told(way: Way, source: str) -> Told:
    return Told(way.seconds, way.metres, source)
