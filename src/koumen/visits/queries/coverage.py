"""Coverage: how many children were visited, how, and by whom; one statement for all classes, one for all staff.

The definitions are those of the indicators (家访率, 入户率, 班主任入户完成率 …): distinct children on roll; modes 01–07
count as visited, 01 alone as a door visit; a visit of several children credits each of them. A class teacher's own
door visit is one that the person who was class teacher of the child's class on that day led or went along with.
A family that wished for another way, or was away, and was met otherwise is exempt from door rates and shown apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Max, OuterRef, Q
from django.db.models.functions import JSONObject

from koumen.core import clock, scope
from koumen.registry.models import SchoolYear
from koumen.visits.models import Campaign, Quota

# Answers that exempt a family from door rates: of a visit not made, and of a record made another way.
WILL_OF_FAMILY = ["declined", "away", "wish"]


@dataclass(frozen=True)
class Window:
    """A stretch of days, both ends included."""

    first: date
    last: date

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """First moment, and first moment after."""
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), clock.ZONE), datetime.combine(after, time(), clock.ZONE)


@dataclass(frozen=True)
class Coverage:
    """Numbers of children of a class, or of several added up."""

    on_roll: int = 0
    visited: int = 0
    door: int = 0
    own_door: int = 0
    exempt: int = 0  # not met at the door by the family's own wish, met otherwise
    key: int = 0
    key_door: int = 0
    key_exempt: int = 0
    new: int = 0
    new_visited: int = 0

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


@dataclass(frozen=True)
class StaffCoverage:
    """What one member of staff did: distinct children, those at the door, visits."""

    students: int = 0
    door: int = 0
    visits: int = 0


ByPeriod = Mapping[str, Window]

CLASSES = """
WITH span(period, starts, ends) AS (SELECT * FROM unnest(%(periods)s::text[], %(starts)s::timestamptz[],
                                                        %(ends)s::timestamptz[])),
child AS MATERIALIZED (
  SELECT s.id, s.school_class_id, s.is_new,
         (SELECT t.is_key FROM visits_target t WHERE t.campaign_id = %(campaign)s AND t.student_id = s.id) AS is_key,
         (SELECT t.door_only FROM visits_target t WHERE t.campaign_id = %(campaign)s AND t.student_id = s.id) AS strict
  FROM registry_student s
  WHERE s.state = 'enrolled' AND s.school_class_id IS NOT NULL
    AND (%(classes)s::bigint[] IS NULL OR s.school_class_id = ANY(%(classes)s))),
seen AS MATERIALIZED (
  SELECT s.id, s.school_class_id, s.is_new, v.starts_at,
         v.state = 'recorded' AND v.mode <> '99' AS visited,
         v.state = 'recorded' AND v.mode = '01' AS door,
         v.state = 'recorded' AND v.mode = '01' AND (r.staff_id = v.lead_id OR c.id IS NOT NULL) AS own_door,
         v.not_visited = ANY(%(will)s) OR coalesce(rec.fallback_reason, '') = ANY(%(will)s) AS will
  FROM visits_visit v
  JOIN visits_visitstudent vs ON vs.visit_id = v.id
  JOIN registry_student s ON s.id = vs.student_id AND s.state = 'enrolled' AND s.school_class_id IS NOT NULL
  LEFT JOIN visits_visitrecord rec ON rec.visit_id = v.id
  LEFT JOIN registry_role r ON r.post = 'class_teacher' AND r.school_class_id = s.school_class_id
    AND r.starts <= (v.starts_at AT TIME ZONE 'Asia/Shanghai')::date
    AND (r.ends IS NULL OR r.ends >= (v.starts_at AT TIME ZONE 'Asia/Shanghai')::date)
  LEFT JOIN visits_visitstaff c ON c.visit_id = v.id AND c.staff_id = r.staff_id
  WHERE v.starts_at >= (SELECT min(starts) FROM span) AND v.starts_at < (SELECT max(ends) FROM span)
    AND (%(classes)s::bigint[] IS NULL OR s.school_class_id = ANY(%(classes)s))),
-- Children and what was seen of them are stacked and grouped, not joined: a join would depend on the planner's guess
-- at sizes it cannot know in a school imported a minute ago.
met AS (
  SELECT period, id, school_class_id, is_new, bool_or(visited) AS visited, bool_or(door) AS door,
         coalesce(bool_or(own_door), false) AS own_door, bool_or(will) AS will,
         bool_or(is_key) AS is_key, bool_or(strict) AS strict
  FROM (SELECT span.period, child.*, false AS visited, false AS door, false AS own_door, false AS will
        FROM span CROSS JOIN child
        UNION ALL
        SELECT span.period, seen.id, school_class_id, is_new, NULL, NULL, visited, door, own_door, will
        FROM span JOIN seen ON seen.starts_at >= span.starts AND seen.starts_at < span.ends) AS stacked
  GROUP BY period, id, school_class_id, is_new)
