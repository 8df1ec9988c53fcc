"""What the pages of recording a group visit read: the families, their visits, and what is written down already."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Guardianship, Household, Student
from koumen.visits.models import GroupVisit, Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.policies.arrangements import groups_of
from koumen.visits.queries.visits import RECENT_DAYS

OPEN = (Visit.State.PLANNED, Visit.State.POSTPONED, Visit.State.DECLINED)


@dataclass(frozen=True)
class Family:
    """A family of a group visit. `visit` is what is recorded or will be; without one, a visit is begun when it came."""

    household: Household
    visit: Visit | None
    children: list[Student]
    guardians: list[Guardianship]
    lately: date | None
    is_mine: bool  # the actor may write it down

    @property
    def record(self) -> VisitRecord | None:
        return getattr(self.visit, "record", None)

    @property
    def names(self) -> list[str]:
        return [child.name for child in self.children]


def gatherings(actor: Actor) -> "QuerySet[GroupVisit]":
    """The actor's group visits, those with a time first, the newest first."""
    rows = groups_of(actor).select_related("campaign", "place", "school_class", "slot")
    return rows.prefetch_related("homes").order_by(F("slot__starts_at").desc(nulls_last=True), "-pk")


def families_of(group: GroupVisit, actor: Actor) -> list[Family]:
    """The families of a group visit with all that its page shows, in a fixed number of queries."""
    homes = Household.objects.filter(pk__in=group.homes.values("household_id")).select_related("place")
    known = {home.pk: home for home in homes.defer("address", "address_hash").order_by("pk")}
    visits = _visits(group, list(known), actor)
    children: dict[int, list[Student]] = defaultdict(list)
    rows = Student.objects.enrolled().filter(household__in=known).select_related("school_class")
    for child in rows.order_by("school_class_id", "pk"):
        children[child.household_id or 0].append(child)
    everybody = [child.pk for some in children.values() for child in some]
    seen = set(Student.objects.visible_to(actor).filter(pk__in=everybody).values_list("pk", flat=True))
    adults = _adults(everybody)
    latest = _lately(list(known), [visit.pk for visit, _mine in visits.values()])
    found = []
    for pk, home in known.items():
        visit, is_mine = visits.get(pk, (None, any(child.pk in seen for child in children[pk])))
        around = [row for child in children[pk] for row in adults[child.pk]]
        found.append(Family(home, visit, children[pk], around, latest.get(pk), is_mine))
    return sorted(found, key=lambda one: (not one.is_mine, one.names))


def _visits(group: GroupVisit, homes: list[int], actor: Actor) -> dict[int, tuple[Visit, bool]]:
    """Each family's visit here; else the one of the campaign that still waits. And whether the actor may record it."""
    own, me = actor.units("class", "class_teacher"), actor.member_id or 0
    along = VisitStaff.objects.filter(visit=OuterRef("pk"), staff_id=me)
    taught = VisitStudent.objects.filter(visit=OuterRef("pk"), student__school_class_id__in=own)
    mine = Q(lead_id=me) | Exists(along) | Q(school_class_id__in=own) | Exists(taught)
    here = Q(group_visit=group) | Q(stop__group_visit=group, state__in=(*OPEN, Visit.State.RECORDED))
    waiting = Q(campaign=group.campaign_id, state__in=OPEN)
    rows = Visit.objects.filter(here | waiting, household__in=homes, beside=None).annotate(is_here=here, is_mine=mine)
    rows = rows.select_related("record__recorded_by", "stop", "lead").prefetch_related("companions", "students")
    found: dict[int, tuple[Visit, bool]] = {}
    # The last one stays: one of this group before any other, a recorded one before one that waits.
    for visit in rows.order_by("is_here", F("record").asc(nulls_first=True), "created_at"):
        found[visit.household_id] = (visit, bool(visit.is_mine))  # type: ignore[attr-defined]
    return found


def _adults(children: list[int]) -> dict[int, list[Guardianship]]:
    found: dict[int, list[Guardianship]] = defaultdict(list)
    rows = Guardianship.objects.filter(student__in=children, ends=None).select_related("guardian")
    for row in rows.order_by("order", "pk"):
        found[row.student_id].append(row)
    return found


def _lately(homes: list[int], but: list[UUID]) -> dict[int, date]:
    """The day of each family's last visit of two weeks: the day only, not who."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    rows = Visit.objects.recorded().filter(household__in=homes, starts_at__gte=since).exclude(pk__in=but)
    newest = rows.order_by().values_list("household_id").annotate(last=Max("starts_at"))
    return {home: clock.local(last).date() for home, last in newest}
