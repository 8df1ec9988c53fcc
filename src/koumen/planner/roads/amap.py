"""Amap's distance measuring (高德 Web 服务 `/v3/distance`): GCJ-02, many origins to one destination."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from koumen.planner.parts import Point
from koumen.planner.roads.datum import to_gcj
from koumen.planner.roads.service import Block, ModeName, Shape, Way, json_of, lng_lat, way_of
from koumen.planner.roads.trouble import Trouble

ADDRESS = "https://restapi.amap.com"
TYPES: dict[ModeName, str] = {"car": "1", "foot": "3"}
# infocode → code of trouble (高德 Web 服务 错误码说明)
INFO: Final = {
    **dict.fromkeys(("10001", "10002", "10005", "10006", "10007", "10008", "10009", "10012", "10013"), "key"),
    **dict.fromkeys(("10003", "10044", "10045", "40000", "40002", "40003"), "quota"),
    **dict.fromkeys(("10004", "10010", "10014", "10015", "10016", "10017", "10019", "10020", "10021"), "busy"),
}


class Amap:
    """高德. Walking is answered up to 5 km only."""

    name = "amap"
    shape = Shape(100, 1)
    modes: tuple[ModeName, ...] = ("car", "foot")

    def __init__(self, key: str, address: str = ADDRESS) -> None:
        self._key, self._address = key, address.rstrip("/")

    def url(self, origins: Sequence[Point], destinations: Sequence[Point], mode: ModeName) -> str:
        (end,) = destinations
        asked = {
            "origins": "|".join(lng_lat(to_gcj(point)) for point in origins),
            "destination": lng_lat(to_gcj(end)),
            "type": TYPES[mode],
            "output": "JSON",
            "key": self._key,
        }
        return f"{self._address}/v3/distance?{urlencode(asked)}"

    def read(self, status: int, body: bytes, origins: int, destinations: int) -> Block:
        found = json_of(status, body)
        if str(found.get("status")) != "1":
            raise Trouble(INFO.get(str(found.get("infocode")), "refused"))
        results = found.get("results")
        if not isinstance(results, list):
            raise Trouble("garbage")
        block: Block = [[None] for _origin in range(origins)]
        for one in results:
            at = _origin(one)
            if not 1 <= at <= origins:
                raise Trouble("garbage")
            block[at - 1][0] = _way(one)
        return block


def _origin(one: Any) -> int:
    """The number of the origin a result speaks of, from 1; 0 when unreadable."""
    text = str(one.get("origin_id")) if isinstance(one, dict) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _way(one: dict[str, Any]) -> Way | None:
    """A result that carries `code` or `info` is an excuse, whatever its numbers say."""
    if one.get("code") or one.get("info"):
        return None
    return way_of(one.get("duration"), one.get("distance"))
