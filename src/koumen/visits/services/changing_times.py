"""A family's answer in the plan: its visit taken to another slot, or out of its outing; nobody else moves."""

from collections.abc import Collection

from django.db import transaction

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Refusal
from koumen.visits.models import Plan, Visit
from koumen.visits.planning.replans import Afar, Other, look
from koumen.visits.queries.offers import AHEAD
from koumen.visits.services.changing import change


def move_to_slot(visit: Visit, slot_id: int, *, by: Actor) -> bool:
    """Mend the plan so that the family is visited in this slot. False, with nothing changed, when that cannot be."""
    plan = _plan_of(visit)
    slot = plan.campaign.slots.open().from_on(clock.now() + AHEAD).filter(pk=slot_id).first() if plan else None
    if plan is None or slot is None:
        return False
    home, what = str(visit.household_id), Other(visit.household, (slot,))
    try:
        with transaction.atomic():
            found = look(plan, what)
            place = found.found.plan.outing_of.get(home) if found else None
            if found is None or place is None or found.faults or place.slot != str(slot.pk):
                return False
            change(plan, by=by, what=what, found=found)
    except Refusal:
        return False
    return True


def leave_outing(visit: Visit, *, by: Actor) -> None:
    """Take the visit out of its outing: the family is met in another way. Where the plan cannot be mended (a family
    met together with others) the stop stays in it, without its visit.
    """
    plan = _plan_of(visit) if visit.stop_id else None
    if plan is not None:
        what = Afar(visit.household)
        try:
            with transaction.atomic():
                found = look(plan, what)
                if found is not None and not found.faults:
                    change(plan, by=by, what=what, found=found)
        except Refusal:
            pass
    visit.refresh_from_db()
    visit.stop = None
    visit.save(update_fields=["stop"])


def lock_plans(campaigns: Collection[int | None]) -> None:
    """Let a change of these campaigns' plans wait, or wait for it: plans are locked before visits and appointments,
    here as in a replanning, so that neither waits for the other.
    """
    rows = Plan.objects.select_for_update(of=("self",)).filter(campaign__in=[one for one in campaigns if one])
    list(rows.filter(state=Plan.State.ADOPTED).order_by("pk").values_list("pk", flat=True))


def _plan_of(visit: Visit) -> Plan | None:
    """The plan in force of the visit's campaign, locked."""
    if visit.campaign_id is None:
        return None
    rows = Plan.objects.select_for_update(of=("self",)).select_related("campaign")
    found: Plan | None = rows.filter(campaign=visit.campaign_id, state=Plan.State.ADOPTED).first()
    return found