SELECT period, school_class_id, count(*),
       count(*) FILTER (WHERE visited), count(*) FILTER (WHERE door), count(*) FILTER (WHERE own_door),
       count(*) FILTER (WHERE visited AND NOT door AND will),
       count(*) FILTER (WHERE is_key), count(*) FILTER (WHERE is_key AND door),
       count(*) FILTER (WHERE is_key AND NOT strict AND visited AND NOT door AND will),
       count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_new AND visited)
FROM met
GROUP BY period, school_class_id
"""

STAFF = """
WITH span(period, starts, ends) AS (SELECT * FROM unnest(%(periods)s::text[], %(starts)s::timestamptz[],
                                                        %(ends)s::timestamptz[])),
went AS (
  SELECT v.id, v.starts_at, v.mode, v.lead_id AS staff_id FROM visits_visit v
  WHERE v.state = 'recorded' AND v.mode <> '99'
  UNION
  SELECT v.id, v.starts_at, v.mode, c.staff_id FROM visits_visit v JOIN visits_visitstaff c ON c.visit_id = v.id
  WHERE v.state = 'recorded' AND v.mode <> '99')
SELECT span.period, went.staff_id, count(DISTINCT vs.student_id),
       count(DISTINCT vs.student_id) FILTER (WHERE went.mode = '01'), count(DISTINCT went.id)
FROM span
JOIN went ON went.starts_at >= span.starts AND went.starts_at < span.ends
JOIN visits_visitstudent vs ON vs.visit_id = went.id
WHERE %(staff)s::bigint[] IS NULL OR went.staff_id = ANY(%(staff)s)
GROUP BY span.period, went.staff_id
"""


def windows(campaign: Campaign | None, on: date) -> dict[str, Window]:
    """The stretches task numbers are counted in. Without a campaign, "campaign" is the school year."""
    entered = SchoolYear.objects.filter(starts__lte=on, ends__gte=on)
    begun = Max("terms__starts", filter=Q(terms__starts__lte=on))
    found = entered.annotate(begun=begun).values_list("starts", "ends", "begun").order_by("-starts").first()
    first, last, term = found or (*usual_year(on), None)
    year = Window(first, last)
    return {
        "campaign": Window(campaign.starts, campaign.ends) if campaign else year,
        "term": Window(term or first, last),
        "year": year,
    }


def usual_year(on: date) -> tuple[date, date]:
    """The school year of a day where the school has not entered its years: 1 September to 31 August."""
    start = on.year if on.month >= 9 else on.year - 1
    return date(start, 9, 1), date(start + 1, 8, 31)


def campaign_now(on: date) -> Campaign | None:
    """The open campaign of that day; else the open one that began last. Its task numbers come along in `rules`."""
    rules = Quota.objects.filter(campaign=OuterRef("pk")).order_by("pk")
    words = JSONObject(scope="scope", indicator="indicator", threshold="threshold", period="period")
    open_ones = Campaign.objects.filter(state=Campaign.State.OPEN).annotate(rules=ArraySubquery(rules.values(r=words)))
    rows = list(open_ones.order_by("-starts", "-id")[:20])
    return next((c for c in rows if c.starts <= on <= c.ends), rows[0] if rows else None)


def _spans(periods: ByPeriod) -> dict[str, Any]:
    scope.org_id()  # raw SQL outside any org would quietly find nothing; say so instead
    bounds = [window.bounds for window in periods.values()]
    return {"periods": list(periods), "starts": [b[0] for b in bounds], "ends": [b[1] for b in bounds]}


def by_class(
    periods: ByPeriod, *, campaign: Campaign | None = None, class_ids: Iterable[int] | None = None
) -> dict[str, dict[int, Coverage]]:
    """Coverage of each class in each period: one statement. All classes of the school when `class_ids` is None."""
    values = _spans(periods) | {
        "campaign": campaign.pk if campaign else None,
        "classes": None if class_ids is None else sorted(class_ids),
        "will": WILL_OF_FAMILY,
    }
    found: dict[str, dict[int, Coverage]] = {period: {} for period in periods}
    with connection.cursor() as cursor:
        cursor.execute(CLASSES, values)
        for period, class_id, *numbers in cursor.fetchall():
            found[period][class_id] = Coverage(*numbers)
    return found


def total(classes: Mapping[int, Coverage]) -> Coverage:
    """Classes added up: no child is in two."""
    return sum(classes.values(), Coverage())


def by_staff(periods: ByPeriod, *, staff_ids: Iterable[int] | None = None) -> dict[str, dict[int, StaffCoverage]]:
    """What each member of staff did in each period, as lead or companion: one statement. Absent means nothing."""
    values = _spans(periods) | {"staff": None if staff_ids is None else sorted(staff_ids)}
    found: dict[str, dict[int, StaffCoverage]] = {period: defaultdict(StaffCoverage) for period in periods}
    with connection.cursor() as cursor:
        cursor.execute(STAFF, values)
        for period, staff_id, *numbers in cursor.fetchall():
            found[period][staff_id] = StaffCoverage(*numbers)
    return found
