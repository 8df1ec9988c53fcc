"""家访日程.xlsx: a sheet for each class, and one of the families left out."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from koumen.cli.offline.work import Work, day_name

HEADINGS = ("日期", "出发—返校", "次序", "到访时间", "学生", "住址", "家访老师", "备注")
WIDTHS = (16, 14, 7, 14, 26, 38, 22, 18)
LEFT_OUT = ("班级", "学生", "住址", "原因")
LEFT_WIDTHS = (16, 30, 40, 46)
HEAD = PatternFill("solid", fgColor="FFE7F1EC")
_SIDE = Side("thin", color="FFB8C4BE")
LINE = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


def write(work: Work, path: Path) -> None:
    """Write the workbook."""
    book = Workbook()
    book.remove(book.worksheets[0])
    taken: set[str] = set()
    for school_class in work.classes:
        _page(book, _title(school_class, taken), HEADINGS, WIDTHS, _rows(work, school_class))
    left = [(home.lead, home.children, home.address, reason) for home, reason in work.left_out()]
    if left:
        _page(book, _title("未安排", taken), LEFT_OUT, LEFT_WIDTHS, left)
    book.save(path)


def _rows(work: Work, school_class: str) -> Iterable[Sequence[str | int]]:
    estimated = frozenset(work.plan.estimated)
    for outing in work.outings(school_class):
        way = work.span(outing.slot, outing.leave_at, outing.back_at)
        for order, stop in enumerate(outing.stops, 1):
            home = work.homes[stop.household]
            yield (
                day_name(work.moment(outing.slot, stop.start)), way, order,
                work.span(outing.slot, stop.start, stop.end), home.children, home.address, work.staff(outing),
                "无坐标，路程为估算" if stop.household in estimated else "",
            )  # fmt: skip


def _page(
    book: Workbook, title: str, headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str | int]]
) -> None:
    page: Worksheet = book.create_sheet(title)
    for at, (heading, width) in enumerate(zip(headings, widths, strict=True), 1):
        cell = _put(page, 1, at, heading)
        cell.font, cell.fill = Font(bold=True), HEAD
        page.column_dimensions[cell.column_letter].width = width
    for number, row in enumerate(rows, 2):
        for at, value in enumerate(row, 1):
            _put(page, number, at, value)
    page.freeze_panes = "A2"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9  # A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"


def _put(page: Worksheet, row: int, column: int, value: str | int) -> Cell:
    """Write a cell. Text stays text: an address that begins with = is no formula."""
    cell = page.cell(row, column, value)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.data_type = "s"
    cell.alignment, cell.border = Alignment(vertical="center", wrap_text=True), LINE
    return cell


def _title(text: str, taken: set[str]) -> str:
    """A name Excel allows for a sheet, used once."""
    short = re.sub(r"[\[\]:*?/\\']", " ", text).strip()[:24] or "班级"
    title, number = short, 1
    while title.lower() in taken:
        number += 1
        title = f"{short} {number}"
    taken.add(title.lower())
    return title
