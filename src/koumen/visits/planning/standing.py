"""Which visits and which slots a change of the plan may not touch."""

from collections.abc import Iterable
from datetime import datetime

from koumen.core import clock
from koumen.visits.models import Plan, Stop, Visit
from koumen.visits.planning.problem import AHEAD

# Visits that stay as they are whatever happens. Appointments with families are made elsewhere; once they are, a visit
# whose family has agreed to its time belongs here too.
TOLD = (Visit.State.RECORDED, Visit.State.DECLINED, Visit.State.CANCELLED)


def locked_stops(plan: Plan) -> dict[int, Stop]:
    """The stops that keep slot and time, by household: recorded, answered by the family, or within a day."""
    stops = Stop.objects.filter(outing__plan=plan).select_related("outing__slot")
    settled = set(plan.campaign.visits.filter(state__in=TOLD).values_list("household_id", flat=True))
    soon = clock.now() + AHEAD
    return {
        stop.household_id: stop for stop in stops if stop.household_id in settled or stop.outing.slot.starts_at < soon
    }


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
