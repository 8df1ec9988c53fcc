"""Planning in the background."""

import logging
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import jobs, outbox
from koumen.core.models import Job, OutboxMessage
from koumen.core.refusals import Invalid, NotFound
from koumen.registry.models import Account, Org
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Plan
from koumen.visits.planning import Unsound, search, store_plan, task_of
from koumen.visits.queries.plans import outings
from koumen.visits.services.timetables import print_plan

log = logging.getLogger(__name__)


@jobs.job("visits.plan")
def compute_plan(run: jobs.Run, *, plan_id: int) -> dict[str, Any] | None:
    """Read the problem in one scope, search outside any transaction, write the checked plan in another scope.

    Killed at any moment, it leaves the plan either unwritten or whole; run again, it finds the same plan.
    """
    with run.scope():
        plan = Plan.objects.select_related("campaign").get(pk=plan_id)
        if plan.state != Plan.State.COMPUTING:
            return None
        task = task_of(plan)
    run.progress(0, len(task.problem.classes) + 1, _("正在读取班级、家庭和时间。"))
    try:
        answer = search(task, progress=run.progress, cancelled=run.cancelled)
    except Unsound as fault:
        log.exception("plan %s is unsound", plan_id)
        raise Invalid(_("排出的计划没有通过检查，没有保存。请联系管理员。")) from fault
    run.stop_if_cancelled()
    with run.scope():
        if store_plan(plan, task, answer):
            _tell(run, _("计划排好了，请查看并采用。"))
    return {"plan": plan_id, "digest": answer.digest, "outings": len(answer.plan.outings)}


@jobs.job("visits.timetable")
def print_timetable(run: jobs.Run, *, plan_id: int, label: str) -> dict[str, Any]:
    """Make the workbook of a whole plan. The person must still be allowed to when it runs."""
    with run.scope():
        slug = Org.objects.values_list("slug", flat=True).get(pk=run.job.org_id)
        by = actor_for(Account.objects.get(pk=run.job.started_by_id or 0), slug)
        if by is None:
            raise NotFound
        plan = Plan.objects.select_related("campaign").get(pk=plan_id)
        kept = print_plan(plan, by=by, rows=outings(plan, by), because=label)
        url = reverse("core:file", kwargs={"org": slug, "pk": kept.pk})
        Job.objects.filter(pk=run.job.pk).update(url=url)
        run.job.url = url
        _tell(run, _("日程表做好了，可以下载。"))
    return {"file": str(kept.pk)}


def _tell(run: jobs.Run, text: str) -> None:
    """Tell whoever started the job, who may have left the page."""
    if run.job.started_by_id is not None:
        outbox.say(
            OutboxMessage.Channel.IN_APP,
            account_id=run.job.started_by_id,
            subject=run.job.title,
            body=text,
            url=run.job.url,
            once_key=f"job:{run.job.pk}",
        )
