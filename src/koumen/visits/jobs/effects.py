"""Each morning: whoever agreed on help four weeks ago is asked whether it helped."""

import logging

from procrastinate.contrib.django import app

from koumen.core import scope
from koumen.core.actor import machine
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.visits.services.effects import ask_effects

log = logging.getLogger(__name__)


@app.periodic(cron="20 0 * * *")
@app.task(name="visits.ask_effects_daily", queue="default", queueing_lock="visits.ask_effects_daily")
def ask_effects_daily(timestamp: int) -> dict[str, int]:
    """At 8:20 in China. One school's failure is logged and does not stop the others."""
    asked, failed = 0, 0
    for school in Org.objects.filter(kind__in=(Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT), is_active=True):
        ref = org_ref(school)
        try:
            with scope.enter(school.pk):
                asked += ask_effects(ref, by=machine(ref))
        except Exception:
            log.exception("effects of org %s were not asked", school.pk)
            failed += 1
    return {"asked": asked, "failed": failed}
