"""What would have to change so that a family can be seen in a slot: found step by step, and tried."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from koumen.planner.check import check_outing
from koumen.planner.explain.changes import FAMILY, Change, apply_changes, changed, changed_home, longer
from koumen.planner.explain.ground import Ground, View
from koumen.planner.explain.words import Said, said
from koumen.planner.parts import Household, Slot
from koumen.planner.problem import Problem

LATEST = 22 * 60  # no slot is stretched beyond this minute of the day
MOST_STEPS = 4
QUARTER = 900
STRETCHES = (QUARTER, 1_800, 2_700, 3_600)  # seconds a slot may be longer for one more family
MOST_SWAPS = 40  # slots tried for families that could make room


# Statements said once for many: what their list names.
GROWS = {"mend_free": "slots", "mend_window": "households", "mend_unlock": "households", "mend_in_person": "households"}


@dataclass(frozen=True)
class Mend:
    """Changes after which these families have a visit; tried on the plan. `cost` is what their visits add to the
    objective, without what was counted for leaving them out; `outings` name those each was put on, as a
    move names them.
    """

    changes: tuple[Change, ...]
    saves: tuple[str, ...]
    cost: int
    outings: tuple[str, ...] = ()

    def said(self, problem: Problem) -> tuple[Said, ...]:
        """What to do, in words; what is asked of one person, or said of many families, stands once."""
        if len(self.changes) > 1 and all(one.kind == "place" for one in self.changes):
            return (said("mend_place_each", n=len(self.changes)),)
        found: dict[object, Said] = {}
        for at, one in enumerate(self.changes):
            word = one.said(problem)
            grows = GROWS.get(word.code, "")
            rest = tuple((name, fact) for name, fact in word.facts.items() if name != grows)
            key: object = (word.code, rest) if grows else at
            found[key] = _grown(found[key], word, grows) if key in found else word
        return tuple(found.values())


def mend_of(before: Ground, tried: "Tried", saves: Sequence[str]) -> Mend | None:
    """The mend that was tried, when the independent check finds no new fault in the outings it changed."""
    changes = tuple(
        replace(one, subject=family)
        for one in tried.changes
        for family in (before.families((one.subject,)) if one.kind in FAMILY else (one.subject,))
    )
    problem = apply_changes(before.problem, tried.changes)
    for key, outing in tried.ground.trips.outings.items():
        old = before.trips.outings.get(key)
        known = set(check_outing(before.problem, old, before.roads)) if old and old is not outing else set()
        if old is not outing and set(check_outing(problem, outing, before.roads)) - known:
            return None
    outings = (tried.ground.trips.place[home] for home in saves for _each in before.families((home,)))
    return Mend(changes, before.families(saves), tried.cost, tuple(outings))


@dataclass(frozen=True)
class Tried:
    """A family placed after some changes: the ground then, and what the visit costs."""

    changes: tuple[Change, ...]
    ground: Ground
    cost: int


def _grown(one: Said, other: Said, name: str) -> Said:
    """Two statements as one that names more."""
    lists = (fact for fact in (one.facts[name], other.facts[name]) if isinstance(fact, tuple))
    return said(one.code, **{**one.facts, name: tuple(each for fact in lists for each in fact)})


def mended(ground: Ground, household: str, slot_id: str, *, swap: bool = True) -> Tried | None:
    """The least that lets this family be seen in this slot, tried; None when nothing known helps.

    `swap` also asks whether another family of a full outing could be seen elsewhere.
    """
    changes: list[Change] = []
    for _step in range(MOST_STEPS):
        home, slot = ground.homes[household], ground.slots[slot_id]
        view = ground.view(home, slot)
        if view.fit is not None:
            after = ground.with_outing(view.fit.outing)
            return Tried(tuple(changes), after, view.fit.cost)
        found = swapped(ground, home, view) if swap and view.code == "full" else None
        if found is not None:
            return replace(found, changes=(*changes, *found.changes))
        step = next(_steps(ground, view, home, slot), None)
        if step is None:
            return None
        changes.append(step)
        ground = changed(ground, (step,))
    return None


def _steps(ground: Ground, view: View, home: Household, slot: Slot) -> Iterator[Change]:
    """Ways to remove what stands in the way, the best first."""
    match view.code:
        case "away" | "window_short" | "too_far":
            if home.id in ground.locks:
                yield Change("unlock", home.id)
            else:
                yield from _more_time(ground, home, slot)
        case "team_out" if ground.problem.class_by_id[view.class_id].teacher in view.people:
            return  # the class teacher is free but out with another class: nobody else may lead then
        case "promised_elsewhere":
            yield Change("unlock", home.id)
        case "no_team" | "team_out":
            yield from freed(ground, slot.id, ground.problem.team_of[view.class_id], view.class_id)
        case "team_untrained" | "second_untrained":
            least = min(view.people, key=lambda one: (ground.trips.load[one], one))
            yield Change("train", least)
        case "nobody_second" | "second_out":
            yield from freed(ground, slot.id, ground.problem.person_by_id, view.class_id)
            yield Change("extra", view.class_id, slot.id)
        case "full":
            window = None if home.id in ground.locks else _window(ground, home, slot)
            yield from (window,) if window else ()
            asked = (Change("longer", slot.id, slot.id, closes=slot.length + more) for more in STRETCHES)
            allowed = (one for one in asked if _may_last(ground, slot, one.closes))
            yield from (one for one in allowed if changed(ground, (one,)).view(home, longer(slot, one)).fit is not None)
        case "locked_in_way":
            asked = (Change("unlock", rival) for rival in view.rivals)
            yield from (one for one in asked if changed(ground, (one,)).view(home, slot).fit is not None)


def freed(ground: Ground, slot: str, people: Iterable[str], class_id: str) -> Iterator[Change]:
    """Somebody who could give this slot: the class teacher, then the class team, then those out least."""
    teacher, team = ground.problem.class_by_id[class_id].teacher, ground.problem.team_of[class_id]
    away = [one for one in people if one not in ground.free[slot] and not ground.problem.person_by_id[one].barred]
    away.sort(key=lambda one: (one != teacher, one not in team, ground.trips.load[one], one))
    for person in away[:1]:
        yield Change("free", person, slot)


def _more_time(ground: Ground, home: Household, slot: Slot) -> Iterator[Change]:
    """A longer slot when that is all that is missing, else a window in which the visit fits best."""
    legs = ground.alone(home).seconds
    way, back = int(legs[0, 1]), int(legs[1, 0])
    ends = [
        max(way, window.opens) + home.service + back
        for window in home.windows.get(slot.id, ())
        if max(way, window.opens) + home.service <= window.closes
    ]
    need = min(ends, default=way + home.service + back)
    if need > slot.length:
        need = -(-need // QUARTER) * QUARTER
        if _may_last(ground, slot, need):
            yield Change("longer", slot.id, slot.id, closes=need)
        return
    yield _window(ground, home, slot) or Change("window", home.id, slot.id, way, way + home.service)


def _window(ground: Ground, home: Household, slot: Slot) -> Change | None:
    """The time of the slot at which a visit fits best if the family could receive then."""
    whole = Change("window", home.id, slot.id, 0, slot.length)
    fit = changed(ground, (whole,)).view(changed_home(home, whole), slot).fit
    if fit is None:
        return None
    start = next(stop.start for stop in fit.outing.stops if stop.household == home.id)
    return replace(whole, opens=start, closes=start + home.service)


def _may_last(ground: Ground, slot: Slot, length: int) -> bool:
    """Whether a slot may be that long: not into the night, nor into the next slot of the day."""
    end = slot.start * 60 + length
    others = (one for one in ground.slots.values() if one.date == slot.date and one.start > slot.start)
    return end <= min([LATEST * 60, *(one.start * 60 for one in others)])


def swapped(ground: Ground, home: Household, view: View) -> Tried | None:
    """Another family of the full outing seen at another time, so that this one has room; the cheapest of a few."""
    best: Tried | None = None
    tries = 0
    for rival in (ground.homes[one] for one in view.rivals if one not in ground.locks):
        left, saved = ground.without(rival)
        fit = left.view(home, ground.slots[view.slot]).fit
        if fit is None:
            continue
        there = left.with_outing(fit.outing)
        for slot in ground.open_slots():
            if slot.id == view.slot or not rival.windows.get(slot.id) or tries >= MOST_SWAPS:
                continue
            tries += 1
            other = there.view(rival, slot).fit
            cost = fit.cost + other.cost - saved if other else 0
            if other and (best is None or cost < best.cost):
                best = Tried((Change("move", rival.id, slot.id),), there.with_outing(other.outing), cost)
    return best
