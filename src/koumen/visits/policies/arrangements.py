"""Who may note what families and staff say before a campaign is planned."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from koumen.core.actor import Actor
from koumen.registry.models import Household, Staff, Student
from koumen.visits.models import Campaign, GroupVisit, Stop, Visit, VisitStaff
from koumen.visits.policies.campaigns import manages
from koumen.visits.policies.visits import may_keep_records


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


def groups_of(actor: Actor) -> "QuerySet[GroupVisit]":
    """Group visits the actor goes to, answers for as class teacher, or sends children of the own class to."""
    own = actor.units("class", "class_teacher")
    me = actor.member_id or 0
    joined = VisitStaff.objects.filter(staff_id=me).values("visit_id")
    went = Visit.objects.filter(Q(lead_id=me) | Q(pk__in=joined))
    stops = Stop.objects.filter(group_visit=OuterRef("pk"), visit__in=went.values("pk"))
    children = Student.objects.enrolled().filter(school_class_id__in=own)
    homes = GroupVisit.objects.filter(homes__household__in=children.values("household_id"))
    rows: QuerySet[GroupVisit] = GroupVisit.objects.filter(
        Q(school_class_id__in=own)
        | Q(pk__in=homes.values("pk"))
        | Exists(stops)
        | Exists(went.filter(group_visit=OuterRef("pk")))
    )
    return rows


def may_record_group(actor: Actor, group: GroupVisit) -> bool:
    """Whoever goes there, and class teachers of the children; each family's own visit is asked about besides."""
    known: bool | None = getattr(group, "is_mine", None)  # asked along with the row, where its page is shown
    return may_keep_records(actor) and (groups_of(actor).filter(pk=group.pk).exists() if known is None else known)
