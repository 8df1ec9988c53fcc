"""What the pages of families' times, clearance, group visits and pairs read."""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Household, Place, Role, SchoolClass, Staff, Student
from koumen.visits.models import (
    Campaign,
    Clearance,
    Exemption,
    FamilyAnswer,
    FamilySlot,
    GroupVisit,
    GroupVisitHome,
    Target,
)
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.policies.campaigns import manages

MOST_FAMILIES = 60  # offered for one group visit


def families_of(campaign: Campaign, actor: Actor) -> "QuerySet[Household]":
    """The families a campaign means to visit that this actor cares for: children, place, answer, group visit."""
    targets = Target.objects.filter(campaign=campaign, student__household=OuterRef("pk"))
    if not manages(actor):
        targets = targets.filter(student__school_class_id__in=actor.units("class", "class_teacher"))
    rows: QuerySet[Household] = Household.objects.defer("address", "address_hash").filter(Exists(targets))
    return (
        rows.select_related("place")
        .prefetch_related(Prefetch("students", Student.objects.enrolled().select_related("school_class")))
        .annotate(
            has_answered=Exists(FamilyAnswer.objects.filter(campaign=campaign, household=OuterRef("pk"))),
            is_in_group=Exists(GroupVisitHome.objects.filter(group_visit__campaign=campaign, household=OuterRef("pk"))),
        )
        .order_by("place__name", "pk")
    )


def family_slot_ids(campaign: Campaign, household: Household) -> list[int]:
    """The slots in which the family said it can receive."""
    rows = FamilySlot.objects.filter(slot__campaign=campaign, household=household)
    return list(rows.values_list("slot_id", flat=True))


def has_answered(campaign: Campaign, household: Household) -> bool:
    """Whether the family has said its own times."""
    return FamilyAnswer.objects.filter(campaign=campaign, household=household).exists()


def staff_with_clearance(campaign: Campaign) -> "QuerySet[Staff]":
    """Everybody who goes on visits: what they have, and why they have no task number."""
    posts = Role.objects.current(clock.today()).filter(post__in=TEACHING)
    valid = Clearance.objects.filter(Q(valid_until=None) | Q(valid_until__gte=clock.today()), staff=OuterRef("pk"))
    rows: QuerySet[Staff] = Staff.objects.filter(is_active=True, pk__in=posts.values("staff_id"))
    return rows.annotate(
        is_trained=Exists(valid.filter(kind=Clearance.Kind.TRAINING)),
        has_signed=Exists(valid.filter(kind=Clearance.Kind.COMMITMENT)),
        is_exempt=Exists(Exemption.objects.filter(campaign=campaign, staff=OuterRef("pk"))),
    ).order_by("name", "pk")


def clearances_of(staff: Staff) -> dict[str, Clearance]:
    """What somebody has, by kind."""
    return {row.kind: row for row in Clearance.objects.filter(staff=staff)}


def groups_of(campaign: Campaign) -> list[GroupVisit]:
    """The campaign's group visits with their families' children, in four queries."""
    children = Prefetch("household__students", Student.objects.enrolled())
    homes = Prefetch("homes", GroupVisitHome.objects.select_related("household").prefetch_related(children))
    rows = campaign.group_visits.select_related("place", "school_class", "slot").prefetch_related(homes)
    return list(rows)


def groups_in_sight(actor: Actor) -> "QuerySet[GroupVisit]":
    """Group visits of the campaigns this actor knows."""
    rows: QuerySet[GroupVisit] = GroupVisit.objects.filter(campaign__in=Campaign.objects.visible_to(actor))
    return rows.select_related("campaign", "place")


def families_to_gather(campaign: Campaign, place: Place, group: GroupVisit | None = None) -> list[Household]:
    """Families of this place that may be met together: not key, not met elsewhere, those of `group` first."""
    targets = Target.objects.filter(campaign=campaign, student__household=OuterRef("pk"))
    elsewhere = GroupVisitHome.objects.filter(group_visit__campaign=campaign, household=OuterRef("pk"))
    if group is not None:
        elsewhere = elsewhere.exclude(group_visit=group)
    rows = Household.objects.defer("address", "address_hash").filter(Exists(targets), ~Exists(elsewhere), place=place)
    rows = rows.filter(~Exists(targets.filter(is_key=True)))
    return list(
        rows.prefetch_related(Prefetch("students", Student.objects.enrolled().select_related("school_class"))).order_by(
            "pk"
        )[:MOST_FAMILIES]
    )


def places_of(campaign: Campaign) -> "QuerySet[Place]":
    """Places where families of the campaign live."""
    homes = Target.objects.filter(campaign=campaign, student__household__place=OuterRef("pk"))
    rows: QuerySet[Place] = Place.objects.filter(Exists(homes)).order_by("name")
    return rows


def classes_of(campaign: Campaign) -> "QuerySet[SchoolClass]":
    """The classes that take part, in the school's order."""
    rows: QuerySet[SchoolClass] = SchoolClass.objects.filter(pk__in=campaign.scope.values("school_class_id"))
    return rows.select_related("grade")
