"""Nightly: every school's preview of this month, and of the last one until it is handed in."""

import logging
from datetime import timedelta
from typing import Any

from procrastinate.contrib.django import app

from koumen.core import scope
from koumen.core.actor import machine
from koumen.registry.models import Org
from koumen.registry.queries.actors import org_ref
from koumen.reporting.queries.monthly import current_month
from koumen.reporting.services.figures import refresh_month

log = logging.getLogger(__name__)


@app.periodic(cron="40 18 * * *")
@app.task(name="reporting.deliver_nightly", queue="default", queueing_lock="reporting.deliver_nightly")
def deliver_nightly(timestamp: int) -> dict[str, Any]:
    """At 2:40 in China. One school's failure is logged and does not stop the others."""
    done, failed = 0, 0
    for school in Org.objects.filter(kind__in=(Org.Kind.SCHOOL, Org.Kind.TEACHING_POINT), is_active=True):
        try:
            deliver(school)
            done += 1
        except Exception:
            log.exception("figures of org %s were not delivered", school.pk)
            failed += 1
    return {"done": done, "failed": failed}


def deliver(school: Org) -> None:
    """One school's two months, in one transaction."""
    by = machine(org_ref(school))
    with scope.enter(school.pk):
        this = current_month()
        for month in (this, (this - timedelta(days=1)).replace(day=1)):
            refresh_month(month, by=by)
