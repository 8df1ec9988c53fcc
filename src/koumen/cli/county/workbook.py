"""Excel files whose bytes depend on their cells alone: openpyxl's, with the clock taken out."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_NEVER = (1980, 1, 1, 0, 0, 0)  # the earliest moment a zip knows
_HEAD = PatternFill("solid", fgColor="DDEBF7")


def workbook(head: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str, title: str = "") -> bytes:
    """One sheet: a title line if there is one, bold headings that stay in sight, text cells."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    top = 2 if title else 1
    page.freeze_panes = f"B{top + 1}"
    for at, label in enumerate(head, 1):
        page.column_dimensions[get_column_letter(at)].width = max(10, 2.2 * len(label))
    if title:
        page.append([_cell(page, title, bold=True)])
    page.append([_cell(page, label, bold=True) for label in head])
    for row in rows:
        page.append([_cell(page, value) if isinstance(value, date) else value for value in row])
    out = io.BytesIO()
    book.save(out)
    return _timeless(out.getvalue())


def _cell(page: Any, value: Any, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(page, value)
    if bold:
        cell.font, cell.fill = Font(bold=True), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    else:
        cell.number_format = "yyyy-mm-dd"
    return cell


def _timeless(content: bytes) -> bytes:
    """The same archive with every date in it set to one moment."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _MOMENT.sub(b"2000-01-01T00:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, _NEVER), part, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()
