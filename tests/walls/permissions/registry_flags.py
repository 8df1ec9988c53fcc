"""Who gets which answer from the pages of flags."""

from typing import Any

from tests.cast import Cast

from koumen.core import clock
from koumen.registry.models import Flag

# the class teacher and the office; subject1 teaches the child, leaders see the name
CHILD = {
    "office": 200, "principal": 403, "middle": 403, "teacher1": 200, "teacher2": 404, "subject1": 403,
    "sysadmin": 404, "stranger": 404, "nobody": 302,
}  # fmt: skip
TURN = CHILD | {"office": 302, "teacher1": 302}
LIST = {
    "office": 200, "principal": 403, "middle": 403, "teacher1": 200, "teacher2": 200, "subject1": 403,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip


def child(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿虎").pk}


def flag(cast: Cast) -> dict[str, Any]:
    row = Flag.objects.create(
        student=cast.student("阿虎"), category="D11", sensitivity=1, starts=clock.today(), valid_until=clock.today()
    )
    return {"pk": row.pk}


TABLE: dict[str, Any] = {
    "registry:student_flags": (child, CHILD),
    "registry:student_flags POST": (child, TURN, {"category": "D11", "source": "teacher", "because": "作业做不完"}),
    "registry:flags": ({}, LIST),
    "registry:flags POST": ({}, LIST | {"office": 302, "teacher1": 302, "teacher2": 302}, {"flag": "1"}),
    "registry:flag_renew POST": (flag, TURN),
    "registry:flag_end POST": (flag, TURN),
    "registry:flag_reader POST": (
        child,
        CHILD | {"office": 302, "teacher1": 403},
        lambda cast, _kwargs: {"staff": cast.staff("subject1").pk, "because": "安排辅导"},
    ),
}
