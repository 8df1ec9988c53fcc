"""Each morning of a term's first fortnight: class teachers are asked which flags still hold."""

import logging

from procrastinate.contrib.django import app

from koumen.care.services.flag_renewal import ask_renewal
from koumen.core import scope
from koumen.core.actor import machine
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

log = logging.getLogger(__name__)


@app.periodic(cron="10 0 * * *")
@app.task(name="care.ask_renewal_daily", queue="default", queueing_lock="care.ask_renewal_daily")
def ask_renewal_daily(timestamp: int) -> dict[str, int]:
    """At 8:10 in China. One school's failure is logged and does not stop the others."""
    asked, failed = 0, 0
    for school in Org.objects.filter(kind__in=(Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT), is_active=True):
        ref = org_ref(school)
        try:
            with scope.enter(school.pk):
                asked += ask_renewal(ref, by=machine(ref))
        except Exception:
            log.exception("flags of org %s were not asked for", school.pk)
            failed += 1
    return {"asked": asked, "failed": failed}
