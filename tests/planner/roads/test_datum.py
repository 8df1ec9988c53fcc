"""GCJ-02 against an implementation that is not ours (`prcoords`), and against itself."""

from math import hypot

import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from koumen.planner import Point
from koumen.planner.roads import to_gcj, to_wgs

TOLERANCE = 1e-9  # degrees, 0.1 mm
# A little inside the box, so that a shifted point is still inside.
inside = st.builds(Point, st.floats(72.1, 137.7), st.floats(0.9, 55.7))
outside = st.one_of(
    st.builds(Point, st.floats(-180, 72.0), st.floats(-90, 90)),
    st.builds(Point, st.floats(137.84, 180), st.floats(-90, 90)),
    st.builds(Point, st.floats(72.1, 137.7), st.floats(55.83, 90)),
    st.builds(Point, st.floats(72.1, 137.7), st.floats(-90, 0.82)),
)


@given(inside)
def test_the_shift_is_the_one_everybody_else_computes(point: Point) -> None:
    theirs = prcoords.wgs_gcj((point.lat, point.lng))
    ours = to_gcj(point)
    assert ours.lng == pytest.approx(theirs.lon, abs=TOLERANCE)
    assert ours.lat == pytest.approx(theirs.lat, abs=TOLERANCE)


@given(inside)
def test_the_way_back_is_as_good_as_the_best_of_theirs(point: Point) -> None:
    """Theirs stops at 10⁻⁵ of a degree; ours must lie within that of it."""
    theirs = prcoords.gcj_wgs_bored((point.lat, point.lng))
    ours = to_wgs(point)
    assert hypot(ours.lng - theirs.lon, ours.lat - theirs.lat) < 1e-5


@given(inside)
def test_there_and_back_is_where_one_was(point: Point) -> None:
    back = to_wgs(to_gcj(point))
    assert hypot(back.lng - point.lng, back.lat - point.lat) < TOLERANCE


@given(outside)
def test_outside_china_nothing_is_shifted(point: Point) -> None:
    assert to_gcj(point) == point
    assert to_wgs(point) == point


def test_a_point_known_from_maps() -> None:
    """Tiananmen: WGS-84 116.3912757 39.906217 lies at 116.3975, 39.9076 on Amap."""
    shifted = to_gcj(Point(116.3912757, 39.906217))
    assert shifted.lng == pytest.approx(116.39752, abs=2e-5)
    assert shifted.lat == pytest.approx(39.90762, abs=2e-5)
