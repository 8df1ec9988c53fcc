"""Background work: enqueued in the writer's transaction, run by any worker, shown with progress, cancellable.

A job function is `fn(run: Run, **args)`, registered by `@job("visits.plan")`. It runs outside any scope and enters
`run.scope()` itself: once around everything for all-or-nothing work, or several times around long computing.

A job may go on in steps that many workers run beside each other: it enqueues them with `run.later(…)` and returns
`MORE`, as does every step but the last, whose result ends the job.
"""

import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from koumen.core import clock, outbox, scope, throttle
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.core.refusals import Refusal
from koumen.core.side import side_execute

log = logging.getLogger(__name__)
Work = Callable[..., dict[str, Any] | None]
WORK: dict[str, Work] = {}
MORE: dict[str, Any] = {"more": True}  # known by identity: "a later step will end this job"
# A worker imports the `jobs` room of each app and nothing else; named here so that it can deliver messages, too.
DELIVER = outbox.deliver
ATTEMPTS = 3
UNFINISHED = ["todo", "doing"]
STALLED_AFTER = 30  # seconds without a worker's heartbeat
MONTHS_AHEAD = 3  # partitions of the log that are ready beforehand
FINISHED_KEPT = timedelta(days=30)


class Cancelled(Exception):
    """Raised by a job function that stopped because it was asked to."""


class Run:
    """What a job function knows of its own job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._last = 0.0

    def scope(self) -> AbstractContextManager[None]:
        """Enter the job's org: one transaction."""
        return scope.enter(self.job.org_id)

    def progress(self, done: int, total: int, text: str = "") -> None:
        """Tell the page how far it is; seen at once, whatever transaction is open. At most 4 a second are written."""
        if done < total and monotonic() - self._last < 0.25:
            return
        self._last = monotonic()
        side_execute(
            self.job.org_id,
            "UPDATE core_job SET done = %s, total = %s, text = %s WHERE id = %s",
            [done, total, text[:300], self.job.pk],
        )

    def cancelled(self) -> bool:
        """Whether somebody pressed cancel."""
        rows = side_execute(self.job.org_id, "SELECT cancel_asked FROM core_job WHERE id = %s", [self.job.pk])
        return bool(rows and rows[0][0])

    def later(self, task: str, *, priority: int = 0, **args: Any) -> None:
        """Enqueue a step of this job in the open transaction. It may run twice when a worker dies: see to that."""
        waiting = run_job.configure(priority=priority)
        waiting.defer(org_id=self.job.org_id, job_id=str(self.job.pk), step=task, args=args)

    def stop_if_cancelled(self) -> None:
        """Raise Cancelled when somebody pressed cancel."""
        if self.cancelled():
            raise Cancelled


def job(name: str) -> Callable[[Work], Work]:
    """Register a job function under a name."""

    def wrap(fn: Work) -> Work:
        WORK[name] = fn
        return fn

    return wrap


def start(task: str, *, by: Actor, title: str, url: str = "", priority: int = 0, **args: Any) -> Job:
    """Enqueue a job in the open transaction; it exists if and only if that commits. Higher priorities go first."""
    row = Job.objects.create(
        task=task, title=title, args=args, started_by_id=by.account_id, started_by=by.display_name, url=url
    )
    run_job.configure(priority=priority).defer(org_id=row.org_id, job_id=str(row.pk))
    return row


def cancel(row: Job) -> None:
    """Ask a job to stop; a waiting one is over at once."""
    if row.state == Job.State.WAITING:
        row.state, row.ended_at = Job.State.CANCELLED, clock.now()
    row.cancel_asked = True
    row.save(update_fields=["state", "ended_at", "cancel_asked"])


