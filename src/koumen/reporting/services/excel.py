"""The monthly table as Excel: both sheets, A3 landscape, two-level header, ready for the stamp."""

from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from koumen.core.actor import Actor
from koumen.core.excel import A3, BOX, LEFT, MIDDLE, SHADE, put
from koumen.reporting.presets.columns import Column, grouped
from koumen.reporting.queries.cells import value
from koumen.reporting.queries.monthly import Row, Sheet
from koumen.reporting.services.heading import Heading, heading

TITLE_ROW, BLANKS_ROW, GROUP_ROW, LABEL_ROW, NUMBER_ROW, FIRST_ROW = 1, 2, 3, 4, 5, 6
WIDTHS = {
    "order": 5.0, "name": 14.0, "stage": 7.0, "grouped": 8.0, "missed": 18.0, "content_rate": 11.0, "note": 20.0,
}  # fmt: skip
WIDE_NAME = 30.0  # of categories


def workbook(sheets: tuple[Sheet, Sheet], *, by: Actor) -> bytes:
    """The file's bytes: 表一 and 表二 of one month."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, sheet in enumerate(sheets, 1):
        page = book.create_sheet(_("表一 按班级") if number == 1 else _("表二 按重点类别"))
        _fill(page, sheet, heading(sheet.month, number, by=by), wide=number == 1)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(page: Worksheet, sheet: Sheet, around: Heading, *, wide: bool) -> None:
    columns = sheet.columns
    for i, column in enumerate(columns, 1):
        usual = (7.2 if column.look == "rate" else 6.4) if wide else 14.0
        width = WIDTHS.get(column.key, usual) if wide or column.key != "name" else WIDE_NAME
        page.column_dimensions[get_column_letter(i)].width = width
    _above(page, around, len(columns))
    _head(page, columns)
    page.row_dimensions[LABEL_ROW].height = 44 if wide else 6
    for order, row in enumerate(sheet.rows, 1):
        _line(page, FIRST_ROW + order - 1, row, columns, order)
    last = FIRST_ROW + len(sheet.rows)
    _line(page, last, sheet.total, columns, 0)
    page.merge_cells(start_row=last, end_row=last, start_column=1, end_column=2)
    put(page.cell(last, 1), _("合计"), bold=True).alignment = MIDDLE
    _below(page, around, last + 1, len(columns))
    _paper(page, pages=0 if wide else 1)


def _above(page: Worksheet, around: Heading, width: int) -> None:
    page.merge_cells(start_row=TITLE_ROW, end_row=TITLE_ROW, start_column=1, end_column=width)
    put(page.cell(TITLE_ROW, 1), around.title, size=18, head=True).alignment = MIDDLE
    page.row_dimensions[TITLE_ROW].height = 34
    page.merge_cells(start_row=BLANKS_ROW, end_row=BLANKS_ROW, start_column=1, end_column=width)
    put(page.cell(BLANKS_ROW, 1), "          ".join(around.blanks), size=11).alignment = LEFT
    page.row_dimensions[BLANKS_ROW].height = 24


def _head(page: Worksheet, columns: tuple[Column, ...]) -> None:
    for name, part in grouped(columns):
        first, last = part[0].number, part[-1].number
        for column in part:
            put(page.cell(LABEL_ROW, column.number), str(column.label), bold=True)
        if name:
            put(page.cell(GROUP_ROW, first), name, bold=True)
            page.merge_cells(start_row=GROUP_ROW, end_row=GROUP_ROW, start_column=first, end_column=last)
        else:
            put(page.cell(GROUP_ROW, first), str(part[0].label), bold=True)
            page.merge_cells(start_row=GROUP_ROW, end_row=LABEL_ROW, start_column=first, end_column=first)
    for column in columns:
        put(page.cell(NUMBER_ROW, column.number), column.number, size=8)
        for row in (GROUP_ROW, LABEL_ROW, NUMBER_ROW):
            cell = page.cell(row, column.number)
            cell.alignment, cell.border, cell.fill = MIDDLE, BOX, SHADE
    page.row_dimensions[GROUP_ROW].height = 20


def _line(page: Worksheet, at: int, row: Row, columns: tuple[Column, ...], order: int) -> None:
    for column in columns:
        cell = put(page.cell(at, column.number), value(row, column, order), bold=not order)
        cell.border, cell.alignment = BOX, MIDDLE
        if isinstance(cell.value, float):
            cell.number_format = "0.0%"
    page.row_dimensions[at].height = 24 if len(row.missed) > 12 else 18


def _below(page: Worksheet, around: Heading, first: int, width: int) -> None:
    lines = [_("填表说明："), *(f"{i}. {note}" for i, note in enumerate(around.notes, 1)), around.watermark]
    for i, text in enumerate(lines):
        page.merge_cells(start_row=first + i, end_row=first + i, start_column=1, end_column=width)
        put(page.cell(first + i, 1), text, size=9).alignment = LEFT
        page.row_dimensions[first + i].height = 16


def _paper(page: Worksheet, *, pages: int) -> None:
    """As wide as the paper; as many pages as it takes when `pages` is 0."""
    page.page_setup.paperSize, page.page_setup.orientation = A3, "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, pages
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = f"{GROUP_ROW}:{NUMBER_ROW}"
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top = page.page_margins.bottom = 0.5
    foot = page.HeaderFooter.oddFooter
    assert foot is not None
    foot.center.text = "&P / &N"
    page.freeze_panes = f"C{FIRST_ROW}"
