"""Who may file a trip, say how it goes, see to an alarm, and call outings off."""

from koumen.core.actor import Actor, OrgRef
from koumen.visits.models import Outing, Trip
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies.campaigns import manages


def goes(actor: Actor, outing: Outing) -> bool:
    """Whether somebody is on an outing's team."""
    return any(member.staff_id == actor.member_id for member in outing.team.all())


def may_file(actor: Actor, outing: Outing) -> bool:
    """Whoever goes, for the whole team."""
    return actor.holds(*TEACHING) and goes(actor, outing)


def may_see_trip(actor: Actor, trip: Trip) -> bool:
    """Whoever has it in sight (`TripQuerySet.visible_to`)."""
    return actor.member_id is not None


def may_report(actor: Actor, trip: Trip) -> bool:
    """Departed, arrived, returned: who goes says so; buddy and duty leader may, after a call."""
    return actor.member_id in {*trip.team, trip.buddy_id, trip.duty_leader_id}


def may_change(actor: Actor, trip: Trip) -> bool:
    """Whoever goes, and the managers of visits."""
    return actor.member_id in trip.team or manages(actor)


def may_see_to(actor: Actor, trip: Trip) -> bool:
    """An alarm is for the buddy and the duty leader; the managers may take it over."""
    return actor.member_id in {trip.buddy_id, trip.duty_leader_id} or manages(actor)


def may_arrange_safety(actor: Actor, org: OrgRef) -> bool:
    """The school's emergency contact, and calling off outings of a day or a village."""
    return actor.member_id is not None and manages(actor)
