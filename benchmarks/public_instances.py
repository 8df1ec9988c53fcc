"""Public routing problems: read from VRPLIB (`.vrp`) and Solomon (`.txt`) files, modelled for the planner, replayed.

The reader and the replay are our own and share nothing with any solver. Distances in a `.vrp` file count in
thousandths, rounded to the nearest, as its best known costs do; those of a Solomon file are real numbers.
"""

import json
import math
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyvrp

from koumen.planner.terrain import FORBIDDEN

TINY = 1e-6
VRPLIB_SCALE, SOLOMON_SCALE = 1_000, 10_000


@dataclass(frozen=True)
class Vehicles:
    """So many alike: capacity and the clients they may see."""

    count: int
    capacity: int
    clients: frozenset[int]


@dataclass(frozen=True)
class Instance:
    """Node 0 is the depot, its window the horizon. `longest` limits a route from leaving to coming back.

    `rounded` says that a distance counts to three decimals. `best_known` is 0 when nobody told.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    demand: tuple[int, ...]
    windows: tuple[tuple[float, float], ...]
    service: tuple[float, ...]
    fleet: tuple[Vehicles, ...]
    longest: float
    rounded: bool
    best_known: float

    def way(self, one: int, other: int) -> float:
        """Distance, which is also the time it takes."""
        exact = math.dist(self.points[one], self.points[other])
        return math.floor(exact * VRPLIB_SCALE + 0.5) / VRPLIB_SCALE if self.rounded else exact


class Broken(Exception):
    """A plan breaks a rule of its instance."""


def read_instances(folder: Path) -> list[Instance]:
    """Every `.vrp` and `.txt` file in the folder and those below, by name."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in (".vrp", ".txt"))
    return [read_vrplib(file) if file.suffix == ".vrp" else read_solomon(file) for file in files]


def read_vrplib(file: Path) -> Instance:
    """A site-dependent VRPTW; the best known cost, in thousandths, from the `.sol` file beside."""
    parts = re.split(r"^(\w+)_SECTION\s*$", file.read_text(), flags=re.MULTILINE)
    heads = dict(re.findall(r"^(\w+)\s*:\s*(.*)$", parts[0], flags=re.MULTILINE))
    sections = {
        name: {int(line.split()[0]): line.split()[1:] for line in text.splitlines() if len(line.split()) > 1}
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    nodes = range(1, int(heads["DIMENSION"]) + 1)
    count, everyone = int(heads.get("VEHICLES", len(nodes) - 1)), frozenset(range(1, len(nodes)))
    kinds: dict[tuple[int, frozenset[int]], int] = {}
    for vehicle in range(1, count + 1):
        capacity = int(sections["CAPACITY"][vehicle][0] if "CAPACITY" in sections else heads["CAPACITY"])
        allowed = sections.get("VEHICLES_ALLOWED_CLIENTS", {}).get(vehicle)
        clients = everyone if allowed is None else frozenset(int(node) - 1 for node in allowed)
        kinds[capacity, clients] = kinds.get((capacity, clients), 0) + 1
    service = sections.get("SERVICE_TIME", {})
    known = file.with_suffix(".sol")
    cost = re.search(r"Cost:?\s*([\d.]+)", known.read_text()) if known.exists() else None
    return Instance(
        file.stem,
        tuple((float(x), float(y)) for x, y in (sections["NODE_COORD"][node][:2] for node in nodes)),
        tuple(int(sections["DEMAND"][node][0]) for node in nodes),
        tuple((float(a), float(b)) for a, b in (sections["TIME_WINDOW"][node][:2] for node in nodes)),
        tuple(float(service[node][0]) if node in service else 0.0 for node in nodes),
        tuple(Vehicles(number, *kind) for kind, number in kinds.items()),
        float(heads.get("VEHICLES_MAX_DURATION", "inf")),
        True,
        float(cost[1]) / VRPLIB_SCALE if cost else 0.0,
    )


def read_solomon(file: Path) -> Instance:
    """A VRPTW in Solomon's format; the best known distance from `best_known.json` beside."""
    rows = [[float(word) for word in line.split()] for line in file.read_text().splitlines() if _is_numbers(line)]
    (count, capacity), nodes = rows[0], rows[1:]
    known = file.with_name("best_known.json")
    listed = json.loads(known.read_text()) if known.exists() else {}
    best = listed.get(f"{file.stem.upper()}_distance", {}).get("best_known_cost", 0.0)
    return Instance(
        file.stem,
        tuple((row[1], row[2]) for row in nodes),
        tuple(int(row[3]) for row in nodes),
        tuple((row[4], row[5]) for row in nodes),
        tuple(row[6] for row in nodes),
        (Vehicles(int(count), int(capacity), frozenset(range(1, len(nodes)))),),
        math.inf,
        False,
        float(best),
    )


def _is_numbers(line: str) -> bool:
    return bool(line.strip()) and all(re.fullmatch(r"-?\d+(\.\d+)?", word) for word in line.split())


def model_of(instance: Instance) -> pyvrp.ProblemData:
    """The instance in whole numbers. Times are rounded up where they are real, so that what fits the model fits."""
    scale, nodes = VRPLIB_SCALE if instance.rounded else SOLOMON_SCALE, range(len(instance.points))
    starts, ends = ([round(window[side] * scale) for window in instance.windows] for side in (0, 1))
    longest = ends[0] - starts[0] if math.isinf(instance.longest) else round(instance.longest * scale)
    return pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in nodes],
        [
            pyvrp.Client(
                node,
                delivery=[instance.demand[node]],
                service_duration=round(instance.service[node] * scale),
                tw_early=starts[node],
                tw_late=ends[node],
            )
            for node in nodes[1:]
        ],
        [pyvrp.Depot(0)],
        [
            pyvrp.VehicleType(
                kind.count,
                [kind.capacity],
                tw_early=starts[0],
                tw_late=ends[0],
                shift_duration=longest,
                profile=index,
            )
            for index, kind in enumerate(instance.fleet)
        ],
        *_matrices(instance, scale),
    )


