"""One visit moved by hand: looked at first, written second."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from koumen import planner
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models import Outing, OutingStaff, Plan, Slot, Stop
from koumen.visits.planning.outings import (
    digest_of,
    fill,
    fill_stop,
    moment,
    outings_of,
    read_plan,
    set_summary,
)
from koumen.visits.planning.problem import problem_around, unplannable
from koumen.visits.planning.roads import ClockTravel, roads_of
from koumen.visits.presets.rules import BROKEN, RULES


@dataclass(frozen=True)
class Broken:
    """A rule a move would break."""

    code: str
    sentence: str
    household: int | None = None
    staff: int | None = None


@dataclass(frozen=True)
class Shift:
    """Another family whose visit begins at another time."""

    household: int
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Preview:
    """What a move would do. `broken` non-empty: it may not be done. `arrives` is when the moved visit begins."""

    broken: tuple[Broken, ...] = ()
    travel: int = 0
    shifts: tuple[Shift, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    arrives: datetime | None = None
    staff: tuple[int, ...] = ()
    after: planner.Plan | None = None
    problem: planner.Problem | None = None
    touched: frozenset[int] = frozenset()


def preview_move(plan: Plan, household: Household, to: str | None) -> Preview:
    """Try to move a family's visit to the outing named `class@slot`, or out of the plan with None.

    Raises Invalid when there is no such family, class or slot in this plan.
    """
    rows = outings_of(plan)
    try:
        problem = problem_around(plan, rows, (stop for row in rows for stop in row.stops.all()))
        before = read_plan(plan, rows)
        found = planner.try_move(problem, before, str(household.pk), to, travel=ClockTravel(problem, roads_of(plan)))
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    if isinstance(found, planner.Refused):
        return Preview(broken=tuple(_broken(problem, fault) for fault in found.broken))
    slots = {str(slot.pk): slot for slot in plan.campaign.slots.all()}
    return replace(_preview(found, str(household.pk), to, slots), problem=problem)


def _broken(problem: planner.Problem, fault: planner.Violation) -> Broken:
    is_home = fault.subject in problem.household_by_id and fault.code not in ("two_places", "not_free")
    return Broken(
        fault.code,
        str(BROKEN.get(fault.code, fault.sentence)),
        household=int(fault.subject) if is_home else None,
        staff=int(fault.subject) if fault.code in ("two_places", "not_free") else None,
    )


def _preview(found: planner.Moved, home: str, to: str | None, slots: Mapping[str, Slot]) -> Preview:
    target = found.plan.outing_by_key[to] if to else None
    where = found.plan.outing_of
    shifts = tuple(
        Shift(
            int(one.household),
            moment(slots[where[one.household].slot], one.before),
            moment(slots[where[one.household].slot], one.after),
        )
        for one in found.effects.shifts
    )
    begins = next((stop.start for stop in target.stops if stop.household == home), None) if target else None
    return Preview(
        travel=found.effects.travel,
        shifts=shifts,
        opened=found.effects.opened,
        closed=found.effects.closed,
        missed=tuple(dict.fromkeys(str(RULES[one.rule][0]) for one in found.effects.missed)),
        arrives=moment(slots[target.slot], begins) if target and begins is not None else None,
        staff=tuple(map(int, target.staff)) if target else (),
        after=found.plan,
    )


def apply_move(plan: Plan, household: Household, to: str | None, *, seen: str) -> Preview:
    """Write a move the person has seen the effects of. `seen` is the plan's digest on that page.

    Raises Conflict when the plan has changed since, or when the rules no longer allow the move.
    """
    locked = Plan.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=plan.pk)
    if locked.digest != seen:
        raise Conflict
    preview = preview_move(locked, household, to)
    if preview.broken or preview.after is None or preview.problem is None:
        raise Conflict("".join(one.sentence for one in preview.broken))
    touched = _write(locked, preview.after)
    set_summary(locked, preview.after, digest_of(preview.after), preview.problem)
    locked.save()
    return replace(preview, after=None, problem=None, touched=touched)


def _write(plan: Plan, after: planner.Plan) -> frozenset[int]:
    """Bring the rows in line, touching only outings that differ. Stops keep their rows, so visits keep their stop.

    Returns the households whose visit may have another time or team.
    """
    rows = outings_of(plan)
    before = read_plan(plan, rows).outing_by_key
    named = {f"{row.school_class_id}@{row.slot_id}": row for row in rows}
    stops = {stop.household_id: stop for row in rows for stop in row.stops.all()}
    changed = {key: one for key, one in after.outing_by_key.items() if before.get(key) != one}
    for key, one in changed.items():
        _write_outing(named.get(key) or _opened(plan, one), one, stops)
    gone = set(stops) - {int(home) for home in after.outing_of}
    Stop.objects.filter(pk__in=[stops[home].pk for home in gone]).delete()
    closed = [named[key].pk for key in before if key not in after.outing_by_key]
    Outing.objects.filter(pk__in=closed).delete()
    return frozenset(int(stop.household) for one in changed.values() for stop in one.stops)


def _opened(plan: Plan, one: planner.Outing) -> Outing:
    slot = plan.campaign.slots.get(pk=int(one.slot))
    row = Outing(plan=plan, slot=slot, school_class=SchoolClass.objects.get(pk=int(one.class_id)))
    fill(row, one)
    row.save()
    people = Staff.objects.in_bulk([int(person) for person in one.staff])
    OutingStaff.objects.bulk_create(_team(row, one, people))
    return row


def _team(row: Outing, one: planner.Outing, people: Mapping[int, Staff]) -> Iterable[OutingStaff]:
    for person in one.staff:
        yield OutingStaff(
            outing=row,
            staff=people[int(person)],
            leads=person == one.lead,
            starts_at=row.leaves_at,
            ends_at=row.back_at,
            is_live=row.plan.is_live,
        )


def _write_outing(row: Outing, one: planner.Outing, stops: Mapping[int, Stop]) -> None:
    fill(row, one)
    row.save()
    row.team.update(starts_at=row.leaves_at, ends_at=row.back_at)
    for order, place in enumerate(one.stops, 1):
        home = int(place.household)
        stop = stops.get(home) or Stop(household=Household.objects.get(pk=home))
        stop.outing = row
        fill_stop(stop, row.slot, place, order)
        stop.save()
