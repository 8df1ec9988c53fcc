"""Travel times against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from tests.planner.small import east, home, problem

from koumen.planner import GreatCircle, Household, Point
from koumen.planner.travel import great_circle_km, quickest


def test_a_degree_of_the_meridian_is_111_km() -> None:
    km = great_circle_km(np.array([[112.0, 23.0], [112.0, 24.0]]))
    assert km[0, 1] == pytest.approx(111.195, abs=0.001)
    assert km[0, 0] == 0


@pytest.mark.parametrize(
    ("km", "seconds", "metres"),
    [
        (0.02, 20, 25),  # on foot: 0.02 × 1.25 / 4.5 h = 20 s
        (1.0, 394, 1300),  # bicycle: 60 s + 1.3 / 14 h
        (2.0, 645, 2700),  # car in town: 240 s + 2.7 / 24 h is quicker than 729 s by bicycle
        (10.0, 1519, 13_500),  # car: 240 s + 13.5 / 38 h
    ],
)
def test_the_quickest_way_is_taken(km: float, seconds: int, metres: int) -> None:
    legs = quickest(np.array([[0.0, km], [km, 0.0]]))
    assert (int(legs.seconds[0, 1]), int(legs.metres[0, 1])) == (seconds, metres)
    assert legs.seconds[0, 0] == 0


def _in(place: str, number: int, point: Point | None) -> Household:
    return replace(home(number), place=place, point=point)


def test_a_family_without_a_point_stands_in_the_middle_of_its_village() -> None:
    homes = (_in("v", 1, east(9)), _in("v", 2, east(11)), _in("v", 3, None))
    legs = GreatCircle(problem(*homes)).legs(homes)
    assert legs.seconds[0, 3] == pytest.approx(1519, abs=1)  # 10 km by car
    assert legs.seconds[1, 3] == legs.seconds[3, 2] == 300  # five minutes to its neighbours


def test_a_village_nobody_knows_counts_from_the_school() -> None:
    homes = (_in("v", 1, None), _in("v", 2, None), _in("", 3, None))
    travel = GreatCircle(problem(*homes))
    legs = travel.legs(homes)
    assert legs.seconds[0].tolist() == [0, 0, 0, 0]
    assert legs.seconds[1, 2] == 300
    assert legs.seconds[1, 3] == 0
    assert travel.estimated == ("h1", "h2", "h3")
