"""The request as our views see it: what middleware adds is typed here."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from koumen.core.actor import Actor, OrgRef


class Request(HttpRequest):
    """A signed-in request inside `/s/<org>/`. Outside, `actor` and `other_orgs` are not set."""

    actor: Actor
    other_orgs: tuple[OrgRef, ...]
    htmx: HtmxDetails
