"""What the four map services have in common: one request for a block of ways, and its answer read strictly."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, NamedTuple, Protocol

from koumen.planner.parts import Point
from koumen.planner.roads.trouble import Trouble

ModeName = Literal["car", "foot", "bike"]

# An answer beyond these is an error of the service, not a road.
MOST_SECONDS = 24 * 3600
MOST_METRES = 1_000_000
FASTEST = 45.0  # metres a second: 162 km/h
SLOWEST = 0.2
SNAP_METRES = 300.0  # how far from a point the service may begin on its road


class Way(NamedTuple):
    """One way there, as a service tells it."""

    seconds: int
    metres: int


Block = list[list[Way | None]]  # [origin][destination]; None: the service knows no way


@dataclass(frozen=True)
class Shape:
    """How much one request may ask: origins × destinations. `both_ways`: its answer also stands for the way back."""

    origins: int
    destinations: int
    both_ways: bool = False


class Service(Protocol):
    """An adapter: it writes addresses and reads answers, and asks nobody itself."""

    @property
    def name(self) -> str:
        """`osrm`, `amap`, `tencent` or `tianditu`."""

    @property
    def shape(self) -> Shape:
        """The limits of one request."""

    @property
    def modes(self) -> tuple[ModeName, ...]:
        """The ways to travel it knows."""

    def url(self, origins: Sequence[Point], destinations: Sequence[Point], mode: ModeName) -> str:
        """The address that asks for this block. Points are WGS-84; the adapter shifts them where its service does."""

    def read(self, status: int, body: bytes, origins: int, destinations: int) -> Block:
        """The answer to a block of this size. Raises Trouble."""


def way_of(seconds: object, metres: object) -> Way | None:
    """A way of two numbers (or texts of numbers); None where they are missing or no possible road."""
    took, far = _number(seconds), _number(metres)
    if took is None or far is None or not (0 <= took <= MOST_SECONDS and 0 <= far <= MOST_METRES):
        return None
    if far > took * FASTEST + SNAP_METRES or (far > SNAP_METRES and far < took * SLOWEST):
        return None
    return Way(round(took), round(far))


def plausible(way: Way | None, straight_metres: float) -> bool:
    """Whether the way is there and no shorter than the straight line, up to what snapping to a road explains."""
    return way is not None and way.metres >= straight_metres - 2 * SNAP_METRES


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def json_of(status: int, body: bytes) -> dict[str, Any]:
    """The JSON object in an answer. Raises Trouble by the status, or `garbage`."""
    refuse_status(status)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Trouble("garbage") from error
    if not isinstance(found, dict):
        raise Trouble("garbage")
    return found


def refuse_status(status: int) -> None:
    """Raise Trouble for the HTTP statuses that mean the same everywhere."""
    if status in (401, 403, 407):
        raise Trouble("key")
    if status == 429 or status >= 500:
        raise Trouble("busy")
    if status != 200:
        raise Trouble("refused")


def rows_of(found: object, rows: int, columns: int) -> list[list[Any]]:
    """A table of exactly this size. Raises Trouble (`garbage`)."""
    if not isinstance(found, list) or len(found) != rows:
        raise Trouble("garbage")
    for row in found:
        if not isinstance(row, list) or len(row) != columns:
            raise Trouble("garbage")
    return found


def lng_lat(point: Point) -> str:
    return f"{point.lng:.6f},{point.lat:.6f}"


def lat_lng(point: Point) -> str:
    return f"{point.lat:.6f},{point.lng:.6f}"
