"""What a bureau sees: schools × numbers, no names, small sensitive numbers hidden."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from koumen.core import scope
from koumen.core.small import hide_small
from koumen.registry.queries.orgs import schools_below
from koumen.reporting.models import SchoolFigures
from koumen.reporting.presets.columns import SHEET_1, Column
from koumen.reporting.queries.monthly import Row

COLUMNS = tuple(c for c in SHEET_1 if c.look in ("number", "rate", "satisfaction"))


@dataclass(frozen=True)
class SchoolLine:
    """One school: what it delivered, or that it has not."""

    school: str
    delivered_at: datetime | None
    is_final: bool
    cells: list[str]


@dataclass(frozen=True)
class SchoolTable:
    """The bureau's table of one month."""

    columns: tuple[Column, ...]
    lines: list[SchoolLine]
    total: list[str]
    delivered: int


def schools(month: date) -> SchoolTable:
    """All schools below the open scope's bureau, with what they delivered for a month."""
    known = {f.school_id: f for f in SchoolFigures.objects.filter(month=month)}
    listed = [(org, known.get(org.pk)) for org in schools_below(scope.org_id())]
    said: list[Mapping[str, int]] = [found.figures if found else {} for _org, found in listed]
    counted = {c.key for c in COLUMNS} | {part for c in COLUMNS for part in c.of if part}
    total = {key: sum(figures.get(key, 0) for figures in said) for key in counted}
    hidden = {c.key: hide_small([f.get(c.key) for f in said]) for c in COLUMNS if c.sensitive and c.look == "number"}
    lines = [
        SchoolLine(
            org.name,
            found.delivered_at if found else None,
            bool(found and found.is_final),
            [_cell(c, figures, _unseen(hidden, i)) if found else "" for c in COLUMNS],
        )
        for i, ((org, found), figures) in enumerate(zip(listed, said, strict=True))
    ]
    unseen = {key for key, (_cells, with_total) in hidden.items() if with_total}
    return SchoolTable(COLUMNS, lines, [_cell(c, total, unseen) for c in COLUMNS], sum(1 for f in said if f))


def _unseen(hidden: Mapping[str, tuple[set[int], bool]], line: int) -> set[str]:
    return {key for key, (cells, _total) in hidden.items() if line in cells}


def _cell(column: Column, figures: Mapping[str, int], unseen: set[str]) -> str:
    if unseen & {column.key, *column.of}:
        return "*"
    row = Row("", "", figures)
    if column.look == "number":
        return str(row.number(column.key))
    rate = row.rate(column)
    if rate is None:
        return "—"
    asked = f"({row.number('answered')})" if column.look == "satisfaction" else ""
    return f"{rate * 100:.1f}%{asked}"
