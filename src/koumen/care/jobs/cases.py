"""Each night: cases whose day of review has come are to be looked at, and teams whose time runs out renewed."""

import logging

from procrastinate.contrib.django import app

from koumen.care.services.casework import look_now
from koumen.care.services.teams import ask_renewals
from koumen.core import scope
from koumen.core.actor import machine
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

log = logging.getLogger(__name__)


@app.periodic(cron="10 22 * * *")
@app.task(name="care.look_at_cases", queue="default", queueing_lock="care.look_at_cases")
def look_at_cases(timestamp: int) -> dict[str, int]:
    """At 6:10 in China. One school's failure is logged and does not stop the others."""
    moved, asked, failed = 0, 0, 0
    for school in Org.objects.filter(kind__in=(Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT), is_active=True):
        ref = org_ref(school)
        try:
            with scope.enter(school.pk):
                moved += look_now(ref, by=machine(ref))
                asked += ask_renewals(ref, by=machine(ref))
        except Exception:
            log.exception("cases of org %s were not looked at", school.pk)
            failed += 1
    return {"moved": moved, "asked": asked, "failed": failed}
