"""Where a family's visit costs least when everybody else stays where they are."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from koumen.planner.parts import Household, Slot
from koumen.planner.plan import Outing, Stop
from koumen.planner.problem import Problem
from koumen.planner.sketch import Sketch
from koumen.planner.standing import Ways

PUSHED = 1_800  # what it weighs that another family of the outing begins later: as much as one more evening

Spans = tuple[tuple[int, int], ...]


class Spot(NamedTuple):
    """A place to try: what it costs at least, the slot's rank, the class, the position; an outing to begin when
    `position` is -1.
    """

    price: int
    rank: int
    class_id: str
    slot: str
    position: int


@dataclass(frozen=True)
class Found:
    """The outing with the family in it, and what it costs more than before."""

    price: int
    outing: Outing


def cheapest(sketch: Sketch, home: Household) -> Found | None:
    """The cheapest place for this family: in an outing of one of its classes, the others keeping their times or pushed
    only as far as the road asks; or in a new outing with free people. None when there is none.
    """
    lock = sketch.problem.lock_of.get(home.id)
    spans = {
        slot: sketch.problem.start_windows(home, sketch.problem.slot_by_id[slot])
        for slot in (home.windows if lock is None else (lock.slot,))
        if slot not in sketch.frozen
    }
    best: Spot | None = None
    for spot in sorted(_spots(sketch, home, [slot for slot in spans if spans[slot]])):
        if best is not None and spot.price >= best.price:
            break
        tried = _alone if spot.position < 0 else _pushed
        pushed = tried(sketch, home, spot, spans[spot.slot])
        if pushed is not None and (best is None or spot.price + PUSHED * pushed < best.price):
            best = spot._replace(price=spot.price + PUSHED * pushed)
    return best and _made(sketch, home, best)


def _spots(sketch: Sketch, home: Household, slots: Sequence[str]) -> Iterator[Spot]:
    problem, weights = sketch.problem, sketch.problem.weights
    for class_id in sorted(home.classes):
        ways = sketch.ways(class_id)
        away = ways.seconds("", home.id)
        there = problem.person_by_id[problem.class_by_id[class_id].teacher]
        for slot_id in slots:
            if (class_id, slot_id) in sketch.standing.with_another:
                continue  # the class goes with its pair then
            slot = problem.slot_by_id[slot_id]
            rank = sketch.standing.slot_number[slot_id]
            late = weights.key_week * slot.week if home.key else 0
            outing = sketch.outing(class_id, slot_id)
            if outing is None:
                alone = 0 if there.can_go(slot_id) else weights.without_teacher
                price = weights.outing(slot.kind) + 2 * away + late + alone
                yield Spot(price, rank, class_id, slot_id, -1)
            elif not is_stiff(outing):
                path = ["", *(stop.household for stop in outing.stops), ""]
                for position, (a, b) in enumerate(itertools.pairwise(path)):
                    detour = ways.seconds(a, home.id) + ways.seconds(home.id, b) - ways.seconds(a, b)
                    yield Spot(detour + late, rank, class_id, slot_id, position)


def is_stiff(outing: Outing) -> bool:
    """Outings of two classes together, and those with a group visit, are not rearranged."""
    return bool(outing.second_class) or any(stop.gathering for stop in outing.stops)


def _alone(sketch: Sketch, home: Household, spot: Spot, spans: Spans) -> int | None:
    """0 when the family can be seen on a new outing and somebody is free to go; else None."""
    slot, ways = sketch.problem.slot_by_id[spot.slot], sketch.ways(spot.class_id)
    start = _first(spans, ways.seconds("", home.id))
    if start is None or start + home.service + ways.seconds(home.id, "") > slot.length:
        return None
    return 0 if sketch.team(spot.class_id, spot.slot) else None


def _pushed(sketch: Sketch, home: Household, spot: Spot, spans: Spans) -> int | None:
    """How many others begin later when the family joins at this position; None when it does not fit."""
    problem, ways = sketch.problem, sketch.ways(spot.class_id)
    outing, slot = sketch.outing(spot.class_id, spot.slot), problem.slot_by_id[spot.slot]
    assert outing is not None
    before = outing.stops[spot.position - 1] if spot.position else None
    here, clock = (before.household, before.end) if before else ("", 0)
    start = _first(spans, clock + ways.seconds(here, home.id))
    if start is None:
        return None
    here, clock, pushed = home.id, start + home.service, 0
    for stop in outing.stops[spot.position :]:
        ready = clock + ways.seconds(here, stop.household)
        if ready <= stop.start:
            return pushed  # from here on everything is as before
        other = problem.household_by_id[stop.household]
        start = first_start(problem, slot, other, ready)
        if start is None:
            return None
        here, clock, pushed = stop.household, start + other.service, pushed + 1
    return pushed if clock + ways.seconds(here, "") <= slot.length else None


def _made(sketch: Sketch, home: Household, spot: Spot) -> Found | None:
    """The outing of this spot with the family in it."""
    outing = sketch.outing(spot.class_id, spot.slot)
    if outing is None:
        team = sketch.team(spot.class_id, spot.slot)
        outing = Outing(spot.slot, spot.class_id, team[0], team[1:], (), 0, 0, 0, 0)
    homes = [sketch.problem.household_by_id[stop.household] for stop in outing.stops]
    homes.insert(max(0, spot.position), home)
    kept = {stop.household: stop.start for stop in outing.stops}
    timed, holds = retimed(sketch.problem, outing, homes, kept, sketch.ways(spot.class_id))
    return Found(spot.price, timed) if holds else None


def retimed(
    problem: Problem, outing: Outing, homes: Sequence[Household], kept: Mapping[str, int], ways: Ways
) -> tuple[Outing, bool]:
    """The outing with these families in this order, and whether every window and the slot hold.

    Each family keeps its start in `kept` when the road allows, else begins as soon as it can.
    """
    slot = problem.slot_by_id[outing.slot]
    clock, here, stops, holds = 0, "", [], True
    for home in homes:
        way = ways.seconds(here, home.id)
        ready = max(clock + way, kept.get(home.id, 0))
        start = first_start(problem, slot, home, ready)
        if start is None:
            start, holds = ready, False
        arrive = clock + way if here else start
        stops.append(Stop(home.id, arrive, start, start + home.service, way, ways.metres(here, home.id)))
        clock, here = start + home.service, home.id
    back = ways.seconds(here, "")
    timed = replace(
        outing,
        stops=tuple(stops),
        leave_at=stops[0].start - stops[0].travel if stops else 0,
        back_at=clock + back,
        back_travel=back,
        back_metres=ways.metres(here, ""),
    )
    return timed, holds and timed.back_at <= slot.length


def first_start(problem: Problem, slot: Slot, home: Household, ready: int) -> int | None:
    """The first allowed start from `ready` on."""
    return _first(problem.start_windows(home, slot), ready)


def _first(spans: Spans, ready: int) -> int | None:
    for first, last in spans:
        if ready <= last:
            return max(ready, first)
    return None
