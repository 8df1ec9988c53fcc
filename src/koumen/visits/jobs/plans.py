"""Planning in the background."""

import logging
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.core import jobs, outbox
from koumen.core.models import Job, OutboxMessage
from koumen.core.refusals import Invalid, NotFound
from koumen.registry.models import Account, Org
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Plan
from koumen.visits.planning import (
    Headway,
    Unsound,
    draw,
    drawn_parts,
    forget_parts,
    hand_out,
    join,
    keep,
    learn_roads,
    store_plan,
    task_under_way,
)
from koumen.visits.queries.plans import outings
from koumen.visits.services.timetables import print_plan

log = logging.getLogger(__name__)
JOIN_FIRST = 100


@jobs.job("visits.plan")
def compute_plan(run: jobs.Run, *, plan_id: int, priority: int = 0) -> dict[str, Any] | None:
    """Read the problem once and hand its classes out: a step for each, then one that joins them.

    Killed at any moment, it leaves the plan either unwritten or whole; run again, it finds the same plan.
    """
    with run.scope():
        plan = _waiting(plan_id)
        if plan is None:
            return None
    learn_roads(plan, scope=run.scope, progress=partial(_asking, run), cancelled=run.cancelled)
    run.stop_if_cancelled()
    with run.scope():
        if _waiting(plan_id) is None:
            return None
        classes = hand_out(plan)
        if classes:
            _say(run, 0, len(classes) + 1, _("正在排各班的路线。"))
        for one in classes:
            run.later("visits.plan_class", priority=priority, plan_id=plan_id, class_id=one)
    return jobs.MORE


@jobs.job("visits.plan_class")
def compute_class(run: jobs.Run, *, plan_id: int, class_id: int) -> dict[str, Any]:
    """Draw one class outside any transaction and keep its routes, once; the last class asks for the join."""
    with run.scope():
        plan = _waiting(plan_id)
        if plan is None or plan.parts.drawn().filter(school_class_id=class_id).exists():
            return jobs.MORE
        task = task_under_way(plan, of_class=str(class_id))
    drawn = draw(task, str(class_id), plan.effort, cancelled=run.cancelled)
    run.stop_if_cancelled()
    with run.scope():
        headway = keep(plan, drawn)
        if headway is not None:
            _say(run, headway.done, headway.total + 1, _how_far(headway))
            if headway.done == headway.total:
                # Ahead of other schools' classes, so that a county's plans are finished one after another.
                run.later("visits.plan_join", priority=JOIN_FIRST, plan_id=plan_id)
    return jobs.MORE


@jobs.job("visits.plan_join")
def join_plan(run: jobs.Run, *, plan_id: int) -> dict[str, Any] | None:
    """Find people for all outings outside any transaction; write the checked plan in another scope."""
    with run.scope():
        plan = _waiting(plan_id)
        if plan is None:
            return None
        task, drawn = task_under_way(plan), drawn_parts(plan)
        _say(run, len(drawn), len(drawn) + 1, _("正在为每次外出配齐两位老师。"))
    try:
        answer = join(task, drawn, plan.effort, cancelled=run.cancelled)
    except Unsound as fault:
        log.exception("plan %s is unsound", plan_id)
        raise Invalid(_("排出的计划没有通过检查，没有保存。请联系管理员。")) from fault
    run.stop_if_cancelled()
    with run.scope():
        if store_plan(plan, task, answer):
            forget_parts(plan)
            said = _("计划排好了，请查看并采用。")
            _say(run, len(drawn) + 1, len(drawn) + 1, said)
            _tell(run, said)
    return {"plan": plan_id, "digest": answer.digest, "outings": len(answer.plan.outings)}


def _waiting(plan_id: int) -> Plan | None:
    """The plan while it waits to be computed."""
    plan = Plan.objects.select_related("campaign").get(pk=plan_id)
    return plan if plan.state == Plan.State.COMPUTING else None


def _asking(run: jobs.Run, done: int, total: int) -> None:
    run.progress(done, total, _("正在查询路程：%(done)d / %(total)d 个班。") % {"done": done, "total": total})


def _how_far(headway: Headway) -> str:
    said = _("已排 %(done)d / %(total)d 个班，比就近排省 %(saved).0f%%。")
    figures = {"done": headway.done, "total": headway.total, "saved": headway.saved}
    if headway.gap is not None:
        said += _("与理论最优的差距不超过 %(gap).1f%%。")
        figures["gap"] = headway.gap
    return said % figures


def _say(run: jobs.Run, done: int, total: int, text: str) -> None:
    """How far it is, in the open transaction: workers never tell an older figure after a newer one."""
    Job.objects.filter(pk=run.job.pk).update(done=done, total=total, text=text)


@jobs.job("visits.timetable")
def print_timetable(run: jobs.Run, *, plan_id: int, label: str, form: str = "book") -> dict[str, Any]:
    """Make the workbook, or the files, of a whole plan. The person must still be allowed to when it runs."""
    with run.scope():
        slug = Org.objects.values_list("slug", flat=True).get(pk=run.job.org_id)
        by = actor_for(Account.objects.get(pk=run.job.started_by_id or 0), slug)
        if by is None:
            raise NotFound
        plan = Plan.objects.select_related("campaign").get(pk=plan_id)
        kept = print_plan(plan, by=by, rows=outings(plan, by), because=label, form=form)
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
