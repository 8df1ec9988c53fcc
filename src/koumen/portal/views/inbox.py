"""What was said to somebody in the app."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from koumen.core import clock
from koumen.core.gate import fetch
from koumen.core.models import InboxNote
from koumen.core.requests import Request
from koumen.core.web import paged, show


@require_GET
def inbox(request: Request) -> HttpResponse:
    """One's own messages, the newest first."""
    rows = InboxNote.objects.filter(account_id=request.actor.account_id or 0).order_by("-created_at", "-id")
    return show(request, "portal/inbox", {"page": paged(request, rows)})


@require_POST
def open_note(request: Request, pk: int) -> HttpResponse:
    """Mark one message read and go where it leads."""
    mine = InboxNote.objects.filter(account_id=request.actor.account_id or 0)
    note = fetch(request.actor, mine, pk)
    mine.filter(pk=note.pk, read_at=None).update(read_at=clock.now())
    back = reverse("portal:inbox", kwargs={"org": request.actor.org.slug})
    inside = url_has_allowed_host_and_scheme(note.url, allowed_hosts=None) and note.url.startswith("/")
    return HttpResponseRedirect(note.url if inside else back)


@require_POST
def read_all(request: Request) -> HttpResponse:
    """Mark all of one's messages read."""
    InboxNote.objects.unread_by(request.actor.account_id).update(read_at=clock.now())
    return HttpResponseRedirect(reverse("portal:inbox", kwargs={"org": request.actor.org.slug}))
