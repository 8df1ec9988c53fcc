"""OSRM's table service (https://project-osrm.org/docs, `/table/v1`): WGS-84, a whole block in one request."""

from collections.abc import Sequence

from koumen.planner.parts import Point
from koumen.planner.roads.service import Block, ModeName, Shape, json_of, lng_lat, rows_of, way_of
from koumen.planner.roads.trouble import Trouble

PROFILES: dict[ModeName, str] = {"car": "driving", "foot": "foot", "bike": "bike"}


class Osrm:
    """A server of one's own, or of somebody else; it needs no key."""

    name = "osrm"
    shape = Shape(50, 50)  # osrm-routed takes 100 coordinates unless told otherwise
    modes: tuple[ModeName, ...] = ("car", "foot", "bike")

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def url(self, origins: Sequence[Point], destinations: Sequence[Point], mode: ModeName) -> str:
        points = list(dict.fromkeys((*origins, *destinations)))
        at = {point: str(index) for index, point in enumerate(points)}
        sources = ";".join(at[point] for point in origins)
        ends = ";".join(at[point] for point in destinations)
        return (
            f"{self._address}/table/v1/{PROFILES[mode]}/{';'.join(map(lng_lat, points))}"
            f"?sources={sources}&destinations={ends}&annotations=duration,distance"
        )

    def read(self, status: int, body: bytes, origins: int, destinations: int) -> Block:
        found = json_of(status, body)
        if found.get("code") != "Ok":
            raise Trouble("refused")
        took = rows_of(found.get("durations"), origins, destinations)
        far = rows_of(found.get("distances"), origins, destinations)
        return [[way_of(*both) for both in zip(*rows, strict=True)] for rows in zip(took, far, strict=True)]
