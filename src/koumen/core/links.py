"""Personal links: a 128-bit secret for one person, one purpose, one object, until it expires.

Only the hash of the secret is kept. The first device that opens a link is remembered; another one sees nothing, and
may ask for a new link, which goes to the number on file and nowhere else. Whether the person still has the right is
asked again at every opening, so a link is dead the moment the right ends.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.http import HttpResponse

from koumen.core import audit, clock, scope
from koumen.core.actor import Actor, OrgRef, Visitor
from koumen.core.models import PersonalLink
from koumen.core.refusals import NotFound
from koumen.core.requests import Request

Page = Callable[[Request, PersonalLink], HttpResponse]
WRONG_FACTS = 5  # then the link ends: whoever holds it does not know the family


class Dead(NotFound):
    """This link opens nothing: wrong, ended, expired, another device's. All look the same from outside."""


@dataclass(frozen=True)
class Purpose:
    """What links of one purpose open, and by which rules. All functions are called inside the link's org.

    `holds`: whether the person still has the right. `reach`: the phone on file a new link may be sent to, "" for
    none. `fact`: what the person is asked before a sensitive act, None when nothing is.
    """

    page: Page
    lasts: timedelta
    holds: Callable[[PersonalLink], bool]
    reach: Callable[[PersonalLink], str]
    fact: Callable[[PersonalLink], str] | None


PURPOSES: dict[str, Purpose] = {}


def purpose(
    name: str,
    *,
    lasts: timedelta,
    holds: Callable[[PersonalLink], bool],
    reach: Callable[[PersonalLink], str],
    fact: Callable[[PersonalLink], str] | None = None,
) -> Callable[[Page], Page]:
    """Register the page behind links of one purpose: `page(request, link)`, called inside the link's org."""

    def wrap(page: Page) -> Page:
        PURPOSES[name] = Purpose(page, lasts, holds, reach, fact)
        return page

    return wrap


def issue(purpose_name: str, *, person_id: int | None, object_id: object, lasts: timedelta | None = None) -> str:
    """Make a link in the open scope; returns its secret, which is shown once and never stored.

    `lasts` replaces the purpose's own time.
    """
    secret = secrets.token_urlsafe(16)
    PersonalLink.objects.create(
        org_id=scope.org_id(),
        secret_hash=_hash(secret),
        purpose=purpose_name,
        person_id=person_id,
        object_id=str(object_id),
        expires_at=clock.now() + (lasts or PURPOSES[purpose_name].lasts),
    )
    return secret


def find(secret: str) -> PersonalLink | None:
    """The row of a secret, live or not. Needs no scope."""
    return PersonalLink.objects.filter(secret_hash=_hash(secret)).first()


def is_live(link: PersonalLink) -> bool:
    """Whether its time runs and nobody ended it."""
    return link.ended_at is None and link.expires_at > clock.now()


def is_open(secret: str) -> bool:
    """Whether the secret is that of a live link no device has opened yet."""
    link = find(secret)
    return link is not None and is_live(link) and not link.device_hash


def is_foreign(link: PersonalLink, device: str) -> bool:
    """Whether it belongs to another device than this one."""
    return bool(link.device_hash) and not hmac.compare_digest(bytes(link.device_hash), _hash(device))


def resolve(secret: str, device: str) -> PersonalLink:
    """The live link behind a secret, bound to this device from now on.

    `device` is a random name kept in the browser's cookie. Raises Dead otherwise; a try with another device, or
    after the end, is written into the log of the link's org.
    """
    link = find(secret)
    if link is None:
        raise Dead
    if not is_live(link):
        _note(link, "link.opened_after_its_end")
        raise Dead
    if not link.device_hash:
        PersonalLink.objects.filter(pk=link.pk, device_hash=b"").update(device_hash=_hash(device))
        link.refresh_from_db()
    if is_foreign(link, device):
        _note(link, "link.opened_on_another_device")
        raise Dead
    return link


def require_right(link: PersonalLink) -> None:
    """In the link's scope: raise Dead, and end the link, when the person has lost the right meanwhile."""
    known = PURPOSES.get(link.purpose)
    if known is None or not known.holds(link):
        PersonalLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=clock.now())
        raise Dead


def end(purpose_name: str, *, person_id: int | None = None, object_id: object = None) -> int:
    """End every live link of a purpose for a person, an object, or both, at once. Returns how many."""
    rows = PersonalLink.objects.filter(org_id=scope.org_id(), purpose=purpose_name, ended_at=None)
    if person_id is not None:
        rows = rows.filter(person_id=person_id)
    if object_id is not None:
        rows = rows.filter(object_id=str(object_id))
    return rows.update(ended_at=clock.now())


def end_all(person_id: int) -> int:
    """End every live link of a person, whatever it was for. Returns how many."""
    rows = PersonalLink.objects.filter(org_id=scope.org_id(), person_id=person_id, ended_at=None)
    return rows.update(ended_at=clock.now())


def renew(link: PersonalLink) -> tuple[str, str] | None:
    """In the link's scope: (phone on file, secret of a new link); the old one ends. None when nobody may have one."""
    known = PURPOSES.get(link.purpose)
    phone = known.reach(link) if known and known.holds(link) else ""
    if not phone:
        return None
    end(link.purpose, person_id=link.person_id, object_id=link.object_id)
    return phone, issue(link.purpose, person_id=link.person_id, object_id=link.object_id)


def prove(link: PersonalLink, told: str) -> bool:
    """Check the second fact, once for the link's life. After `WRONG_FACTS` wrong answers the link ends."""
    if link.proven_at is not None:
        return True
    fact = PURPOSES[link.purpose].fact
    if fact is not None and told.strip() and hmac.compare_digest(told.strip().encode(), fact(link).encode()):
        link.proven_at = clock.now()
    else:
        link.wrong_facts += 1
        if link.wrong_facts >= WRONG_FACTS:
            link.ended_at = clock.now()
    link.save(update_fields=["proven_at", "wrong_facts", "ended_at"])
    return link.proven_at is not None


def visitor(link: PersonalLink, name: str, org: OrgRef) -> Actor:
    """The actor of what is done behind this link; `name` is what the log calls the person."""
    return Actor(None, name, org, visitor=Visitor(link.person_id, link.purpose, link.object_id))


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _note(link: PersonalLink, verb: str) -> None:
    with scope.enter(link.org_id):
        audit.write(visitor(link, "", OrgRef(link.org_id, "", "", "")), verb, link)
