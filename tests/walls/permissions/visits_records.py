"""Who gets which answer from the pages about single visits and their records."""

from datetime import timedelta
from typing import Any

from tests.cast import Cast
from tests.visits.stories import parted, planned, recorded, typed
from tests.visits.test_record_files import kept

from koumen.core import clock
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Share, Visit, VisitRecord

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip
# a child of class 1: its class teacher and the leaders
ONE = ALL | {"teacher2": 404, "subject1": 404, "sysadmin": 404}
# the same, by whoever went
OWN = ONE | {"office": 403, "principal": 403, "middle": 403}
CLASS = ALL | {"teacher2": 404, "subject1": 403}


def child(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿虎").pk}


def school_class(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.school_class("三年级1班").pk}


def visit(cast: Cast) -> dict[str, Any]:
    return {"pk": planned(cast, "阿虎", at=clock.now() - timedelta(days=1)).pk}


def done(cast: Cast) -> dict[str, Any]:
    by = actor_for(cast.account("teacher1"), "hill")
    assert by is not None
    return {"pk": recorded(cast, by, "阿虎", at=clock.now() - timedelta(days=1)).visit_id}


def own(cast: Cast) -> dict[str, Any]:
    done(cast)
    return {}


def picture(cast: Cast) -> dict[str, Any]:
    row = VisitRecord.objects.get(visit=done(cast)["pk"])
    return {"pk": row.visit_id, "file": kept(row).pk}


def form(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return typed(Visit.objects.get(pk=kwargs["pk"]))


def siblings(cast: Cast) -> dict[str, Any]:
    return {"pk": planned(cast, "阿梅", "阿乐", at=clock.now() - timedelta(days=1)).pk}


def shared(cast: Cast) -> dict[str, Any]:
    kwargs = done(cast)
    row = VisitRecord.objects.get(visit=kwargs["pk"])
    Share.objects.create(
        record=row, student=cast.student("阿虎"), shared_by=cast.staff("teacher1"), shared_at=clock.now(), advice="多夸"
    )
    return kwargs


def sibling(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.student("阿梅").pk}


def apart(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    return parted(Visit.objects.get(pk=kwargs["pk"]))


TABLE = {
    "visits:mine": ({}, ALL),
    "visits:new": ({}, ALL),
    "visits:new_record": (child, ONE | {"subject1": 200}),
    "visits:visit": (visit, ONE),
    "visits:visit (recorded)": (done, ONE),
    "visits:record": (visit, OWN),
    "visits:record POST": (visit, OWN | {"teacher1": 302}, form),
    "visits:record_apart": (siblings, OWN | {"teacher2": 403}),
    "visits:record_apart POST": (siblings, OWN | {"teacher1": 302, "teacher2": 403}, apart),
    "visits:new_record_apart": (sibling, ONE | {"subject1": 200}),
    "visits:revise": (done, OWN),
    "visits:recall POST": (shared, OWN | {"teacher1": 302}),
    "visits:draft": ({"name": "record-1"}, {who: 204 if status == 200 else status for who, status in ALL.items()}),
    "visits:decline POST": (visit, OWN | {"teacher1": 302}, {"reason": "away"}),
    "visits:decline": (visit, ALL | {who: 405 for who in ALL if who not in ("stranger", "nobody")}),
    "visits:record_file": (picture, OWN | {"office": 200}),
    "visits:record_file_small": (picture, OWN | {"office": 200}),
    "visits:handbook": ({}, ALL),
    "visits:handbook POST": (
        own,
        ALL | {who: 422 for who in ("office", "principal", "middle", "teacher2", "subject1")} | {"teacher1": 302},
        {},
    ),
    "visits:paper": (done, OWN | {"office": 200}),
    "visits:records": (school_class, CLASS),
    "visits:papers POST": (
        school_class,
        CLASS | {"office": 422, "principal": 403, "middle": 403, "teacher1": 422},
    ),
}
