"""Who gets which answer from the pages of cases and measures."""

from typing import Any
from uuid import uuid4

from tests.care.stories import begun, closed, helped, proposed, soon
from tests.cast import Cast

from koumen.care.models import Case, Measure
from koumen.care.services.agreements import make_agreement
from koumen.care.services.closing import ask_close
from koumen.care.services.teams import give_seat
from koumen.core.actor import Actor
from koumen.registry.queries.actors import actor_for

STAFF = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
ARRANGE = STAFF | {"principal": 403, "middle": 403, "subject1": 403}
# the class teacher and the office of a child in class 1; others do not know that there is a case
FILE = STAFF | {"principal": 404, "middle": 404, "teacher2": 404, "subject1": 404, "sysadmin": 404}
SENT = FILE | {"office": 302, "teacher1": 302}
PROPOSE = STAFF | {"principal": 403, "middle": 403, "teacher2": 404, "sysadmin": 404}
# what is done is for the child's teachers, too
HELP = FILE | {"subject1": 200}
HELP_ARRANGE = FILE | {"subject1": 403}


def _as(cast: Cast, name: str) -> Actor:
    found = actor_for(cast.account(name), "hill")
    assert found is not None
    return found


def _begun(cast: Cast) -> Case:
    return begun(cast, _as(cast, "teacher1"))


def case(cast: Cast) -> dict[str, Any]:
    return {"pk": _begun(cast).pk}


def child(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿虎").pk}


def proposal(cast: Cast) -> dict[str, Any]:
    row = proposed(cast, _as(cast, "teacher1"))
    helped(cast, row, _as(cast, "teacher1"))
    Case.objects.filter(pk=row.pk).update(state="proposed")
    return {"pk": row.pk}


def idle(cast: Cast) -> dict[str, Any]:
    return {"pk": proposed(cast, _as(cast, "teacher1")).pk}


def seated(cast: Cast) -> dict[str, Any]:
    row = _begun(cast)
    give_seat(row, by=_as(cast, "teacher1"), staff=cast.staff("teacher2"), part="member")
    return {"pk": row.pk, "staff": cast.staff("teacher2").pk}


def closing(cast: Cast) -> dict[str, Any]:
    row = proposed(cast, _as(cast, "subject1"))
    ask_close(row, by=_as(cast, "subject1"), because="家长说已经解决")
    return {"pk": row.pk}


def over(cast: Cast) -> dict[str, Any]:
    return {"pk": closed(cast, _as(cast, "teacher1"), _as(cast, "office")).pk}


def agreed(cast: Cast) -> dict[str, Any]:
    row = _begun(cast)
    make_agreement(row, by=_as(cast, "teacher1"), items=["每天读书"])
    return {"pk": row.pk}


def measure(cast: Cast) -> dict[str, Any]:
    return {"pk": Measure.objects.get(case=_begun(cast)).pk}


def two(cast: Cast) -> dict[str, Any]:
    row = _begun(cast)
    helped(cast, row, _as(cast, "teacher1"), kind="parenting")
    return {"pk": Measure.objects.get(case=row, kind="study").pk}


def other(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"owner": cast.staff("teacher2").pk, "due": soon(5).isoformat()}


def help_(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return other(cast, kwargs) | {"token": str(uuid4()), "kind": "study", "text": "每天读十分钟"}


def named(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"staff": cast.staff("subject1").pk, "part": "helper"}


def sheet(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"level": "2", "reasons": ["D11"], "why": "常缺课", "goals": "到校", "lead": cast.staff("teacher1").pk}


def renewed(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {"staff": cast.staff("teacher1").pk}


WHY = {"because": "情况已经变了"}
TABLE: dict[str, Any] = {
    "care:cases": ({}, STAFF),
    "care:case_candidates": ({}, ARRANGE),
    "care:case_renewals": ({}, ARRANGE),
    "care:case_new": (child, PROPOSE),
    "care:case_new POST": (
        child, PROPOSE | {"office": 302, "teacher1": 302, "subject1": 302},
        {"reasons": ["D11"], "why": "跟不上", "level": "1"},
    ),
    "care:case": (case, FILE),
    "care:case_edit": (case, FILE),
    "care:case_edit POST": (case, SENT, sheet),
    "care:case_confirm POST": (proposal, SENT, {}),
    "care:case_paper": (case, FILE),
    "care:case_no_action": (case, FILE),
    "care:case_no_action POST": (idle, SENT, WHY),
    "care:case_note": (case, FILE),
    "care:case_note POST": (case, SENT, {"kind": "team", "text": "聊过了"}),
    "care:case_review": (case, FILE),
    "care:case_review POST": (case, SENT, {"face": "3", "text": "好转"}),
    "care:case_close": (case, FILE),
    "care:case_close POST": (idle, SENT, WHY),
    "care:case_close_confirm POST": (closing, SENT | {"subject1": 403}, {}),
    "care:case_close_refuse": (closing, FILE | {"subject1": 200}),
    "care:case_close_refuse POST": (closing, SENT | {"subject1": 302}, WHY),
    "care:case_reopen": (over, FILE),
    "care:case_reopen POST": (over, SENT, WHY),
    "care:case_seat_new": (case, FILE),
    "care:case_seat_new POST": (case, SENT, named),
    "care:case_seat_end POST": (seated, SENT | {"teacher2": 302}, {}),
    "care:case_renew POST": (case, SENT, renewed),
    "care:case_agreement": (case, FILE),
    "care:case_agreement POST": (case, SENT, {"items": "每天读书"}),
    "care:case_agreement_letters POST": (agreed, FILE, {}),
    "care:measure_new": (case, FILE),
    "care:measure_new POST": (case, SENT, help_),
    "care:measure": (measure, HELP),
    "care:measure_progress POST": (measure, SENT | {"subject1": 403}, {"line-text": "补了课"}),
    "care:measure_finish POST": (measure, SENT | {"subject1": 403}, {"result-text": "过关了"}),
    "care:measure_drop": (measure, HELP_ARRANGE),
    "care:measure_drop POST": (two, SENT | {"subject1": 403}, {"text": "不合适"}),
    "care:measure_hand_over": (measure, HELP_ARRANGE),
    "care:measure_hand_over POST": (measure, SENT | {"subject1": 403}, other),
}  # fmt: skip
