"""A teacher's handbook of a term."""

from datetime import date
from typing import Any

from django.urls import reverse

from koumen.core import jobs
from koumen.core.models import Job
from koumen.core.refusals import NotFound
from koumen.registry.models import Account, Org, Staff
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Visit
from koumen.visits.queries import handbook as queries
from koumen.visits.queries.coverage import Window
from koumen.visits.services.handbook import print_handbook


@jobs.job("visits.handbook")
def handbook(run: jobs.Run, *, first: str, last: str, label: str) -> dict[str, Any]:
    """Make the file and put its address into the job. The person must still be allowed to when it runs."""
    with run.scope():
        slug = Org.objects.values_list("slug", flat=True).get(pk=run.job.org_id)
        by = actor_for(Account.objects.get(pk=run.job.started_by_id or 0), slug)
        if by is None or by.member_id is None:
            raise NotFound
        window = Window(date.fromisoformat(first), date.fromisoformat(last))
        visits = list(queries.of(by, window)[: queries.MOST])
        total = sum(visit.state == Visit.State.RECORDED for visit in visits)

        def tell(done: int) -> None:
            run.stop_if_cancelled()
            run.progress(done, total)

        staff = Staff.objects.get(pk=by.member_id)
        kept = print_handbook(staff, by=by, visits=visits, window=window, because=label, tell=tell)
        url = reverse("core:file", kwargs={"org": slug, "pk": kept.pk})
        Job.objects.filter(pk=run.job.pk).update(url=url)
    return {"file": str(kept.pk), "records": total}
