"""Opinions as tests tell them."""

from typing import Any
from uuid import uuid4

from koumen.care.models import Opinion
from koumen.care.services.opinion_letters import Ways
from koumen.care.services.opinions import Sending, Sent, send
from koumen.core.actor import Actor, Visitor
from koumen.registry.queries.actors import org_ref
from tests.cast import Cast

WAYS = Ways(link=lambda secret: f"https://school.test/l/{secret}/", door="https://school.test/b/hill/follow/")
VOICE = b"\x1aE\xdf\xa3" + b"\0" * 2000


def at_the_door(cast: Cast, what: str = "") -> Actor:
    """Somebody without account or link; `what` is the opinion whose code they told."""
    return Actor(None, "匿名", org_ref(cast.hill), visitor=Visitor(None, "box", what))


def family(cast: Cast, name: str, opinion: Opinion | None = None) -> Actor:
    """A guardian behind their own link."""
    guardian = cast.student(name).guardianships.get().guardian
    visitor = Visitor(guardian.pk, "opinion", str(opinion.pk) if opinion else "")
    return Actor(None, guardian.name, org_ref(cast.hill), visitor=visitor)


def said(cast: Cast, text: str = "食堂的菜凉了", **more: Any) -> tuple[Opinion, Sent]:
    """Something put into the box without a name, unless told otherwise."""
    told: dict[str, Any] = {
        "text": text, "token": uuid4(), "channel": Opinion.Channel.BOX, "identity": Opinion.Identity.ANONYMOUS,
    } | more  # fmt: skip
    sent = send(org_ref(cast.hill), by=at_the_door(cast), sending=Sending(**told))
    return Opinion.objects.get(source_id=told["token"]), sent


def sender_of(cast: Cast, row: Opinion) -> Actor:
    """Whoever told the code of this opinion."""
    return at_the_door(cast, f"code-{row.pk}")