@app.task(name="core.run", queue="default", retry=RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=5))
def run_job(org_id: int, job_id: str, step: str = "", args: dict[str, Any] | None = None) -> None:
    """Run one job or one step of it: state and result are written whatever happens; an unexpected error is tried
    again, for all steps of a job together as often as for a job of one piece.
    """
    with scope.enter(org_id):
        row = Job.objects.select_for_update().get(pk=job_id)
        if row.is_over:
            return
        if not step:
            row.state, row.started_at = Job.State.RUNNING, clock.now()
            row.attempts += 1
            row.save(update_fields=["state", "started_at", "attempts"])
    try:
        result = WORK[step or row.task](Run(row), **(args or {} if step else row.args))
    except Cancelled:
        _end(row, Job.State.CANCELLED, {})
    except Refusal as refusal:
        _end(row, Job.State.FAILED, {}, str(refusal))
    except Exception:
        log.exception("job %s (%s) failed", step or row.task, row.pk)
        _try_again(row, step)
        raise
    else:
        if result is not MORE:
            _end(row, Job.State.DONE, result or {})


def run_here(row: Job) -> Job:
    """Do a job with all its steps here and now, so that no worker need do it."""
    _sql("DELETE FROM procrastinate_jobs WHERE NOT args ? 'step' AND args->>'job_id' = %s", str(row.pk))
    run_job.func(org_id=row.org_id, job_id=str(row.pk))
    while found := _sql(NEXT_STEP, str(row.pk)):
        number, args = found[0]
        run_job.func(**json.loads(args))
        _sql("DELETE FROM procrastinate_jobs WHERE id = %s", number)
    with scope.enter(row.org_id):
        return Job.objects.get(pk=row.pk)


NEXT_STEP = """
    SELECT id, args FROM procrastinate_jobs WHERE status = 'todo' AND args->>'job_id' = %s
    ORDER BY priority DESC, id LIMIT 1
"""


def _sql(query: str, value: str | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [value])
        return list(cursor.fetchall()) if cursor.description else []


def _try_again(row: Job, step: str) -> None:
    with scope.enter(row.org_id):
        now = Job.objects.select_for_update().get(pk=row.pk)
        if step:
            now.attempts += 1
            now.save(update_fields=["attempts"])
        attempts = now.attempts
    if attempts >= ATTEMPTS + bool(step):
        _end(row, Job.State.FAILED, {}, _("系统出错，请联系管理员。"))
    elif not step:
        _end(row, Job.State.WAITING, {}, "")


def _end(row: Job, state: str, result: dict[str, Any], text: str | None = None) -> None:
    with scope.enter(row.org_id):
        now = Job.objects.select_for_update().get(pk=row.pk)
        if now.is_over:  # another step ended it meanwhile
            return
        now.state, now.result = state, result
        now.ended_at = clock.now() if state != Job.State.WAITING else None
        if text is not None:
            now.text = text
        now.save(update_fields=["state", "result", "ended_at", "text"])


@app.periodic(cron="* * * * *")
@app.task(name="core.pick_up_stalled", queue="default", queueing_lock="core.pick_up_stalled", pass_context=True)
async def pick_up_stalled(context: Any, timestamp: int) -> None:
    """Jobs of a worker that died go back to the queue."""
    await requeue_stalled(context.app)


async def requeue_stalled(worker_app: Any) -> int:
    """Put back the jobs whose worker stopped breathing. Returns how many."""
    manager = worker_app.job_manager
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER))
    for found in stalled:
        await manager.retry_job(found)
    return len(stalled)


@app.periodic(cron="10 3 * * *")
@app.task(name="core.upkeep", queue="default", queueing_lock="core.upkeep")
def upkeep(timestamp: int) -> None:
    """Once a day: the log's coming months get their partitions; jobs long finished and old counts are forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT koumen_audit_partitions(%s)", [MONTHS_AHEAD])
    forget_finished(FINISHED_KEPT)
    throttle.forget(timedelta(days=2))


def waiting_in_queue() -> int:
    """How many jobs the engine holds that are not finished (for tests and the status page)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = ANY(%s::procrastinate_job_status[])",
            [UNFINISHED],
        )
        return int(cursor.fetchone()[0])


def forget_finished(older_than: timedelta) -> None:
    """Delete the engine's rows of jobs long finished; our own Job rows stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs j WHERE status IN ('succeeded', 'failed', 'cancelled') AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_events e WHERE e.job_id = j.id AND e.at > %s)",
            [clock.now() - older_than],
        )


def on_app_ready(ready: Any) -> None:
    """Hook of the engine's start; nothing to add."""
