"""Looked at every minute: who is not back. Once a day: trips long over are forgotten."""

import logging

from procrastinate.contrib.django import app

from koumen.core import scope
from koumen.registry.models import Org
from koumen.visits.services import alarms

log = logging.getLogger(__name__)
SCHOOLS = (Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT)


@app.periodic(cron="* * * * *")
@app.task(name="visits.ring_alarms", queue="alarms", queueing_lock="visits.ring_alarms")
def ring_alarms(timestamp: int) -> None:
    """Alarm for every school's trips that are overdue. One school's failure does not silence the others."""
    for org in Org.objects.filter(kind__in=SCHOOLS, is_active=True):
        try:
            with scope.enter(org.pk):
                alarms.ring(org)
        except Exception:
            log.exception("alarms of org %s were not looked at", org.pk)


@app.periodic(cron="50 3 * * *")
@app.task(name="visits.forget_trips", queue="default", queueing_lock="visits.forget_trips")
def forget_trips(timestamp: int) -> None:
    """Trips older than 90 days are deleted; the visits remain."""
    for org_id in Org.objects.values_list("pk", flat=True):
        with scope.enter(org_id):
            alarms.forget()
