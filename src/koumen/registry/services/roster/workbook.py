"""Opening a table file: xlsx by calamine, csv in UTF-8 or GB18030; everything else is refused with a clear word."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, load_workbook

from koumen.registry.services.roster.package import COLUMN_LIMIT, MEGABYTE, Part, damaged, look_through
from koumen.registry.services.roster.problem import Unreadable

Row = tuple[int, list[Any]]  # number from 1, cells from column A
SIZE_LIMIT = 20 * MEGABYTE
ROW_LIMIT = 60_000


@dataclass
class Sheet:
    """One table of the file. `rows` may be read once."""

    name: str
    rows: Iterator[Row]
    uncounted: set[tuple[int, int]] = field(default_factory=set)
    failed: set[tuple[int, int]] = field(default_factory=set)


@contextmanager
def opened(source: Path | bytes) -> Iterator[list[Sheet]]:
    """The file's visible sheets. Raises Unreadable with a sentence that says what to do."""
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > SIZE_LIMIT:
        raise Unreadable(_("文件超过 %(mb)d MB，请拆分后再上传。") % {"mb": SIZE_LIMIT // MEGABYTE})
    if not size:
        raise Unreadable(_("文件是空的，请重新选择。"))
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
        start = stream.read(4096)
        stream.seek(0)
        if start.startswith(b"PK"):
            yield from _workbook(stream)
        else:
            _refuse_others(start, stream)
            yield [Sheet(_("数据"), _csv_rows(stream.read()))]


def _refuse_others(start: bytes, stream: IO[bytes]) -> None:
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        content = stream.read()
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable(_("文件设了打开密码；请取消密码后再上传。"))
        raise Unreadable(_("这是旧格式(.xls)或加密的文件；请用 Excel 或 WPS 另存为不带密码的 .xlsx 再上传。"))
    if start.startswith(b"%PDF"):
        raise Unreadable(_("这是 PDF 文件；请上传 .xlsx 或 .csv 表格。"))
    lower = start[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if lower.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise Unreadable(_("这是网页格式的表格；请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"))
    if b"\x00" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(_("这不是表格文件；请上传 .xlsx 或 .csv。"))


def _workbook(stream: IO[bytes]) -> Iterator[list[Sheet]]:
    parts, cut = look_through(stream)
    try:
        if cut is None:
            stream.seek(0)
            book = load_workbook(stream)
        else:
            book = load_workbook(cut)
        with book:
            yield [Sheet(part.name, _sheet_rows(book, part), part.uncounted, part.failed) for part in parts]
    except (CalamineError, OSError) as error:
        raise damaged() from error
    finally:
        if cut is not None:
            cut.unlink(missing_ok=True)


def _sheet_rows(book: CalamineWorkbook, part: Part) -> Iterator[Row]:
    names = [f"p{n}" for n in part.pieces] or [part.name]
    counted = 0
    for name in names:
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError as error:
            raise damaged() from error
        if sheet.start is None:
            continue
        top, left = sheet.start
        if left + sheet.width > COLUMN_LIMIT:
            raise too_wide(part.name, left + sheet.width)
        lead = [""] * left
        for number, cells in enumerate(islice(sheet.iter_rows(), top, None), top + 1):
            if cells[0] != "" or any(cell != "" for cell in cells):
                counted += 1
                if counted > ROW_LIMIT:
                    raise too_long(part.name)
            yield number, (lead + cells if lead else cells)
        del sheet


def too_wide(sheet: str, width: int) -> Unreadable:
    return Unreadable(
        _("工作表“%(sheet)s”有 %(width)d 列：最多 %(n)d 列。请删去无关的列后再上传。")
        % {"sheet": sheet, "width": width, "n": COLUMN_LIMIT}
    )


def too_long(sheet: str) -> Unreadable:
    return Unreadable(_("工作表“%(sheet)s”超过 %(n)d 行，请拆分后再上传。") % {"sheet": sheet, "n": ROW_LIMIT})


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    head = text[:8192]
    mark = max(",\t;", key=head.count)
    name, number = _("数据"), 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 1):
            if len(cells) > COLUMN_LIMIT:
                raise too_wide(name, len(cells))
            if number > ROW_LIMIT + 50:
                raise too_long(name)
            yield number, list(cells)
    except csv.Error as error:
        raise Unreadable(_("csv 文件格式有误(第 %(n)d 行附近),请检查引号和换行。") % {"n": number + 1}) from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(_("认不出这个文件的文字编码；请另存为 .xlsx，或 UTF-8 编码的 csv。"))
