"""Classes, children, staff and their accounts."""

from datetime import date
from typing import Any

from tests.cast import Cast

from koumen.registry.models import Role, Staff

Row = tuple[Any, ...]
WORKERS = {"office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200}
OUTSIDE = {"stranger": 404, "nobody": 302}


def managers(status: int) -> dict[str, int]:
    """Office and system administrator may, the school's other people are refused."""
    refused = {name: 403 for name in ("principal", "middle", "teacher1", "teacher2", "subject1")}
    return refused | {"office": status, "sysadmin": status} | OUTSIDE


def class_one(cast: Cast) -> dict[str, object]:
    return {"pk": cast.school_class("三年级1班").pk}


def amei(cast: Cast) -> dict[str, object]:
    return {"pk": cast.student("阿梅").pk}


def newcomer(cast: Cast) -> dict[str, object]:
    return {"pk": Staff.objects.create(name="新老师", number="hill-99").pk}


def subject1(cast: Cast) -> dict[str, object]:
    return {"pk": cast.staff("subject1").pk}


def a_role(cast: Cast) -> dict[str, object]:
    staff = Staff.objects.create(name="老老师")
    return {"pk": Role.objects.create(staff=staff, post="counsellor", starts=date(2026, 9, 1)).pk}


TABLE: dict[str, Row] = {
    "registry:classes": ({}, WORKERS | {"sysadmin": 200} | OUTSIDE),
    "registry:class": (class_one, WORKERS | {"teacher2": 404, "sysadmin": 403} | OUTSIDE),
    # Leaders see the name here; what else they may is tested in tests/registry/test_students.py.
    "registry:student": (amei, WORKERS | {"teacher2": 404, "sysadmin": 404} | OUTSIDE),
    "registry:open_file POST": (
        amei,
        {
            "office": 403, "principal": 302, "middle": 302, "teacher1": 403, "teacher2": 404, "subject1": 403,
            "sysadmin": 404,
        } | OUTSIDE,
        {"because": "家长来校反映情况"},
    ),
    "registry:show_value POST": (
        amei,
        {
            "office": 200, "principal": 403, "middle": 403, "teacher1": 200, "teacher2": 404, "subject1": 403,
            "sysadmin": 404,
        } | OUTSIDE,
        {"what": "id_no"},
    ),
    "registry:staff": ({}, WORKERS | {"sysadmin": 200} | OUTSIDE),
    "registry:person": (subject1, managers(200)),
    "registry:person POST": (newcomer, managers(302), {"post": "counsellor", "starts": "2026-09-01"}),
    "registry:end_role POST": (a_role, managers(302)),
    "registry:open_account POST": (newcomer, managers(200), {"username": "new-teacher"}),
    "registry:open_accounts POST": ({}, managers(200)),
    "registry:reset_account POST": (subject1, managers(200)),
    "registry:drop_second_factor POST": (
        subject1, managers(302) | {"office": 403}, {"because": "手机遗失,已当面核实"}
    ),
    "registry:close_account POST": (subject1, managers(302)),
}  # fmt: skip
