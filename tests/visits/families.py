"""A family's phone: a browser that opens personal links."""

from datetime import timedelta
from typing import Any

from django.test import Client

from koumen.core import links
from koumen.registry.models import Guardian


class Phone:
    """The phone of one adult, remembered by its links."""

    def __init__(self) -> None:
        self.browser = Client()

    def open(self, secret: str, **query: str) -> Any:
        """What the link shows, once the phone is known to it."""
        self.browser.post(f"/l/{secret}/open/")
        return self.browser.get(f"/l/{secret}/", query)

    def send(self, secret: str, **typed: str) -> Any:
        """What comes back for a form sent behind the link."""
        return self.browser.post(f"/l/{secret}/", typed)

    def report(self, secret: str, **typed: str) -> Any:
        """What comes back for a report sent behind the link."""
        return self.browser.post(f"/l/{secret}/?report=1", typed)


def link_of(name: str, purpose: str, object_id: object) -> str:
    """A link of that adult for something."""
    return links.issue(
        purpose, person_id=Guardian.objects.get(name=name).pk, object_id=object_id, lasts=timedelta(days=14)
    )
