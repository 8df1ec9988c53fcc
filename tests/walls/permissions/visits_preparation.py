"""备课: whoever goes, and the class teacher; colleagues answer what they were asked."""

from datetime import timedelta
from typing import Any

from tests.cast import Cast
from tests.visits.stories import planned

from koumen.core import clock
from koumen.visits.models import Remark

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 200, "stranger": 404, "nobody": 302,
}  # fmt: skip
OWN = ALL | {"office": 403, "principal": 403, "middle": 403, "teacher2": 404, "subject1": 404, "sysadmin": 404}
ASKED = dict.fromkeys(ALL, 404) | {"subject1": 302, "teacher1": 403, "nobody": 302}


def visit(cast: Cast) -> dict[str, Any]:
    return {"pk": planned(cast, "阿虎", at=clock.now() + timedelta(days=1)).pk}


def outline(cast: Cast) -> dict[str, Any]:
    return visit(cast) | {"name": "outline"}


def remark(cast: Cast) -> dict[str, Any]:
    return {
        "pk": Remark.objects.create(
            visit=planned(cast, "阿虎", at=clock.now() + timedelta(days=1)),
            student=cast.student("阿虎"),
            asked_by=cast.staff("teacher1"),
            asked_at=clock.now(),
            teacher=cast.staff("subject1"),
        ).pk
    }


def line(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {f"r{kwargs['pk']}-text": "上课举手多了"}


TABLE: dict[str, Any] = {
    "visits:prepare": (visit, OWN),
    "visits:prepare POST": (visit, OWN | {"teacher1": 302}, {"purposes": ["know"]}),
    "visits:prepare_ask POST": (visit, OWN | {"teacher1": 302}),
    "visits:prepare_sheet": (outline, OWN),
    "visits:remarks": ({}, ALL),
    "visits:remark POST": (remark, ASKED, line),
    "visits:remark": (remark, dict.fromkeys(ALL, 405) | {"stranger": 404, "nobody": 302}),
}
