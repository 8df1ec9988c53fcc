"""Who may note what families and staff say before a campaign is planned."""

from koumen.core.actor import Actor
from koumen.registry.models import Household, Staff
from koumen.visits.models import Campaign, GroupVisit
from koumen.visits.policies.campaigns import manages


def may_see_families(actor: Actor, campaign: Campaign) -> bool:
    """Managers all of them; a class teacher those of the own class."""
    return manages(actor) or bool(actor.units("class", "class_teacher"))


def may_note_family(actor: Actor, household: Household) -> bool:
    """Managers, and the class teacher of one of the children."""
    own = actor.units("class", "class_teacher")
    return manages(actor) or household.students.enrolled().filter(school_class_id__in=own).exists()


def may_clear_staff(actor: Actor, staff: Staff) -> bool:
    """The managers of visits: training, commitments, exemptions."""
    return manages(actor)


def may_manage_group(actor: Actor, group: GroupVisit) -> bool:
    return manages(actor)
