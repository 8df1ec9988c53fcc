"""The monthly table of a school: sheet 1 by class, sheet 2 by category; one statement each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from koumen.core import clock, scope
from koumen.core.small import SMALLEST_SHOWN
from koumen.core.words import listed
from koumen.registry.models import SchoolClass
from koumen.registry.presets.categories import CATEGORIES, SEALED
from koumen.reporting.presets.columns import BEHIND_1, SHEET_1, SHEET_2, Column
from koumen.reporting.presets.key_students import KEY_CATEGORIES
from koumen.reporting.queries import monthly_sql
from koumen.visits.models import Visit
from koumen.visits.queries.visits import midnight
from koumen.visits.queries.years import term_start, year_start


@dataclass(frozen=True)
class Row:
    """One line of a sheet: what it is about, and its numbers by column key."""

    part: str  # id of the class, code of the category, "" for the total
    name: str
    numbers: Mapping[str, int]
    stage: str = ""
    missed: str = ""
    is_sealed: bool = False

    def number(self, key: str) -> int | None:
        """A counted number; None where a sealed one is too small to be shown."""
        found = self.numbers.get(key, 0)
        return None if self.is_sealed and found < SMALLEST_SHOWN else found

    def rate(self, column: Column) -> float | None:
        """A column's rate, 0–1; None when nobody is counted below the line or a part is hidden."""
        above, below = (self.number(key) for key in column.of)
        return above / below if above is not None and below else None


@dataclass(frozen=True)
class Sheet:
    """A sheet: its lines, and its total, which counts everybody once."""

    month: date
    columns: tuple[Column, ...]
    rows: list[Row]
    total: Row


def last_day(month: date) -> date:
    """The last day of the month that begins on `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def bounds(month: date) -> dict[str, Any]:
    """What the statements are bound to for the open scope and a month given by its first day."""
    last = last_day(month)
    year = year_start(last)
    return {
        "org": scope.org_id(),
        "last": last,
        "month": midnight(month),
        "end": midnight(last + timedelta(days=1)),
        "year": midnight(year),
        "term": midnight(term_start(last, year)),
        "key": list(KEY_CATEGORIES),
        "class": None,
        "category": "",
    }


def _read(statement: str, month: date) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """Numbers by part, and in total."""
    parts: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    for part, is_total, numbers in monthly_sql.rows(statement, bounds(month)):
        found = json.loads(numbers) if isinstance(numbers, str) else numbers
        (total if is_total else parts.setdefault(part or "", {})).update(found)
    return parts, total


def sheet_1(month: date) -> Sheet:
    """月统计表 sheet 1: the school by class, as of the month's end.

    A class stands in it while it is open or when it has any number. Children without a class are in the total alone.
    """
    columns = [c for c in (*SHEET_1, *BEHIND_1) if c.is_counted]
    parts, total = _read(monthly_sql.sheet_1(columns), month)
    rows = [
        Row(
            str(c.pk),
            c.name,
            parts.get(str(c.pk), {}) | {"classes": 1},
            c.grade.get_stage_display(),
            _missed(parts, c.pk),
        )
        for c in SchoolClass.objects.select_related("grade")
        if c.is_open or any(parts.get(str(c.pk), {}).values())
    ]
    stages = listed(dict.fromkeys(row.stage for row in rows))
    whole = Row("", "", total | {"classes": len(rows)}, stages, _reasons(total))
    return Sheet(month, SHEET_1, rows, whole)


def _missed(parts: Mapping[str, Mapping[str, int]], class_id: int) -> str:
    return _reasons(parts.get(str(class_id), {}))


def _reasons(numbers: Mapping[str, int]) -> str:
    """家长婉拒 2、天气 1: the reasons for which visits did not happen, with how many."""
    return listed(
        f"{label} {n}" for reason, label in Visit.NotVisited.choices if (n := numbers.get(f"reason:{reason}", 0))
    )


def sheet_2(month: date) -> Sheet:
    """月统计表 sheet 2: by category. A child of two categories counts in both; the total counts children once.

    Sealed categories come last, outside the total, with numbers from five on.
    """
    parts, total = _read(monthly_sql.sheet_2([c for c in SHEET_2 if c.is_counted]), month)
    ordered = sorted(CATEGORIES.values(), key=lambda c: c.sensitivity == SEALED)
    rows = [Row(c.code, str(c.name), parts.get(c.code, {}), is_sealed=c.sensitivity == SEALED) for c in ordered]
    return Sheet(month, SHEET_2, rows, Row("", "", total))


def current_month() -> date:
    """First day of today's month."""
    return clock.today().replace(day=1)
