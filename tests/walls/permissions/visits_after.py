"""Who gets which answer from the pages of what follows a visit."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from tests.cast import Cast
from tests.visits.stories import recorded

from koumen.core import clock
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Agreement, Effect, Share, VisitRecord
from koumen.visits.presets.commitment import VERSION

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# whoever goes on with a visit of class 1
OWN = ALL | {
    "office": 403, "principal": 403, "middle": 403, "teacher2": 404, "subject1": 404, "sysadmin": 404,
}  # fmt: skip
TOLD = ALL | {"principal": 404, "middle": 404, "teacher2": 404, "sysadmin": 404}
HEADS = ALL | {"middle": 403, "subject1": 403}


def record(cast: Cast) -> VisitRecord:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return recorded(cast, by, "阿虎", at=clock.now() - timedelta(days=1), measures=("study",))


def visit(cast: Cast) -> dict[str, Any]:
    return {"pk": record(cast).visit_id}


def child(cast: Cast) -> dict[str, Any]:
    return visit(cast) | {"student": cast.student("阿虎").pk}


def agreed(cast: Cast, state: str = "asked") -> dict[str, Any]:
    row = record(cast)
    Agreement.objects.create(
        record=row, items=["每天读书"], made_by=cast.staff("teacher1"), made_at=clock.now(), state=state
    )
    return {"pk": row.visit_id}


def confirmed(cast: Cast) -> dict[str, Any]:
    return agreed(cast, "confirmed")


def told(cast: Cast) -> dict[str, Any]:
    row = Share.objects.create(
        record=record(cast),
        student=cast.student("阿虎"),
        kinds=["study"],
        shared_by=cast.staff("teacher1"),
        shared_at=clock.now(),
    )
    return {"pk": row.pk}


def asked(cast: Cast) -> dict[str, Any]:
    row = Effect.objects.create(record=record(cast), asked=cast.staff("teacher1"), asked_at=clock.now())
    return {"pk": row.pk}


def measure(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    due = clock.today() + timedelta(days=9)
    return {"token": str(uuid4()), "kind": "study", "text": "每天一道口算", "due": f"{due:%Y-%m-%d}"}


TABLE = {
    "visits:share": (child, OWN),
    "visits:share POST": (child, OWN | {"teacher1": 302}, {"advice": "多请他回答"}),
    "visits:shared": ({}, ALL),
    "visits:shared_one": (told, TOLD),
    "visits:shared_one POST": (told, TOLD | {"office": 403, "teacher1": 302, "subject1": 302}, measure),
    "visits:agreement": (visit, OWN),
    "visits:agreement POST": (visit, OWN | {"teacher1": 302}, {"items": "每天读书"}),
    "visits:agreement_letters POST": (agreed, OWN, {}),
    "visits:agreement_keep POST": (confirmed, OWN | {"teacher1": 302}, {"keep": "yes"}),
    "visits:feedback_letters POST": (visit, OWN, {}),
    "visits:follow_ups": ({}, ALL),
    "visits:effect": (asked, OWN),
    "visits:effect POST": (asked, OWN | {"teacher1": 302}, {"face": "3"}),
    "visits:feedback": ({}, HEADS),
    "visits:commitment": ({}, ALL | {"sysadmin": 200}),
    "visits:commitment POST": (
        {},
        {who: 302 if status == 200 or who == "sysadmin" else status for who, status in ALL.items()},
        {"version": VERSION},
    ),
}
