"""Who gets which answer from the pages of extracts."""

from typing import Any

from tests.cast import Cast

from koumen.care.models import Case, Extract
from koumen.core import clock

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# teacher1 writes, subject1 reads second, the office sees all
ONE = ALL | {"principal": 404, "middle": 404, "teacher2": 404, "sysadmin": 404}
CASE = ALL | {
    "office": 302, "principal": 404, "middle": 404, "teacher1": 302, "teacher2": 404, "subject1": 404, "sysadmin": 404,
}  # fmt: skip


def case(cast: Cast) -> Case:
    row: Case = Case.objects.create(
        year=2026, number=1, student=cast.student("阿虎"), reasons=["D11"], why="跟不上", opened_on=clock.today(),
        changed_at=clock.now(),
    )  # fmt: skip
    return row


def extract(cast: Cast, state: str = "checked") -> dict[str, Any]:
    now = clock.now()
    row = Extract.objects.create(
        case=case(cast), title="慢一点", text="每周补一次课。", state=state, made_by=cast.staff("teacher1"),
        reader=cast.staff("subject1"), made_at=now, changed_at=now,
    )  # fmt: skip
    return {"pk": row.pk}


def read(cast: Cast) -> dict[str, Any]:
    return extract(cast, "read")


WRITER = ONE | {"office": 403, "teacher1": 302, "subject1": 403}
TABLE: dict[str, Any] = {
    "care:extracts": ({}, ALL),
    "care:extract": (extract, ONE),
    "care:extract POST": (
        extract, WRITER, {"title": "慢一点", "text": "老师每周帮他补一次课。", "width": "stage"},
    ),
    "care:extract_new POST": (lambda cast: {"pk": case(cast).pk}, CASE),
    "care:extract_reader POST": (extract, WRITER, lambda cast, _kwargs: {"reader": cast.staff("office").pk}),
    "care:extract_read POST": (
        extract, ONE | {"office": 403, "teacher1": 403, "subject1": 302}, {"fine": "no", "because": "看得出"},
    ),
    "care:extract_consent POST": (read, WRITER | {"teacher1": 200}),
    "care:extract_withdraw POST": (extract, ONE | {"office": 302, "teacher1": 302, "subject1": 403}),
}  # fmt: skip
