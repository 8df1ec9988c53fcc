"""An xlsx file seen as a zip of XML: bounded before it is opened, and cut into pieces when it is large.

The reader (calamine) lays a sheet out in memory as one dense table. So a file is looked through first, in a stream:
a cell far out (a table of billions of cells), a zip bomb or a broken archive is refused here; and a sheet of many rows
is cut into pieces of a few megabytes, so that memory stays flat whatever the size of the file.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from django.utils.translation import gettext as _

from koumen.registry.services.roster.problem import Unreadable

MEGABYTE = 1_048_576
UNPACKED_LIMIT = 400 * MEGABYTE
WHOLE_LIMIT = 24 * MEGABYTE  # a larger sheet is cut
PIECE = 6 * MEGABYTE
COLUMN_LIMIT = 200
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

# a cell with content right of column GR (200), or below row 99,999
_FAR = re.compile(
    rb'\br="(?:([A-Za-z]{3,}|[H-Zh-z][A-Za-z]|[Gg][S-Zs-z])\d+|[A-Za-z]+(\d{6,}))"(?:\s[^>]*[^/>])?>(?!</)'
)
# the same in rough, many times faster; what it finds is looked at again by `_FAR`
_PERHAPS_FAR = re.compile(rb'r="(?:[A-Z]{3}|[H-Z][A-Z]|G[S-Z]|[A-Z]\d{6}|[A-Z][A-Z]\d{6}|[a-z])')
_UNCOUNTED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_FAILED = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*?)/?>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s([^>]*?)/?>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')


@dataclass
class Part:
    """One sheet of the file: where it lies, and what the look-through found."""

    name: str
    path: str
    visible: bool
    uncounted: set[tuple[int, int]] = field(default_factory=set)  # (row, column) of formulas without a value
    failed: set[tuple[int, int]] = field(default_factory=set)  # (row, column) of formulas that ended in an error
    pieces: list[int] = field(default_factory=list)  # sheets of the cut file


def damaged() -> Unreadable:
    return Unreadable(_("文件已损坏，打不开；请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"))


def look_through(source: IO[bytes]) -> tuple[list[Part], Path | None]:
    """The visible sheets, and the path of a cut copy when a sheet is large (the caller deletes it).

    Raises Unreadable for a broken archive, another kind of file, too much content, or a cell far out.
    """
    try:
        with ZipFile(source) as archive:
            _bounded(archive)
            parts = [part for part in _parts(archive) if part.visible]
            large = any(archive.getinfo(p.path).file_size > WHOLE_LIMIT for p in parts)
            if not large:
                _check_rest(archive, {p.path for p in parts})
                for part in parts:
                    for _region in _regions(archive, part):
                        pass
                return parts, None
            return parts, _cut(archive, parts)
    except (BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, UnicodeDecodeError, OSError) as error:
        raise damaged() from error
    except RuntimeError as error:  # zipfile's word for "encrypted"
        raise Unreadable(_("文件设了打开密码；请取消密码后再上传。")) from error


def _bounded(archive: ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        if "word/document.xml" in names:
            raise Unreadable(_("这是 Word 文档；请上传 .xlsx 或 .csv 表格。"))
        raise Unreadable(_("这不是 Excel 表格(.xlsx);请用 Excel 或 WPS 另存为 .xlsx 再上传。"))
    if sum(info.file_size for info in archive.infolist()) > UNPACKED_LIMIT or len(names) > 5_000:
        raise Unreadable(_("文件展开后太大，请删去图片和无关的工作表，或拆分后再上传。"))


def _parts(archive: ZipFile) -> list[Part]:
    targets: dict[str, str] = {}
    for found in _RELATION.finditer(archive.read("xl/_rels/workbook.xml.rels").decode()):
        link = dict(_ATTRIBUTE.findall(found[1]))
        if link.get("Type", "").endswith("/worksheet"):
            targets[link["Id"]] = link["Target"]
    parts = []
    for found in _SHEET.finditer(archive.read("xl/workbook.xml").decode()):
        sheet = dict(_ATTRIBUTE.findall(found[1]))
        number = next((value for key, value in sheet.items() if key.endswith(":id")), "")
        if number in targets:
            target = targets[number]
            path = target[1:] if target.startswith("/") else f"xl/{target}"
            parts.append(Part(sheet.get("name", ""), path, sheet.get("state", "visible") == "visible"))
    return parts


def _check_rest(archive: ZipFile, apart: set[str]) -> None:
    """Unpack what the reader will unpack besides the sheets: sizes and check sums that lie come to light."""
    for name in archive.namelist():
        if name.startswith("xl/") and name.endswith(".xml") and name not in apart:
            with archive.open(name) as stream:
                while stream.read(MEGABYTE):
                    pass


def _regions(archive: ZipFile, part: Part) -> Iterator[bytes]:
    """The sheet's XML in regions: the head, then whole rows, then the tail. Checked on the way."""
    with archive.open(part.path) as stream:
        left, started, closing = b"", False, b"</row>"
        while chunk := stream.read(4 * MEGABYTE):
            left += chunk
            if not started:
                at = re.search(rb"<((?:\w+:)?)sheetData\b[^>]*>", left)
                if at is None:
                    if len(left) > 64 * MEGABYTE:
                        raise damaged()
                    continue
                started, closing = True, b"</" + at[1] + b"row>"
                yield left[: at.end()]
                left = left[at.end() :]
            end = left.rfind(closing)
            if end < 0:
                if len(left) > 64 * MEGABYTE:
                    raise damaged()
                continue
            region, left = left[: end + len(closing)], left[end + len(closing) :]
            _check(region, part)
            yield region
        _check(left, part)
        yield left


