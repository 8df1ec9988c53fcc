"""Empty templates to fill in: one Excel file per kind, with an example row and a sheet that explains the columns."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from koumen.registry.services.roster.columns import Table
from koumen.registry.services.roster.staff import STAFF
from koumen.registry.services.roster.student_columns import STUDENTS
from koumen.registry.services.roster.units import CLASSES, PLACES

TABLES: dict[str, Table] = {table.kind: table for table in (STUDENTS, STAFF, CLASSES, PLACES)}
_HEAD = PatternFill("solid", fgColor="D7ECEB")


def blank(kind: str) -> bytes:
    """An empty template of this kind, as xlsx."""
    table = TABLES[kind]
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = _("名单")
    for at, column in enumerate(table.columns, 1):
        cell = sheet.cell(1, at, column.label + ("*" if column.required else ""))
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sample = sheet.cell(2, at, column.example)
        sample.font = Font(italic=True, color="808080")
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = max(10, 2.2 * len(column.label) + 2, 1.3 * len(column.example))
        sheet.column_dimensions[letter].number_format = "@"
        for row in range(2, 5):
            sheet.cell(row, at).number_format = "@"
    sheet.freeze_panes = "B2"
    _explain(book, table)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _explain(book: Workbook, table: Table) -> None:
    notes = book.create_sheet(_("填表说明"))
    for text in (
        _("第 2 行是示例，填写前请删去。列的顺序可以变，不需要的列可以删；带 * 的列必填。"),
        _("号码列(身份证件号、学籍号、电话)请保持“文本”格式。"),
        _("空白单元格表示“没有说明”，不会清除系统里已有的内容。"),
    ):
        notes.append([text])
    notes.append([])
    notes.append([_("列"), _("也认得的写法"), _("示例")])
    for cell in notes[notes.max_row]:
        cell.font, cell.fill = Font(bold=True), _HEAD
    for column in table.columns:
        notes.append([column.label, "、".join(column.names[1:6]), column.example])
    for letter, width in (("A", 26), ("B", 60), ("C", 24)):
        notes.column_dimensions[letter].width = width
