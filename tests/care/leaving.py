"""Children on the dropout lists, as tests need them."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageDraw

from koumen.care.models import DropoutEntry, ReturnAttempt, ReturnCheck
from koumen.care.models.findings import Source
from koumen.care.services.dropout import Attempt, Found, attempt, list_child, verify
from koumen.care.services.returns import Away, check_class
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Term
from tests.cast import Cast

MONDAY = datetime(2026, 9, 14, 10, tzinfo=clock.ZONE)


def drawing() -> bytes:
    """A signature as a phone sends it."""
    picture = Image.new("RGBA", (600, 300), (0, 0, 0, 0))
    ImageDraw.Draw(picture).line([(60, 200), (200, 60), (330, 220), (520, 90)], fill="black", width=8)
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def listed(by: Actor, hill: Cast, name: str = "阿虎", **more: Any) -> DropoutEntry:
    token: UUID = more.pop("token", None) or uuid4()
    source = more.pop("source", Source.TEACHER)
    found = Found(**({"words": "三天没来，家里说要出去打工", "reason": "work"} | more))
    return list_child(hill.student(name), by=by, token=token, found=found, source=source)


def tried(
    entry: DropoutEntry, by: Actor, result: str = "open", *, ago: int = 0, token: UUID | None = None
) -> ReturnAttempt:
    at = clock.now() - timedelta(hours=1, days=ago)
    return attempt(entry, by=by, done=Attempt(token or uuid4(), at, "01", "陈老师、村主任", result, "孩子愿意再想想"))


def returned(by: Actor, hill: Cast) -> DropoutEntry:
    """Dropped out, brought back, and seen in class."""
    entry = listed(by, hill)
    verify(entry, by=by, how="home", on=clock.today(), outcome="dropped")
    tried(entry, by, "returned")
    verify(entry, by=by, how="school", on=clock.today(), outcome="returned")
    return entry


def checked(by: Actor, hill: Cast, **away: str) -> ReturnCheck:
    states = {hill.student(name).pk: Away(state, "电话打不通") for name, state in away.items()}
    return check_class(hill.school_class("三年级1班"), by=by, term=Term.objects.get(order=1), away=states)
