"""Who gets which answer from the ledger and the lists with names."""

from typing import Any

from tests.care.problems import problem
from tests.cast import Cast

from koumen.care.models import NameList
from koumen.core import clock

LEADER = {"principal": 302, "middle": 302}
ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 403,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
ONE = ALL | {"principal": 404, "middle": 404, "teacher2": 404, "subject1": 404, "sysadmin": 404}
CLOSED = ONE | {"office": 302, "teacher1": 302}
STAFF = ALL | {"subject1": 200}


def finding(cast: Cast) -> dict[str, Any]:
    return {"pk": problem(cast).pk}


def handed(cast: Cast) -> dict[str, Any]:
    return {"pk": problem(cast, owner=cast.staff("subject1")).pk}


def asked(cast: Cast, **more: Any) -> dict[str, Any]:
    problem(cast)
    row = NameList.objects.create(
        kind="ledger", because="专项检查", asked_by=cast.staff("teacher1"), asked_at=clock.now(), **more
    )
    return {"pk": row.pk}


def approved(cast: Cast) -> dict[str, Any]:
    now = clock.now()
    return asked(cast, approved_by=cast.staff("office"), approved_at=now, ends_at=now.replace(year=now.year + 1))


NAMES = {
    "office": 302, "principal": 302, "middle": 404, "teacher1": 403, "teacher2": 404, "subject1": 404,
    "sysadmin": 404, "stranger": 404, "nobody": 302,
}  # fmt: skip
TABLE: dict[str, Any] = {
    "care:ledger": ({}, ALL | LEADER),
    "care:ledger_numbers": ({}, ALL),
    "care:ledger_file POST": (
        {}, ALL | {"principal": 403, "middle": 403, "office": 422, "teacher1": 422, "teacher2": 422}, {"because": ""},
    ),
    "care:finding": (finding, ONE),
    "care:finding (handed on)": (handed, ONE | {"subject1": 200}),
    "care:finding POST": (handed, CLOSED | {"subject1": 403}, {"did": "close", "result": "办好了"}),
    "care:names": ({}, STAFF),
    "care:names_decide POST": (asked, NAMES, {"did": "approve"}),
    "care:names_download POST": (
        approved, NAMES | {"office": 403, "principal": 403, "teacher1": 200},
    ),
}  # fmt: skip
