"""Pages of the kernel: a background job's progress, and files made for the person who asked for them."""

from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from koumen.core import clock, files, jobs
from koumen.core.gate import fetch
from koumen.core.models import Job, StoredFile
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import show


@require_GET
def job(request: Request, pk: str) -> HttpResponse:
    """Progress of a job the person started; asked again by the page every two seconds."""
    row = fetch(request.actor, Job.objects.filter(started_by_id=request.actor.account_id), pk)
    here = reverse("core:job", kwargs={"org": request.actor.org.slug, "pk": row.pk})
    context = {
        "job": {
            "label": row.title,
            "state": "failed" if row.state == Job.State.CANCELLED else row.state,
            "done": row.done,
            "total": row.total,
            "message": _("已取消,没有改动任何内容。") if row.state == Job.State.CANCELLED else row.text,
            "url": row.url,
            "poll_url": here,
            "cancel_url": "" if row.is_over or row.cancel_asked else f"{here}cancel/",
        }
    }
    return show(request, "core/job", context)


@require_POST
def cancel_job(request: Request, pk: str) -> HttpResponse:
    """Ask a job to stop."""
    row = fetch(request.actor, Job.objects.filter(started_by_id=request.actor.account_id), pk, lock=True)
    if not row.is_over:
        jobs.cancel(row)
    return HttpResponseRedirect(reverse("core:job", kwargs={"org": request.actor.org.slug, "pk": row.pk}))


@require_GET
def file(request: Request, pk: str) -> FileResponse:
    """A file made for this person, while it is kept."""
    row = fetch(request.actor, StoredFile.objects.filter(owner_id=request.actor.account_id), pk)
    if row.expires_at and row.expires_at < clock.now():
        raise NotFound(_("这个文件已过保存期,请重新生成。"))
    return files.download(row)
