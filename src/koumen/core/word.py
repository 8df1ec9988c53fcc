"""Word tables the Chinese way: fonts for both scripts, merged cells, lines, a footer. No words of the domain."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from PIL import Image

TEXT_FONT, HEAD_FONT = "SimSun", "SimHei"
# characters that may not stand in XML
_BROKEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without the characters a Word or Excel file cannot hold; a line ends with one sign, as browsers send two."""
    return _BROKEN.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def page(*, width: float, height: float, margin: float) -> WordDocument:
    """An empty document of this size (mm), in SimSun 10.5."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(margin)
    section.header_distance = section.footer_distance = Mm(margin / 2)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = TEXT_FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT_FONT)
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    return document


def write(
    paragraph: Paragraph,
    text: str,
    *,
    size: float = 10.5,
    bold: bool = False,
    middle: bool = False,
    head: bool = False,
) -> Paragraph:
    """Put text into a paragraph; line breaks are kept."""
    run = paragraph.add_run(clean(text))
    run.font.size, run.bold = Pt(size), bold
    font = HEAD_FONT if head else TEXT_FONT
    run.font.name = font
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if middle:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def grid(document: WordDocument, widths: Sequence[float], rows: int) -> Table:
    """A ruled table with fixed column widths (mm)."""
    table: Table = document.add_table(rows=rows, cols=len(widths))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    return table


def tight(table: Table, *, side_mm: float) -> None:
    """Less air left and right in every cell: for tables of many narrow columns."""
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        edge = OxmlElement(f"w:{side}")
        edge.set(qn("w:w"), str(round(side_mm * 56.7)))
        edge.set(qn("w:type"), "dxa")
        margins.append(edge)
    properties.append(margins)


def repeat(row: Any) -> None:
    """Print this row again on every page, and never break it."""
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        properties.append(OxmlElement(name))


def height(row: Any, mm: float) -> None:
    """At least this high."""
    row.height = Mm(mm)


def centre(cell: _Cell) -> _Cell:
    """Text in the middle from top to bottom."""
    cell.vertical_alignment = 1  # type: ignore[assignment]
    return cell


def new_page(document: WordDocument) -> None:
    """What comes next begins on a new page."""
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def picture(paragraph: Paragraph, content: bytes, *, width: float, height: float) -> None:
    """A picture into a paragraph, as large as fits this frame (mm), its sides in proportion."""
    across, down = Image.open(BytesIO(content)).size
    scale = min(width / across, height / down)
    paragraph.add_run().add_picture(BytesIO(content), width=Mm(across * scale), height=Mm(down * scale))
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def pictures(document: WordDocument, contents: Sequence[bytes], *, width: float, height: float) -> None:
    """Pictures two a row, none over the edge of a page."""
    for start in range(0, len(contents), 2):
        pair = contents[start : start + 2]
        table: Table = document.add_table(rows=1, cols=2)
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, content in zip(table.rows[0].cells, pair, strict=False):
            picture(cell.paragraphs[0], content, width=width, height=height)


def footer(document: WordDocument, text: str) -> None:
    """A small line at the foot of every page."""
    write(document.sections[0].footer.paragraphs[0], text, size=8, middle=True)


def as_bytes(document: WordDocument) -> bytes:
    """The file's bytes."""
    out = BytesIO()
    document.save(out)
    return out.getvalue()
