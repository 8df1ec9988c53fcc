"""A plan bends: after a change, whatever is still possible stays exactly as it is.

`repair` takes families whose visit has become impossible to their cheapest place and replaces people who cannot go;
nobody else moves. It looks only at what the change touches, so it takes well under a millisecond for one family when
the plan is already indexed (`Standing`). It does not check the whole plan: whoever saves the result does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from koumen.planner.changes import Change, FamilyChanged, LookAgain, TeacherAway, after, families_of
from koumen.planner.check import check_outing
from koumen.planner.effects import Effects, effects
from koumen.planner.parts import Household
from koumen.planner.place import cheapest, is_stiff, retimed
from koumen.planner.plan import Outing, Plan
from koumen.planner.problem import Problem
from koumen.planner.sketch import Sketch
from koumen.planner.standing import Standing, Ways
from koumen.planner.travel import GreatCircle, Travel


@dataclass(frozen=True)
class Replanned:
    """The plan after a change, the problem it belongs to, and what is different.

    `displaced` are the families whose visit had become impossible, `released` those of them that had been notified:
    they have to be told again.
    """

    problem: Problem
    plan: Plan
    effects: Effects
    displaced: frozenset[str]
    released: tuple[str, ...]
    sketch: Sketch


def repair(
    standing: Standing,
    changes: Sequence[Change],
    *,
    problem: Problem | None = None,
    travel: Travel | None = None,
    frozen: frozenset[str] = frozenset(),
) -> Replanned:
    """Mend a plan after `changes` to the problem it stands in.

    `problem` is the problem after the change and `travel` its roads, when the caller has them already. In `frozen`
    slots (those that begin within a day, or are over) no family is added and no time changes; only what the change has
    made impossible there goes. Raises `ProblemError` for ids that do not exist.
    """
    later = problem or after(standing.problem, changes)
    changed = families_of(changes, standing.problem)
    shaken = _shaken(standing, later, changed)
    roads = travel or (GreatCircle(later) if changed else standing.roads)
    sketch = Sketch(standing, later, travel=roads, changed=changed, shaken=shaken, frozen=frozen)
    sketch.doubts = any(isinstance(one, LookAgain) for one in changes)
    homeless = {one for one in _unseen(sketch, changes) if _is_wanted(later, one)}
    for outing in _touched(sketch, changes):
        homeless |= _mend(sketch, outing)
    for one in changed:
        if not _is_wanted(later, one):
            sketch.forget(one)
    for one in sorted(homeless, key=lambda one: _urgency(later, one)):
        _settle(sketch, later.household_by_id[one])
    return replanned(sketch, frozenset(homeless))


def replanned(sketch: Sketch, displaced: frozenset[str]) -> Replanned:
    """What a sketch has come to."""
    standing, plan = sketch.standing, sketch.plan()
    pairs = ((standing.of_class[c].get(s), new) for (c, s), new in sketch.touched.items())
    told = effects(standing.plan, plan, [(was, now) for was, now in pairs if was != now])
    locks = standing.problem.lock_of.keys() - sketch.problem.lock_of.keys()
    released = tuple(sorted(one for one in locks if one in sketch.problem.household_by_id))
    return Replanned(sketch.problem, plan, told, displaced, released, sketch)


def _shaken(standing: Standing, problem: Problem, changed: frozenset[str]) -> frozenset[str]:
    """Families without a point whose guessed place follows a family of the same village that has changed its own."""
    if not standing.guessed:
        return frozenset()
    places: set[str] = set()
    for one in changed:
        old, new = (p.household_by_id.get(one) for p in (standing.problem, problem))
        if (old and (old.point, old.place)) != (new and (new.point, new.place)):
            places |= {home.place for home in (old, new) if home is not None}
    return frozenset().union(*(standing.guessed.get(place, frozenset()) for place in places)) - changed


def _unseen(sketch: Sketch, changes: Sequence[Change]) -> Iterator[str]:
    """Families without an outing that are to be given one: new ones, and those left out that changed themselves."""
    for one in changes:
        if isinstance(one, FamilyChanged) and one.household.id not in sketch.standing.plan.outing_of:
            yield one.household.id
        elif isinstance(one, LookAgain):
            known = sketch.standing.plan.outing_of.keys() | sketch.left.keys()
            yield from (home for home in sketch.problem.household_by_id if home not in known)


def _touched(sketch: Sketch, changes: Sequence[Change]) -> list[Outing]:
    """The outings a change may have broken, in order of time."""
    standing = sketch.standing
    where = standing.plan.outing_of
    found = {where[one].key: where[one] for one in sketch.changed | sketch.shaken if one in where}
    for one in changes:
        if isinstance(one, TeacherAway):
            found.update((o.key, o) for o in standing.ordered if one.person in o.staff and o.slot in one.slots)
        elif isinstance(one, LookAgain):
            found.update((o.key, o) for o in standing.ordered if check_outing(sketch.problem, o, sketch.roads))
    return sorted(found.values(), key=standing.rank)


def _mend(sketch: Sketch, outing: Outing) -> set[str]:
    """Put the outing right: other people for those who cannot go, without families that cannot be seen then.

    Returns the families that have to go elsewhere.
    """
    problem = sketch.problem
    present = [stop.household for stop in outing.stops]
    staying = [one for one in outing.staff if problem.person_by_id[one].can_go(outing.slot)]
    team = outing.staff if len(staying) == len(outing.staff) else _other_team(sketch, outing, staying)
    if not team:
        sketch.put(replace(outing, stops=()))
        return {one for one in present if _is_wanted(problem, one)}
    kept = {stop.household: stop.start for stop in outing.stops}
    before = replace(outing, lead=team[0], companions=tuple(team[1:]))
    if is_stiff(outing):
        return _mend_stiff(sketch, before)
    doubtful = sketch.changed | sketch.shaken
    stays = [
        one for one in present if not (sketch.doubts or one in doubtful) or _may_stay(problem, outing, one, kept[one])
    ]
    suspects = [one for one in stays if sketch.doubts or one in doubtful]
    timed = _without_faults(sketch, before, stays, suspects) if suspects or stays != present else before
    if timed != outing or any(one in sketch.changed for one in present):
        sketch.put(timed)
    seen = {stop.household for stop in timed.stops}
    return {one for one in present if one not in seen and _is_wanted(problem, one)}


def _without_faults(sketch: Sketch, outing: Outing, stays: Sequence[str], suspects: list[str]) -> Outing:
    """The outing with these families at their times, less as many of the `suspects` as have to go elsewhere."""
    kept = {stop.household: stop.start for stop in outing.stops}
    stays, known = list(stays), sketch.problem.household_by_id
    ways = (
        sketch.ways(outing.class_id)
        if sketch.changed & kept.keys()
        else Ways(sketch.roads, [known[one] for one in stays])
    )
    while stays:
        timed, holds = retimed(sketch.problem, outing, [known[one] for one in stays], kept, ways)
        if holds or not suspects:
            return timed
        stays.remove(suspects.pop())
    return replace(outing, stops=())


def _mend_stiff(sketch: Sketch, outing: Outing) -> set[str]:
    """An outing of two classes or with a group visit stays whole, or goes."""
    problem = sketch.problem
    homes = [stop.household for stop in outing.stops]
    if all(one not in sketch.changed or _may_stay(problem, outing, one, stop.start) for one, stop in
           zip(homes, outing.stops, strict=True)):  # fmt: skip
        sketch.put(outing)
        return set()
    sketch.put(replace(outing, stops=()))
    return {one for one in homes if _is_wanted(problem, one)}


def _other_team(sketch: Sketch, outing: Outing, staying: Sequence[str]) -> tuple[str, ...]:
    """Those who can still go and whoever is free in the place of the others; () when there is nobody."""
    if outing.second_class:
        return ()
    sketch.busy(outing.slot).subtract(outing.staff)
    team = sketch.team(outing.class_id, outing.slot, staying)
    sketch.busy(outing.slot).update(outing.staff)
    return team


def _may_stay(problem: Problem, outing: Outing, household: str, start: int) -> bool:
    """Whether the family can still be seen where it is: there, wanted, of the class, at home at that time."""
    home = problem.household_by_id.get(household)
    if home is None or not home.in_person or not home.classes.intersection(outing.classes):
        return False
    spans = problem.start_windows(home, problem.slot_by_id[outing.slot])
    return any(first <= start <= last for first, last in spans)


def _is_wanted(problem: Problem, household: str) -> bool:
    home = problem.household_by_id.get(household)
    return home is not None and home.in_person


def _urgency(problem: Problem, household: str) -> tuple[bool, bool, int, str]:
    """Notified families first, then key families, then those with fewest choices."""
    home = problem.household_by_id[household]
    return household not in problem.lock_of, not home.key, len(home.windows), household


def _settle(sketch: Sketch, home: Household) -> None:
    """Give a family its cheapest place, or name why it has none. A notified time that cannot be kept is given up."""
    found = cheapest(sketch, home)
    if found is None and home.id in sketch.problem.lock_of:
        sketch.problem = _unlocked(sketch.problem, home.id)
        found = cheapest(sketch, home)
    if found is not None:
        sketch.put(found.outing)
    else:
        sketch.leave_out(home.id, next(_why(sketch, home)))


def _unlocked(problem: Problem, household: str) -> Problem:
    return replace(problem, locked=tuple(lock for lock in problem.locked if lock.household != household))


def _why(sketch: Sketch, home: Household) -> Iterator[str]:
    """The reasons a family has no place, the truest first."""
    problem = sketch.problem
    slots = [slot for slot in home.windows if slot not in sketch.frozen]
    people = [(c, s) for c in sorted(home.classes) for s in slots if any(
        problem.person_by_id[one].can_go(s) for one in problem.team_of[c])]  # fmt: skip
    if not any(home.windows.values()):
        yield "no_window"
    if not people:
        yield "no_common_slot"
    alone = [
        (c, s)
        for c, s in people
        if retimed(problem, Outing(s, c, "", (), (), 0, 0, 0, 0), [home], {}, sketch.ways(c))[1]
    ]
    if not alone:
        yield "too_far"
    if not any(sketch.team(c, s) or sketch.outing(c, s) for c, s in alone):
        yield "no_companion"
    yield "no_room"
