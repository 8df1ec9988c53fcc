"""A class drawn anew again and again: strings of neighbouring visits are taken out of a few outings and put back where
they cost least, thousands of times (slack induction by string removals: Christiaens, Vanden Berghe 2020).

Worse plans are accepted within a margin that shrinks to nothing. All numbers are whole, the random ones come from a
generator of our own, and nothing asks for the time: the same arguments give the same plan on every machine.

Compiled by numba and cached on disk; importing numba takes half a second, so this module is loaded when asked for.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from koumen.planner.land import Ints, Land, land_of
from koumen.planner.task import MISSED_STUDENT, ClassTask, Route

REMOVED = 16  # families taken out at a time, on average
STRING = 5  # most of them from one outing
MARGIN = 2_000  # seconds of travel a worse plan may cost more at the beginning
BLINK = 100  # one place in so many is overlooked
ROUND = 2_000  # steps between two questions whether to go on
TRIED = 100  # most families put back at a time
AWAY = -1  # not visited


class Plan(NamedTuple):
    """Outings by slot: families in order, how many, when each visit ends, the latest arrival at each; prices; where
    each family is seen.
    """

    rows: Ints
    size: Ints
    ends: Ints
    latest: Ints
    price: Ints
    where: Ints


def redraw(
    task: ClassTask,
    start: Sequence[Route],
    *,
    seed: int,
    steps: int,
    cancelled: Callable[[], bool],
    margin: int = MARGIN,
) -> tuple[Route, ...]:
    """The best routes found in so many steps from `start`, by `ClassTask.worth`; at worst `start` itself.

    `margin` is how much worse a plan may become at the beginning, in seconds of travel.
    """
    if not task.homes or not task.options:
        return tuple(start)
    land = land_of(task)
    now, trial, best = (_plan_of(land, start) for _ in range(3))
    random = np.array([seed * 2 + 1], np.uint64)
    for done in range(0, steps, ROUND):
        if cancelled():
            break
        _search(land, now, trial, best, random, done, min(steps, done + ROUND), steps, margin)
    found = tuple(
        Route(option, tuple(best.rows[option, : best.size[option]].tolist()))
        for option in range(len(task.options))
        if best.size[option]
    )
    return min((tuple(start), found), key=task.worth)


def _plan_of(land: Land, routes: Sequence[Route]) -> Plan:
    """These routes as arrays, with room for as many visits as the longest slot can hold."""
    homes, options = len(land.service), len(land.length)
    room = min(homes, int(land.length.max() // land.service.min()) + 1)
    rows, ends, latest = (np.zeros((options, room), np.int64) for _ in range(3))
    size, price = np.zeros(options, np.int64), np.zeros(options, np.int64)
    plan = Plan(rows, size, ends, latest, price, np.full(homes, AWAY, np.int64))
    for route in routes:
        rows[route.option, : len(route.rows)] = route.rows
        size[route.option] = len(route.rows)
        plan.where[list(route.rows)] = route.option
        _refresh(land, plan, route.option)
    return plan


@njit(cache=True)
def _draw(random, below):  # type: ignore[no-untyped-def]
    """The next random number of 0 … below - 1 (xorshift64*, Vigna 2016)."""
    one = random[0]
    one ^= one >> np.uint64(12)
    one ^= one << np.uint64(25)
    one ^= one >> np.uint64(27)
    random[0] = one
    return np.int64(((one * np.uint64(2685821657736338717)) >> np.uint64(33)) % np.uint64(below))


@njit(cache=True)
def _refresh(land, plan, option):  # type: ignore[no-untyped-def]
    """Times and price of one outing, after a change of its families."""
    rows, size = plan.rows[option], plan.size[option]
    at, clock, price = 0, 0, 0
    for index in range(size):
        row = rows[index]
        way = land.seconds[at, row + 1]
        clock = _begin(land, option, row, clock + way) + land.service[row]
        plan.ends[option, index] = clock
        price += way + land.late[option, row]
        at = row + 1
    plan.price[option] = price + land.seconds[at, 0] + land.fixed[option] if size else 0
    back, at = land.length[option], 0
    for index in range(size - 1, -1, -1):
        row = rows[index]
        before = back - land.seconds[row + 1, at] - land.service[row]
        for span in range(land.spans.shape[2]):
            if 0 <= land.spans[option, row, span, 0] <= before:
                back = min(before, land.spans[option, row, span, 1])
        plan.latest[option, index] = back
        at = row + 1


@njit(cache=True)
def _begin(land, option, row, arrive):  # type: ignore[no-untyped-def]
    """When a visit may begin for somebody at the door at `arrive`; -1 when no more."""
    for span in range(land.spans.shape[2]):
        if arrive <= land.spans[option, row, span, 1]:
            return max(arrive, land.spans[option, row, span, 0])
    return -1


@njit(cache=True)
def _worth(land, plan):  # type: ignore[no-untyped-def]
    """`ClassTask.worth` of the plan, but for the families nobody can place."""
    total, missing = plan.price.sum(), land.share.copy()
    for row in range(len(plan.where)):
        if plan.where[row] == AWAY:
            total += land.missed[row]
        elif land.led[plan.where[row]]:
            missing[land.team[row]] -= land.own[row]
    for short in missing:
        total += MISSED_STUDENT * max(0, short)
    return total


@njit(cache=True)
def _take_out(plan, option, first, size):  # type: ignore[no-untyped-def]
    """Takes some visits in a row out of an outing."""
    rows = plan.rows[option]
    for index in range(first, first + size):
        plan.where[rows[index]] = AWAY
    for index in range(first + size, plan.size[option]):
        rows[index - size] = rows[index]
    plan.size[option] -= size


@njit(cache=True)
def _ruin(land, plan, random, touched):  # type: ignore[no-untyped-def]
    """Takes strings out of outings near a family drawn by lot."""
    visited, used = plan.size.sum(), max(1, (plan.size > 0).sum())
    longest = max(1, min(STRING, -(-visited // used)))
    strings = 1 + _draw(random, max(1, 4 * REMOVED // (1 + longest) - 1))
    whole = _draw(random, 8) == 0  # now and then outings are dissolved
    for row in land.near[_draw(random, len(plan.where))]:
        option = plan.where[row]
        if option == AWAY or touched[option]:
            continue
        count = plan.size[option]
        size = count if whole else 1 + _draw(random, min(longest, count))
        at = 0
        while plan.rows[option, at] != row:
            at += 1
        low, high = max(0, at - size + 1), min(at, count - size)
        _take_out(plan, option, low + _draw(random, high - low + 1), size)
        touched[option] = True
        _refresh(land, plan, option)
        strings -= 2 if whole else 1
        if strings <= 0:
            break


@njit(cache=True)
def _order(land, plan, random, away):  # type: ignore[no-untyped-def]
    """The families not visited, in the order they are put back; how many."""
    size, kind = 0, _draw(random, 8)
    order, first = land.orders[kind % len(land.orders)], 0
    if kind < 4:
        first = _draw(random, len(order))
    for number in range(len(order)):
        row = order[(first + number) % len(order)]
        if plan.where[row] == AWAY and land.missed[row] and size < len(away):
            away[size] = row
            size += 1
    if kind < 4:
        for index in range(size - 1, 0, -1):
            other = _draw(random, index + 1)
            away[index], away[other] = away[other], away[index]
    return size


@njit(cache=True)
def _best_place(land, plan, random, row, spare):  # type: ignore[no-untyped-def]
    """The cheapest place for a family: slot, number in the outing. AWAY when staying out is cheaper.

    `spare` students may still be seen without the class teacher before the share is missed.
    """
    options, service = len(plan.size), land.service[row]
    least, slot, place = land.missed[row], AWAY, 0
    shift = _draw(random, options)
    for number in range(options):
        option = (number + shift) % options
        if land.spans[option, row, 0, 1] < 0:
            continue
        extra, size = land.late[option, row], plan.size[option]
        if not land.led[option]:
            extra += MISSED_STUDENT * min(land.own[row], max(0, land.own[row] - spare))
        if not size:
            extra += land.fixed[option]
        at, clock = 0, 0
        for index in range(size + 1):
            after = plan.rows[option, index] + 1 if index < size else 0
            way = land.seconds[at, row + 1]
            cost = extra + way + land.seconds[row + 1, after] - (land.seconds[at, after] if size else 0)
            if cost < least and _draw(random, BLINK):
                begin = _begin(land, option, row, clock + way)
                latest = plan.latest[option, index] if index < size else land.length[option]
                if begin >= 0 and begin + service + land.seconds[row + 1, after] <= latest:
                    least, slot, place = cost, option, index
            if index < size:
                at, clock = after, plan.ends[option, index]
    return slot, place


@njit(cache=True)
def _recreate(land, plan, random, touched, away):  # type: ignore[no-untyped-def]
    """Puts the families not visited back, each where it costs least."""
    spare = land.spare.copy()
    for row in range(len(plan.where)):
        if plan.where[row] != AWAY and not land.led[plan.where[row]]:
            spare[land.team[row]] -= land.own[row]
    for number in range(_order(land, plan, random, away)):
        row = away[number]
        slot, place = _best_place(land, plan, random, row, spare[land.team[row]])
        if slot == AWAY:
            continue
        for index in range(plan.size[slot], place, -1):
            plan.rows[slot, index] = plan.rows[slot, index - 1]
        plan.rows[slot, place] = row
        plan.size[slot] += 1
        plan.where[row] = slot
        touched[slot] = True
        if not land.led[slot]:
            spare[land.team[row]] -= land.own[row]
        _refresh(land, plan, slot)


@njit(cache=True)
def _copy(one, other, touched):  # type: ignore[no-untyped-def]
    """Makes the marked outings of `other` those of `one`."""
    for option in range(len(touched)):
        if touched[option]:
            other.size[option], other.price[option] = one.size[option], one.price[option]
            for index in range(one.size[option]):
                other.rows[option, index] = one.rows[option, index]
                other.ends[option, index] = one.ends[option, index]
                other.latest[option, index] = one.latest[option, index]
    other.where[:] = one.where


@njit(cache=True)
def _noise(random):  # type: ignore[no-untyped-def]
    """A number around 1, exponentially distributed but for a straight line between powers of two: no logarithms, which
    differ from machine to machine.
    """
    draw, powers = _draw(random, 1 << 30) + 1, 0
    while draw < 1 << 29:
        draw, powers = draw * 2, powers + 1
    return 0.7 * (powers + 2.0 - draw / (1 << 29))


@njit(cache=True)
def _search(land, now, trial, best, random, done, stop, steps, margin):  # type: ignore[no-untyped-def]
    """Steps `done` to `stop` of `steps`."""
    touched, away = np.zeros(len(now.size), np.bool_), np.empty(min(len(now.where), TRIED), np.int64)
    worth, least = _worth(land, now), _worth(land, best)
    for step in range(done, stop):
        touched[:] = False
        _ruin(land, trial, random, touched)
        _recreate(land, trial, random, touched, away)
        found = _worth(land, trial)
        left = 1.0 - step / steps
        if found < worth + margin * left * left * left * _noise(random):
            _copy(trial, now, touched)
            worth = found
            if found < least:
                least = found
                _copy(now, best, np.ones(len(now.size), np.bool_))
        else:
            _copy(now, trial, touched)
