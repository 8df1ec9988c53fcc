"""The workbook as rows of named cells. Bounded before it is opened, like every uploaded table."""

from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from koumen.registry.services.roster.problem import Unreadable
from koumen.registry.services.roster.workbook import Sheet, opened
from koumen.visits.presets.questions import COLUMN_ALIASES, COLUMNS, FILE_LIMIT, PASSED_OVER, UNSUPPORTED_COLUMNS
from koumen.visits.services.xlsform.faults import Fault, Faulty

MOST_ROWS = 1000
LONGEST_CELL = 4000
CHINESE = ("zh", "中文", "汉语", "普通话", "chinese")
TWO_LANGUAGES = ("label", "hint", "constraint_message", "required_message")


@dataclass(frozen=True)
class Line:
    """One row: its number as Excel counts, and its cells by column. An English column ends in `_en`."""

    row: int
    cells: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


@dataclass
class Book:
    """The three sheets; `faults` is what their columns already show."""

    survey: list[Line]
    choices: list[Line]
    settings: list[Line]
    faults: list[Fault]


def read_book(content: bytes) -> Book:
    """Raises Faulty for a file that is no workbook of questions at all."""
    if len(content) > FILE_LIMIT:
        raise Faulty([Fault("", 0, _("文件超过 1 MB。请删去图片和无关的工作表后再上传。"))])
    if not content.startswith(b"PK"):
        raise Faulty([Fault("", 0, _("这不是 Excel 表格(.xlsx)。请用 Excel 或 WPS 另存为 .xlsx 再上传。"))])
    faults: list[Fault] = []
    try:
        with opened(content) as sheets:
            found = {sheet.name.strip().lower(): sheet for sheet in sheets}
            if "survey" not in found:
                names = "、".join(sheet.name for sheet in sheets)[:200]
                told = _("没有找到工作表“survey”(有：%(names)s)。请下载模板，在模板里写。") % {"names": names}
                raise Faulty([Fault("survey", 0, told)])
            parts = {name: _lines(name, found.get(name), faults) for name in COLUMNS}
    except Unreadable as error:
        raise Faulty([Fault("", 0, str(error))]) from error
    return Book(**parts, faults=faults)


def _lines(name: str, sheet: Sheet | None, faults: list[Fault]) -> list[Line]:
    if sheet is None:
        return []
    rows = ((number, [_text(cell) for cell in cells]) for number, cells in islice(sheet.rows, MOST_ROWS + 1))
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        return []
    if filled[-1][0] > MOST_ROWS:
        faults.append(Fault(name, MOST_ROWS, _("表格太长，最多 %(n)d 行。") % {"n": MOST_ROWS}))
    (top, head), body = filled[0], filled[1:]
    columns = [_column(name, cell) for cell in head]
    lines = []
    for number, cells in body:
        lines.append(Line(number, {c: cell for c, cell in zip(columns, cells, strict=False) if c and cell}))
    faults.extend(_strange(name, top, head, columns, lines))
    return lines


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return str(cell).strip()[:LONGEST_CELL]


def _column(sheet: str, head: str) -> str:
    """`label::English (en)` → label_en; ` List Name ` → list_name; empty → "" (nothing is read from it)."""
    base, _sign, language = head.replace("：", ":").partition(":")
    base = COLUMN_ALIASES.get(base.strip().lower(), base.strip().lower())
    language = language.strip(" :").lower()
    if base not in COLUMNS[sheet] or not language or any(word in language for word in CHINESE):
        return base
    if base in TWO_LANGUAGES and ("english" in language or "(en" in language or language == "en"):
        return f"{base}_en"
    return f"{base}::{language}"


def _strange(sheet: str, top: int, head: list[str], columns: list[str], lines: list[Line]) -> list[Fault]:
    """Columns that hold something and are not understood: a misspelt one would silently change the form."""
    faults = []
    known = {*COLUMNS[sheet], *(f"{name}_en" for name in TWO_LANGUAGES), *PASSED_OVER, ""}
    for column, shown in zip(columns, head, strict=True):
        first = next((line.row for line in lines if line[column]), 0)
        if column in known or not first:
            continue
        if column.split("::")[0] in UNSUPPORTED_COLUMNS:
            told = _("不支持“%(column)s”列，请清空这一列。")
        elif "::" in column:
            told = _("“%(column)s”列的语言不支持，只用中文和 English (en)。")
        else:
            near = get_close_matches(column, COLUMNS[sheet], 1)
            told = _("不认识“%(column)s”列。") + (_("是不是想写“%s”？") % near[0] if near else _("请删去这一列。"))
        faults.append(Fault(sheet, first if column in UNSUPPORTED_COLUMNS else top, told % {"column": shown[:40]}))
    missing = [name for name in COLUMNS[sheet][:2] if sheet != "settings" and name not in columns]
    return [*faults, *(Fault(sheet, top, _("少了“%(name)s”列。") % {"name": name}) for name in missing)]
