"""Ruin and recreate: strings of neighbouring stops are taken out of a plan and put back where they cost least.

Slack induction by string removals (Christiaens and Vanden Berghe 2020) with simulated annealing, on the model PyVRP
searches too (`terrain.py`). Compiled by numba and cached on disk. Handing over a tuple costs numba a count of
references for each field: small functions are compiled into their callers (a quarter faster), and where it is hottest
arrays are handed over one by one.
"""

from collections.abc import Callable

import numpy as np
import pyvrp
from numba import njit

from koumen.planner.terrain import FORBIDDEN, MUST, make_state, make_terrain, solution_of, usual_leg, usual_step

HOT, COLD = 2.5, 0.06  # temperature first and last, in legs of the best plan as they are on average
ROUNDS = 1_000  # between two looks at how far the search is
REMOVED, STRING = 10, 10  # stops taken out at a time on average; longest string
SPLIT, DEEPER, BLINK = 0.5, 0.01, 0.01  # chances: keep the middle of a string; a longer middle; overlook a place
ORDERS = np.array(
    [4, 8, 10, 11, 13, 15, 17]
)  # of 17, how often units are sorted in each of the ways of `Terrain.orders`
LATE = 2**50  # later than anything: what cannot be in time starts then
SPREAD = 0x9E3779B97F4A7C15  # makes neighbouring seeds differ in all bits


def anneal(data: pyvrp.ProblemData, *, seed: int, progress: Callable[[], float]) -> pyvrp.Solution:
    """The best plan found from nothing. `progress` says how much of the search is done: it ends at 1 and cools by it.

    Counting calls of `progress` makes it the same on every machine; each stands for `ROUNDS` rounds. Required clients
    are left out only when no place was found. Raises `ValueError` for models `make_terrain` does not know.
    """
    terrain = make_terrain(data)
    present, before, best = (make_state(terrain) for _ in range(3))
    chance = np.array([(seed + 1) * SPREAD % 2**64 | 1], np.uint64)
    step = usual_step(terrain)
    while terrain.units.size and terrain.kind.size and (done := progress()) < 1:
        heat = step * HOT * (COLD / HOT) ** max(0.0, done)
        _search(terrain, present, before, best, heat, ROUNDS, chance)
        step = usual_leg(best) or step
    return solution_of(data, terrain, best)


