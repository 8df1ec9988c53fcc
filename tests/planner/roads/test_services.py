"""Each adapter against a server that speaks its service's real format: right ways, and every way to go wrong."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planner.roads.fake import KEY, Fake, serving, way_of

from koumen.planner import Point
from koumen.planner.roads import SERVICES, Asker, Pace, Service, Trouble, Way, rounded, service_of
from koumen.planner.roads.reach import get

POINTS = [
    Point(102.70, 25.03),
    Point(102.71, 25.04),
    Point(102.7123, 25.0411),
    Point(102.73, 25.05),
    Point(102.8, 25.1),
]
KEYED = ("amap", "tencent", "tianditu")


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving() as one:
        yield one


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 0.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def asker(service: Service, clock: Clock | None = None, **bounds: int) -> Asker:
    clock = clock or Clock()
    return Asker(service, Pace(10, 5, clock=clock, sleep=clock.sleep), **bounds)  # type: ignore[arg-type]


def everything(count: int) -> np.ndarray:
    return np.ones((count, count), dtype=bool)


def check(found: dict[tuple[int, int], Way], points: list[Point]) -> None:
    """Every way told is that of the fake's world. Six decimals of GCJ-02 leave it some decimetres."""
    for (i, j), way in found.items():
        seconds, metres = way_of(rounded(points[i]), rounded(points[j]))
        assert way.metres == pytest.approx(metres, abs=3)
        assert way.seconds == pytest.approx(seconds, abs=1)


@pytest.mark.parametrize("name", SERVICES)
def test_it_tells_every_way_of_a_class(fake: Fake, name: str) -> None:
    found = asker(fake.service(name)).ask(POINTS, everything(5))
    assert set(found) == {(i, j) for i in range(5) for j in range(5) if i != j}
    check(dict(found), POINTS)


def test_requests_are_as_large_as_each_service_takes(fake: Fake) -> None:
    """61 points: OSRM 50 × 50, Tencent 25 × 25, Amap all to one, Tianditu one pair for both directions."""
    many = [Point(102.7 + 0.003 * i, 25 + 0.001 * i) for i in range(61)]
    asked = {}
    for name in SERVICES:
        before = len(fake.paths)
        one = asker(fake.service(name))
        assert len(one.ask(many, everything(61))) == 61 * 60
        assert one.requests == len(fake.paths) - before
        asked[name] = one.requests
    assert asked == {"osrm": 4, "tencent": 9, "amap": 61, "tianditu": 61 * 60 // 2}


def test_one_new_family_costs_only_its_own_ways(fake: Fake) -> None:
    wanted = np.zeros((30, 30), dtype=bool)
    wanted[7, :] = wanted[:, 7] = True
    many = [Point(102.7 + 0.003 * i, 25 + 0.001 * i) for i in range(30)]
    found = asker(fake.service("tencent")).ask(many, wanted)
    assert len(found) == 2 * 29
    assert fake.pairs <= 2 * 30


@pytest.mark.parametrize("name", SERVICES)
def test_only_points_leave_rounded_to_ten_metres(fake: Fake, name: str) -> None:
    """Two doors a few metres apart cannot be told from each other in what is sent."""
    doors = [[Point(102.7, 25.03), Point(102.712341, 25.041239)], [Point(102.7, 25.03), Point(102.712322, 25.041210)]]
    for points in doors:
        asker(fake.service(name)).ask(points, everything(2))
    half = len(fake.paths) // 2
    assert fake.paths[:half] == fake.paths[half:]


@pytest.mark.parametrize("name", KEYED)
def test_a_wrong_key_is_told_once(fake: Fake, name: str) -> None:
    one = asker(fake.service(name, key="wrong"))
    assert one.ask(POINTS, everything(5)) == {}
    assert (one.stopped, one.requests) == ("key", 1)


@pytest.mark.parametrize("name", SERVICES)
def test_a_server_error_is_tried_again_with_longer_pauses(fake: Fake, name: str) -> None:
    fake.statuses = [500, 503]
    clock = Clock()
    one = asker(fake.service(name), clock)
    assert len(one.ask(POINTS, everything(5))) == 20
    assert [pause for pause in clock.slept if pause >= 0.5] == [0.5, 1.0]
    assert not one.failures


@pytest.mark.parametrize("name", ["amap", "tencent"])
def test_too_fast_in_a_good_answer_is_tried_again(fake: Fake, name: str) -> None:
    fake.busy_first = 2
    one = asker(fake.service(name))
    assert len(one.ask(POINTS, everything(5))) == 20
    assert not one.failures


def test_429_is_a_request_to_slow_down(fake: Fake) -> None:
    fake.statuses = [429]
    assert len(asker(fake.service("osrm")).ask(POINTS, everything(5))) == 20


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_stays_broken_is_left_alone(fake: Fake, name: str) -> None:
    fake.statuses = [500] * 1_000
    one = asker(fake.service(name))
    assert one.ask(POINTS, everything(5)) == {}
    assert one.requests <= 9  # three blocks of three attempts
    assert set(one.failures) == {"busy"}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>sign in to this wifi</html>", b"[]", b"{}", b"null", b"5", b'{"status": 0, "result": {"rows": 7}}',
     b'{"status": "1", "results": [{"origin_id": "9"}]}', b'{"code": "Ok", "durations": [[1]], "distances": null}',
     b"\xff\xfe\x00", b'{"a":' * 5_000, b"<result><distance>far</distance></result>",
     b'<!DOCTYPE r [<!ENTITY a "b">]><result><distance>&a;</distance></result>'],
)  # fmt: skip
def test_garbage_is_no_way(fake: Fake, name: str, body: bytes) -> None:
    fake.body = body
    assert asker(fake.service(name)).ask(POINTS, everything(5)) == {}


