"""Who gets which answer from the pages of 转接."""

from typing import Any

from tests.care.stories import begun
from tests.cast import Cast

from koumen.care.models import CaseTransfer
from koumen.care.services.transfers import ask_transfer
from koumen.core import clock
from koumen.registry.queries.actors import actor_for

NOBODY: dict[str, int] = dict.fromkeys(
    ("office", "principal", "middle", "teacher1", "teacher2", "subject1", "sysadmin", "stranger"), 404
) | {"nobody": 302}
CASE = NOBODY | {"office": 200, "teacher1": 200}


def case(cast: Cast) -> dict[str, Any]:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return {"pk": begun(cast, by).pk}


def asked(cast: Cast) -> dict[str, Any]:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return {"pk": ask_transfer(begun(cast, by), by=by, school=cast.river, family_told="告知爷爷").pk}


def came(cast: Cast) -> dict[str, Any]:
    row = CaseTransfer.objects.create(
        way="in", other_org=cast.river, payload='{"name": "河远"}', asked_by="孙老师", asked_at=clock.now()
    )
    return {"pk": row.pk}


TABLE: dict[str, Any] = {
    "care:transfer_new": (case, CASE),
    "care:transfer": (asked, CASE),
    "care:transfer (came)": (came, NOBODY | {"office": 200}),
    "care:transfer POST": (asked, CASE | {"office": 302, "teacher1": 302}, {"did": "withdraw"}),
    "care:transfer (came) POST": (came, NOBODY | {"office": 422}, {"did": "refuse", "reason": ""}),
}
