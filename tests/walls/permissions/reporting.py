"""Who gets which answer from the reports."""

from typing import Any

from tests.cast import Cast

from koumen.registry.models import Flag

WHOLE = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 403, "teacher2": 403, "subject1": 403,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
HANDED_IN = WHOLE | {"office": 302, "principal": 302, "middle": 403}
BUREAU = {who: 404 for who in WHOLE} | {"nobody": 302, "officer": 200}


def named(column: str) -> dict[str, Any]:
    return {"column": column}


def flagged(cast: Cast) -> dict[str, Any]:
    Flag.objects.create(student=cast.student("阿虎"), category="A12", sensitivity=2, starts="2026-09-01")
    return named("held")


TABLE = {
    "reporting:month": ({}, WHOLE | {"teacher1": 200, "teacher2": 200}),
    "reporting:month_excel": ({}, WHOLE),
    "reporting:month_word": ({}, WHOLE),
    "reporting:behind": (named("enrolled"), WHOLE),
    "reporting:behind (category)": (flagged, WHOLE | {"principal": 403, "middle": 403}),
    "reporting:behind (unknown)": (named("nothing"), {who: 404 for who in WHOLE} | {"nobody": 302}),
    "reporting:deliver POST": ({}, HANDED_IN, {"month": "2026-09"}),
    "reporting:reopen POST": ({}, HANDED_IN, {"month": "2026-09", "because": "更正一条"}),
    "reporting:schools": ({}, {who: 403 for who in WHOLE} | {"stranger": 404, "nobody": 302}),
    "reporting:schools @bureau": ({}, BUREAU),
}