WORDS = ("status", "infocode", "results", "origin_id", "duration", "distance", "code", "durations", "distances",
         "result", "rows", "elements", "Ok", "1", "0")  # fmt: skip
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(WORDS), st.text(max_size=5))
answers = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), inner)
    ),
    max_leaves=25,
)


def _read(service: Service, status: int, body: bytes) -> list[list[Way | None]] | None:
    try:
        return service.read(status, body, 1, 1)
    except Trouble:
        return None


@given(answers, st.sampled_from((200, 201, 400, 418, 429, 500)))
def test_no_answer_breaks_an_adapter(answer: Any, status: int) -> None:
    """Whatever comes, shaped like the real thing or not: a way or none, or a named trouble."""
    shaped = [
        answer,
        {"code": "Ok", "durations": answer, "distances": answer},
        {"status": "1", "results": answer},
        {"status": "1", "results": [{"origin_id": "1", "duration": answer, "distance": answer}]},
        {"status": 0, "result": {"rows": answer}},
        {"status": 0, "result": {"rows": [{"elements": answer}]}},
    ]
    bodies = [json.dumps(one).encode() for one in shaped]
    bodies.append(f"<result><distance>{answer}</distance><duration>{answer}</duration></result>".encode())
    for name in SERVICES:
        service = service_of(name, KEY, "http://127.0.0.1:1")
        for body in bodies:
            block = _read(service, status, body)
            assert block is None or (len(block), len(block[0])) == (1, 1)


@given(st.binary(max_size=200))
def test_no_bytes_break_an_adapter(body: bytes) -> None:
    for name in SERVICES:
        _read(service_of(name, KEY, "http://127.0.0.1:1"), 200, body)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_drips_is_left_after_three(fake: Fake, name: str) -> None:
    fake.drip = 0.05
    clock = Clock()
    one = Asker(fake.service(name), Pace(10, clock=clock, sleep=clock.sleep), fetch=partial(get, seconds=0.1))
    assert one.ask(POINTS, everything(5)) == {}
    assert set(one.failures) == {"slow"}
    assert one.requests <= 3


def _osrm(seconds: object, metres: object) -> bytes:
    return f'{{"code":"Ok","durations":[[0,{seconds}],[60,0]],"distances":[[0,{metres}],[2000,0]]}}'.encode()


