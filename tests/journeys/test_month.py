"""The office's month: a record moves the table by exactly that visit, a number opens its list, files come."""

import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.site import Site
from tests.journeys.test_record import ERASE, planned

pytestmark = [pytest.mark.journey, pytest.mark.rows("R38")]


@pytest.fixture(autouse=True)
def _leaves_no_visits(site: Site) -> object:
    yield
    site.ask(ERASE + "; DELETE FROM reporting_schoolfigures")


def numbers(page: Page) -> list[list[str]]:
    """The table as it stands on the screen."""
    rows = page.locator(".wide-table tbody tr, .wide-table tfoot tr").all()
    return [[cell.inner_text().strip() for cell in row.locator("th, td").all()] for row in rows]


def record(site: Site, page: Page, child: str) -> None:
    visit = planned(site, child)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/{visit}/record/")
    page.get_by_text("祖父 · 阿虎爷爷").click()
    page.get_by_text("学习情况").click()
    page.get_by_role("button", name="保存记录").click()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()


def test_the_table_changes_by_exactly_that_visit(site: Site, page_at: Callable[..., Page]) -> None:
    page, phone = page_at(1280), page_at(360)
    site.sign_in(page, "office")
    page.goto(f"{site.address}/s/hill/reports/month/")
    before = numbers(page)
    record(site, phone, "阿虎")
    page.reload()
    after = numbers(page)
    changed = {
        (line, column): (old, new)
        for line, (olds, news) in enumerate(zip(before, after, strict=True))
        for column, (old, new) in enumerate(zip(olds, news, strict=True), 1)
        if old != new
    }
    # teachers, of them class teachers; children, contacts, at the door; this year's children and rates
    columns = {7, 10, 12, 13, 14, 21, 22, 23, 24}
    assert changed.keys() == {(line, column) for line in (0, len(after) - 1) for column in columns}
    assert {changed[0, column] for column in columns - {22, 24}} == {("0", "1")}
    page.locator(".wide-table tfoot td").nth(11).get_by_role("link").click()
    expect(page.get_by_text("共 1 条")).to_be_visible()
    expect(page.locator(".rows strong")).to_have_text(["阿虎"])


def test_the_files_and_the_delivery(site: Site, page_at: Callable[..., Page]) -> None:
    page = page_at(1280)
    record(site, page, "阿虎")
    site.sign_in(page, "office")
    page.goto(f"{site.address}/s/hill/reports/month/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.worksheets[0].cell(8, 13).value == 1
    page.get_by_role("button", name="报送数字给教育局").click()
    page.locator("dialog button[value=yes]").click()
    expect(page.get_by_text("已报送预览")).to_be_visible()
    site.sign_in(page, "officer")
    page.goto(f"{site.address}/s/bureau/reports/schools/")
    line = page.locator(".wide-table tbody tr", has_text="青山小学")
    expect(line.locator("td").nth(2)).to_have_text("6")
    assert "阿虎" not in page.content()
