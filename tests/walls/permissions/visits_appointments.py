"""Appointments: the class teacher, whoever leads the visit, and the office. Families come by link, without account."""

from datetime import timedelta
from typing import Any

from tests.cast import Cast
from tests.visits.stories import planned

from koumen.core import clock
from koumen.registry.queries.actors import actor_for
from koumen.visits.services.appointments import invite

# The class is seen by the leaders and its subject teachers too; its appointments are not theirs.
CLASS = {
    "office": 200, "principal": 403, "middle": 403, "teacher1": 200, "teacher2": 404, "subject1": 403,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
ONE = CLASS | {"subject1": 404, "sysadmin": 404}
AFTER = {"office": 302, "teacher1": 302}


def school_class(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.school_class("三年级1班").pk}


def class_with_a_visit(cast: Cast) -> dict[str, Any]:
    planned(cast, "阿虎", at=clock.now() + timedelta(days=3))
    return school_class(cast)


def asked_class(cast: Cast) -> dict[str, Any]:
    asked(cast)
    return school_class(cast)


def visit(cast: Cast) -> dict[str, Any]:
    return {"pk": planned(cast, "阿虎", at=clock.now() + timedelta(days=3)).pk}


def asked(cast: Cast) -> dict[str, Any]:
    teacher = actor_for(cast.account("teacher1"), "hill")
    assert teacher is not None
    return {"pk": invite(planned(cast, "阿虎", at=clock.now() + timedelta(days=3)), by=teacher).pk}


TABLE = {
    "visits:appointments": (school_class, CLASS),
    "visits:invite_class POST": (class_with_a_visit, CLASS),
    "visits:invite_class": (school_class, CLASS | {who: 405 for who in CLASS if who not in ("stranger", "nobody")}),
    "visits:letters POST": (asked_class, CLASS),
    "visits:letters (nobody is waited for) POST": (school_class, CLASS | {"office": 422, "teacher1": 422}),
    "visits:send_letters POST": (asked_class, CLASS | AFTER),
    "visits:invite POST": (visit, ONE),
    "visits:appointment": (asked, ONE),
    "visits:appointment POST": (asked, ONE | AFTER, {"kind": "decline"}),
    "visits:appointment (no answer) POST": (asked, ONE | {"office": 422, "teacher1": 422}, {"kind": "maybe"}),
    "visits:withdraw POST": (asked, ONE | AFTER),
}
