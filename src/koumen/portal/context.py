"""What the page shell needs on every page. Nothing is asked of the database before a page shows it."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from koumen.core import scope
from koumen.core.actor import Actor
from koumen.core.models import InboxNote
from koumen.portal.queries.doors import navigation, url_of


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation, unread messages, other orgs. Empty outside an org, and on a refusal, when the scope is closed."""
    actor: Actor | None = getattr(request, "actor", None)
    # a request for another site's name is refused before anybody is looked up
    signed_in = hasattr(request, "user") and request.user.is_authenticated
    account_url = reverse("portal:account") if signed_in else ""
    if actor is None or scope.peek() != actor.org.id:
        return {"nav": [], "unread": 0, "orgs": [], "account_url": account_url}
    others = getattr(request, "other_orgs", ())
    return {
        "nav": SimpleLazyObject(lambda: navigation(actor, request.path)),
        "unread": SimpleLazyObject(lambda: InboxNote.objects.unread_by(actor.account_id).count()),
        "orgs": [{"name": o.name, "url": reverse("portal:home", kwargs={"org": o.slug})} for o in others],
        "home_url": url_of(actor, "portal:home"),
        "unread_url": url_of(actor, "portal:inbox"),
        "account_url": account_url,
    }
