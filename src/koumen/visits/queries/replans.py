"""What the pages of changing a plan offer to choose from."""

from collections.abc import Iterable
from datetime import date

from koumen.core import clock
from koumen.registry.models import Household, Place, SchoolClass, Staff, Student
from koumen.visits.models import Outing, OutingStaff, Plan, Slot, Stop, Visit
from koumen.visits.queries.plans import families

Choices = list[tuple[str, str]]
SETTLED = (Visit.State.RECORDED, Visit.State.DECLINED, Visit.State.CANCELLED)


def staff_going(plan: Plan) -> Choices:
    """Everybody who goes on an outing still to come."""
    team = OutingStaff.objects.filter(outing__plan=plan, outing__back_at__gte=clock.now())
    rows = Staff.objects.filter(pk__in=team.values("staff_id")).order_by("name", "pk")
    return [(str(one.pk), one.name) for one in rows]


def coming(plan: Plan) -> "list[Slot]":
    """The slots of the campaign that are not over."""
    return list(plan.campaign.slots.filter(ends_at__gte=clock.now()))


def days_to_come(plan: Plan) -> list[date]:
    """The days with outings still to come."""
    rows = Outing.objects.filter(plan=plan, back_at__gte=clock.now())
    return sorted(set(rows.order_by().values_list("slot__date", flat=True)))


def classes_of(plan: Plan) -> Choices:
    rows = SchoolClass.objects.filter(outings__plan=plan).distinct().order_by("grade__stage", "grade__level", "number")
    return [(str(one.pk), one.name) for one in rows]


def places() -> Choices:
    return [(str(one.pk), one.name) for one in Place.objects.all()]


def homes_to_come(plan: Plan) -> Choices:
    """The families of the plan whose visit is still to be made, by their children's names."""
    rows = Stop.objects.filter(outing__plan=plan, starts_at__gte=clock.now())
    ids = set(rows.values_list("household_id", flat=True))
    ids |= {row["household"] for row in plan.unplanned if "household" in row}
    return sorted(((str(pk), name) for pk, name in families(ids).items()), key=lambda one: one[1])


def joined_since(plan: Plan) -> "dict[int, list[Student]]":
    """Children on roll in the campaign's classes of whom the plan does not speak, by household: new families, and new
    children of families it speaks of. Families already met are not asked again.
    """
    scope = plan.campaign.scope.values("school_class_id")
    spoken_of = {row["household"] for row in plan.unplanned if "household" in row} | set(plan.remote)
    spoken_of |= set(Stop.objects.filter(outing__plan=plan).values_list("household_id", flat=True))
    known = set(plan.campaign.targets.values_list("student_id", flat=True))
    met = plan.campaign.visits.filter(state__in=SETTLED).values("household_id")
    rows = Student.objects.enrolled().filter(school_class__in=scope, household__isnull=False)
    found: dict[int, list[Student]] = {}
    for child in rows.exclude(household__in=met).select_related("school_class").order_by("pk"):
        if child.household_id is not None and (child.pk not in known or child.household_id not in spoken_of):
            found.setdefault(child.household_id, []).append(child)
    return found


def names_of_staff(ids: Iterable[int]) -> dict[int, str]:
    return dict(Staff.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def home(pk: int) -> Household | None:
    return Household.objects.filter(pk=pk).first()
