"""Background work of the registry."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from koumen.core import files, scope
from koumen.core.actor import Actor
from koumen.core.jobs import Cancelled, Run, job
from koumen.core.refusals import Forbidden, Refusal
from koumen.registry.models import Account, ImportBatch, Org
from koumen.registry.queries.actors import actor_for
from koumen.registry.services.imports import batches
from koumen.registry.services.imports.watch import Watch

KEPT_FOR = timedelta(days=7)


def starter(run: Run) -> Actor:
    """Who started the job, with the posts held now. Raises Forbidden when they left."""
    account = Account.objects.filter(pk=run.job.started_by_id or 0, is_active=True).first()
    actor = actor_for(account, Org.objects.get(pk=run.job.org_id).slug) if account else None
    if actor is None:
        raise Forbidden
    return actor


def _watch(run: Run, batch: ImportBatch) -> Watch:
    return Watch(run.progress, run.stop_if_cancelled, rows_expected=batch.file.size // 400)


@job("registry.check_import")
def check_import(run: Run, batch_id: int) -> dict[str, Any]:
    """Read and check an uploaded file; when it is stopped, the upload is thrown away."""
    try:
        by = starter(run)
        with run.scope():
            batch = _batch(batch_id)
            if batch.state != ImportBatch.State.READING:
                return {}
            batches.check(batch, by=by, watch=_watch(run, batch))
    except (Refusal, Cancelled):
        with run.scope():
            batches.settle(_batch(batch_id), ImportBatch.State.CANCELLED)
        raise
    run.progress(1, 1, batch.message or _("检查完成"))
    return {"batch": batch_id}


@job("registry.apply_import")
def apply_import(run: Run, batch_id: int) -> dict[str, Any]:
    """Apply a confirmed file: all or nothing; when it is stopped or refused, it can be confirmed again."""
    try:
        by = starter(run)
        with run.scope():
            batch = _batch(batch_id)
            batches.apply(batch, by=by, watch=_watch(run, batch))
    except (Refusal, Cancelled):
        with run.scope():
            batches.settle(_batch(batch_id), ImportBatch.State.CHECKED)
        raise
    run.progress(1, 1, _("导入完成"))
    return {"batch": batch_id}


def _batch(batch_id: int) -> ImportBatch:
    return ImportBatch.objects.select_related("file", "org").get(pk=batch_id)


@app.periodic(cron="30 3 * * *")
@app.task(name="registry.purge_imports", queue="default", queueing_lock="registry.purge_imports")
def purge_imports(timestamp: int) -> None:
    """Uploads nobody confirmed are thrown away after a week."""
    for org_id in Org.objects.values_list("pk", flat=True):
        with scope.enter(org_id):
            batches.purge(KEPT_FOR)


@app.periodic(cron="40 3 * * *")
@app.task(name="registry.purge_files", queue="default", queueing_lock="registry.purge_files")
def purge_files(timestamp: int) -> None:
    """Printed and exported files past their time are deleted, org by org, and what killed servers left behind."""
    for org_id in Org.objects.values_list("pk", flat=True):
        with scope.enter(org_id):
            files.purge_expired()
            files.purge_strays()
