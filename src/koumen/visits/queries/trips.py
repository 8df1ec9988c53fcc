"""What the pages of trips read."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from koumen.core import clock
from koumen.registry.models import Account, Place, Role, Staff, Student
from koumen.visits.models import Outing, OutingStaff, SafetyContact, Stop, Trip, Visit
from koumen.visits.queries.visits import midnight

LEADING = ("vice_principal", "middle_leader", "moral_office", "principal")  # in the order they are proposed
DAYS_AHEAD = 30
MOST_STAFF = 300


def trips(rows: "QuerySet[Trip]") -> "QuerySet[Trip]":
    """With everything a list shows."""
    return rows.select_related("buddy", "duty_leader", "seen_by", "outing")


def of(outing: Outing) -> Trip | None:
    """The trip filed for an outing."""
    return trips(Trip.objects.filter(outing=outing)).first()


def contact() -> SafetyContact | None:
    """Whom anybody on the road can call."""
    return SafetyContact.objects.first()


def phone_of(staff: Staff) -> str:
    """The number on file: of the member of staff, or else of their account; empty when there is none."""
    if staff.phone or staff.account_id is None:
        return staff.phone
    account = Account.objects.filter(pk=staff.account_id).first()
    return account.phone if account else ""


def _away(outing: Outing, staff: str = "pk") -> Any:
    """Who is on an outing at that time; `staff` names whom a row of the question around it is about."""
    there = Q(starts_at__lt=outing.back_at, ends_at__gt=outing.leaves_at)
    return OutingStaff.objects.filter(there, staff=OuterRef(staff), is_live=True)


def buddies(outing: Outing) -> list[Staff]:
    """Colleagues who stay behind: teachers of the class first, leaders late, those out then last."""
    team = [member.staff_id for member in outing.team.all()]
    rows: Any = Staff.objects.filter(is_active=True, account_id__isnull=False).exclude(pk__in=team)
    teaches = Role.objects.current(clock.today()).filter(staff=OuterRef("pk"), school_class=outing.school_class_id)
    administers = Role.objects.current(clock.today()).filter(staff=OuterRef("pk"), post__endswith="_admin")
    leads = Role.objects.current(clock.today()).filter(staff=OuterRef("pk"), post__in=LEADING)
    rows = rows.exclude(Exists(administers)).annotate(
        is_away=Exists(_away(outing)), teaches=Exists(teaches), leads=Exists(leads)
    )
    return list(rows.order_by("is_away", "-teaches", "leads", "name", "pk")[:MOST_STAFF])


def leaders(outing: Outing) -> list[Staff]:
    """Leaders who stay behind, in the order they are proposed."""
    team = [member.staff_id for member in outing.team.all()]
    posts: Any = Role.objects.current(clock.today()).filter(post__in=LEADING, staff__is_active=True)
    posts = posts.filter(staff__account_id__isnull=False).exclude(staff__in=team).select_related("staff")
    found: dict[tuple[bool, int, str, int], Staff] = {}
    seen: set[int] = set()
    for role in sorted(posts.annotate(is_away=Exists(_away(outing, "staff"))), key=lambda one: LEADING.index(one.post)):
        if role.staff_id not in seen:
            seen.add(role.staff_id)
            found[role.is_away, LEADING.index(role.post), role.staff.name, role.staff_id] = role.staff
    return [found[place] for place in sorted(found)]


def needs_two(outing: Outing) -> bool:
    """Whether somewhere on the way nobody should be alone."""
    return any(stop.household.is_remote or stop.household.is_risky for stop in outing.stops.all())


def overdue(now: datetime, after: timedelta) -> "QuerySet[Trip]":
    """Trips nobody is back from, that long after they should have been."""
    return trips(Trip.objects.under_way().filter(back_at__lte=now - after))


def to_come(day: date, place: Place | None = None) -> "QuerySet[Stop]":
    """The stops of a day that stand in a plan in force and are still to be made, in one village or everywhere."""
    rows = Stop.objects.filter(
        outing__plan__state="adopted",
        visit__state=Visit.State.PLANNED,
        outing__back_at__gte=clock.now(),
        starts_at__gte=midnight(day),
        starts_at__lt=midnight(day + timedelta(days=1)),
    )
    if place is not None:
        rows = rows.filter(household__place=place)
    return rows.select_related("visit", "outing__school_class", "outing__slot", "household__place").order_by(
        "starts_at", "pk"
    )


def days_to_come() -> list[date]:
    """The next days with outings."""
    rows = Outing.objects.live().filter(back_at__gte=clock.now())
    rows = rows.filter(leaves_at__lt=clock.now() + timedelta(days=DAYS_AHEAD))
    return sorted(set(rows.order_by().values_list("slot__date", flat=True)))


def stops_of(trip: Trip) -> "QuerySet[Stop]":
    """Where the trip goes, in order, with the children's names for those who go."""
    children: Any = Student.objects.enrolled().only("id", "org_id", "name", "household_id").order_by("pk")
    rows = Stop.objects.filter(outing=trip.outing_id or 0).select_related("household__place", "group_visit")
    rows = rows.prefetch_related(Prefetch("household__students", children))
    return rows.defer("household__address").order_by("order")


def plans_on(day: date) -> list[int]:
    """The plans in force with outings on that day."""
    rows = Outing.objects.live().filter(slot__date=day)
    return sorted(set(rows.order_by().values_list("plan_id", flat=True)))
