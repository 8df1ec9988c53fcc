"""月统计表 as Excel and Word: the same numbers as on screen, A3 landscape, and right on the printed page."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from koumen.core import clock
from koumen.core.models import AuditEntry
from koumen.reporting.presets.columns import SHEET_1, SHEET_2
from koumen.reporting.queries.cells import shown
from koumen.reporting.queries.monthly import sheet_1, sheet_2
from koumen.reporting.services import wordtable
from tests.cast import Cast
from tests.office import printed
from tests.reporting.recount import MONTH, chance_school

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R38")]
Clients = Callable[[str], Client]
A3 = (420, 297)


@pytest.fixture(autouse=True)
def _after_the_month() -> object:
    with clock.at(datetime(2027, 4, 2, 9)):
        yield


def file(browser: Client, kind: str) -> bytes:
    url = reverse(f"reporting:month_{kind}", kwargs={"org": "hill"}, query={"month": f"{MONTH:%Y-%m}"})
    answer = browser.get(url)
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    return answer.content


def said(cell: Any) -> str:
    """What Excel shows of a cell."""
    if cell.number_format == "0.0%":
        return f"{cell.value * 100:.1f}%"
    return str(cell.value if cell.value is not None else "")


def test_excel_says_what_the_screen_says(hill: Cast, client_of: Clients) -> None:
    """Every cell of both sheets, the total included; numbers are numbers, rates are percentages."""
    chance_school(hill, Random(4))
    book = load_workbook(io.BytesIO(file(client_of("office"), "excel")))
    for page, sheet in zip(book.worksheets, (sheet_1(MONTH), sheet_2(MONTH)), strict=True):
        for order, row in enumerate([*sheet.rows, sheet.total], 1):
            is_total = row is sheet.total
            for column in sheet.columns[2 if is_total else 0 :]:
                cell = page.cell(5 + order, column.number)
                assert said(cell) == shown(row, column, 0 if is_total else order), column.key
                assert isinstance(cell.value, int | float) == (
                    column.look != "text" and said(cell) not in ("—", "<5", "") and "(" not in said(cell)
                )
        assert page.cell(6 + len(sheet.rows), 1).value == "合计"


def test_excel_has_the_official_shape(hill: Cast, client_of: Clients) -> None:
    first, second = load_workbook(io.BytesIO(file(client_of("office"), "excel"))).worksheets
    merged = {str(area) for area in first.merged_cells.ranges}
    assert {"A1:AL1", "A2:AL2", "D3:F3", "G3:K3", "N3:S3", "A3:A4", "AL3:AL4"} <= merged
    assert [first.cell(3, n).value for n in (4, 7, 14, 20)] == [
        "基本情况", "参与家访教师", "本月人次按方式分", "重点学生人次",
    ]  # fmt: skip
    assert [first.cell(5, n).value for n in (1, 38)] == [1, 38]
    assert str(second.cell(3, 3).value) == "在册人数"
    heading = str(first["A2"].value)
    blanks = (
        "填报单位(盖章):青山小学",
        "统计期间：2027年3月",
        "单位负责人：",
        "填表人：周主任",
        "联系电话：",
        "填报日期：2027年4月2日",
    )
    assert [blank for blank in blanks if blank not in heading] == []
    words = " ".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value)
    assert "填表说明：" in words
    assert "青山小学 · 周主任 于 2027年4月2日" in words
    for page in (first, second):
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 8)
        assert (page.print_title_rows, page.freeze_panes) == ("$3:$5", "C6")


def test_a_class_named_like_a_formula_stays_text(hill: Cast, client_of: Clients) -> None:
    school_class = hill.school_class("三年级1班")
    school_class.name = '=HYPERLINK("x")\x0b'
    school_class.save()
    page = load_workbook(io.BytesIO(file(client_of("office"), "excel"))).worksheets[0]
    assert (page["B6"].value, page["B6"].data_type) == ('=HYPERLINK("x")', "s")
    assert '=HYPERLINK("x")' in text_of(file(client_of("office"), "word"))


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for cell in table._cells]
    return "\n".join(cells + [p.text for p in document.paragraphs + document.sections[0].footer.paragraphs])


def test_word_says_what_the_screen_says(hill: Cast, client_of: Clients) -> None:
    chance_school(hill, Random(4))
    document = Document(io.BytesIO(file(client_of("office"), "word")))
    for table, sheet in zip(document.tables, (sheet_1(MONTH), sheet_2(MONTH)), strict=True):
        rows = table.rows[wordtable.HEAD_ROWS :]
        for order, (line, row) in enumerate(zip(rows, [*sheet.rows, sheet.total], strict=True), 1):
            is_total = row is sheet.total
            said = [cell.text for cell in line.cells]
            expected = [shown(row, column, 0 if is_total else order) for column in sheet.columns]
            assert said == (["合计", "合计", *expected[2:]] if is_total else expected)


def test_widths_fill_the_page() -> None:
    """Both sheets of the Word file use the whole width of A3 landscape, and no column is narrower than 7 mm."""
    for columns in (SHEET_1, SHEET_2):
        found = wordtable.widths(columns)
        assert sum(found) == pytest.approx(wordtable.ROOM)
        assert min(found) >= 7


@pytest.mark.parametrize(("kind", "suffix"), [("excel", "xlsx"), ("word", "docx")])
def test_it_prints_on_a3(hill: Cast, client_of: Clients, tmp_path: Path, kind: str, suffix: str) -> None:
    """LibreOffice prints two A3 pages: each sheet on one, with all 38 columns and the notes."""
    chance_school(hill, Random(4))
    content = file(client_of("office"), kind)
    assert content.startswith(b"PK")
    for pages in printed(content, suffix, tmp_path):
        assert [(round(p.width), round(p.height)) for p in pages] == [A3, A3]
        assert "38" in pages[0].text
        assert "涉案/专门矫治教育" in pages[1].text
        assert all("填表说明" in p.text for p in pages)


def test_exports_are_logged(hill: Cast, client_of: Clients) -> None:
    file(client_of("office"), "excel")
    assert AuditEntry.objects.get(kind="read").reason == "xlsx 2027-03"


def test_the_official_form_stays_chinese_for_an_english_reader(hill: Cast, client_of: Callable[[str], Client]) -> None:
    browser = client_of("office")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    book = load_workbook(io.BytesIO(browser.get("/s/hill/reports/month/excel/").content))
    said = {str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value}
    assert {"合计", "在校学生数"} <= said
