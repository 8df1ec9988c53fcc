"""One visit moved by hand, with the rules checked and everybody else disturbed as little as possible.

The other visits of both outings keep their times; later ones are pushed back only as far as the road asks.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from koumen.planner.assemble import finish, left_out
from koumen.planner.check import Violation, check_outing
from koumen.planner.effects import Effects, effects
from koumen.planner.gatherings import fold, fold_plan, unfold
from koumen.planner.parts import Household, ProblemError, Slot
from koumen.planner.plan import Outing, Plan, Stop, outing_key
from koumen.planner.problem import Problem
from koumen.planner.staff import MOST_COMPANIONS
from koumen.planner.travel import GreatCircle, Legs, Travel


@dataclass(frozen=True)
class Moved:
    """The plan after the move, every rule kept that was kept before."""

    plan: Plan
    effects: Effects


@dataclass(frozen=True)
class Refused:
    """The rules the move would break; the plan stays as it is."""

    broken: tuple[Violation, ...]


def try_move(
    problem: Problem,
    plan: Plan,
    household: str,
    to_outing: str | None,
    position: int | None = None,
    *,
    travel: Travel | None = None,
) -> Moved | Refused:
    """Move a visit to the outing named by `outing_key(class, slot)`, before the stop at `position`, or to its
    best place.

    The outing need not exist yet: then it is opened with the class teacher, or a free teacher of the class,
    and a free companion. `None` takes the family out of the plan. A family that was left out can be placed
    the same way. Raises `ProblemError` (`unknown`, `position`) for ids or positions that do not exist.
    """
    roads = travel or GreatCircle(problem)
    if problem.gatherings:
        return _moved_together(problem, plan, household, to_outing, position, roads)
    home = problem.household_by_id.get(household)
    if home is None:
        raise ProblemError(f"家庭 {household} 不存在。", "unknown")
    others = _without(problem, plan, home, roads)
    target = None
    if to_outing is not None:
        target = _best_place(problem, _target(problem, others, to_outing), home, position, roads)
    new = _built(problem, plan, home, others, target, roads)
    broken = _new_faults(problem, plan, new, home, roads)
    if target is None and any(lock.household == household for lock in problem.locked):
        broken = (*broken, Violation("locked", household, 0, 1))
    return Refused(broken) if broken else Moved(new, _of_others(effects(plan, new), household))


def _moved_together(
    problem: Problem, plan: Plan, household: str, to_outing: str | None, position: int | None, roads: Travel
) -> Moved | Refused:
    """The same where families are met together: a family that is takes the others of its group visit along."""
    group = problem.gathering_of.get(household)
    name = group.id if group is not None else household
    found = try_move(fold(problem), fold_plan(problem, plan), name, to_outing, position, travel=roads)
    if isinstance(found, Refused):
        return found
    new = unfold(problem, found.plan, roads)
    return Moved(new, _of_others(effects(plan, new), *(group.households if group is not None else (household,))))


def _of_others(all_of_it: Effects, *households: str) -> Effects:
    """Without those that are moved themselves: where they go is known."""
    shifts = tuple(one for one in all_of_it.shifts if one.household not in households)
    return replace(all_of_it, shifts=shifts, switches=())


def _new_faults(problem: Problem, old: Plan, new: Plan, home: Household, roads: Travel) -> tuple[Violation, ...]:
    """What `check` finds in the new plan and not in the old one. Only outings that differ are looked at: the others
    have the same faults as before, and coverage and figures are right as they are made here.

    A plan may already be broken by what families or staff have changed since; only new faults refuse a move.
    """
    was, now = set(old.outings), set(new.outings)
    before, after = ([one for one in plan.outings if one not in other] for plan, other in ((old, now), (new, was)))
    faults = Counter(fault for one in after for fault in check_outing(problem, one, roads))
    faults.subtract(fault for one in before for fault in check_outing(problem, one, roads))
    for slot in {one.slot for one in after}:
        places = Counter(person for one in new.outings if one.slot == slot for person in one.staff)
        places_before = Counter(person for one in old.outings if one.slot == slot for person in one.staff)
        classes = Counter(class_id for one in new.outings if one.slot == slot for class_id in one.classes)
        classes_before = Counter(class_id for one in old.outings if one.slot == slot for class_id in one.classes)
        faults.update(
            Violation("same_slot", outing_key(class_id, slot), times, 1)
            for class_id, times in classes.items()
            if times > max(1, classes_before[class_id])
        )
        faults.update(
            Violation("two_places", person, times, 1)
            for person, times in places.items()
            if times > max(1, places_before[person])
        )
    if home.id in new.outing_of and home.id not in old.outing_of and not home.in_person:
        faults.update((Violation("twice", home.id, 2, 1), Violation("mode", home.id, 1, 0)))
    return tuple(fault for fault, times in faults.items() if times > 0)


def _without(problem: Problem, plan: Plan, home: Household, roads: Travel) -> list[Outing]:
    """The outings without this family; an outing left empty is gone. The others in it keep their times."""
    source = plan.outing_of.get(home.id)
    kept = [outing for outing in plan.outings if outing is not source]
    if source is not None and len(source.stops) > 1:
        stops = [stop for stop in source.stops if stop.household != home.id]
        kept.append(_timed(problem, source, stops, roads))
    return kept


def _target(problem: Problem, outings: Sequence[Outing], key: str) -> Outing:
    """The outing of that name, or a new one without stops."""
    found = next((outing for outing in outings if outing.key == key), None)
    if found is not None:
        return found
    class_id, _, slot_id = key.rpartition("@")
    if class_id not in problem.class_by_id or slot_id not in problem.slot_by_id:
        raise ProblemError(f"出访 {key} 不存在。", "unknown")
    people = _free_team(problem, outings, class_id, slot_id)
    return Outing(slot_id, class_id, people[0], tuple(people[1:]), (), 0, 0, 0, 0)


def _free_team(problem: Problem, outings: Sequence[Outing], class_id: str, slot_id: str) -> list[str]:
    """Two people for a new outing: the class teacher, else the class team, those with the fewest outings
    first.

    Falls back on the class teacher alone, which the check then refuses with its reason.
    """
    teacher, team = problem.class_by_id[class_id].teacher, problem.team_of[class_id]
    busy = {person for outing in outings if outing.slot == slot_id for person in outing.staff}
    load = dict.fromkeys(problem.person_by_id, 0)
    for outing in outings:
        for person_id in outing.staff:
            load[person_id] += 1
    free = [one.id for one in problem.people if one.can_go(slot_id) and one.id not in busy]
    free.sort(key=lambda one: (one != teacher, one not in team, load[one], one))
    return free[:MOST_COMPANIONS] or [teacher]


def _best_place(problem: Problem, outing: Outing, home: Household, position: int | None, roads: Travel) -> Outing:
    """The outing with the family at `position`, or where it breaks the fewest rules and then travels
    least.
    """
    places = range(len(outing.stops) + 1) if position is None else (position,)
    tries = [_insert(problem, outing, home, place, roads) for place in places]
    return min(tries, key=lambda one: (len(check_outing(problem, one, roads)), one.travel))


def _insert(problem: Problem, outing: Outing, home: Household, place: int, roads: Travel) -> Outing:
    if not 0 <= place <= len(outing.stops):
        raise ProblemError(f"出访中没有第 {place} 个位置。", "position")
    stops = list(outing.stops)
    stops.insert(place, Stop(home.id, 0, 0, 0, 0, 0))
    return _timed(problem, outing, stops, roads)


def _timed(problem: Problem, outing: Outing, stops: Sequence[Stop], roads: Travel) -> Outing:
    """The outing with these stops. Each keeps its start if the road allows, else starts as soon as it can.

    Windows that cannot be kept are left broken for the check to name.
    """
    slot = problem.slot_by_id[outing.slot]
    homes = [problem.household_by_id[stop.household] for stop in stops]
    legs = roads.legs(homes)
    clock, timed = 0, []
    for at, (stop, home) in enumerate(zip(stops, homes, strict=True)):
        way = int(legs.seconds[at, at + 1])
        start = _start(problem, slot, home, max(clock + way, stop.start))
        arrive = start if at == 0 else clock + way
        timed.append(Stop(home.id, arrive, start, start + home.service, way, int(legs.metres[at, at + 1])))
        clock = start + home.service
    return _closed(outing, timed, legs, clock)


def _start(problem: Problem, slot: Slot, home: Household, ready: int) -> int:
    """The first allowed start from `ready` on, or `ready` itself when there is none."""
    spans = problem.start_windows(home, slot)
    return next((max(ready, first) for first, last in spans if ready <= last), ready)


def _closed(outing: Outing, stops: Sequence[Stop], legs: Legs, clock: int) -> Outing:
    back = int(legs.seconds[len(stops), 0])
    return replace(
        outing,
        stops=tuple(stops),
        leave_at=stops[0].start - stops[0].travel,
        back_at=clock + back,
        back_travel=back,
        back_metres=int(legs.metres[len(stops), 0]),
    )


def _built(
    problem: Problem,
    plan: Plan,
    home: Household,
    others: Sequence[Outing],
    target: Outing | None,
    roads: Travel,
) -> Plan:
    """The whole plan after the move."""
    outings = list(others)
    unplanned = [one for one in plan.unplanned if one.household != home.id]
    if target is None:
        unplanned.append(left_out(home.id, "taken_out"))
    else:
        outings = [outing for outing in outings if outing.key != target.key]
        outings.append(target)
    withdrawn = [one for one in plan.shortfalls if one.rule == "two_staff"]
    return finish(problem, roads, outings, unplanned, withdrawn, plan.figures.greedy)
