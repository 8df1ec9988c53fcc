"""Which visits and which slots a change of the plan may not touch."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from koumen import planner
from koumen.core import clock
from koumen.visits.models import Plan, Stop, Visit
from koumen.visits.planning.problem import AHEAD
from koumen.visits.planning.promises import promised_homes

# Visits that stay as they are whatever happens; so do those whose family has agreed to the time (`promises`).
TOLD = (Visit.State.RECORDED, Visit.State.DECLINED, Visit.State.CANCELLED)


def locked_stops(plan: Plan) -> dict[int, Stop]:
    """The stops that keep slot and time, by household: recorded, answered by the family, or within a day."""
    stops = Stop.objects.filter(outing__plan=plan).select_related("outing__slot")
    settled = set(plan.campaign.visits.filter(state__in=TOLD).values_list("household_id", flat=True))
    settled |= promised_homes(plan.campaign)
    soon = clock.now() + AHEAD
    return {
        stop.household_id: stop for stop in stops if stop.household_id in settled or stop.outing.slot.starts_at < soon
    }


def promised_stops(plan: Plan) -> dict[int, Stop]:
    """The stops whose family has agreed to the time, by household."""
    rows = Stop.objects.filter(outing__plan=plan, household__in=promised_homes(plan.campaign))
    return {stop.household_id: stop for stop in rows.select_related("outing__slot")}


def settled_homes_of(plan: Plan) -> frozenset[int]:
    """Families whose visit is over, one way or another: no change speaks of them."""
    past = Stop.objects.filter(outing__plan=plan, starts_at__lt=clock.now()).values_list("household_id", flat=True)
    settled = plan.campaign.visits.filter(state__in=TOLD).values_list("household_id", flat=True)
    return frozenset(past) | frozenset(settled)


def frozen_slots(plan: Plan, now: datetime) -> frozenset[int]:
    """The slots in which nothing is added: closed, over, or beginning within a day."""
    rows = plan.campaign.slots.values_list("pk", "is_open", "starts_at")
    return frozenset(pk for pk, is_open, starts in rows if not is_open or starts < now + AHEAD)


def stops_of(plan: Plan, households: Iterable[int]) -> Iterable[Stop]:
    """The stops of these families in the plan."""
    return Stop.objects.filter(outing__plan=plan, household__in=list(households)).select_related("outing__slot")


def with_locks(plan: Plan, problem: planner.Problem, stops: dict[int, Stop]) -> planner.Problem:
    """With these visits, by household, keeping their time, as far as it fits their slot."""
    for one in problem.gatherings:  # who is met together is locked together
        if any(int(home) in stops for home in one.households):
            stops |= {stop.household_id: stop for stop in stops_of(plan, map(int, one.households))}
    locks = []
    for home, stop in sorted(stops.items()):
        start = int((stop.starts_at - stop.outing.slot.starts_at).total_seconds())
        slot = problem.slot_by_id[str(stop.outing.slot_id)]
        if str(home) in problem.household_by_id and 0 <= start < slot.length:
            locks.append(planner.Locked(str(home), slot.id, start))
    return replace(problem, locked=tuple(locks))
