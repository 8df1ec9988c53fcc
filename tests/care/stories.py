"""Short ways to say what happened with a case."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from koumen.care.models import Case, Measure
from koumen.care.models.findings import Source
from koumen.care.services.cases import open_case
from koumen.care.services.closing import ask_close, confirm_close
from koumen.care.services.measures import finish_measure, set_measure
from koumen.core import clock
from koumen.core.actor import Actor
from tests.cast import Cast

MONDAY = datetime(2026, 9, 14, 10, 0, tzinfo=clock.ZONE)


def proposed(cast: Cast, by: Actor, name: str = "阿虎", **more: Any) -> Case:
    """A case nobody has opened yet."""
    told: dict[str, Any] = {"source": Source.TEACHER, "reasons": ["D11"], "why": "最近跟不上"} | more
    return open_case(cast.student(name), by=by, **told)


def helped(cast: Cast, case: Case, by: Actor, *, owner: str = "teacher1", **more: Any) -> Measure:
    """A measure set in it, due in two weeks unless said otherwise."""
    told: dict[str, Any] = {"kind": "study", "text": "每周二课后辅导", "due": soon()} | more
    return set_measure(case, by=by, token=uuid4(), owner=cast.staff(owner), **told)


def begun(cast: Cast, by: Actor, name: str = "阿虎", **more: Any) -> Case:
    """An opened case with one measure."""
    case = proposed(cast, by, name, **more)
    helped(cast, case, by)
    case.refresh_from_db()
    return case


def closed(cast: Cast, by: Actor, second: Actor, name: str = "阿虎") -> Case:
    """A case that two persons have closed."""
    case = begun(cast, by, name)
    for measure in case.measures.all():
        finish_measure(measure, by=by, result="跟上来了")
    ask_close(case, by=by, because="成绩稳定，孩子开朗")
    confirm_close(case, by=second)
    case.refresh_from_db()
    return case


def soon(days: int = 14) -> date:
    """A day to come."""
    return clock.today() + timedelta(days=days)