def _check(region: bytes, part: Part) -> None:
    far = _FAR.search(region) if _PERHAPS_FAR.search(region) else None
    if far is not None and far[1]:
        raise Unreadable(
            _("工作表“%(sheet)s”第 %(column)s 列还有内容：最多 %(n)d 列。请删去右边无关的列后再上传。")
            % {"sheet": part.name, "column": far[1].decode(), "n": COLUMN_LIMIT}
        )
    if far is not None:
        raise Unreadable(
            _("工作表“%(sheet)s”第 %(row)s 行还有内容：行数太多。请删去下面无关的行，或拆分后再上传。")
            % {"sheet": part.name, "row": far[2].decode()}
        )
    if b"<f" in region or b":f" in region:
        _note_cells(_UNCOUNTED, region, part.uncounted)
    if b't="e"' in region:
        _note_cells(_FAILED, region, part.failed)


def _note_cells(pattern: re.Pattern[bytes], region: bytes, cells: set[tuple[int, int]]) -> None:
    for found in pattern.finditer(region):
        if len(cells) < 20_000:
            cells.add((int(found[2]), column_number(found[1].decode())))


def column_number(letters: str) -> int:
    """`A` → 1, `AA` → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _cut(archive: ZipFile, parts: list[Part]) -> Path:
    """A copy whose sheets hold a few megabytes of rows each, unpacked, in a temporary file."""
    workbook = archive.read("xl/workbook.xml").decode()
    kept: list[str] = [name for name in ("xl/sharedStrings.xml", "xl/styles.xml") if name in archive.namelist()]
    with NamedTemporaryFile(suffix=".xlsx", delete=False) as out:
        try:
            with ZipFile(out, "w", ZIP_STORED) as copy:
                for name in kept:
                    _pour(archive, copy, name)
                total = 0
                for part in parts:
                    for piece in _pieces(archive, part):
                        copy.writestr(f"xl/worksheets/p{total}.xml", piece)
                        part.pieces.append(total)
                        total += 1
                _frame(copy, total, kept, dated_1904='date1904="1"' in workbook)
        except BaseException:
            Path(out.name).unlink(missing_ok=True)
            raise
    return Path(out.name)


def _pour(archive: ZipFile, copy: ZipFile, name: str) -> None:
    with archive.open(name) as stream, copy.open(name, "w", force_zip64=True) as out:
        while chunk := stream.read(MEGABYTE):
            out.write(chunk)


def _pieces(archive: ZipFile, part: Part) -> Iterator[bytes]:
    head, held, size = b"", list[bytes](), 0
    foot = b""
    for region in _regions(archive, part):
        if not head:
            head = region
            prefix = re.search(rb"<((?:\w+:)?)sheetData\b", head)
            assert prefix is not None
            foot = b"</" + prefix[1] + b"sheetData></" + prefix[1] + b"worksheet>"
            continue
        if foot[: foot.index(b">") + 1] in region:
            break  # the tail: merged cells, margins, …
        held.append(region)
        size += len(region)
        if size > PIECE:
            yield head + b"".join(held) + foot
            held, size = [], 0
    if held:
        yield head + b"".join(held) + foot


def _frame(copy: ZipFile, total: int, kept: list[str], *, dated_1904: bool) -> None:
    """The parts that make the pieces a workbook."""
    numbers = range(total)
    pieces = [(f"p{n}", f"worksheets/p{n}.xml", "worksheet") for n in numbers]
    rest = [(Path(k).stem, Path(k).name, Path(k).stem) for k in kept]
    links = "".join(
        f'<Relationship Id="{mark}" Type="{_LINKS}/{kind}" Target="{target}"/>' for mark, target, kind in pieces + rest
    )
    kinds: dict[str, Any] = {"worksheet": "worksheet", "sharedStrings": "sharedStrings", "styles": "styles"}
    types = "".join(
        f'<Override PartName="/xl/{target}" ContentType="{_KIND}.{kinds[kind]}+xml"/>'
        for _mark, target, kind in pieces + rest
    )
    sheets = "".join(f'<sheet name={quoteattr(f"p{n}")} sheetId="{n + 1}" r:id="p{n}"/>' for n in numbers)
    dates = '<workbookPr date1904="1"/>' if dated_1904 else ""
    xml = '<?xml version="1.0" encoding="UTF-8"?>'
    copy.writestr(
        "[Content_Types].xml",
        f'{xml}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" '
        f'ContentType="{_KIND}.sheet.main+xml"/>{types}</Types>',
    )
    copy.writestr(
        "_rels/.rels",
        f'{xml}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="w" '
        f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    copy.writestr(
        "xl/workbook.xml",
        f'{xml}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">{dates}<sheets>{sheets}</sheets></workbook>',
    )
    copy.writestr(
        "xl/_rels/workbook.xml.rels",
        f'{xml}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
    )
