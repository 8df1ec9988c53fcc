"""Once a day: drafts of records that nobody came back to are forgotten."""

from procrastinate.contrib.django import app

from koumen.core import scope
from koumen.registry.models import Org
from koumen.visits.services import drafts


@app.periodic(cron="55 3 * * *")
@app.task(name="visits.forget_drafts", queue="default", queueing_lock="visits.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Drafts older than two weeks are deleted in every org."""
    for org_id in Org.objects.values_list("pk", flat=True):
        with scope.enter(org_id):
            drafts.forget_old()
