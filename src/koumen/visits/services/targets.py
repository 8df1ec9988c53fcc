"""Whom a campaign means to visit, read from the classes in scope and the flags of their students."""

from typing import Any

from django.db import connection

from koumen.core import clock, scope
from koumen.visits.models import Campaign

FIT = """
INSERT INTO visits_target (org_id, campaign_id, student_id, is_key, door_only)
SELECT s.org_id, %(campaign)s, s.id,
       coalesce(bool_or(f.category = ANY(%(key)s)), false),
       coalesce(bool_or(f.category = ANY(%(door)s)), false)
FROM registry_student s
JOIN visits_campaignclass c
  ON c.org_id = s.org_id AND c.school_class_id = s.school_class_id AND c.campaign_id = %(campaign)s
LEFT JOIN registry_flag f
  ON f.org_id = s.org_id AND f.student_id = s.id AND f.category = ANY(%(key)s)
  AND f.starts <= %(today)s AND (f.valid_until IS NULL OR f.valid_until >= %(today)s)
WHERE s.org_id = %(org)s AND s.state = 'enrolled'
GROUP BY s.org_id, s.id
ON CONFLICT (org_id, campaign_id, student_id)
DO UPDATE SET is_key = EXCLUDED.is_key, door_only = EXCLUDED.door_only
"""
DROP = """
DELETE FROM visits_target WHERE org_id = %(org)s AND campaign_id = %(campaign)s AND student_id NOT IN (
  SELECT s.id FROM registry_student s
  JOIN visits_campaignclass c
    ON c.org_id = s.org_id AND c.school_class_id = s.school_class_id AND c.campaign_id = %(campaign)s
  WHERE s.org_id = %(org)s AND s.state = 'enrolled')
"""


def fit_targets(campaign: Campaign) -> int:
    """Make the targets the students on roll in the classes in scope. Returns how many there are.

    A student of a category that must be visited at the door is a key target as well.
    """
    values: dict[str, Any] = {
        "campaign": campaign.pk,
        "org": scope.org_id(),
        "today": clock.today(),
        "door": list(campaign.door_only),
        "key": sorted({*campaign.must_visit, *campaign.door_only}),
    }
    with connection.cursor() as cursor:
        cursor.execute(DROP, values)
        cursor.execute(FIT, values)
    return campaign.targets.count()
