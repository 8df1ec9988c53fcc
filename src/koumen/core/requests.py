"""The request as our views see it: what middleware adds is typed here."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from koumen.core.actor import Actor


class Request(HttpRequest):
    """A signed-in request inside `/s/<org>/`. Outside, `actor` is not set."""

    actor: Actor
    htmx: HtmxDetails
