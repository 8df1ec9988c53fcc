"""Tencent's distance matrix (腾讯位置服务 `/ws/distance/v1/matrix`): GCJ-02, latitude first, 25 × 25 at a time.

The service counts pairs, not requests, both by the day and by the second.
"""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from koumen.planner.parts import Point
from koumen.planner.roads.datum import to_gcj
from koumen.planner.roads.service import Block, ModeName, Shape, Way, json_of, lat_lng, rows_of, way_of
from koumen.planner.roads.trouble import Trouble

ADDRESS = "https://apis.map.qq.com"
MODES: dict[ModeName, str] = {"car": "driving", "foot": "walking", "bike": "bicycling"}
# status → code of trouble (腾讯位置服务 WebServiceAPI 状态码说明)
STATUS: Final = {
    **dict.fromkeys((110, 111, 112, 113, 190, 199, 311), "key"),
    **dict.fromkeys((121, 122, 123), "quota"),
    **dict.fromkeys((120, 500, 510, 520, 530), "busy"),
}


class Tencent:
    """腾讯."""

    name = "tencent"
    shape = Shape(25, 25)
    modes: tuple[ModeName, ...] = ("car", "foot", "bike")

    def __init__(self, key: str, address: str = ADDRESS) -> None:
        self._key, self._address = key, address.rstrip("/")

    def url(self, origins: Sequence[Point], destinations: Sequence[Point], mode: ModeName) -> str:
        asked = {
            "mode": MODES[mode],
            "from": ";".join(lat_lng(to_gcj(point)) for point in origins),
            "to": ";".join(lat_lng(to_gcj(point)) for point in destinations),
            "output": "json",
            "key": self._key,
        }
        return f"{self._address}/ws/distance/v1/matrix?{urlencode(asked, safe=',;')}"

    def read(self, status: int, body: bytes, origins: int, destinations: int) -> Block:
        found = json_of(status, body)
        said = found.get("status")
        if said != 0 or isinstance(said, bool):
            raise Trouble(STATUS.get(said, "refused") if isinstance(said, int) else "garbage")
        result = found.get("result")
        rows = result.get("rows") if isinstance(result, dict) else None
        rows = rows if isinstance(rows, list) else []
        elements = [row.get("elements") if isinstance(row, dict) else None for row in rows]
        return [[_way(one) for one in row] for row in rows_of(elements, origins, destinations)]


def _way(one: Any) -> Way | None:
    """An element with a status of its own is one the service could not do."""
    if not isinstance(one, dict) or one.get("status"):
        return None
    return way_of(one.get("duration"), one.get("distance"))
