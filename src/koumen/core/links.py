"""Personal links: a 128-bit secret for one person, one purpose, one object, until it expires.

Only the hash of the secret is kept. The first device that opens a link is remembered; another one sees nothing.
"""

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

from django.http import HttpResponse

from koumen.core import clock, scope
from koumen.core.models import PersonalLink
from koumen.core.refusals import NotFound
from koumen.core.requests import Request

Page = Callable[[Request, PersonalLink], HttpResponse]
PURPOSES: dict[str, Page] = {}


def purpose(name: str) -> Callable[[Page], Page]:
    """Register the page behind links of one purpose: `page(request, link)`, called inside the link's org."""

    def wrap(page: Page) -> Page:
        PURPOSES[name] = page
        return page

    return wrap


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def issue(purpose_name: str, *, person_id: int | None, object_id: object, lasts: timedelta) -> str:
    """Make a link in the open scope; returns its secret, which is shown once and never stored."""
    secret = secrets.token_urlsafe(16)
    PersonalLink.objects.create(
        org_id=scope.org_id(),
        secret_hash=_hash(secret),
        purpose=purpose_name,
        person_id=person_id,
        object_id=str(object_id),
        expires_at=clock.now() + lasts,
    )
    return secret


def resolve(secret: str, device: str) -> PersonalLink:
    """The live link behind a secret, bound to this device from now on.

    `device` is a random name kept in the browser's cookie. Raises NotFound for a wrong, ended, expired or
    somebody else's link: all four look the same from outside.
    """
    link = PersonalLink.objects.filter(secret_hash=_hash(secret), ended_at=None, expires_at__gt=clock.now()).first()
    if link is None:
        raise NotFound
    mark = _hash(device)
    if not link.device_hash:
        PersonalLink.objects.filter(pk=link.pk, device_hash=b"").update(device_hash=mark)
        link.refresh_from_db()
    if not hmac.compare_digest(bytes(link.device_hash), mark):
        raise NotFound
    return link


def end(purpose_name: str, *, person_id: int) -> int:
    """End every live link of a person for a purpose, at once. Returns how many."""
    return PersonalLink.objects.filter(
        org_id=scope.org_id(), purpose=purpose_name, person_id=person_id, ended_at=None
    ).update(ended_at=clock.now())
