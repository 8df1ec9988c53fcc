"""Excel the Chinese way: fonts for both scripts, ruled lists with a title, printed as wide as the paper. No domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from koumen.core.word import HEAD_FONT, TEXT_FONT, clean

A3, A4 = 8, 9  # openpyxl's numbers of the papers
LINE = Side(style="thin", color="808080")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
SHADE = PatternFill("solid", fgColor="EEF3F2")
Value = str | int | float | date | None


@dataclass(frozen=True)
class Column:
    """One column of a list; `wide` is its width in characters, `left` keeps its text at the left."""

    label: str
    wide: float = 10.0
    left: bool = False


@dataclass(frozen=True)
class Listing:
    """One sheet: a title, lines under it (填报单位 …), columns, rows, an optional total, and lines at the foot."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    above: Sequence[str] = ()
    total: Sequence[Value] = ()
    below: Sequence[str] = ()


def put(cell: Any, content: Value, *, size: float = 9, bold: bool = False, head: bool = False) -> Cell:
    """Write a cell. Text stays text: a name that begins with = is no formula."""
    assert isinstance(cell, Cell)
    cell.value = clean(content) if isinstance(content, str) else content
    if isinstance(content, str):
        cell.data_type = "s"
    elif isinstance(content, date) and not isinstance(content, datetime):
        cell.number_format = "yyyy-mm-dd"
    cell.font = Font(name=HEAD_FONT if head else TEXT_FONT, size=size, bold=bold)
    return cell


def workbook(*sheets: Listing, paper: int = A4, landscape: bool = True) -> bytes:
    """The bytes of a file with one ruled list a sheet: as wide as the paper, as many pages as it takes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        _fill(page, sheet)
        _paper(page, paper, landscape=landscape, head=2 + bool(sheet.above))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Listing) -> None:
    across, at = len(sheet.columns), 1
    _wide(page, at, sheet.title, across, height=30, size=16, head=True).alignment = MIDDLE
    if sheet.above:
        at += 1
        _wide(page, at, "        ".join(sheet.above), across, height=22, size=10)
    at += 1
    for i, column in enumerate(sheet.columns, 1):
        page.column_dimensions[get_column_letter(i)].width = column.wide
        cell = put(page.cell(at, i), column.label, bold=True)
        cell.alignment, cell.border, cell.fill = MIDDLE, BOX, SHADE
    page.row_dimensions[at].height = 30
    page.freeze_panes = f"A{at + 1}"
    for row in [*sheet.rows, *([sheet.total] if sheet.total else [])]:
        at += 1
        for i, (column, value) in enumerate(zip(sheet.columns, row, strict=True), 1):
            cell = put(page.cell(at, i), value, bold=row is sheet.total)
            cell.border, cell.alignment = BOX, LEFT if column.left else MIDDLE
        page.row_dimensions[at].height = _height(sheet.columns, row)
    for text in sheet.below:
        at += 1
        _wide(page, at, text, across, height=16, size=9)


def _height(columns: Sequence[Column], row: Sequence[Value]) -> float:
    """High enough for the longest text: a Chinese character takes two of the column's characters."""
    lines = [
        sum(max(1, -(-2 * len(part) // max(1, int(column.wide)))) for part in value.split("\n"))
        for column, value in zip(columns, row, strict=True)
        if isinstance(value, str)
    ]
    return max(20.0, 12.5 * max(lines, default=1) + 4)


def _wide(page: Worksheet, at: int, text: str, across: int, *, height: float, size: float, head: bool = False) -> Cell:
    """A line over all columns."""
    page.merge_cells(start_row=at, end_row=at, start_column=1, end_column=across)
    page.row_dimensions[at].height = height
    cell = put(page.cell(at, 1), text, size=size, head=head)
    cell.alignment = LEFT
    return cell


def _paper(page: Worksheet, paper: int, *, landscape: bool, head: int) -> None:
    page.page_setup.paperSize = paper
    page.page_setup.orientation = "landscape" if landscape else "portrait"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{head}:{head}"
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    page.page_margins.top, page.page_margins.bottom, page.page_margins.footer = 0.6, 0.75, 0.35
    foot = page.HeaderFooter.oddFooter
    assert foot is not None
    foot.center.text = "&P / &N"
