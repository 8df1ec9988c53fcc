"""A stored plan brought in line with a changed one, row by row."""

from collections.abc import Iterable, Mapping

from koumen import planner
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models import Outing, OutingStaff, Plan, Stop
from koumen.visits.planning.outings import fill, fill_stop, outings_of, read_plan


def rewrite(plan: Plan, after: planner.Plan) -> frozenset[int]:
    """Touch only outings that differ. Stops keep their rows, so visits keep their stop.

    Returns the households whose visit may have another time or team. People leave before others join, so that nobody
    is in two places in between.
    """
    rows = outings_of(plan)
    before = read_plan(plan, rows).outing_by_key
    named = {f"{row.school_class_id}@{row.slot_id}": row for row in rows}
    stops = {stop.household_id: stop for row in rows for stop in row.stops.all()}
    changed = {key: one for key, one in after.outing_by_key.items() if before.get(key) != one}
    closed = [named[key].pk for key in before if key not in after.outing_by_key]
    OutingStaff.objects.filter(outing__in=closed).delete()
    for key, one in changed.items():
        if key in named:
            named[key].team.exclude(staff__in=[int(person) for person in one.staff]).delete()
    people = Staff.objects.in_bulk([int(person) for one in changed.values() for person in one.staff])
    for key, one in changed.items():
        _write_outing(named.get(key) or _opened(plan, one), one, stops, people)
    gone = set(stops) - {int(home) for home in after.outing_of}
    Stop.objects.filter(pk__in=[stops[home].pk for home in gone]).delete()
    Outing.objects.filter(pk__in=closed).delete()
    return frozenset(int(stop.household) for one in changed.values() for stop in one.stops)


def _opened(plan: Plan, one: planner.Outing) -> Outing:
    slot = plan.campaign.slots.get(pk=int(one.slot))
    return Outing(plan=plan, slot=slot, school_class=SchoolClass.objects.get(pk=int(one.class_id)))


def _write_outing(row: Outing, one: planner.Outing, stops: Mapping[int, Stop], people: Mapping[int, Staff]) -> None:
    fill(row, one)
    row.save()
    row.team.update(starts_at=row.leaves_at, ends_at=row.back_at)
    there = {member.staff_id: member for member in OutingStaff.objects.filter(outing=row)}
    OutingStaff.objects.bulk_create(_joining(row, one, people, there))
    for staff, member in there.items():
        if member.leads != (str(staff) == one.lead):
            member.leads = not member.leads
            member.save(update_fields=["leads"])
    for order, place in enumerate(one.stops, 1):
        home = int(place.household)
        stop = stops.get(home) or Stop(household=Household.objects.get(pk=home))
        stop.outing = row
        fill_stop(stop, row.slot, place, order)
        stop.save()


def _joining(
    row: Outing, one: planner.Outing, people: Mapping[int, Staff], there: Mapping[int, OutingStaff]
) -> Iterable[OutingStaff]:
    for person in one.staff:
        if int(person) not in there:
            yield OutingStaff(
                outing=row,
                staff=people[int(person)],
                leads=person == one.lead,
                starts_at=row.leaves_at,
                ends_at=row.back_at,
                is_live=row.plan.is_live,
            )
