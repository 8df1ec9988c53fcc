"""The evening before: families and teachers are reminded of what they agreed."""

import logging
from typing import Any

from procrastinate.contrib.django import app

from koumen.core import scope
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.visits.services.telling import remind

log = logging.getLogger(__name__)


@app.periodic(cron="0 10 * * *")
@app.task(name="visits.remind", queue="default", queueing_lock="visits.remind")
def remind_all(timestamp: int) -> dict[str, Any]:
    """At 18:00 in China. One school's failure is logged and does not stop the others; said twice, it is sent once."""
    said = 0
    for school in Org.objects.filter(kind__in=(Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT), is_active=True):
        try:
            with scope.enter(school.pk):
                said += remind(org_ref(school))
        except Exception:
            log.exception("reminders of org %s were not queued", school.pk)
    return {"said": said}
