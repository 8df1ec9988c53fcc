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
    lists = _addresses(sheet, slug) if linked else {}
    lines = [(row, _cells(sheet, row, i, slug, lists)) for i, row in enumerate(sheet.rows, 1)]
    total = _cells(sheet, sheet.total, 0, slug, lists) if with_total else []
    return Board(heads, [c for c in sheet.columns if c.group], lines, total)


def _addresses(sheet: Sheet, slug: str) -> dict[str, tuple[str, str]]:
    """By column: what it counts, and the list of that."""
    keys = {c.key: LEADS_TO.get(c.key, c.key if c.is_counted else "") for c in sheet.columns}
    return {
        column: (key, reverse("reporting:behind", kwargs={"org": slug, "column": key}))
        for column, key in keys.items()
        if key
    }


def _cells(sheet: Sheet, row: Row, order: int, slug: str, lists: dict[str, tuple[str, str]]) -> list[Cell]:
    by_class = sheet.columns[2].key == "stage"
    part = {"class" if by_class else "category": row.part} if row.part else {}
    query = urlencode({"month": f"{sheet.month:%Y-%m}"} | part)
    found = []
    for column in sheet.columns:
        key, address = lists.get(column.key, ("", ""))
        url = f"{address}?{query}" if key and not row.is_sealed and row.numbers.get(key) else ""
        if column.key == "name" and by_class and row.part and lists:
            url = reverse("visits:records", kwargs={"org": slug, "pk": int(row.part)})
        found.append(Cell(shown(row, column, order), url, column))
    return found
