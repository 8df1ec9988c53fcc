"""Bringing in rosters, homes on the map: the office and the leaders; children's files never for administrators."""

from typing import Any

from tests.cast import Cast
from tests.registry.sheets import child, xlsx

from koumen.core import clock, files
from koumen.core.models import Job
from koumen.registry.models import Household, ImportBatch, SiblingOffer

Row = tuple[Any, ...]
OFFICE = {"office": 200, "principal": 200, "middle": 200}
TEACHERS = {"teacher1": 403, "teacher2": 403, "subject1": 403}
OUTSIDE = {"stranger": 404, "nobody": 302}


def office(status: int = 200, *, sysadmin: int = 403, teachers: int = 403) -> dict[str, int]:
    """Office and leaders get `status`; teachers are refused (403) or see nothing (404)."""
    return dict.fromkeys(OFFICE, status) | dict.fromkeys(TEACHERS, teachers) | {"sysadmin": sysadmin} | OUTSIDE


def _batch(kind: str, **fields: Any) -> dict[str, object]:
    file = files.keep(iter([b"x"]), purpose="import", label="名单.xlsx", content_type="text/plain")
    marked = files.keep(iter([b"x"]), purpose="marked", label="标注.xlsx", content_type="text/plain")
    counts = {"new": 1, "changed": 0, "moved": 0, "same": 0, "left": 0, "error": 0, "problems": 0, "on_roll": 6}
    fields = {"state": "checked", "counts": counts, "marked_file": marked} | fields
    return {"pk": ImportBatch.objects.create(kind=kind, file=file, uploaded_by="周主任", **fields).pk}


def students(cast: Cast) -> dict[str, object]:
    return _batch("students")


def places(cast: Cast) -> dict[str, object]:
    return _batch("places")


def under_way(cast: Cast) -> dict[str, object]:
    job = Job.objects.create(task="t", title="导入名单", state="running", started_at=clock.now())
    return _batch("students", state="applying", job=job)


def offer(cast: Cast) -> dict[str, object]:
    one, two = Household.objects.order_by("pk")[:2]
    return {"pk": SiblingOffer.objects.create(household=one, other=two, reason="phone").pk}


def home(cast: Cast) -> dict[str, object]:
    return {"pk": cast.student("阿南").household_id}


def a_file(cast: Cast, kwargs: dict[str, object]) -> dict[str, object]:
    # Without a file: each person of the walk sends the same body, and a stream is read once.
    return {"kind": "students", "rows": len(xlsx([child(1)]))}


TABLE: dict[str, Row] = {
    "registry:imports": ({}, office(sysadmin=200)),
    "registry:upload POST": ({}, office(422, sysadmin=422), a_file),
    "registry:import_template": ({"kind": "students"}, office(sysadmin=403)),
    "registry:import_template (staff)": (
        {"kind": "staff"},
        office() | {"principal": 403, "middle": 403, "sysadmin": 200},
    ),
    "registry:import_template (unknown)": ({"kind": "cats"}, office(404, sysadmin=404, teachers=404)),
    "registry:import": (students, office(sysadmin=404, teachers=404)),
    "registry:import (places)": (places, office(sysadmin=200, teachers=404)),
    "registry:import (under way)": (under_way, office(sysadmin=404, teachers=404)),
    "registry:confirm_import POST": (students, office(302, sysadmin=404, teachers=404)),
    "registry:discard_import POST": (students, office(302, sysadmin=404, teachers=404)),
    "registry:marked": (students, office(sysadmin=404, teachers=404)),
    "registry:households": ({}, office()),
    "registry:join_all POST": ({}, office(302), {"reason": "phone"}),
    "registry:join POST": (offer, office(302)),
    "registry:part POST": (offer, office(302)),
    "registry:points": ({}, office()),
    "registry:point": (home, office()),
    "registry:home_map": (home, office()),
}