@njit(cache=True, inline="always")
def _random(chance):  # type: ignore[no-untyped-def]
    """The next number from 0 up to 1, without 1 (xorshift64*)."""
    bits = chance[0]
    bits ^= bits >> np.uint64(12)
    bits ^= bits << np.uint64(25)
    bits ^= bits >> np.uint64(27)
    chance[0] = bits
    return float((bits * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, inline="always")
def _join(length, early, late, way, then_length, then_early, then_late):  # type: ignore[no-untyped-def]
    """One stretch, the way, another stretch: their duration, earliest and latest start; `LATE` when not in time."""
    shift = length + way
    if early + shift > then_late:
        return 0, LATE, LATE
    wait = max(then_early - shift - late, 0)
    return shift + then_length + wait, max(then_early - shift, early) - wait, min(then_late - shift, late)


@njit(cache=True, inline="always")
def _renew(terrain, state, vehicle):  # type: ignore[no-untyped-def]
    """Reckons anew what is kept of a vehicle besides its stops. One that is not in time costs `MUST`."""
    time, cost, nodes = terrain.time, terrain.cost, terrain.nodes
    stops, ahead, behind = state.stops[vehicle], state.ahead[vehicle], state.behind[vehicle]
    kind, size = terrain.kind[vehicle], state.size[vehicle]
    longest, opens, closes = terrain.fleet[kind, 1], terrain.fleet[kind, 2], terrain.fleet[kind, 3]
    length, early, late, load, at, total = 0, opens, closes, 0, 0, terrain.fleet[kind, 4]
    for i in range(size):
        node = stops[i]
        length, early, late = _join(
            length, early, late, time[kind, at, node], nodes[node, 0], nodes[node, 1], nodes[node, 2]
        )
        ahead[i + 1, 0], ahead[i + 1, 1], ahead[i + 1, 2] = length, early, late
        state.leg[vehicle, i] = cost[kind, at, node]
        total += cost[kind, at, node]
        load += nodes[node, 3]
        at = node
    state.leg[vehicle, size] = cost[kind, at, 0] if size else 0
    total += state.leg[vehicle, size]
    length, early, late, at = 0, opens, closes, 0
    behind[size, 0], behind[size, 1], behind[size, 2] = length, early, late
    for i in range(size - 1, -1, -1):
        node = stops[i]
        way = time[kind, node, at]
        length, early, late = _join(nodes[node, 0], nodes[node, 1], nodes[node, 2], way, length, early, late)
        behind[i, 0], behind[i, 1], behind[i, 2] = length, early, late
        at = node
    if size:
        length, early, late = _join(0, opens, closes, time[kind, 0, at], length, early, late)
        if early >= LATE or length > longest:
            total += MUST
    state.load[vehicle], state.worth[vehicle] = load, total if size else 0


@njit(cache=True)
def _cheapest(  # type: ignore[no-untyped-def]
    able, kinds, fleet, cost, back, time, back_time, stops, size, load, leg, ahead, behind, node, values, best, chance
):
    """The cheapest place for the node below `best`: what it adds, vehicle (-1 if none), position."""
    service, first, last, weight = values[0], values[1], values[2], values[3]
    found, place, fresh = -1, -1, -1
    for vehicle in range(len(kinds)):
        kind, stopping = kinds[vehicle], size[vehicle]
        if not able[kind, node] or load[vehicle] + weight > fleet[kind, 0] or (stopping == 0 and fresh == kind):
            continue
        fixed = 0
        if stopping == 0:
            fresh, fixed = kind, fleet[kind, 4]  # one unused vehicle of a type stands for all of them
        before = 0
        for i in range(stopping + 1):
            after = stops[vehicle, i] if i < stopping else 0
            more = back[kind, node, before] + cost[kind, node, after] - leg[vehicle, i] + fixed
            if more < best and _random(chance) >= BLINK:
                way, onward = back_time[kind, node, before], time[kind, node, after]
                length, early, late = _join(
                    ahead[vehicle, i, 0], ahead[vehicle, i, 1], ahead[vehicle, i, 2], way, service, first, last
                )
                if early >= LATE:
                    break
                length, early, late = _join(
                    length, early, late, onward, behind[vehicle, i, 0], behind[vehicle, i, 1], behind[vehicle, i, 2]
                )
                if early < LATE and length <= fleet[kind, 1]:
                    best, found, place = more, vehicle, i
            before = after
    return best, found, place


@njit(cache=True)
def _recreate(terrain, state, touched, chance):  # type: ignore[no-untyped-def]
    """Puts the units left out back one by one, each where it is cheapest; those that fit nowhere stay out."""
    count, kept, way = state.lost_count[0], 0, 0
    lost, keys = np.empty(count, np.int64), np.empty(count)
    drawn = _random(chance) * ORDERS[-1]
    while drawn >= ORDERS[way]:
        way += 1
    for i in range(count):
        lost[i] = state.lost[i]
        keys[i] = terrain.orders[way, lost[i]] if way else _random(chance)
    for index in np.argsort(keys):
        vehicle, place, node = _place_for(terrain, state, lost[index], chance)
        if vehicle >= 0:
            _insert(terrain, state, vehicle, place, node)
            touched[vehicle] = True
        else:
            state.lost[kept] = lost[index]
            kept += 1
    state.lost_count[0] = kept


@njit(cache=True, inline="always")
def _place_for(terrain, state, unit, chance):  # type: ignore[no-untyped-def]
    """Where serving the unit adds least: vehicle (-1 if nowhere), position, and which of its nodes."""
    best, vehicle, place, node = min(terrain.units[unit, 2], FORBIDDEN), -1, -1, -1
    for member in range(terrain.units[unit, 0], terrain.units[unit, 0] + terrain.units[unit, 1]):
        other = terrain.members[member]
        less, found, position = _cheapest(
            terrain.able,
            terrain.kind,
            terrain.fleet,
            terrain.cost,
            terrain.back,
            terrain.time,
            terrain.back_time,
            state.stops,
            state.size,
            state.load,
            state.leg,
            state.ahead,
            state.behind,
            other,
            terrain.nodes[other],
            best,
            chance,
        )
        if found >= 0:
            best, vehicle, place, node = less, found, position, other
    return vehicle, place, node


@njit(cache=True, inline="always")
def _insert(terrain, state, vehicle, place, node):  # type: ignore[no-untyped-def]
    stops, size = state.stops[vehicle], state.size[vehicle]
    for i in range(size, place, -1):
        stops[i] = stops[i - 1]
    stops[place] = node
    state.size[vehicle], state.place[node] = size + 1, vehicle
    _renew(terrain, state, vehicle)


@njit(cache=True)
def _ruin(terrain, state, touched, chance):  # type: ignore[no-untyped-def]
    """Takes strings out of some vehicles near a client drawn by chance, one string of each."""
    used = stops = 0
    for size in state.size:
        used += size > 0
        stops += size
    longest = min(float(STRING), stops / max(1, used))
    strings = int(_random(chance) * (4.0 * REMOVED / (1.0 + longest) - 1.0) + 1.0)
    centre = 1 + int(_random(chance) * (len(terrain.nodes) - 1))
    for node in terrain.near[centre]:
        vehicle = state.place[node]
        if vehicle >= 0 and not touched[vehicle]:
            length = int(_random(chance) * min(float(state.size[vehicle]), longest) + 1.0)
            _cut(terrain, state, vehicle, node, length, chance)
            touched[vehicle] = True
            strings -= 1
            if strings <= 0:
                break


@njit(cache=True, inline="always")
def _cut(terrain, state, vehicle, node, length, chance):  # type: ignore[no-untyped-def]
    """Takes `length` stops out of the vehicle, `node` among them or in the middle that is spared."""
    stops, size = state.stops[vehicle], state.size[vehicle]
    spared = 0
    if 1 < length < size and _random(chance) < SPLIT:
        spared = 1
        while length + spared < size and _random(chance) < DEEPER:
            spared += 1
    span, at, kept = length + spared, 0, 0
    while stops[at] != node:
        at += 1
    low, high = max(0, at - span + 1), min(at, size - span)
    begin = low + int(_random(chance) * (high - low + 1))
    spare = begin + 1 + int(_random(chance) * (length - 1)) if spared else begin + span
    for i in range(size):
        if i < begin or i >= begin + span or spare <= i < spare + spared:
            stops[kept] = stops[i]
            kept += 1
        else:
            state.place[stops[i]] = -1
            state.lost[state.lost_count[0]] = terrain.nodes[stops[i], 4]
            state.lost_count[0] += 1
    state.size[vehicle] = kept
    _renew(terrain, state, vehicle)


@njit(cache=True, inline="always")
def _follow(state, model, touched):  # type: ignore[no-untyped-def]
    """Makes the touched vehicles of `state` what they are in `model`."""
    for vehicle in range(len(touched)):
        if touched[vehicle]:
            for i in range(state.size[vehicle]):
                state.place[state.stops[vehicle, i]] = -1
    for vehicle in range(len(touched)):
        if touched[vehicle]:
            size = model.size[vehicle]
            state.size[vehicle], state.load[vehicle] = size, model.load[vehicle]
            state.worth[vehicle] = model.worth[vehicle]
            for i in range(size + 1):
                state.stops[vehicle, i], state.leg[vehicle, i] = model.stops[vehicle, i], model.leg[vehicle, i]
                for part in range(3):
                    state.ahead[vehicle, i, part] = model.ahead[vehicle, i, part]
                    state.behind[vehicle, i, part] = model.behind[vehicle, i, part]
            for i in range(size):
                state.place[state.stops[vehicle, i]] = vehicle
    state.lost_count[0] = model.lost_count[0]
    for i in range(model.lost_count[0]):
        state.lost[i] = model.lost[i]


@njit(cache=True, inline="always")
def _worth(terrain, state):  # type: ignore[no-untyped-def]
    """What the plan costs, units left out at their price."""
    total = 0
    for worth in state.worth:
        total += worth
    for i in range(state.lost_count[0]):
        total += terrain.units[state.lost[i], 2]
    return total


@njit(cache=True)
def _search(terrain, state, before, best, heat, rounds, chance):  # type: ignore[no-untyped-def]
    """So many rounds at one temperature. `state` and `before` are the same plan at the start and the end."""
    touched = np.zeros(len(terrain.kind), np.bool_)
    every = np.ones(len(terrain.kind), np.bool_)
    present, least = _worth(terrain, before), _worth(terrain, best)
    for _ in range(rounds):
        for vehicle in range(len(touched)):
            touched[vehicle] = False
        _ruin(terrain, state, touched, chance)
        _recreate(terrain, state, touched, chance)
        worth = _worth(terrain, state)
        if worth >= present - heat * np.log(1.0 - _random(chance)):
            _follow(state, before, touched)
            continue
        _follow(before, state, touched)
        present = worth
        if worth < least:
            _follow(best, state, every)
            least = worth