@pytest.mark.parametrize(
    ("seconds", "metres"),
    [(-60, 2000), (60, -2000), ("null", 2000), (60, "null"), (60, '"far"'), ("NaN", 2000), ("Infinity", 2000),
     (1e9, 2000), (60, 5_000_000), (1, 90_000), (60, 100), ("true", 2000)],
)  # fmt: skip
def test_an_absurd_way_is_refused_and_the_others_kept(fake: Fake, seconds: object, metres: object) -> None:
    """Negative, missing, endless, faster than any car, shorter than the straight line of 1.5 km."""
    fake.body = _osrm(seconds, metres)
    found = asker(fake.service("osrm")).ask(POINTS[:2], everything(2))
    assert found == {(1, 0): Way(60, 2000)}


@pytest.mark.parametrize(("name", "kept"), [("osrm", 16), ("tencent", 16), ("amap", 15)])
def test_a_home_without_a_road_loses_only_its_own_ways(fake: Fake, name: str, kept: int) -> None:
    """The third origin of each request has no road: four ways of one block, one way of each of Amap's five."""
    fake.lost = {2}
    found = asker(fake.service(name)).ask(POINTS, everything(5))
    assert len(found) == kept
    check(dict(found), POINTS)


def test_a_dead_server_is_no_error() -> None:
    with serving() as gone:
        service = gone.service("osrm")
    one = asker(service)
    assert one.ask(POINTS, everything(5)) == {}
    assert set(one.failures) == {"offline"}


def test_the_cap_of_a_plan_holds_and_the_school_comes_first(fake: Fake) -> None:
    one = asker(fake.service("tianditu"), most_requests=4)
    found = one.ask(POINTS, everything(5))
    assert {pair for pair in found if 0 in pair} == set(found)
    assert (len(found), one.stopped, one.requests) == (8, "limit", 4)
    assert one.ask(POINTS, everything(5)) == {}


def test_one_class_may_not_use_up_what_all_may(fake: Fake) -> None:
    one = asker(fake.service("tianditu"))
    assert len(one.ask(POINTS, everything(5), most=3)) == 6
    assert one.stopped == ""


def test_a_plan_waits_no_longer_than_its_time(fake: Fake) -> None:
    clock = Clock()

    def slow(url: str) -> tuple[int, bytes]:
        clock.now += 100
        return 500, b""

    one = Asker(fake.service("tianditu"), Pace(10, clock=clock, sleep=clock.sleep), fetch=slow, most_seconds=250)
    one.ask(POINTS, everything(5))
    assert one.stopped == "limit"
    assert clock.now < 400


def test_the_pace_is_kept(fake: Fake) -> None:
    """Five at once, then ten a second: 61 requests last 5.6 seconds."""
    clock = Clock()
    many = [Point(102.7 + 0.003 * i, 25) for i in range(61)]
    asker(fake.service("amap"), clock).ask(many, everything(61))
    assert clock.now == pytest.approx(5.6)


def test_pressing_cancel_ends_it(fake: Fake) -> None:
    answers = iter([False, False, True])
    found = asker(fake.service("amap")).ask(POINTS, everything(5), cancelled=lambda: next(answers))
    assert len({j for _i, j in found}) == 2


@pytest.mark.parametrize(
    ("name", "key", "address"), [("osrm", "", ""), ("amap", "", ""), ("baidu", KEY, ""), ("tianditu", "", "http://x")]
)
def test_half_a_setting_is_refused(name: str, key: str, address: str) -> None:
    with pytest.raises(ValueError, match=r"needs|called"):
        service_of(name, key, address)


@pytest.mark.parametrize("name", SERVICES)
def test_a_way_to_travel_the_service_does_not_know_is_not_asked(fake: Fake, name: str) -> None:
    service = fake.service(name)
    for mode in {"car", "foot", "bike"} - set(service.modes):
        assert asker(service).ask(POINTS, everything(5), mode) == {}  # type: ignore[arg-type]
    assert not fake.paths
