"""What ruin and recreate works on: a PyVRP model as plain arrays, and a plan of it.

Node 0 is the depot, node i + 1 client i. A unit is what is served once: a client, or a group of which one is served.
"""

from typing import NamedTuple

import numpy as np
import pyvrp
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Arcs = NDArray[np.int32]

FORBIDDEN = 10_000_000  # arcs as dear as this are not used
MUST = 10**12  # the price of leaving out a unit that may not be
ENDLESS = 2**40  # seconds
NEIGHBOURS = 10


class Terrain(NamedTuple):
    """What does not change. Matrices are by type of vehicle; `back` and `back_time` have rows and columns changed.

    `kind` is the type of each vehicle; `fleet` per type: capacity, longest duration, earliest start, latest end, cost
    of using one; `nodes` per node: service, first and last start, load, unit; `units` per unit: its first place in
    `members`, number of members, price of leaving it out; `near` per node the nodes of all clients, nearest first;
    `orders` the keys by which units are sorted: less is put back sooner.
    """

    cost: Arcs
    time: Arcs
    back: Arcs
    back_time: Arcs
    able: NDArray[np.bool_]
    kind: Ints
    fleet: Ints
    nodes: Ints
    units: Ints
    members: Ints
    near: Ints
    orders: NDArray[np.float64]


class State(NamedTuple):
    """A plan: per vehicle its stops and how many, their load and cost, the cost of each leg; `place` is the vehicle of
    each node or -1; `lost` the units left out, the first `lost_count[0]` of them.

    `ahead[v, i]` holds for the way to and with the first i stops, `behind[v, i]` for that from stop i on: duration,
    earliest and latest start of it without waiting longer (Vidal et al. 2013).
    """

    stops: Ints
    size: Ints
    load: Ints
    worth: Ints
    leg: Ints
    ahead: Ints
    behind: Ints
    place: Ints
    lost: Ints
    lost_count: Ints


def make_terrain(data: pyvrp.ProblemData) -> Terrain:
    """The model as arrays. Raises `ValueError` for what is not known here: several depots, loads of several kinds."""
    if data.num_depots != 1 or data.num_load_dimensions > 1:
        raise ValueError("one depot and at most one kind of load")
    clients, types, depot = data.clients(), data.vehicle_types(), data.depots()[0]
    places = np.ix_(*[[depot.location, *(client.location for client in clients)]] * 2)
    cost, time = (
        np.array([np.minimum(matrix(one.profile)[places], FORBIDDEN) for one in types], dtype=np.int32)
        for matrix in (data.distance_matrix, data.duration_matrix)
    )
    units, members = _units(data)
    unit_of = {
        members[place]: unit for unit, (first, size, _) in enumerate(units) for place in range(first, first + size)
    }
    nodes = [(0, 0, ENDLESS, 0, -1)]
    for node, client in enumerate(clients, start=1):
        load = client.delivery[0] if data.num_load_dimensions else 0
        late = min(client.tw_late, ENDLESS)
        nodes.append((client.service_duration, client.tw_early, late, load, unit_of[node]))
    return Terrain(
        cost,
        time,
        np.ascontiguousarray(cost.transpose(0, 2, 1)),
        np.ascontiguousarray(time.transpose(0, 2, 1)),
        cost[:, 0, :] < FORBIDDEN,
        np.array([index for index, one in enumerate(types) for _ in range(one.num_available)], dtype=np.int64),
        _fleet(data),
        np.array(nodes, dtype=np.int64),
        np.array(units, dtype=np.int64),
        np.array(members, dtype=np.int64),
        np.argsort(cost.min(axis=0)[:, 1:], axis=1, kind="stable") + 1,
        _orders(cost.min(axis=0), np.array(nodes), [members[first] for first, _, _ in units]),
    )


def _fleet(data: pyvrp.ProblemData) -> Ints:
    """Capacity, longest duration, earliest start, latest end and cost of each type of vehicle."""
    depot = data.depots()[0]
    rows = [
        (
            one.capacity[0] if data.num_load_dimensions else 0,
            min(one.shift_duration, ENDLESS),
            max(one.tw_early, depot.tw_early),
            min(one.tw_late, depot.tw_late, ENDLESS),
            one.fixed_cost,
        )
        for one in data.vehicle_types()
    ]
    return np.array(rows, dtype=np.int64)


def _units(data: pyvrp.ProblemData) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Groups first, then clients of no group; and the nodes of each, one after the other."""
    clients = data.clients()
    sets = [(list(group.clients), group.required) for group in data.groups()]
    sets += [([index], client.required) for index, client in enumerate(clients) if client.group is None]
    units, members = [], list[int]()
    for indices, required in sets:
        price = MUST if required else max(clients[index].prize for index in indices)
        units.append((len(members), len(indices), price))
        members += [index + 1 for index in indices]
    return units, members


def _orders(cost: Arcs, nodes: Ints, heads: list[int]) -> NDArray[np.float64]:
    """Chance (no key), greatest load, farthest, nearest, shortest window, first to open, last to close."""
    _, early, late, load, _ = nodes[heads].T
    far = cost[0, heads]
    return np.array([np.zeros(len(heads)), -load, -far, far, late - early, early, -late], dtype=float)


def make_state(terrain: Terrain) -> State:
    """The plan that leaves everybody out."""
    vehicles, nodes, units = len(terrain.kind), len(terrain.nodes), len(terrain.units)
    ahead, behind = (np.zeros((vehicles, nodes + 1, 3), np.int64) for _ in range(2))
    ahead[:, 0, 1:] = behind[:, 0, 1:] = terrain.fleet[terrain.kind, 2:4]
    size, load, worth = (np.zeros(vehicles, np.int64) for _ in range(3))
    stops, leg = (np.zeros((vehicles, nodes + 1), np.int64) for _ in range(2))
    place, lost = np.full(nodes, -1, np.int64), np.arange(units, dtype=np.int64)
    return State(stops, size, load, worth, leg, ahead, behind, place, lost, np.array([units], np.int64))


def solution_of(data: pyvrp.ProblemData, terrain: Terrain, state: State) -> pyvrp.Solution:
    """The plan in PyVRP's terms."""
    used = [vehicle for vehicle in range(len(terrain.kind)) if state.size[vehicle]]
    visits = [(state.stops[vehicle, : state.size[vehicle]] - 1).tolist() for vehicle in used]
    kinds = [int(terrain.kind[vehicle]) for vehicle in used]
    return pyvrp.Solution(data, [pyvrp.Route(data, *one) for one in zip(visits, kinds, strict=True)])


def usual_step(terrain: Terrain) -> float:
    """What it costs on average to get from a client to one of its nearest neighbours."""
    between = np.sort(terrain.cost.min(axis=0)[1:, 1:], axis=1)[:, 1 : NEIGHBOURS + 1]
    return float(between.mean()) if between.size else 1.0


def usual_leg(state: State) -> float:
    """What a leg of the plan costs on average; 0 when nobody goes anywhere."""
    used = np.flatnonzero(state.size)
    legs = int((state.size[used] + 1).sum())
    return sum(int(state.leg[vehicle, : state.size[vehicle] + 1].sum()) for vehicle in used) / max(1, legs)
