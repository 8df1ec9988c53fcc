"""The planner's searches on public routing problems, against best known costs and OR-Tools (P5, P6).

Two links for every instance, nothing set for one: ruin and recreate from nothing for three quarters of the time, then
PyVRP with its own settings from the plan found.

Run as `make bench BENCH=plan_public DIR=folder`; the folder holds `.vrp` files (VRPLIB, `.sol` beside) or Solomon
`.txt` files (`best_known.json` beside) and is not part of the project. Every plan is replayed by a simulator of its own
before it counts. SECONDS of processor time an instance (60 for `.vrp`, 10 for Solomon; OR-Tools gets the same for
`.vrp`), ONLY=PR01,PR02, SEED, PEER=no. OR-Tools is installed into `.cache/ortools` on first use. Compiling is not
counted.

Last line: `plan_public: value V goal G met|short`, V the mean gap to the best known costs in percent, G 0.8 or a tenth
of OR-Tools' for `.vrp` if that is less, 0.10 for Solomon. A plan cheaper than the file's best known cost counts as 0:
one figure that is out of date would hide the gaps of others. With both kinds in the folder it is the one farther from
its goal.
"""

import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import pyvrp

from benchmarks.ortools_peer import solve_by_ortools
from benchmarks.public_instances import Broken, Instance, cost_of, model_of, read_instances
from koumen.planner.ruin import anneal

SITE_GOAL, PEER_SHARE, SOLOMON_GOAL = 0.8, 0.1, 0.10
SITE_SECONDS, SOLOMON_SECONDS = 60.0, 10.0
FIRST_LINK = 0.75  # share of the time for ruin and recreate


@dataclass(frozen=True)
class Measured:
    """Gaps of one instance to its best known cost in percent; the peer's is None when it was not asked."""

    instance: Instance
    ours: float
    peer: float | None


@dataclass(frozen=True)
class Verdict:
    """A set's mean gap and what it should be, both in percent."""

    value: float
    goal: float


def main() -> int:
    """Instance by instance, then the set's verdict."""
    folder = os.environ.get("DIR", "")
    only = {name.lower() for name in os.environ.get("ONLY", "").split(",") if name}
    instances = [one for one in read_instances(Path(folder)) if not only or one.name.lower() in only] if folder else []
    known = [one for one in instances if one.best_known]
    if not known:
        print("plan_public: DIR=folder with .vrp or Solomon .txt files whose best known cost is beside them")
        return 2
    _compile(known[0])
    measured = [_measure(one) for one in known]
    verdicts = [
        _verdict(title, [one for one in measured if one.instance.rounded == rounded])
        for title, rounded in (("site-dependent", True), ("Solomon", False))
        if any(one.instance.rounded == rounded for one in measured)
    ]
    worst = max(verdicts, key=lambda verdict: verdict.value / verdict.goal)
    met = all(verdict.value <= verdict.goal for verdict in verdicts)
    print(f"plan_public: value {worst.value:.3f} goal {worst.goal:.3f} {'met' if met else 'short'}")
    return 0 if met else 1


def _compile(instance: Instance) -> None:
    """One look at any instance, so that compiling takes no instance's time."""
    anneal(model_of(instance), seed=1, progress=iter((0.0, 1.0)).__next__)


def _measure(instance: Instance) -> Measured:
    seconds = float(os.environ.get("SECONDS", SITE_SECONDS if instance.rounded else SOLOMON_SECONDS))
    data, started = model_of(instance), time.process_time()
    found = _search(data, seed=int(os.environ.get("SEED", "1")), seconds=seconds)
    used = time.process_time() - started
    ours, peer = _gap(instance, found), None
    print(f"{instance.name}: {used:.1f} s, gap {ours:.3f} %", flush=True)
    if instance.rounded and os.environ.get("PEER", "") != "no":
        peer = _gap(instance, solve_by_ortools(data, seconds))
        print(f"{instance.name}: OR-Tools {peer:.3f} %", flush=True)
    return Measured(instance, ours, peer)


def _search(data: pyvrp.ProblemData, *, seed: int, seconds: float) -> pyvrp.Solution:
    """The plan after both links."""
    started = time.process_time()
    found = anneal(data, seed=seed, progress=lambda: (time.process_time() - started) / (seconds * FIRST_LINK))
    result = pyvrp.solve(
        data,
        lambda _: time.process_time() - started >= seconds,
        seed=seed,
        collect_stats=False,
        initial_solution=found,
    )
    return result.best


def _gap(instance: Instance, solution: pyvrp.Solution) -> float:
    """Above the best known cost in percent; infinite when a rule is broken, which is said."""
    plan = [(route.vehicle_type(), [stop.idx + 1 for stop in route if stop.is_client()]) for route in solution.routes()]
    try:
        return (cost_of(instance, plan) / instance.best_known - 1) * 100
    except Broken as broken:
        print(f"{instance.name}: {broken}")
        return float("inf")


def _verdict(title: str, measured: list[Measured]) -> Verdict:
    value = mean(max(0.0, one.ours) for one in measured)
    # Where OR-Tools leaves a client out it has no gap; an infinite one would be no goal at all.
    peers = [max(0.0, one.peer) for one in measured if one.peer is not None and math.isfinite(one.peer)]
    goal = SITE_GOAL if measured[0].instance.rounded else SOLOMON_GOAL
    if peers:
        goal = min(goal, PEER_SHARE * mean(peers))
    theirs = f", OR-Tools {mean(peers):.3f} %" if peers else ""
    print(f"{title}: mean gap {value:.3f} %{theirs}, goal {goal:.3f} %")
    return Verdict(value, goal)


if __name__ == "__main__":
    sys.exit(main())
