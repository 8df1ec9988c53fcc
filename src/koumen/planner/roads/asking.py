"""Asking a map service for many ways, within bounds: batches, pace, retries, a cap; and giving up early.

Whatever the service does, `ask` returns: with the ways it got, and `stopped` and `failures` telling the rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from koumen.planner.parts import Point
from koumen.planner.roads.pace import Pace
from koumen.planner.roads.reach import get
from koumen.planner.roads.service import ModeName, Service, Shape, Way, plausible
from koumen.planner.roads.trouble import AGAIN, FOR_GOOD, Trouble
from koumen.planner.travel import great_circle_km

ATTEMPTS = 3
BACK_OFF = 0.5  # seconds before the second attempt, doubled before each further one
GIVE_UP_AFTER = 3  # failed requests in a row
MOST_REQUESTS = 3_000  # of one plan
MOST_SECONDS = 1_800.0  # of one plan: 3,000 requests at two a second take most of it
PLACES = 4  # decimals of a degree that leave the site: about 10 m

Pair = tuple[int, int]
Wanted = NDArray[np.bool_]
Fetch = Callable[[str], tuple[int, bytes]]


def rounded(point: Point) -> Point:
    """The point as services hear it, to about 10 m."""
    return Point(round(point.lng, PLACES), round(point.lat, PLACES))


@dataclass
class Asker:
    """One conversation with one service, say for one plan; it counts what it asked and what failed."""

    service: Service
    pace: Pace
    fetch: Fetch = get
    most_requests: int = MOST_REQUESTS
    most_seconds: float = MOST_SECONDS
    requests: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    stopped: str = ""  # the trouble for which nothing more is asked
    _in_a_row: int = 0
    _until: float | None = None

    def ask(
        self,
        points: Sequence[Point],
        wanted: Wanted,
        mode: ModeName = "car",
        *,
        most: int | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Mapping[Pair, Way]:
        """The ways (from, to) marked in `wanted`, as far as the service tells them with at most `most` requests.

        `points[0]` is the school: its ways are asked first, then the short ones.
        """
        if mode not in self.service.modes:
            return {}
        wanted = wanted & ~np.eye(len(points), dtype=bool)
        heard = [rounded(point) for point in points]
        straight = great_circle_km(np.array([(point.lng, point.lat) for point in heard])) * 1000
        found: dict[Pair, Way] = {}
        end = self.most_requests if most is None else min(self.most_requests, self.requests + most)
        for rows, columns in blocks(wanted, self.service.shape, straight):
            if self.stopped or self.requests >= end or (cancelled is not None and cancelled()):
                break
            for (i, j), way in self._block(heard, rows, columns, mode):
                if plausible(way, straight[i, j]):
                    found.update({pair: way for pair in self._pairs(i, j) if wanted[pair]})
        if self.requests >= self.most_requests:
            self.stopped = self.stopped or "limit"
        return found

    def _pairs(self, i: int, j: int) -> tuple[Pair, ...]:
        return ((i, j), (j, i)) if self.service.shape.both_ways else ((i, j),)

    def _block(
        self, points: Sequence[Point], rows: Sequence[int], columns: Sequence[int], mode: ModeName
    ) -> Iterator[tuple[Pair, Way]]:
        """One block's ways; none of them when it failed."""
        url = self.service.url([points[i] for i in rows], [points[j] for j in columns], mode)
        try:
            block = self._persist(url, len(rows), len(columns))
        except Trouble as trouble:
            self.failures[trouble.code] += 1
            self._in_a_row += 1
            if trouble.code in FOR_GOOD or self._in_a_row >= GIVE_UP_AFTER:
                self.stopped = trouble.code
            return
        self._in_a_row = 0
        for i, line in zip(rows, block, strict=True):
            for j, way in zip(columns, line, strict=True):
                if way is not None:
                    yield (i, j), way

    def _persist(self, url: str, rows: int, columns: int) -> list[list[Way | None]]:
        """Ask, and ask again when that may help. Raises Trouble."""
        for attempt in range(ATTEMPTS):
            self._stay_within()
            self.pace.wait()
            self.requests += 1
            try:
                return self.service.read(*self.fetch(url), rows, columns)
            except Trouble as trouble:
                if trouble.code not in AGAIN or attempt == ATTEMPTS - 1:
                    raise
            self.pace.sleep(BACK_OFF * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _stay_within(self) -> None:
        now = self.pace.clock()
        self._until = now + self.most_seconds if self._until is None else self._until
        if now > self._until or self.requests >= self.most_requests:
            raise Trouble("limit")


def blocks(wanted: Wanted, shape: Shape, straight: NDArray[np.float64]) -> list[tuple[list[int], list[int]]]:
    """Rectangles (rows, columns) within `shape` that cover all wanted pairs, the school's first, then short ones.

    Points of which little is known yet are asked with all others; what else is missing, column by column.
    """
    if shape.both_ways:
        wanted = np.triu(wanted | wanted.T)
    count = len(wanted)
    is_fresh = wanted.sum(axis=1) * 2 > (0 if shape.both_ways else count - 1)
    fresh, rest = np.flatnonzero(is_fresh), np.flatnonzero(~is_fresh)
    found = [*_tiles(wanted, fresh, np.arange(count), shape), *_tiles(wanted, rest, fresh, shape)]
    for column in rest:
        found += _tiles(wanted, rest, np.array([column]), shape)
    return sorted(found, key=lambda tile: (0 not in tile[0] + tile[1], straight[np.ix_(*tile)].min(), tile))


def _tiles(
    wanted: Wanted, rows: NDArray[np.intp], columns: NDArray[np.intp], shape: Shape
) -> Iterable[tuple[list[int], list[int]]]:
    for left in range(0, len(columns), shape.destinations):
        across = columns[left : left + shape.destinations]
        asking = rows[wanted[np.ix_(rows, across)].any(axis=1)]
        for top in range(0, len(asking), shape.origins):
            down = asking[top : top + shape.origins]
            needed = across[wanted[np.ix_(down, across)].any(axis=0)]
            yield down.tolist(), needed.tolist()
