"""Subset-row cuts: of three families a plan makes at most one outing that sees two of them."""

import numpy as np
from numpy.typing import NDArray

from koumen.planner.master import Cut, Master

PER_ROUND = 12
PER_HOME = 4  # cuts of one round that share a family; more say the same again
LEAST = 0.05  # by how much a cut must be broken
TINY = 1e-6


def add_cuts(master: Master) -> int:
    """Adds the most broken cuts of the last solution, each remembered only where that solution needs it."""
    values = master.values
    used = [index for index in range(len(master.routes)) if values[index] > TINY]
    if not used:
        return 0
    visits = np.zeros((len(used), master.homes))
    for line, index in enumerate(used):
        for row in master.routes[index].rows:
            visits[line, row] += 1
    known = {cut.members: cut for cut in master.cuts}
    shares: dict[int, int] = {}
    added = 0
    for trio in _broken(visits, values[used]):
        if added == PER_ROUND:
            break
        if any(shares.get(row, 0) >= PER_HOME for row in trio):
            continue
        members = frozenset(trio)
        memory = _memory(master, used, members)
        old = known.get(members)
        if old is not None and memory <= old.memory:
            continue
        master.add_cut(Cut(members, memory | (old.memory if old else frozenset())))
        added += 1
        for row in trio:
            shares[row] = shares.get(row, 0) + 1
    return added


def _broken(visits: NDArray[np.float64], amounts: NDArray[np.float64]) -> list[tuple[int, int, int]]:
    """Trios of families whose cut is broken, the most broken first."""
    homes = visits.shape[1]
    left, right = np.triu_indices(homes, 1)
    pairs = visits[:, left] + visits[:, right]
    found: list[tuple[float, tuple[int, int, int]]] = []
    for third in range(2, homes):
        inner = right < third
        counts = np.floor((pairs[:, inner] + visits[:, [third]]) / 2)
        sums = amounts @ counts
        hits = np.flatnonzero(sums > 1 + LEAST)
        trios = zip(left[inner][hits].tolist(), right[inner][hits].tolist(), strict=True)
        found += [(-round(float(sums[hit]), 6), (*trio, third)) for hit, trio in zip(hits, trios, strict=True)]
    return [trio for _, trio in sorted(found)]


def _memory(master: Master, used: list[int], members: frozenset[int]) -> frozenset[int]:
    """The members, and the families between a first and a second of them on any route of the solution."""
    memory = set(members)
    for index in used:
        between: list[int] | None = None
        for row in master.routes[index].rows:
            if row in members:
                if between is None:
                    between = []
                else:
                    memory.update(between)
                    between = None
            elif between is not None:
                between.append(row)
    return frozenset(memory)
