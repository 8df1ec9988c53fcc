"""A cell of a sheet in words: for the screen, for Word, and as a value for Excel."""

from koumen.reporting.presets.columns import Column
from koumen.reporting.queries.monthly import Row

NOTHING = "—"
HIDDEN = "<5"


def shown(row: Row, column: Column, order: int) -> str:
    """What the cell says. `order` is the line's number, 0 for the total."""
    match column.look:
        case "number":
            found = row.number(column.key)
            return HIDDEN if found is None else str(found)
        case "rate":
            return _percent(row.rate(column))
        case "satisfaction":
            asked = row.number("answered") or 0
            return f"{_percent(row.rate(column))}({asked})" if asked else NOTHING
        case _:
            return _text(row, column, order)


def value(row: Row, column: Column, order: int) -> "str | int | float":
    """The same as Excel likes it: numbers stay numbers."""
    if column.look == "number":
        found = row.number(column.key)
        return HIDDEN if found is None else found
    rate = row.rate(column) if column.look == "rate" else None
    return rate if rate is not None else shown(row, column, order)


def _percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate * 100:.1f}%"


def _text(row: Row, column: Column, order: int) -> str:
    match column.key:
        case "order":
            return str(order) if order else ""
        case "name":
            return row.name
        case "stage":
            return row.stage
        case "missed":
            return row.missed
        case _:
            return ""
