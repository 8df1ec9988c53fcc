"""Pages of the kernel: a job's progress, files made for one person, and the door behind a personal link."""

import secrets
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from koumen.core import clock, files, jobs, links, outbox, scope, throttle
from koumen.core.gate import fetch
from koumen.core.models import Job, OutboxMessage, PersonalLink, StoredFile
from koumen.core.refusals import NotFound
from koumen.core.requests import Request
from koumen.core.web import show
from koumen.core.words import for_others

DEVICE_COOKIE, DEVICE_AGE = "koumen_device", 400 * 24 * 3600
# A village may share one address, so only tries that failed are counted. (how many, in what time)
WRONG_LINKS = (60, timedelta(minutes=10))
NEW_LINKS, NEW_LINKS_OF_ONE = (20, timedelta(hours=1)), (3, timedelta(days=1))


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
    """The page behind a personal link, inside the link's org. The browser is remembered by a random cookie.

    A browser without the cookie first gets a page that says nothing: chat apps open every link for a preview, and
    a preview must neither bind the link nor read what is behind it.
    """
    who = throttle.origin(request)
    throttle.require_below("link", who, *WRONG_LINKS)
    device = request.COOKIES.get(DEVICE_COOKIE)
    if device is None and links.is_open(secret[:100]):
        return _private(show(request, "core/link_open", {"secret": secret}))
    try:
        found = links.resolve(secret[:100], device or "")
        with scope.enter(found.org_id):
            links.require_right(found)
            return _private(links.PURPOSES[found.purpose].page(request, found))
    except links.Dead:
        throttle.count("link", who, WRONG_LINKS[1])
        return _private(show(request, "core/link_dead", {"secret": secret[:100]}, status=404))


@login_not_required
@require_POST
def open_link(request: Request, secret: str) -> HttpResponse:
    """Remember this browser and go on to the link's page."""
    response = HttpResponseRedirect(reverse("link", kwargs={"secret": secret}))
    if DEVICE_COOKIE not in request.COOKIES:
        response.set_cookie(
            DEVICE_COOKIE,
            secrets.token_urlsafe(16),
            max_age=DEVICE_AGE,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
        )
    return _private(response)


@login_not_required
@require_POST
def renew_link(request: Request, secret: str) -> HttpResponse:
    """Send a new link to the phone on file. The answer is the same whether the link was ever ours."""
    for what, who, (times, per) in (
        ("renew from", throttle.origin(request), NEW_LINKS),
        ("renew", secret, NEW_LINKS_OF_ONE),
    ):
        throttle.require_below(what, who, times, per)
        throttle.count(what, who, per)
    found = links.find(secret[:100])
    if found is not None:
        with scope.enter(found.org_id):
            _send_new(request, found)
    return _private(show(request, "core/link_sent"))


def _send_new(request: Request, old: PersonalLink) -> None:
    made = links.renew(old)
    if made is None:
        return
    phone, secret = made
    url = request.build_absolute_uri(reverse("link", kwargs={"secret": secret}))
    with for_others():
        outbox.say(
            OutboxMessage.Channel.SMS,
            address=phone,
            subject=_("新的专属链接"),
            body=_("您要的新链接：%(url)s。它只给您本人使用，请不要转发。") % {"url": url},
            url=url,
        )


def _private(response: HttpResponse) -> HttpResponse:
    """The address holds a secret: no other site is told it, no cache keeps the page."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
