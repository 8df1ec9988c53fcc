"""A better plan after a change, if others may move: a short search from the repaired plan with a price for each family
that leaves the time it had.
"""

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from koumen.planner.parts import Household
from koumen.planner.place import is_stiff, retimed
from koumen.planner.plan import Outing
from koumen.planner.replan import Replanned, replanned
from koumen.planner.sketch import Sketch
from koumen.planner.task import MISSED_STUDENT, ClassTask, Option, Route

STAY = 1_800  # what it weighs that a family leaves its slot, in seconds of travel: as much as one more evening
LATER = 300  # … and that it begins at another time of the same slot
STEPS = 600
MARGIN = 600  # how much dearer the plan may become on the way, in seconds of travel
# Loaded by name when it is asked for: numba takes half a second and 60 MB, which no web server pays at its start.
SEARCH = "koumen.planner.redraw:redraw"


@dataclass(frozen=True)
class StayingTask(ClassTask):
    """A class's task in which each family has a slot it would rather not leave."""

    now: tuple[str, ...] = ()  # by row; "" for those free to go anywhere

    def lateness(self, row: int, option: int) -> int:
        """What it costs to see this family then: a key family's week, and leaving its slot."""
        leaves = self.now[row] not in ("", self.options[option].slot.id)
        return super().lateness(row, option) + STAY * leaves


def improve(repaired: Replanned, *, seed: int = 1, steps: int = STEPS) -> Replanned | None:
    """A plan cheaper than the repaired one, counting what it weighs that others move; None when none was found.

    Only classes that the change touched are searched; notified visits and frozen slots stay as they are, and so do
    outings of two classes and group visits. The same arguments give the same plan.
    """
    best = repaired.sketch
    for class_id in _classes(repaired):
        best = _class_better(best, class_id, repaired.displaced, seed, steps) or best
    return replanned(best, repaired.displaced) if best is not repaired.sketch else None


def _classes(repaired: Replanned) -> list[str]:
    """The classes whose outings the change touched, and those of families that it left out."""
    left = (repaired.problem.household_by_id[one] for one in repaired.displaced & repaired.sketch.left.keys())
    return sorted({class_id for class_id, _ in repaired.sketch.touched}.union(home.lead_class for home in left))


def _class_better(sketch: Sketch, class_id: str, displaced: frozenset[str], seed: int, steps: int) -> Sketch | None:
    """The sketch with this class's outings drawn better; None when that does not pay."""
    outings = sketch.outings_of(class_id)
    loose = {slot: one for slot, one in outings.items() if slot not in sketch.frozen and _is_loose(sketch, one)}
    task = _task(sketch, class_id, outings, loose, displaced)
    rows = {home.id: row for row, home in enumerate(task.homes)}
    numbers = {option.slot.id: number for number, option in enumerate(task.options)}
    start = [Route(numbers[slot], tuple(rows[stop.household] for stop in one.stops)) for slot, one in loose.items()]
    if not task.homes or not all(task.feasible(route.option, route.rows) for route in start):
        return None
    found = pkgutil.resolve_name(SEARCH)(task, start, seed=seed, steps=steps, cancelled=_never, margin=MARGIN)
    if task.worth(found) >= task.worth(start):
        return None
    drawn = _drawn(sketch, task, found, loose)
    return drawn if drawn is not None and _pays(sketch, drawn, displaced) else None


def _never() -> bool:
    return False


def _is_loose(sketch: Sketch, outing: Outing) -> bool:
    """Whether the outing may be rearranged: of one class alone, its families led by that class."""
    homes = (sketch.problem.household_by_id.get(stop.household) for stop in outing.stops)
    return not is_stiff(outing) and all(
        home is not None and home.in_person and home.lead_class == outing.class_id for home in homes
    )


