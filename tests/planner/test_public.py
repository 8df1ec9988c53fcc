"""The public benchmark: both formats are read, the replay sees every broken rule, and a folder is measured."""

import json
import math
from pathlib import Path

import pytest
import pyvrp
from benchmarks import plan_public
from benchmarks.public_instances import Broken, Instance, cost_of, model_of, read_instances, read_solomon, read_vrplib

from koumen.planner.ruin import anneal

# Depot in the middle of a cross of four clients; the second vehicle may only see clients 1 and 2.
VRPLIB = """NAME: TINY
TYPE: SDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 5
VEHICLES: 2
VEHICLES_MAX_DURATION: 100
NODE_COORD_SECTION
1\t0\t0
2\t10\t0
3\t10\t10
4\t-10\t0
5\t-10\t-10
DEMAND_SECTION
1\t0
2\t5
3\t5
4\t5
5\t5
SERVICE_TIME_SECTION
1\t0
2\t1
3\t1
4\t1
5\t1
TIME_WINDOW_SECTION
1\t0\t200
2\t0\t50
3\t80\t90
4\t0\t200
5\t0\t200
CAPACITY_SECTION
1\t15
2\t10
VEHICLES_ALLOWED_CLIENTS_SECTION
1\t2\t3\t4\t5
2\t2\t3
DEPOT_SECTION
1
-1
EOF
"""
SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        100          0
    1      3         4          5          0         20          2
    2      6         8          5         30         40          2
    3     -5         0          5          0         90          2
"""
GOOD = [(0, [3, 4]), (1, [1, 2])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny.vrp").write_text(VRPLIB)
    (tmp_path / "tiny.sol").write_text("Route #1: 3 4\nRoute #2: 1 2\nCost: 68284\n")
    (tmp_path / "solo.txt").write_text(SOLOMON)
    (tmp_path / "best_known.json").write_text(json.dumps({"SOLO_distance": {"best_known_cost": 30.0}}))
    return tmp_path


def test_a_vrplib_file_is_read_with_its_vehicles_and_best_known_cost(folder: Path) -> None:
    tiny = read_vrplib(folder / "tiny.vrp")
    assert [(kind.count, kind.capacity, sorted(kind.clients)) for kind in tiny.fleet] == [
        (1, 15, [1, 2, 3, 4]),
        (1, 10, [1, 2]),
    ]
    assert (tiny.longest, tiny.windows[2], tiny.service[1], tiny.demand[1]) == (100, (80, 90), 1, 5)
    assert tiny.best_known == 68.284
    assert tiny.way(0, 2) == 14.142


def test_a_solomon_file_is_read_with_real_distances(folder: Path) -> None:
    solo = read_solomon(folder / "solo.txt")
    assert [(kind.count, kind.capacity) for kind in solo.fleet] == [(2, 10)]
    assert (solo.best_known, solo.way(0, 1), solo.windows[2]) == (30.0, 5.0, (30, 40))
    assert math.isinf(solo.longest)
    assert read_instances(folder) == [solo, read_vrplib(folder / "tiny.vrp")]


def test_a_sound_plan_is_worth_its_distance(folder: Path) -> None:
    """Client 2 opens at 80 and 1 closes at 50: leaving late enough keeps the route within 100."""
    assert cost_of(read_vrplib(folder / "tiny.vrp"), GOOD) == pytest.approx(68.284)


@pytest.mark.parametrize(
    ("plan", "rule"),
    [
        ([(0, [3, 4]), (1, [1])], "exactly once"),
        ([(0, [3, 4]), (1, [1, 2, 2])], "exactly once"),
        ([(1, [1]), (1, [2]), (0, [3, 4])], "more than 1"),
        ([(0, [1, 2]), (1, [3, 4])], "not for this vehicle"),
        ([(0, [1, 2, 3, 4])], "over capacity"),
        ([(0, [3, 4]), (1, [2, 1])], "late at 1"),
    ],
)
def test_every_broken_rule_is_named(folder: Path, plan: list[tuple[int, list[int]]], rule: str) -> None:
    with pytest.raises(Broken, match=rule):
        cost_of(read_vrplib(folder / "tiny.vrp"), plan)


@pytest.mark.parametrize(("longest", "fits"), [(56, True), (55, False)])
def test_a_route_leaves_as_late_as_it_may_and_no_later(folder: Path, longest: int, fits: bool) -> None:
    """Client 1 lets in until 50, 10 from the depot; client 2 from 80 for 1, 14.142 from the depot: 55.142 in all."""
    (folder / "tiny.vrp").write_text(VRPLIB.replace("MAX_DURATION: 100", f"MAX_DURATION: {longest}"))
    instance = read_vrplib(folder / "tiny.vrp")
    if fits:
        assert cost_of(instance, GOOD) == pytest.approx(68.284)
    else:
        with pytest.raises(Broken, match="too long"):
            cost_of(instance, GOOD)


def test_the_model_agrees_with_the_replay(folder: Path) -> None:
    for instance in read_instances(folder):
        data = model_of(instance)
        found = anneal(data, seed=1, progress=iter((0.0, 0.5, 1.0)).__next__)
        assert found.is_feasible()
        assert plan_public._gap(instance, found) <= 1e-3


def test_a_folder_is_measured_and_a_broken_plan_never_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIR", str(folder))
    monkeypatch.setenv("SECONDS", "0.05")
    monkeypatch.setenv("PEER", "no")
    assert plan_public.main() == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("met")

    def one_client_less(instance: Instance) -> Instance:
        return Instance(**{**vars(instance), "points": (*instance.points, (1.0, 1.0))})

    assert plan_public._gap(one_client_less(read_solomon(folder / "solo.txt")), _nothing(folder)) == math.inf


def test_a_best_known_cost_out_of_date_hides_no_other_gap(folder: Path) -> None:
    """One plan 1.2 % cheaper than the file's figure, one 0.3 % above: 0.15 % on average, not below zero."""
    solo = read_solomon(folder / "solo.txt")
    measured = [plan_public.Measured(solo, gap, None) for gap in (-1.2, 0.3)]
    assert plan_public._verdict("Solomon", measured) == plan_public.Verdict(0.15, plan_public.SOLOMON_GOAL)


def test_a_peer_without_a_complete_plan_does_not_lower_the_goal(folder: Path) -> None:
    tiny = read_vrplib(folder / "tiny.vrp")
    measured = [plan_public.Measured(tiny, 0.3, peer) for peer in (5.0, math.inf)]
    assert plan_public._verdict("site-dependent", measured) == plan_public.Verdict(0.3, 0.5)


def _nothing(folder: Path) -> pyvrp.Solution:
    return pyvrp.Solution(model_of(read_solomon(folder / "solo.txt")), [])


def test_no_folder_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DIR", raising=False)
    assert plan_public.main() == 2
    assert "DIR=" in capsys.readouterr().out
