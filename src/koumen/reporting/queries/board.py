"""A sheet as the page draws it: two header lines, and cells with an address where a list stands behind."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from koumen.reporting.presets.columns import Column, grouped
from koumen.reporting.queries.cells import shown
from koumen.reporting.queries.monthly import Row, Sheet

# a column that shows something made of counts leads to the list of one of them
LEADS_TO = {"content_rate": "answered", "missed": "missed_visits"}


@dataclass(frozen=True)
class Cell:
    """What a cell says, and the list it leads to, if any."""

    text: str
    url: str
    column: Column


@dataclass(frozen=True)
class Board:
    """Header groups (name, width, the column itself when it stands alone), labels below them, lines, total."""

    groups: list[tuple[str, int, Column | None]]
    labels: list[Column]
    lines: list[tuple[Row, list[Cell]]]
    total: list[Cell]


def board(sheet: Sheet, slug: str, *, linked: bool, with_total: bool) -> Board:
    """The sheet for the page of org `slug`."""
    heads = [
        (name or str(part[0].label), len(part), None if name else part[0]) for name, part in grouped(sheet.columns)
    ]
    lines = [(row, _cells(sheet, row, i, slug, linked)) for i, row in enumerate(sheet.rows, 1)]
    total = _cells(sheet, sheet.total, 0, slug, linked) if with_total else []
    return Board(heads, [c for c in sheet.columns if c.group], lines, total)


def _cells(sheet: Sheet, row: Row, order: int, slug: str, linked: bool) -> list[Cell]:
    return [
        Cell(shown(row, column, order), _url(sheet, row, column, slug) if linked else "", column)
        for column in sheet.columns
    ]


def _url(sheet: Sheet, row: Row, column: Column, slug: str) -> str:
    if column.key == "name" and sheet.columns[2].key == "stage" and row.part:
        return reverse("visits:records", kwargs={"org": slug, "pk": int(row.part)})
    key = LEADS_TO.get(column.key, column.key if column.is_counted else "")
    if not key or row.is_sealed or not row.numbers.get(key):
        return ""
    part = ({"class": row.part} if sheet.columns[2].key == "stage" else {"category": row.part}) if row.part else {}
    query = urlencode({"month": f"{sheet.month:%Y-%m}"} | part)
    return f"{reverse('reporting:behind', kwargs={'org': slug, 'column': key})}?{query}"
