"""Who gets which answer from the pages of referrals."""

from typing import Any
from uuid import uuid4

from tests.care.stories import begun, soon
from tests.cast import Cast

from koumen.care.models import Referral
from koumen.core import clock
from koumen.registry.queries.actors import actor_for

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# the class teacher and the office read the case
CASE = ALL | {"principal": 404, "middle": 404, "teacher2": 404, "subject1": 404, "sysadmin": 404}


def case(cast: Cast) -> dict[str, Any]:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return {"pk": begun(cast, by).pk}


def sent(cast: Cast, **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "to": "community", "subject": "走访", "passed_on": "学生：不写姓名", "due": soon(), "sent_at": clock.now(),
        "sent_by": cast.staff("teacher1"), "case_id": case(cast)["pk"],
    }  # fmt: skip
    return {"pk": Referral.objects.create(**(told | more)).pk}


def received(cast: Cast) -> dict[str, Any]:
    return sent(cast, way="in", case_id=None, sent_by=None, to="school", other_org=cast.river)


def at_the_bureau(cast: Cast) -> dict[str, Any]:
    """The bureau's own copy, asked for at the bureau."""
    row = Referral.objects.create(
        way="in", to="bureau", subject="评估", passed_on="x", due=soon(), sent_at=clock.now(), other_org=cast.hill
    )
    return {"pk": row.pk}


def written(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"did": "preview", "to": "community", "to_name": "村委会", "subject": "走访", "words": "请走访",
            "family_told": "电话告知", "due": soon().isoformat(), "token": str(uuid4())}  # fmt: skip


NOT_OURS = dict.fromkeys(ALL, 404) | {"nobody": 302}
TABLE: dict[str, Any] = {
    "care:referrals": ({}, ALL),
    "care:referrals @bureau": ({}, NOT_OURS),
    "care:referral @bureau": (at_the_bureau, NOT_OURS),
    "care:referral_new": (case, CASE),
    "care:referral_new POST": (case, CASE, written),
    "care:referral": (sent, CASE),
    "care:referral (received)": (received, CASE | {"teacher1": 404}),
    "care:referral POST": (
        sent, CASE | {"office": 302, "teacher1": 302}, {"did": "report", "who": "村主任", "words": "已走访"},
    ),
    "care:referral_letter": (sent, CASE),
}  # fmt: skip
