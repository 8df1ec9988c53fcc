"""Planning in the background."""

import logging
from typing import Any

from django.utils.translation import gettext as _

from koumen.core import jobs
from koumen.core.refusals import Invalid
from koumen.visits.models import Plan
from koumen.visits.planning import Unsound, search, store_plan, task_of

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
        raise Invalid(_("排出的计划没有通过检查,没有保存。请联系管理员。")) from fault
    run.stop_if_cancelled()
    with run.scope():
        store_plan(plan, task, answer)
    return {"plan": plan_id, "digest": answer.digest, "outings": len(answer.plan.outings)}
