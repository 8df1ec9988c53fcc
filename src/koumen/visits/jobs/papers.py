"""All papers of a class, when there are too many to wait for."""

from datetime import date
from typing import Any

from django.urls import reverse

from koumen.core import jobs
from koumen.core.models import Job
from koumen.core.refusals import NotFound
from koumen.registry.models import Account, Org, SchoolClass
from koumen.registry.queries.actors import actor_for
from koumen.visits.queries.papers import to_print
from koumen.visits.services.papers import print_class


@jobs.job("visits.papers")
def print_papers(run: jobs.Run, *, school_class: int, first: str, last: str, label: str) -> dict[str, Any]:
    """Make the zip and put its address into the job. The person must still be allowed to when it runs."""
    with run.scope():
        slug = Org.objects.values_list("slug", flat=True).get(pk=run.job.org_id)
        by = actor_for(Account.objects.get(pk=run.job.started_by_id or 0), slug)
        if by is None:
            raise NotFound
        target = SchoolClass.objects.get(pk=school_class)
        visits = to_print(target, date.fromisoformat(first), date.fromisoformat(last))
        total = visits.count()

        def tell(done: int) -> None:
            run.stop_if_cancelled()
            run.progress(done, total)

        kept = print_class(target, by=by, visits=visits.iterator(chunk_size=50), because=label, tell=tell)
        url = reverse("core:file", kwargs={"org": slug, "pk": kept.pk})
        Job.objects.filter(pk=run.job.pk).update(url=url)
    return {"file": str(kept.pk), "papers": total}
