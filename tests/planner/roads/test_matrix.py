"""The table of ways: known first, asked second, estimated for exactly the rest; and what the planner makes of it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from tests.planner.roads.fake import Fake, serving, way_of
from tests.planner.small import SCHOOL, east, home, problem

from koumen.planner import GreatCircle, Point, check, solve
from koumen.planner.roads import Asked, Asker, Estimate, Known, Pace, Told, Ways, cell, estimate, factor_of, rounded

POINTS = [SCHOOL, east(1), east(2), east(4)]


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving() as one:
        yield one


def asked(fake: Fake, name: str = "osrm", known: Known | None = None) -> Asked:
    return Asked(Asker(fake.service(name), Pace(1_000, 1_000, sleep=lambda _s: None)), {} if known is None else known)


def test_a_table_tells_whose_word_each_way_is(fake: Fake) -> None:
    table = asked(fake, "amap").matrix(POINTS, "car")
    assert set(table.source[~np.eye(4, dtype=bool)]) == {"amap"}
    assert set(np.diag(table.source)) == {""}
    seconds, metres = way_of(rounded(POINTS[0]), rounded(POINTS[3]))
    assert table.metres[0, 3] == pytest.approx(metres, abs=3)
    assert table.seconds[0, 3] == pytest.approx(seconds, abs=1)


def test_what_is_known_is_not_asked_again(fake: Fake) -> None:
    known: Known = {}
    first = asked(fake, known=known).matrix(POINTS, "car")
    before = len(fake.paths)
    second = asked(fake, known=known).matrix(POINTS, "car")
    assert len(fake.paths) == before
    assert np.array_equal(first.seconds, second.seconds)
    assert np.array_equal(first.source, second.source)


def test_exactly_the_ways_that_failed_are_estimated(fake: Fake) -> None:
    fake.lost = {2}
    table = asked(fake).matrix(POINTS, "car")
    guess = Estimate().matrix(POINTS, "car")
    lost = np.zeros((4, 4), dtype=bool)
    lost[2] = True
    np.fill_diagonal(lost, False)
    assert np.array_equal(table.source == "estimate", lost)
    assert np.array_equal(table.seconds[lost], guess.seconds[lost])


@pytest.mark.parametrize("statuses", [[500] * 100, [403], [404] * 100])
def test_a_failing_service_leaves_the_estimate(fake: Fake, statuses: list[int]) -> None:
    fake.statuses = statuses
    table = asked(fake).matrix(POINTS, "car")
    guess = Estimate().matrix(POINTS, "car")
    assert np.array_equal(table.seconds, guess.seconds)
    assert np.array_equal(table.source, guess.source)


def test_neighbours_within_ten_metres_are_asked_for_once(fake: Fake) -> None:
    """Two doors of one cell: each has its ways, and no way between them is asked."""
    near = Point(POINTS[1].lng + 0.00001, POINTS[1].lat)
    assert cell(near) == cell(POINTS[1])
    table = asked(fake).matrix([*POINTS, near], "car")
    assert fake.pairs <= 16
    assert np.array_equal(table.seconds[4, :1], table.seconds[1, :1])
    assert table.source[1, 4] == "estimate"


def told(*ways: tuple[Point, Point, int, int]) -> Known:
    return {(cell(a), cell(b)): Told(seconds, metres, "osrm") for a, b, seconds, metres in ways}


def test_the_planner_drives_what_it_is_told_and_walks_when_quicker() -> None:
    """20 minutes of driving + 4 fixed; 300 m are walked in 4 minutes; nothing told stays as estimated."""
    homes = (home(1, 4.0), home(2, 0.3), home(3, 6.0))
    one = problem(*homes)
    known = told((SCHOOL, east(4), 1200, 9000), (SCHOOL, east(0.3), 60, 300))
    ways = Ways(one, known, {})
    legs, guess = ways.legs(homes), GreatCircle(one).legs(homes)
    assert (legs.seconds[0, 1], legs.metres[0, 1]) == (1440, 9000)
    assert legs.seconds[0, 2] == pytest.approx(60 + 300 / 14_000 * 3600, abs=1)
    assert legs.seconds[0, 3] == guess.seconds[0, 3]
    assert legs.seconds[1, 0] == guess.seconds[1, 0]
    assert ways.sources(homes) == {"osrm": 2, "estimate": 10}


def test_a_family_without_a_point_is_estimated() -> None:
    homes = (home(1, 4.0), replace(home(2, 4.0), point=None, place="v"), replace(home(3, 4.0), place="v"))
    ways = Ways(problem(*homes), told((SCHOOL, east(4), 1200, 9000), (east(4), SCHOOL, 1200, 9000)), {})
    assert ways.estimated == ("h2",)
    assert ways.legs(homes).seconds[0, 2] == GreatCircle(problem(*homes)).legs(homes).seconds[0, 2]


def test_a_village_on_a_bad_road_is_farther_than_it_looks() -> None:
    """Factor 2 to the village; halfway between 2 and 1 from there to another; a road that is told stays."""
    homes = (replace(home(1, 4.0), place="up"), replace(home(2, 6.0), place="flat"), replace(home(3, 8.0), place="up"))
    one = problem(*homes)
    guess = GreatCircle(one).legs(homes)
    legs = Ways(one, told((SCHOOL, east(8), 900, 10_000)), {"up": 2.0}).legs(homes)
    assert legs.seconds[0, 1] == 2 * guess.seconds[0, 1]
    assert legs.seconds[0, 2] == guess.seconds[0, 2]
    assert legs.seconds[1, 2] == pytest.approx(1.5 * guess.seconds[1, 2], abs=1)
    assert legs.seconds[1, 3] == 2 * guess.seconds[1, 3]
    assert legs.seconds[0, 3] == 1140
    assert np.array_equal(legs.metres[0, 1:3], guess.metres[0, 1:3])


@pytest.mark.parametrize(
    ("measured", "estimated", "factor"),
    [((), 600, 1.0), ((1200,), 600, 2.0), ((900, 1500, 6000), 600, 2.5), ((60_000,), 600, 4.0), ((1,), 600, 0.5),
     ((600,), 0, 1.0)],
)  # fmt: skip
def test_the_factor_is_the_median_within_bounds(measured: tuple[float, ...], estimated: float, factor: float) -> None:
    assert factor_of(measured, estimated) == factor


def test_an_estimate_of_one_way_is_the_planners() -> None:
    assert estimate(SCHOOL, east(10)) == (1519, 13_500)


def test_a_plan_on_road_times_passes_the_check_with_them_and_not_without() -> None:
    """Roads four times as long: the plan keeps them, and the estimate calls the same plan untrue."""
    homes = tuple(home(number, number / 2) for number in range(1, 6))
    one = problem(*homes)
    points = [SCHOOL, *(point.point for point in homes if point.point)]
    known = told(*((a, b, 1000, 9000) for a in points for b in points if a != b))
    ways = Ways(one, known, {})
    plan = solve(one, travel=ways, iterations=50)
    assert plan.figures.plan.planned
    assert check(one, plan, travel=ways) == ()
    assert {fault.code for fault in check(one, plan)} >= {"travel"}
