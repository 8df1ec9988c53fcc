"""Tianditu's driving route (天地图 `/drive`): CGCS2000, which is WGS-84 within a metre; one pair a request, in XML."""

import json
from collections.abc import Sequence
from urllib.parse import urlencode
from xml.etree import ElementTree

from koumen.planner.parts import Point
from koumen.planner.roads.service import Block, ModeName, Shape, lng_lat, refuse_status, way_of
from koumen.planner.roads.trouble import Trouble

ADDRESS = "https://api.tianditu.gov.cn"
FASTEST_ROUTE = "0"
KEY_REFUSED = 418  # what the service answers to a wrong or unsuitable `tk`


class Tianditu:
    """天地图. It only drives; a pair is asked once for both directions, because each costs a request."""

    name = "tianditu"
    shape = Shape(1, 1, both_ways=True)
    modes: tuple[ModeName, ...] = ("car",)

    def __init__(self, key: str, address: str = ADDRESS) -> None:
        self._key, self._address = key, address.rstrip("/")

    def url(self, origins: Sequence[Point], destinations: Sequence[Point], mode: ModeName) -> str:
        (start,), (end,) = origins, destinations
        asked = {"orig": lng_lat(start), "dest": lng_lat(end), "style": FASTEST_ROUTE}
        post = json.dumps(asked, separators=(",", ":"))
        return f"{self._address}/drive?{urlencode({'postStr': post, 'type': 'search', 'tk': self._key})}"

    def read(self, status: int, body: bytes, origins: int, destinations: int) -> Block:
        if status == KEY_REFUSED:
            raise Trouble("key")
        refuse_status(status)
        # No document type: that is where XML hides entities that blow up or reach out.
        if b"<!" in body.replace(b"<![CDATA[", b""):
            raise Trouble("garbage")
        try:
            root = ElementTree.fromstring(body)  # noqa: S314 (see above)
        except (ElementTree.ParseError, ValueError) as error:
            raise Trouble("garbage") from error
        if root.tag != "result":
            raise Trouble("refused")
        kilometres, seconds = root.findtext("distance"), root.findtext("duration")
        try:
            metres = float(kilometres or "") * 1000
        except ValueError:
            return [[None]]
        return [[way_of(seconds, metres)]]
