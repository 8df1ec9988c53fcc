"""Who gets which answer from the pages of 控辍保学."""

from typing import Any
from uuid import uuid4

from tests.care.leaving import drawing, listed, returned
from tests.cast import Cast

from koumen.care.models import DropoutReport
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.queries.actors import actor_for

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# a child of class 1: its class teacher and the office work on it, the principal sees that it is listed
ONE = ALL | {"middle": 404, "teacher2": 404, "subject1": 404, "sysadmin": 404}
WORK = ONE | {"principal": 403}
CHILD = ALL | {"principal": 403, "middle": 403, "teacher2": 404, "sysadmin": 404}
NUMBERS = ALL | {"middle": 403, "teacher1": 403, "teacher2": 403, "subject1": 403}
CHECKS = ALL | {"middle": 403, "subject1": 403}
# class 1's page: seen by those who know the class, done by its class teacher and the office
CHECK = ALL | {"principal": 403, "middle": 403, "teacher2": 404, "subject1": 403}
BUREAU = dict.fromkeys(ALL, 404) | {"officer": 200, "nobody": 302}


def by(cast: Cast, who: str) -> Actor:
    found = actor_for(cast.account(who), "hill")
    assert found is not None
    return found


def child(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿虎").pk}


def room(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.school_class("三年级1班").pk}


def entry(cast: Cast) -> dict[str, Any]:
    return {"pk": listed(by(cast, "teacher1"), cast).pk}


def some(cast: Cast) -> dict[str, Any]:
    entry(cast)
    return {}


def signed(cast: Cast) -> dict[str, Any]:
    row = listed(by(cast, "teacher1"), cast, signature=drawing(), signed_by="阿虎爷爷")
    return {"pk": row.pk}


def back(cast: Cast) -> dict[str, Any]:
    return {"pk": returned(by(cast, "teacher1"), cast).pk}


def report(cast: Cast) -> dict[str, Any]:
    row = DropoutReport.objects.create(
        school_id=cast.hill.pk, month=clock.today().replace(day=1), figures={}, submitted_by="周主任",
        submitted_at=clock.now(),
    )  # fmt: skip
    return {"pk": row.pk}


def attempt(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    at = clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")
    return {"token": uuid4(), "at": at, "mode": "01", "people": "陈老师", "result": "open", "text": "谈了谈"}


FOUND = {"token": "7f3c1a52-2f6e-4a0e-9d55-0a4f2a9a7b01", "signs": ["absent"], "reason": "unknown"}
LOOKED = {"outcome": "dropped", "how": "home", "on": clock.today().isoformat()}

TABLE: dict[str, Any] = {
    "care:dropout_lists": ({}, ALL),
    "care:dropout_find": ({}, ALL),
    "care:dropout_names": ({}, NUMBERS),
    "care:dropout_names POST": (
        some,
        NUMBERS | {"office": 302, "principal": 302},
        {"because": "报县教育局核查"},
    ),
    "care:dropout_new": (child, CHILD),
    "care:dropout_new POST": (child, CHILD | {"office": 302, "teacher1": 302, "subject1": 302}, FOUND),
    "care:dropout": (entry, ONE),
    "care:dropout_describe": (entry, WORK),
    "care:dropout_attempt": (entry, WORK),
    "care:dropout_attempt POST": (entry, WORK | {"office": 302, "teacher1": 302}, attempt),
    "care:dropout_verify": (entry, WORK),
    "care:dropout_verify POST": (entry, WORK | {"office": 302, "teacher1": 302}, LOOKED),
    "care:dropout_close POST": (back, ONE | {"office": 302, "principal": 302, "teacher1": 403}),
    "care:dropout_word": (entry, WORK),
    "care:dropout_signature": (signed, WORK),
    "care:returns": ({}, CHECKS),
    "care:return_check": (room, CHECK),
    "care:return_check POST": (room, CHECK | {"office": 302, "teacher1": 302}, {"all": "here"}),
    "care:dropout_month": ({}, NUMBERS),
    "care:dropout_month_file": ({}, NUMBERS),
    "care:dropout_submit POST": ({}, NUMBERS | {"office": 302, "principal": 302}),
    "care:dropout_schools": ({}, NUMBERS | {"office": 403, "principal": 403}),
    "care:dropout_schools @bureau": ({}, BUREAU),
    "care:dropout_schools_file": ({}, NUMBERS | {"office": 403, "principal": 403}),
    "care:dropout_schools_file @bureau": ({}, BUREAU),
    "care:dropout_check POST @bureau": (report, BUREAU | {"officer": 302}, {"did": "fine"}),
    "care:demands": ({}, ALL),
    "care:demand_new": ({}, ALL),
    "care:demand_file": ({}, NUMBERS),
    "care:demand_list": ({}, NUMBERS | {"office": 404, "principal": 404}),
}
