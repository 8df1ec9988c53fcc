"""The monthly table as Word: both sheets, A3 landscape."""

from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_BREAK
from docx.table import Table

from koumen.core import word
from koumen.core.actor import Actor
from koumen.reporting.presets.columns import Column, grouped
from koumen.reporting.queries.cells import shown
from koumen.reporting.queries.monthly import Row, Sheet
from koumen.reporting.services.heading import heading

PAGE, MARGIN = (420.0, 297.0), 12.0  # A3 landscape, mm
ROOM = PAGE[0] - 2 * MARGIN
FIXED = {"order": 8.0, "name": 24.0, "stage": 12.0, "missed": 28.0, "content_rate": 17.0}
FIXED_2 = {"order": 14.0, "name": 90.0, "note": 60.0}
RATE = 12.5  # 100.0% on one line
HEAD_ROWS = 3
LABEL_HEIGHT, ROW_HEIGHTS = 10.0, (4.6, 6.0)
TABLE_ROOM = 195.0  # mm of a page left between heading and notes


def document(sheets: tuple[Sheet, Sheet], *, by: Actor) -> bytes:
    """The file's bytes: 表一 and 表二 of one month, each from the top of a page."""
    made = word.page(width=PAGE[0], height=PAGE[1], margin=MARGIN)
    made.sections[0].orientation = WD_ORIENT.LANDSCAPE
    for number, sheet in enumerate(sheets, 1):
        around = heading(sheet.month, number, by=by)
        word.write(made.add_paragraph(), around.title, size=18, middle=True, head=True)
        blanks = made.add_paragraph()
        blanks.paragraph_format.space_before = blanks.paragraph_format.space_after = 76_200
        word.write(blanks, "        ".join(around.blanks), size=10.5)
        _table(made, sheet, 7.5 if number == 1 else 9)
        said = word.write(made.add_paragraph(), _("填表说明："), size=9, bold=True)
        said.paragraph_format.space_before = 38_100
        for i, note in enumerate(around.notes, 1):
            word.write(made.add_paragraph(), f"{i}. {note}", size=9)
        if number < len(sheets):
            made.paragraphs[-1].add_run().add_break(WD_BREAK.PAGE)
    word.footer(made, heading(sheets[0].month, 1, by=by).watermark)
    return word.as_bytes(made)


def widths(columns: tuple[Column, ...]) -> list[float]:
    """Widths in mm that fill the page: names get more, the numbers share what is left."""
    fixed = FIXED if len(columns) > 20 else FIXED_2
    known = [fixed.get(c.key, RATE if c.look == "rate" and fixed is FIXED else 0.0) for c in columns]
    share = (ROOM - sum(known)) / max(known.count(0.0), 1)
    return [width or share for width in known]


def _table(made: WordDocument, sheet: Sheet, size: float) -> None:
    columns = sheet.columns
    table = word.grid(made, widths(columns), HEAD_ROWS + len(sheet.rows) + 1)
    word.tight(table, side_mm=0.3)
    cells = _cells(table, len(columns))
    _head(cells, columns, size)
    low, high = ROW_HEIGHTS
    usual = min(high, max(low, TABLE_ROOM / len(table.rows)))
    for i, row in enumerate(table.rows):
        word.height(row, LABEL_HEIGHT if i == 1 and len(columns) > 20 else usual)
        if i < HEAD_ROWS:
            word.repeat(row)
    for order, row in enumerate(sheet.rows, 1):
        _line(cells[HEAD_ROWS + order - 1], row, columns, order, size)
    last = cells[-1]
    _line(last, sheet.total, columns, 0, size)
    for paragraph in (*last[0].paragraphs, *last[1].paragraphs):
        paragraph.clear()
    _write(last[0].merge(last[1]), _("合计"), size, bold=True)


def _cells(table: Table, width: int) -> list[list[Any]]:
    """All cells by row and column, fetched once: asking a table for each of them is slow."""
    flat = table._cells
    return [flat[i : i + width] for i in range(0, len(flat), width)]


def _write(cell: Any, text: str, size: float, *, bold: bool = False) -> None:
    word.write(word.centre(cell).paragraphs[0], text, size=size, bold=bold, middle=True)


def _head(cells: list[list[Any]], columns: tuple[Column, ...], size: float) -> None:
    for name, part in grouped(columns):
        first, last = part[0].number - 1, part[-1].number - 1
        if name:
            _write(cells[0][first].merge(cells[0][last]), name, size, bold=True)
            for column in part:
                _write(cells[1][column.number - 1], str(column.label), size, bold=True)
        else:
            _write(cells[0][first].merge(cells[1][first]), str(part[0].label), size, bold=True)
    for column in columns:
        _write(cells[2][column.number - 1], str(column.number), size - 1)


def _line(cells: list[Any], row: Row, columns: tuple[Column, ...], order: int, size: float) -> None:
    for cell, column in zip(cells, columns, strict=True):
        _write(cell, shown(row, column, order), size, bold=not order)
