"""Who gets which answer from the pages of tasks."""

from typing import Any

from tests.cast import Cast

from koumen.care.models import Task
from koumen.core import clock

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# the owner is subject1, the giver teacher1; the office sees every task
ONE = ALL | {"principal": 404, "middle": 404, "teacher2": 404, "sysadmin": 404}


def task(cast: Cast, state: str = "open") -> dict[str, Any]:
    row = Task.objects.create(
        title="课后辅导", owner=cast.staff("subject1"), given_by=cast.staff("teacher1"), due=clock.today(),
        given_at=clock.now(), state=state, needs_verifying=True,
    )  # fmt: skip
    return {"pk": row.pk}


def done(cast: Cast) -> dict[str, Any]:
    return task(cast, "done")


TABLE: dict[str, Any] = {
    "care:tasks": ({}, ALL),
    "care:task_new": ({}, ALL),
    "care:task": (task, ONE),
    "care:task_finish POST": (task, ONE | {"office": 403, "teacher1": 403, "subject1": 302}, {"sentence": "办了"}),
    "care:task_verify POST": (done, ONE | {"office": 302, "teacher1": 302, "subject1": 403}, {"done": "yes"}),
    "care:task_drop POST": (task, ONE | {"office": 302, "teacher1": 302, "subject1": 403}, {"sentence": "不用了"}),
}
