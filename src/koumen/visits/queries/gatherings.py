"""What the pages of recording a group visit read: the families, their visits, and what is written down already."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Guardianship, Household, Student
from koumen.visits.models import GroupVisit, QuestionForm, Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.policies.arrangements import groups_of
from koumen.visits.queries.arrangements import groups_in_sight
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


def groups_to_record(actor: Actor) -> "QuerySet[GroupVisit]":
    """Group visits of the campaigns the actor knows; whether the actor has families there, and what else is asked."""
    rows = groups_in_sight(actor).select_related("campaign", "place", "school_class", "slot")
    asked = QuestionForm.objects.in_use().filter(campaign=OuterRef("campaign")).values("pk")[:1]
    return rows.annotate(is_mine=Exists(groups_of(actor).filter(pk=OuterRef("pk"))), asks=Subquery(asked))


def gatherings(actor: Actor) -> "QuerySet[GroupVisit]":
    """The actor's group visits, those with a time first, the newest first."""
    rows = groups_of(actor).select_related("campaign", "place", "school_class", "slot")
    return rows.prefetch_related("homes").order_by(F("slot__starts_at").desc(nulls_last=True), "-pk")


def families_of(group: GroupVisit, actor: Actor) -> list[Family]:
    """The families of a group visit that have a child here, with all that its page shows, in four queries."""
    homes = group.homes.values("household_id")
    visits = _visits(group, homes, actor)
    rows = Student.objects.enrolled().filter(household__in=homes).select_related("school_class", "household")
    rows = rows.annotate(last=_lately(group), seen=Exists(Student.objects.visible_to(actor).filter(pk=OuterRef("pk"))))
    children: dict[int, list[Any]] = defaultdict(list)
    for child in rows.defer("household__address", "household__address_hash").order_by("school_class_id", "pk"):
        children[child.household_id or 0].append(child)
    adults = _adults([child.pk for some in children.values() for child in some])
    found = []
    for pk, some in children.items():
        visit, is_mine = visits.get(pk, (None, any(child.seen for child in some)))
        around = {row.relation: row for child in reversed(some) for row in reversed(adults[child.pk])}
        last = some[0].last
        found.append(
            Family(
                some[0].household,
                visit,
                some,
                list(around.values())[::-1],
                clock.local(last).date() if last else None,
                is_mine,
            )
        )
    return sorted(found, key=lambda one: (not one.is_mine, one.names))


def _visits(group: GroupVisit, homes: Any, actor: Actor) -> dict[int, tuple[Visit, bool]]:
    """Each family's visit here; else the one of the campaign that still waits. And whether the actor may record it."""
    own, me = actor.units("class", "class_teacher"), actor.member_id or 0
    along = VisitStaff.objects.filter(visit=OuterRef("pk"), staff_id=me)
    taught = VisitStudent.objects.filter(visit=OuterRef("pk"), student__school_class_id__in=own)
    mine = Q(lead_id=me) | Exists(along) | Q(school_class_id__in=own) | Exists(taught)
    here = Q(group_visit=group) | Q(stop__group_visit=group, state__in=(*OPEN, Visit.State.RECORDED))
    waiting = Q(campaign=group.campaign_id, state__in=OPEN)
    rows = Visit.objects.filter(here | waiting, household__in=homes, beside=None).annotate(is_here=here, is_mine=mine)
    team = Prefetch("companions", VisitStaff.objects.select_related("staff"))
    rows = rows.select_related("record__recorded_by", "stop", "lead").prefetch_related(team)
    found: dict[int, tuple[Visit, bool]] = {}
    # The last one stays: one of this group before any other, a recorded one before one that waits.
    annotated: QuerySet[Any] = rows
    for visit in annotated.order_by("is_here", F("record").asc(nulls_first=True), "created_at"):
        found[visit.household_id] = (visit, bool(visit.is_mine))
    return found


def _adults(children: list[int]) -> dict[int, list[Guardianship]]:
    found: dict[int, list[Guardianship]] = defaultdict(list)
    rows = Guardianship.objects.filter(student__in=children, ends=None).select_related("guardian")
    for row in rows.order_by("order", "pk"):
        found[row.student_id].append(row)
    return found


def _lately(group: GroupVisit) -> Subquery:
    """When the child's family was visited in the last two weeks, but for this meeting: the moment, not who."""
    since = clock.now() - timedelta(days=RECENT_DAYS)
    rows = Visit.objects.recorded().filter(household=OuterRef("household"), starts_at__gte=since)
    rows = rows.filter(Q(group_visit=None) | ~Q(group_visit=group)).order_by("-starts_at")
    return Subquery(rows.values("starts_at")[:1])
