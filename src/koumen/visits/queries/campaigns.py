"""What the pages of campaigns read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.registry.models import Role, SchoolClass, Staff
from koumen.visits.models import Availability, Campaign, Plan, Slot, StaffSlot, Target, Visit, VisitStudent
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.queries.coverage import by_class, total, windows
from koumen.visits.queries.rules import Check, class_checks, rules_of


@dataclass(frozen=True)
class Progress:
    """Numbers of students of a campaign, or of one class in it."""

    targets: int = 0
    key: int = 0
    planned: int = 0
    recorded: int = 0
    name: str = ""
    school_class: int = 0

    @property
    def open(self) -> int:
        return max(0, self.targets - self.planned - self.recorded)


def campaigns_of(actor: Actor) -> "QuerySet[Campaign]":
    """The campaigns this actor knows, with how many students are meant and how many were met."""
    about = Target.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign")
    met = VisitStudent.objects.filter(visit__campaign=OuterRef("pk"), visit__state=Visit.State.RECORDED)
    rows: QuerySet[Campaign] = Campaign.objects.visible_to(actor).annotate(
        targets_count=_number(about.annotate(n=Count("pk"))),
        recorded_count=_number(met.order_by().values("visit__campaign").annotate(n=Count("student", distinct=True))),
    )
    return rows


def _number(rows: Any) -> Coalesce:
    return Coalesce(Subquery(rows.values("n"), output_field=IntegerField()), 0)


# Sets of students (IN, not a join): quick also in the minutes after a plan is adopted, before statistics are known.
BY_CLASS = """
WITH met AS MATERIALIZED (
  SELECT vs.student_id, v.state FROM visits_visit v JOIN visits_visitstudent vs ON vs.visit_id = v.id
  WHERE v.org_id = %(org)s AND v.campaign_id = %(campaign)s AND v.state IN ('recorded', 'planned'))
SELECT count(*), count(*) FILTER (WHERE t.is_key),
       count(*) FILTER (WHERE s.id IN (SELECT student_id FROM met WHERE state = 'planned')
                          AND s.id NOT IN (SELECT student_id FROM met WHERE state = 'recorded')),
       count(*) FILTER (WHERE s.id IN (SELECT student_id FROM met WHERE state = 'recorded')), c.name, c.id
FROM visits_target t
JOIN registry_student s ON s.id = t.student_id
JOIN registry_schoolclass c ON c.id = s.school_class_id
JOIN registry_grade g ON g.id = c.grade_id
WHERE t.org_id = %(org)s AND t.campaign_id = %(campaign)s AND (%(classes)s::bigint[] IS NULL OR c.id = ANY(%(classes)s))
GROUP BY c.id, c.name, g.stage, g.level, c.number
ORDER BY g.stage, g.level, c.number
"""


def progress_by_class(campaign: Campaign, classes: Iterable[int] | None = None) -> list[Progress]:
    """How far each class is, in the school's order: one query, one pass over the campaign's visits."""
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "org": scope.org_id(),
        "classes": None if classes is None else sorted(classes),
    }
    with connection.cursor() as cursor:
        cursor.execute(BY_CLASS, values)
        return [Progress(*row) for row in cursor.fetchall()]


def added_up(classes: Iterable[Progress]) -> Progress:
    """The whole campaign: no student is in two classes."""
    rows = list(classes)
    names = ("targets", "key", "planned", "recorded")
    return Progress(**{name: sum(getattr(row, name) for row in rows) for name in names})


def checks(campaign: Campaign, in_scope: Iterable[int]) -> list[Check]:
    """The task numbers about these classes, held against all of them together."""
    found = by_class(windows(campaign, clock.today()), campaign=campaign, class_ids=in_scope)
    return class_checks(rules_of(campaign), {period: total(rows) for period, rows in found.items()})


def classes_to_choose() -> "QuerySet[SchoolClass]":
    """The school's classes with their grade."""
    rows: QuerySet[SchoolClass] = SchoolClass.objects.open().select_related("grade")
    return rows


def plans_of(campaign: Campaign, actor: Actor) -> list[Plan]:
    """The campaign's plans that this actor sees, newest first."""
    rows = Plan.objects.visible_to(actor).filter(campaign=campaign).select_related("job")
    return list(rows.order_by("-created_at")[:20])


@dataclass(frozen=True)
class Times:
    """A campaign's slots in numbers."""

    evenings: int
    weekend_parts: int
    closed: int
    ticked: int


def times(campaign: Campaign) -> Times:
    """How many slots there are, and how many people ticked their own."""
    found = campaign.slots.aggregate(
        evenings=Count("pk", distinct=True, filter=Q(kind=Slot.Kind.EVENING, is_open=True)),
        weekend_parts=Count("pk", distinct=True, filter=Q(is_open=True) & ~Q(kind=Slot.Kind.EVENING)),
        closed=Count("pk", distinct=True, filter=Q(is_open=False)),
        ticked=Count("campaign__availabilities", distinct=True),
    )
    return Times(**found)


def staff_with_free_time(campaign: Campaign) -> "QuerySet[Staff]":
    """Everybody who goes on visits: how many slots they are free for, and whether a person ticked them."""
    posts = Role.objects.current(clock.today()).filter(post__in=TEACHING)
    free = StaffSlot.objects.filter(slot__campaign=campaign, slot__is_open=True, staff=OuterRef("pk"))
    answered = Availability.objects.filter(campaign=campaign, staff=OuterRef("pk"))
    return (
        Staff.objects.filter(is_active=True, pk__in=posts.values("staff_id"))
        .annotate(
            free_count=_number(free.order_by().values("staff").annotate(n=Count("pk"))),
            has_ticked=Exists(answered),
        )
        .order_by("name", "pk")
    )


def free_slot_ids(campaign: Campaign, staff: Staff) -> list[int]:
    """The slots somebody is free for."""
    return list(StaffSlot.objects.filter(slot__campaign=campaign, staff=staff).values_list("slot_id", flat=True))