def _matrices(instance: Instance, scale: int) -> tuple[list[Any], list[Any]]:
    """Costs and times by kind of vehicle; the way to a client it may not see is forbidden."""
    nodes = range(len(instance.points))
    exact = np.array([[instance.way(one, other) for other in nodes] for one in nodes]) * scale
    whole = np.round(exact).astype(np.int64), np.ceil(exact - TINY * scale).astype(np.int64)
    matrices: tuple[list[Any], list[Any]] = ([], [])
    for kind in instance.fleet:
        shut = [node for node in nodes if node and node not in kind.clients]
        for line, base in zip(matrices, whole, strict=True):
            line.append(base.copy())
            line[-1][:, shut] = FORBIDDEN
            np.fill_diagonal(line[-1], 0)
    return matrices


def cost_of(instance: Instance, plan: list[tuple[int, list[int]]]) -> float:
    """Distance of a plan of (kind of vehicle, nodes in order), replayed. Raises `Broken` with the rule it breaks."""
    seen = sorted(node for _, route in plan for node in route)
    if seen != list(range(1, len(instance.points))):
        raise Broken("not every client exactly once")
    for index, kind in enumerate(instance.fleet):
        if sum(used == index for used, _ in plan) > kind.count:
            raise Broken(f"more than {kind.count} vehicles of kind {index}")
    return sum(_replay(instance, instance.fleet[kind], route) for kind, route in plan)


def _replay(instance: Instance, kind: Vehicles, route: list[int]) -> float:
    """The route's distance. It leaves as late as its first arrival allows, waiting as little as it can."""
    if not kind.clients.issuperset(route):
        raise Broken(f"a client not for this vehicle: {route}")
    if sum(instance.demand[node] for node in route) > kind.capacity:
        raise Broken(f"over capacity: {route}")
    path = [0, *route, 0]
    leave = _latest_leave(instance, path)
    clock = leave
    for before, node in pairwise(path):
        clock += instance.service[before] + instance.way(before, node)
        clock = max(clock, instance.windows[node][0])
        if clock > instance.windows[node][1] + TINY:
            raise Broken(f"late at {node}: {route}")
    if leave < instance.windows[0][0] - TINY or clock - leave > instance.longest + TINY:
        raise Broken(f"too long: {route}")
    return sum(instance.way(before, node) for before, node in pairwise(path))


def _latest_leave(instance: Instance, path: list[int]) -> float:
    """The last moment to leave at which coming back is not later than it must be (nor a window is missed)."""
    clock, slack, early = instance.windows[0][0], math.inf, instance.windows[0][0]
    waited = 0.0
    for before, node in pairwise(path):
        clock += instance.service[before] + instance.way(before, node)
        waited += max(0.0, instance.windows[node][0] - clock)
        clock = max(clock, instance.windows[node][0])
        slack = min(slack, waited + instance.windows[node][1] - clock)
    return early + max(0.0, min(slack, waited))
