"""The uploaded file returned as Excel: wrong cells coloured, with a comment, and a sheet that lists the problems."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from koumen.registry.services.roster import Problem
from koumen.registry.services.roster.cells import text_of
from koumen.registry.services.roster.workbook import opened

_WRONG = PatternFill("solid", fgColor="FFD9D2")
_HEAD = PatternFill("solid", fgColor="D7ECEB")
_FORBIDDEN = {n: None for n in (*range(9), 11, 12, *range(14, 32))}  # characters no Excel cell may hold


def marked(source: Path, problems: list[Problem], *, each: Callable[[int], None]) -> Iterator[bytes]:
    """The marked file in chunks. Values stay as they were; formulas come back as their values."""
    wrong: dict[str, dict[int, dict[int, list[str]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for problem in problems:
        wrong[problem.sheet][problem.row][max(problem.index, 1)].append(_sentence(problem))
    book = Workbook(write_only=True)
    _list(book, problems)
    with opened(source) as sheets:
        done = 0
        for sheet in sheets:
            out = book.create_sheet(sheet.name[:31])
            for at in range(1, 80):
                out.column_dimensions[get_column_letter(at)].width = 14
            for number, cells in sheet.rows:
                rows = wrong.get(sheet.name, {}).get(number, {})
                out.append([_cell(out, value, rows.get(at)) for at, value in enumerate(cells, 1)])
                done += 1
                if not done % 500:
                    each(done)
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(262_144):
            yield chunk


def _sentence(problem: Problem) -> str:
    return f"{problem.column}:{problem.allowed}" if problem.column else problem.allowed


def _list(book: Workbook, problems: list[Problem]) -> None:
    sheet = book.create_sheet(_("问题清单"))
    for letter, width in (("A", 16), ("B", 8), ("C", 8), ("D", 20), ("E", 26), ("F", 70)):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    head = [
        WriteOnlyCell(sheet, t) for t in (_("工作表"), _("行"), _("单元格"), _("列"), _("现在的内容"), _("应该怎样填"))
    ]
    for cell in head:
        cell.font, cell.fill = Font(bold=True), _HEAD
    sheet.append(head)
    for p in problems:
        row = [WriteOnlyCell(sheet, v) for v in (p.sheet, p.row, p.cell, p.column, _safe(p.value[:200]), p.allowed)]
        row[4].number_format = "@"
        row[5].alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(row)


def _cell(sheet: WriteOnlyWorksheet, value: Any, sentences: list[str] | None) -> Any:
    if sentences is None:
        if isinstance(value, str):
            return _text(sheet, value) if value else None
        return value
    cell = _text(sheet, value if isinstance(value, str) else text_of(value))
    cell.fill = _WRONG
    comment = Comment("\n".join(sentences)[:1_000], _("叩门"))
    comment.width, comment.height = 320, 90
    cell.comment = comment
    return cell


def _text(sheet: WriteOnlyWorksheet, value: str) -> Cell:
    """A text cell: long numbers keep their digits, and nothing typed is run as a formula."""
    cell: Cell = WriteOnlyCell(sheet, _safe(value))
    cell.data_type = "s"
    if value[:1] in "0123456789=+-@":
        cell.number_format = "@"
    return cell


def _safe(value: str) -> str:
    return value[:32_000].translate(_FORBIDDEN)
