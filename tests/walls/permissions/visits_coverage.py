"""Who gets which answer from the pages of coverage."""

from typing import Any

from tests.cast import Cast

ALL = {
    "office": 200, "principal": 200, "middle": 200, "teacher1": 200, "teacher2": 200, "subject1": 200,
    "sysadmin": 403, "stranger": 404, "nobody": 302,
}  # fmt: skip


def school_class(cast: Cast) -> dict[str, Any]:
    return {"pk": cast.school_class("三年级1班").pk}


TABLE = {
    "visits:coverage": ({}, ALL),
    "visits:coverage_class": (school_class, ALL | {"teacher2": 404, "subject1": 403}),
    "visits:coverage_staff": ({}, ALL | {"teacher1": 403, "teacher2": 403, "subject1": 403}),
}
