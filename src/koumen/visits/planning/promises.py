"""What families have said yes to: times no plan may touch, and visits that need no way at all."""

from koumen.visits.models import Appointment, Campaign, Mode, Visit

# Ways of meeting that put no team on the road.
AFAR = (Mode.AT_SCHOOL, Mode.PHONE, Mode.VIDEO, Mode.ONLINE, Mode.LETTER)


def promised_homes(campaign: Campaign) -> set[int]:
    """Families that have agreed to the time of their visit at the door; it keeps that time."""
    rows = Appointment.objects.agreed().filter(visit__campaign=campaign, visit__stop__isnull=False)
    return set(rows.values_list("visit__household_id", flat=True))


def homes_met_afar(campaign: Campaign) -> set[int]:
    """Families that have chosen the phone, the screen or the school, and are still to be met."""
    rows = Appointment.objects.agreed().filter(visit__campaign=campaign, mode__in=AFAR)
    return set(rows.filter(visit__state=Visit.State.PLANNED).values_list("visit__household_id", flat=True))


def settled_by_answer(campaign: Campaign) -> set[int]:
    """Families whose own answer has settled how and when they are met: a new plan does not ask again."""
    rows = Appointment.objects.agreed().filter(visit__campaign=campaign)
    return set(rows.values_list("visit__household_id", flat=True))
