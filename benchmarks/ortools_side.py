"""OR-Tools on a routing model read as JSON from standard input; routes as JSON to standard output.

Runs in an environment of its own (see `ortools_peer.py`): OR-Tools and HiGHS cannot share a process.
"""

import json
import sys
import time
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

FORBIDDEN = 10_000_000
MOST_WAITING = 20  # times the processor time asked for, by the clock


def main() -> None:
    """Guided local search for the seconds of processor time asked for: on a busy machine OR-Tools' own limit, which
    goes by the clock, would give it less.
    """
    model = json.load(sys.stdin)
    vehicles, depots = model["vehicles"], model["depots"]
    starts = [one["start"] for one in vehicles]
    manager = pywrapcp.RoutingIndexManager(
        len(model["service"]), len(vehicles), starts, [one["end"] for one in vehicles]
    )
    routing = pywrapcp.RoutingModel(manager)
    horizon = max(one["late"] for one in vehicles)
    _times(model, manager, routing, horizon)
    _rules(model, manager, routing)
    options = pywrapcp.DefaultRoutingSearchParameters()
    options.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    options.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    end = time.process_time() + model["seconds"]
    # The solver forgets the monitor's Python side when nothing holds it.
    limit = routing.solver().CustomLimit(lambda: time.process_time() >= end)
    routing.AddSearchMonitor(limit)
    options.time_limit.FromMilliseconds(int(model["seconds"] * MOST_WAITING * 1000))
    found = routing.SolveWithParameters(options)
    routes = []
    for vehicle in range(len(vehicles) if found else 0):
        index, visits = routing.Start(vehicle), []
        while not routing.IsEnd(index):
            node = manager.IndexToNode(index)
            if node >= depots:
                visits.append(node - depots)
            index = found.Value(routing.NextVar(index))
        if visits:
            routes.append([vehicle, visits])
    json.dump(routes, sys.stdout)


def _times(model: dict[str, Any], manager: Any, routing: Any, horizon: int) -> None:
    """Travel and service times, windows, shift lengths, costs."""
    service, costs, times = model["service"], [], []
    for distance, duration in zip(model["distances"], model["durations"], strict=True):
        costs.append(routing.RegisterTransitMatrix(distance))
        rows = [[min(x, FORBIDDEN) + service[at] for x in row] for at, row in enumerate(duration)]
        times.append(routing.RegisterTransitMatrix(rows))
    per_vehicle = [times[one["profile"]] for one in model["vehicles"]]
    routing.AddDimensionWithVehicleTransits(per_vehicle, horizon, horizon, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for number, one in enumerate(model["vehicles"]):
        routing.SetArcCostEvaluatorOfVehicle(costs[one["profile"]], number)
        routing.SetFixedCostOfVehicle(one["fixed"], number)
        clock.CumulVar(routing.Start(number)).SetRange(one["early"], one["late"])
        clock.CumulVar(routing.End(number)).SetRange(one["early"], one["late"])
        if one["shift"] < horizon:
            clock.SetSpanUpperBoundForVehicle(one["shift"], number)
    for client, (early, late) in enumerate(model["windows"]):
        clock.CumulVar(manager.NodeToIndex(model["depots"] + client)).SetRange(early, min(late, horizon))


def _rules(model: dict[str, Any], manager: Any, routing: Any) -> None:
    """Capacity, which vehicle may see whom, and what leaving a client (or a group) out costs."""
    if model["demand"]:
        weight = routing.RegisterUnaryTransitVector([0] * model["depots"] + model["demand"])
        routing.AddDimensionWithVehicleCapacity(weight, 0, [one["capacity"] for one in model["vehicles"]], True, "load")
    for client, able in enumerate(model["able"]):
        if len(able) < len(model["vehicles"]):
            # SetAllowedVehiclesForIndex fails in the Python binding of 9.15.
            routing.VehicleVar(manager.NodeToIndex(model["depots"] + client)).SetValues([-1, *able])
    for clients, price in model["groups"]:
        routing.AddDisjunction([manager.NodeToIndex(model["depots"] + client) for client in clients], price, 1)


if __name__ == "__main__":
    main()
