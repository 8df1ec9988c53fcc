"""The four map services on the loopback: they read requests strictly, answer in the real formats, and can misbehave.

A way takes as long and is as far as `way_of` says, from the coordinates the service was sent, taken back to WGS-84.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import cos, hypot, radians
from typing import Any
from urllib.parse import parse_qs, urlsplit

from koumen.planner import Point
from koumen.planner.roads import Service, service_of, to_wgs

KEY = "right-key"
SPEED = 8.0  # metres a second on every road of the fake world
WINDING = 2.0


def way_of(start: Point, end: Point) -> tuple[int, int]:
    """Seconds and metres in the fake world: twice the straight line at 8 m/s."""
    east = (end.lng - start.lng) * 111_195 * cos(radians((start.lat + end.lat) / 2))
    metres = round(WINDING * hypot(east, (end.lat - start.lat) * 111_195))
    return round(metres / SPEED), metres


@dataclass
class Fake:
    """What the servers heard, and how they shall behave."""

    address: str = ""
    paths: list[str] = field(default_factory=list)
    pairs: int = 0
    statuses: list[int] = field(default_factory=list)  # answered first, one each
    body: bytes | None = None  # answered instead of the truth
    drip: float = 0.0  # seconds between two bytes of the body
    busy_first: int = 0  # the service's own "too fast", in a good HTTP answer
    lost: set[int] = field(default_factory=set)  # indexes of origins without any road

    def service(self, name: str, key: str = KEY) -> Service:
        """The adapter that speaks to this fake."""
        return service_of(name, key, self.address)


class _Handler(BaseHTTPRequestHandler):
    fake: Fake

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.fake.paths.append(self.path)
        if self.fake.statuses:
            self._send(self.fake.statuses.pop(0), b"<html>not today</html>")
            return
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/table/v1/driving/"):
            body: bytes | None = self._osrm(parts.path.rsplit("/", 1)[1], asked)
        else:
            speak = {
                "/v3/distance": self._amap,
                "/ws/distance/v1/matrix": self._tencent,
                "/drive": self._tianditu,
            }[parts.path]
            body = speak(asked)
        if body is not None:
            self._send(200, self.fake.body if self.fake.body is not None else body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not self.fake.drip:
            self.wfile.write(body)
            return
        try:
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(self.fake.drip)
        except OSError:
            return  # the asker has hung up

    def _is_busy(self) -> bool:
        self.fake.busy_first -= 1
        return self.fake.busy_first >= 0

    def _way(self, at: int, start: Point, end: Point) -> tuple[int, int] | None:
        self.fake.pairs += 1
        return None if at in self.fake.lost else way_of(start, end)

    def _osrm(self, coordinates: str, asked: dict[str, str]) -> bytes:
        points = [_point(text, ",") for text in coordinates.split(";")]
        assert len(points) <= 100
        assert asked["annotations"] == "duration,distance"
        rows = [
            [self._way(at, points[int(i)], points[int(j)]) for j in asked["destinations"].split(";")]
            for at, i in enumerate(asked["sources"].split(";"))
        ]
        answer = {
            "code": "Ok",
            "durations": [[way and way[0] * 1.0 for way in row] for row in rows],
            "distances": [[way and way[1] * 1.0 for way in row] for row in rows],
            "sources": [{"hint": "", "distance": 4.2, "name": "", "location": [0, 0]} for _row in rows],
        }
        return json.dumps(answer).encode()

    def _amap(self, asked: dict[str, str]) -> bytes:
        if asked["key"] != KEY:
            return json.dumps({"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}).encode()
        if self._is_busy():
            said = {"status": "0", "info": "CUQPS_HAS_EXCEEDED_THE_LIMIT", "infocode": "10021"}
            return json.dumps(said).encode()
        assert asked["type"] == "1"
        origins = [to_wgs(_point(text, ",")) for text in asked["origins"].split("|")]
        assert len(origins) <= 100
        end = to_wgs(_point(asked["destination"], ","))
        results = []
        for at, start in enumerate(origins):
            way = self._way(at, start, end)
            one = {"origin_id": str(at + 1), "dest_id": "1"}
            if way is None:
                one |= {"distance": "0", "duration": "0", "info": "OUT_OF_SERVICE", "code": "2"}
            else:
                one |= {"distance": str(way[1]), "duration": str(way[0])}
            results.append(one)
        return json.dumps({"status": "1", "info": "OK", "infocode": "10000", "results": results}).encode()

    def _tencent(self, asked: dict[str, str]) -> bytes:
        if asked["key"] != KEY:
            return json.dumps({"status": 190, "message": "无效的KEY"}).encode()
        if self._is_busy():
            return json.dumps({"status": 120, "message": "此key每秒请求量已达到上限"}).encode()
        assert asked["mode"] == "driving"
        starts, ends = ([_lat_first(text) for text in asked[name].split(";")] for name in ("from", "to"))
        assert len(starts) * len(ends) <= 625
        rows = []
        for at, start in enumerate(starts):
            ways = [self._way(at, start, end) for end in ends]
            rows.append({"elements": [_element(way) for way in ways]})
        return json.dumps({"status": 0, "message": "query ok", "result": {"rows": rows}}).encode()

    def _tianditu(self, asked: dict[str, str]) -> bytes | None:
        if asked["tk"] != KEY:
            self._send(418, '{"msg":"权限类型错误","code":"301012"}'.encode())
            return None
        assert asked["type"] == "search"
        post = json.loads(asked["postStr"])
        assert post["style"] == "0"
        way = self._way(0, _point(post["orig"], ","), _point(post["dest"], ","))
        if way is None:
            return b"<result><ret_code>1</ret_code></result>"
        far = f"<distance>{way[1] / 1000:.3f}</distance><duration>{way[0]}.0</duration>"
        head = f'<?xml version="1.0" encoding="UTF-8"?><result orig="{post["orig"]}" dest="{post["dest"]}">'
        routes = '<routes count="1" time="0.1"><item id="0"><strguide>向东行驶</strguide></item></routes>'
        return f"{head}{routes}{far}<ret_code>0</ret_code></result>".encode()


def _element(way: tuple[int, int] | None) -> dict[str, int]:
    return {"status": 4} if way is None else {"distance": way[1], "duration": way[0]}


def _point(text: str, comma: str) -> Point:
    assert re.fullmatch(r"\d+\.\d{1,6},\d+\.\d{1,6}", text), text
    lng, lat = map(float, text.split(comma))
    assert lng > lat
    return Point(lng, lat)


def _lat_first(text: str) -> Point:
    lat, lng = map(float, text.split(","))
    assert lat < lng
    return to_wgs(Point(lng, lat))


@contextmanager
def serving() -> Iterator[Fake]:
    """A fake of all four on a free port of the loopback."""
    fake = Fake()
    handler = type("Handler", (_Handler,), {"fake": fake})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    fake.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