def _task(
    sketch: Sketch, class_id: str, outings: dict[str, Outing], loose: dict[str, Outing], displaced: frozenset[str]
) -> StayingTask:
    """The class with the outings that may be rearranged and the slots in which its teacher could go once more."""
    problem, standing = sketch.problem, sketch.standing
    seen = {stop.household for one in loose.values() for stop in one.stops}
    seen |= {one for one in sketch.left if sketch.problem.household_by_id[one].lead_class == class_id}
    homes = [home for home in problem.households if home.id in seen and home.in_person]
    teacher = problem.class_by_id[class_id].teacher
    options = []
    for slot in sorted(problem.slots, key=lambda slot: standing.slot_rank[slot.id]):
        if slot.id in sketch.frozen or (slot.id in outings and slot.id not in loose):
            continue
        if (class_id, slot.id) in standing.with_another:
            continue
        if slot.id in loose:
            options.append(Option(slot, loose[slot.id].lead == teacher))
        elif problem.person_by_id[teacher].can_go(slot.id) and sketch.team(class_id, slot.id):
            options.append(Option(slot, led=True))
    return StayingTask(
        problem,
        class_id,
        tuple(homes),
        sketch.roads.legs(homes),
        tuple(options),
        {},
        tuple(_slot_before(sketch, home, displaced) for home in homes),
    )


def _slot_before(sketch: Sketch, home: Household, displaced: frozenset[str]) -> str:
    outing = sketch.standing.plan.outing_of.get(home.id)
    return outing.slot if outing is not None and home.id not in displaced else ""


def _drawn(sketch: Sketch, task: ClassTask, routes: Sequence[Route], loose: dict[str, Outing]) -> Sketch | None:
    """The routes as outings; those with the same families stay exactly as they are. None when nobody can go along."""
    drawn = sketch.copy()
    wanted = {task.options[one.option].slot.id: [task.homes[row] for row in one.rows] for one in routes}
    placed = {home.id for homes in wanted.values() for home in homes}
    for slot, outing in loose.items():
        if slot not in wanted:
            drawn.put(replace(outing, stops=()))
    for slot, homes in wanted.items():
        before = loose.get(slot)
        if before is not None and {stop.household for stop in before.stops} == {home.id for home in homes}:
            continue
        if before is None:
            team = drawn.team(task.class_id, slot)
            if not team:
                return None
            before = Outing(slot, task.class_id, team[0], team[1:], (), 0, 0, 0, 0)
        timed = _timed(drawn, before, homes)
        if timed is None:
            return None
        drawn.put(timed)
    lost = {stop.household for one in loose.values() for stop in one.stops} - placed
    return None if lost else drawn


def _timed(sketch: Sketch, outing: Outing, homes: list[Household]) -> Outing | None:
    """The families in this order: at the times they had where that works, else as early as possible."""
    had = (sketch.standing.plan.outing_of.get(home.id) for home in homes)
    kept = {
        stop.household: stop.start for one in had if one is not None and one.slot == outing.slot for stop in one.stops
    }
    for times in (kept, {}):
        timed, holds = retimed(sketch.problem, outing, homes, times, sketch.ways(outing.class_id))
        if holds:
            return timed
    return None


def _pays(before: Sketch, after: Sketch, displaced: frozenset[str]) -> bool:
    """Whether what it saves is more than what it weighs that families move."""
    return _price(after, displaced) < _price(before, displaced)


def _price(sketch: Sketch, displaced: frozenset[str]) -> int:
    """The objective of the plan so far, with the families that leave their time."""
    plan = sketch.plan()
    had = {stop.household: (one.key, stop.start) for one in sketch.standing.plan.outings for stop in one.stops}
    moved = pushed = 0
    for now in sketch.touched.values():
        for stop in now.stops if now is not None else ():
            was = had.get(stop.household)
            if now is None or was is None or stop.household in displaced:
                continue
            moved += was[0] != now.key
            pushed += was[0] == now.key and was[1] != stop.start
    shares = sum(one.by for one in plan.shortfalls if one.rule == "class_teacher_share")
    return plan.figures.plan.cost + STAY * moved + LATER * pushed + MISSED_STUDENT * shares
