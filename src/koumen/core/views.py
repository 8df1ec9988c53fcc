"""Pages of the kernel: a job's progress, files made for one person, and the door behind a personal link."""

import secrets

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import clock, files, jobs, links, scope
from koumen.core.gate import fetch
from koumen.core.models import Job, StoredFile
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import show

DEVICE_COOKIE, DEVICE_AGE = "koumen_device", 400 * 24 * 3600


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
            "message": _("已取消，没有改动任何内容。") if row.state == Job.State.CANCELLED else row.text,
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
        raise NotFound(_("这个文件已过保存期，请重新生成。"))
    return files.download(row)


@login_not_required
@require_http_methods(["GET", "POST"])
def link(request: Request, secret: str) -> HttpResponse:
    """The page behind a personal link, inside the link's org. The browser is remembered by a random cookie."""
    device = request.COOKIES.get(DEVICE_COOKIE) or secrets.token_urlsafe(16)
    found = links.resolve(secret[:100], device)
    with scope.enter(found.org_id):
        response = links.PURPOSES[found.purpose](request, found)
    response.set_cookie(
        DEVICE_COOKIE, device, max_age=DEVICE_AGE, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response
