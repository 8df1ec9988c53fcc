"""Each morning: opinions nobody handles are spoken of before their day, and to the principal after it."""

import logging

from procrastinate.contrib.django import app

from koumen.care.services.opinion_reminders import remind_unattended
from koumen.core import scope
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref

log = logging.getLogger(__name__)


@app.periodic(cron="35 0 * * *")
@app.task(name="care.remind_of_opinions", queue="default", queueing_lock="care.remind_of_opinions")
def remind_of_opinions(timestamp: int) -> dict[str, int]:
    """At 8:35 in China. One org's failure is logged and does not stop the others."""
    told, failed = 0, 0
    for org in Org.objects.filter(is_active=True):
        try:
            with scope.enter(org.pk):
                told += remind_unattended(org_ref(org))
        except Exception:
            log.exception("opinions of org %s were not reminded of", org.pk)
            failed += 1
    return {"told": told, "failed": failed}
