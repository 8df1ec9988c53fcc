"""Workbooks to start from: the template with its guide, and examples."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from koumen.visits.presets.question_examples import CHOICES, EXAMPLES, GUIDE, SURVEY

HEAD, BODY = Font(name="SimSun", size=11, bold=True), Font(name="SimSun", size=11)
GREY = PatternFill("solid", fgColor="EDF2F1")
WRAP = Alignment(wrap_text=True, vertical="top")


def example(name: str) -> bytes:
    """The workbook of this name. Raises KeyError for any other."""
    title, survey, choices = EXAMPLES[name]
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "survey"
    _fill(sheet, SURVEY, survey, (26, 18, 36, 30, 24, 10, 36, 36, 32))
    _fill(book.create_sheet("choices"), CHOICES, choices, (16, 14, 24, 24))
    _fill(book.create_sheet("settings"), ("form_title", "form_id"), ((title, name),), (36, 18))
    _fill(book.create_sheet("说明"), GUIDE[0], GUIDE[1:], (22, 100))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(sheet: Worksheet, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
    for number, row in enumerate([head, *rows], 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column, text or None)
            if text.startswith("="):
                cell.data_type = "s"
            cell.font, cell.alignment = (HEAD if number == 1 else BODY), WRAP
            if number == 1:
                cell.fill = GREY
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
