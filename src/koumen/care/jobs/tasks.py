"""Each morning: owners are told of their tasks, and others of what stays undone."""

import logging

from procrastinate.contrib.django import app

from koumen.care.services.task_reminders import remind
from koumen.core import scope
from koumen.core.actor import machine
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

log = logging.getLogger(__name__)


@app.periodic(cron="25 0 * * *")
@app.task(name="care.remind_daily", queue="default", queueing_lock="care.remind_daily")
def remind_daily(timestamp: int) -> dict[str, int]:
    """At 8:25 in China. One org's failure is logged and does not stop the others."""
    told, failed = 0, 0
    for org in Org.objects.filter(is_active=True):
        ref = org_ref(org)
        try:
            with scope.enter(org.pk):
                told += remind(ref, by=machine(ref))
        except Exception:
            log.exception("tasks of org %s were not reminded of", org.pk)
            failed += 1
    return {"told": told, "failed": failed}
