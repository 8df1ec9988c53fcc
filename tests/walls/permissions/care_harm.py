"""Who gets which answer from the pages of 强制报告."""

from typing import Any

from tests.care.test_harm import reported, typed
from tests.cast import Cast

from koumen.registry.queries.actors import actor_for

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
NOBODY = dict.fromkeys(ALL, 404) | {"nobody": 302}
NAMED = NOBODY | {"office": 200, "principal": 200}


def report(cast: Cast) -> Any:
    by = actor_for(cast.account("subject1"), "hill")
    assert by is not None
    return reported(cast, by)


def case(cast: Cast) -> dict[str, Any]:
    return {"pk": report(cast).case_id}


def own(cast: Cast) -> dict[str, Any]:
    return {"pk": report(cast).pk}


def written(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return typed(cast, school_class=cast.school_class("三年级1班").pk, name="阿虎")


TABLE: dict[str, Any] = {
    "care:harms": ({}, ALL),
    "care:harm_new": ({}, ALL),
    "care:harm_new POST": ({}, {who: 302 if status == 200 else status for who, status in ALL.items()}, written),
    "care:harm": (case, NAMED),
    "care:harm POST": (
        case, NOBODY | {"office": 302, "principal": 302}, {"did": "step", "step": "police", "note": "110"},
    ),
    "care:harm_own": (own, NOBODY | {"subject1": 200}),
}  # fmt: skip
