"""The list behind a number of the monthly table: as many lines as the number says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from koumen.core.words import listed
from koumen.registry.models import PostCode, Role, Staff, Student
from koumen.reporting.presets.columns import COUNTED, Column
from koumen.reporting.queries import monthly_sql
from koumen.reporting.queries.monthly import bounds, last_day
from koumen.visits.models import Visit, VisitStudent

Ids = tuple[Any, ...]


@dataclass(frozen=True)
class Line:
    """One line: who, in which class, what about it, and the visit it leads to."""

    name: str
    part: str = ""
    about: str = ""
    visit: Visit | None = None


def ids(column: Column, month: date, *, class_id: int | None = None, category: str = "") -> list[Ids]:
    """The ids a number counts, in a steady order."""
    bound = bounds(month) | {"class": class_id, "category": category}
    return sorted(monthly_sql.rows(monthly_sql.behind(column), bound), key=str)


def column(key: str) -> Column | None:
    """A counted column by its key."""
    return COUNTED.get(key)


def lines(column: Column, found: Sequence[Ids], month: date) -> list[Line]:
    """The lines of one page of ids."""
    if column.counts == "student_id":
        return _children([pk for (pk,) in found], month)
    if column.counts == "staff_id":
        return _staff([pk for (pk,) in found], month)
    if column.counts == "visit_id":
        return _visits([pk for (pk,) in found])
    return _pairs(found)


def _children(pks: list[int], month: date) -> list[Line]:
    rows = Student.objects.select_related("school_class").in_bulk(pks)
    latest = VisitStudent.objects.filter(
        student__in=pks, visit__state=Visit.State.RECORDED, visit__starts_at__lt=bounds(month)["end"]
    )
    newest = {row.student_id: row.visit for row in latest.select_related("visit").order_by("visit__starts_at")}
    return [Line(rows[pk].name, str(rows[pk].school_class or ""), visit=newest.get(pk)) for pk in pks if pk in rows]


def _staff(pks: list[int], month: date) -> list[Line]:
    rows = Staff.objects.in_bulk(pks)
    names = {str(code): str(label) for code, label in PostCode.choices}
    held: dict[int, list[str]] = {}
    for pk, post in Role.objects.current(last_day(month)).filter(staff__in=pks).values_list("staff_id", "post"):
        if names[post] not in held.setdefault(pk, []):
            held[pk].append(names[post])
    return [Line(rows[pk].name, about=listed(held.get(pk, []))) for pk in pks if pk in rows]


def _visits(pks: list[Any]) -> list[Line]:
    rows = Visit.objects.select_related("school_class", "lead").prefetch_related("students__student").in_bulk(pks)
    return [
        Line(rows[pk].names, rows[pk].school_class.name, str(rows[pk].get_not_visited_display()), rows[pk])
        for pk in pks
        if pk in rows
    ]


def _pairs(found: Sequence[Ids]) -> list[Line]:
    visits = Visit.objects.select_related("lead").in_bulk([visit for visit, _child in found])
    children = Student.objects.select_related("school_class").in_bulk([child for _visit, child in found])
    return [
        Line(children[child].name, str(children[child].school_class or ""), "", visits[visit])
        for visit, child in found
        if visit in visits and child in children
    ]
