"""OR-Tools as a peer: the same PyVRP model, solved in another process with an environment of its own under `.cache`."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyvrp

HOME = Path(__file__).resolve().parent.parent / ".cache" / "ortools"
SIDE = Path(__file__).with_name("ortools_side.py")
FORBIDDEN = 10_000_000
MUST = 100_000_000  # for a client that may not be left out


def solve_by_ortools(data: pyvrp.ProblemData, seconds: float) -> pyvrp.Solution:
    """OR-Tools' best routes after `seconds`, as a solution of `data`; empty when it found none."""
    done = subprocess.run(
        [str(_python()), str(SIDE)], input=json.dumps(_model(data, seconds)), capture_output=True, text=True, check=True
    )
    kinds = [kind for kind, one in enumerate(data.vehicle_types()) for _ in range(one.num_available)]
    routes = [pyvrp.Route(data, visits, kinds[vehicle]) for vehicle, visits in json.loads(done.stdout)]
    return pyvrp.Solution(data, routes)


def _python() -> Path:
    """The environment's interpreter; made and filled on first use."""
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "ortools"], check=True)
    return python


def _model(data: pyvrp.ProblemData, seconds: float) -> dict[str, Any]:
    clients, depots, kinds = data.clients(), data.depots(), data.vehicle_types()
    places = np.ix_(*[[one.location for one in depots] + [one.location for one in clients]] * 2)
    vehicles = [kind for kind in kinds for _ in range(kind.num_available)]
    distances = [np.minimum(data.distance_matrix(profile)[places], FORBIDDEN) for profile in range(data.num_profiles)]
    durations = [np.minimum(data.duration_matrix(profile)[places], FORBIDDEN) for profile in range(data.num_profiles)]
    grouped = {client for group in data.groups() for client in group.clients}
    groups = [(list(group.clients), max(clients[one].prize for one in group.clients)) for group in data.groups()]
    groups += [
        ([number], MUST if one.required else one.prize) for number, one in enumerate(clients) if number not in grouped
    ]
    return {
        "seconds": seconds,
        "depots": len(depots),
        "service": [*(one.service_duration for one in depots), *(one.service_duration for one in clients)],
        "windows": [(one.tw_early, one.tw_late) for one in clients],
        "demand": [one.delivery[0] for one in clients] if data.num_load_dimensions else [],
        "vehicles": [
            {
                "start": one.start_depot,
                "end": one.end_depot,
                "profile": one.profile,
                "fixed": one.fixed_cost,
                "early": max(one.tw_early, depots[one.start_depot].tw_early),
                "late": min(one.tw_late, depots[one.end_depot].tw_late, 2**40),
                "shift": min(one.shift_duration, 2**40),
                "capacity": one.capacity[0] if data.num_load_dimensions else 0,
            }
            for one in vehicles
        ],
        "able": [
            [
                number
                for number, one in enumerate(vehicles)
                if distances[one.profile][one.start_depot, len(depots) + client] < FORBIDDEN
            ]
            for client in range(len(clients))
        ],
        "groups": groups,
        "distances": [one.tolist() for one in distances],
        "durations": [one.tolist() for one in durations],
    }
