"""A teacher prepares a visit on a phone; a colleague is asked in one tap and answers in one line; paper comes out."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connections
from docx import Document
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Org
from tests import database
from tests.cast import Cast
from tests.journeys.site import Site
from tests.journeys.test_plan import accessible
from tests.visits.stories import planned

pytestmark = [pytest.mark.journey, pytest.mark.rows("R4")]


@pytest.fixture
def visit(own_site: Site, django_db_blocker: Any) -> str:
    """A visit to 阿虎 tomorrow, in the running site."""
    before = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        database.use(own_site.database)
        try:
            with scope.enter(Org.objects.get(slug="hill").pk):
                return str(planned(Cast(), "阿虎", at=clock.now() + timedelta(days=1)).pk)
        finally:
            database.use(before)


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(page)


def test_prepared_on_a_phone(own_site: Site, page_at: Callable[..., Page], visit: str) -> None:
    """From the visit's page: ask, answer, choose, leave in the middle and come back, save, print."""
    site, lead, maths = own_site, page_at(360), page_at(360)
    site.sign_in(lead, "teacher1")
    site.sign_in(maths, "subject1")
    lead.goto(f"{site.address}/s/hill/visits/{visit}/")
    lead.get_by_role("link", name="备课").tap()
    expect(lead.get_by_text("今天来认认门")).to_be_visible()
    fits(lead)
    lead.get_by_role("button", name="请任课老师都写一句").tap()
    expect(lead.get_by_text("已问，还没有写")).to_be_visible()
    maths.goto(f"{site.address}/s/hill/remarks/")
    fits(maths)
    maths.get_by_label("一句话").fill("这周主动上台讲题")
    maths.get_by_role("button", name="写好了").tap()
    expect(maths.get_by_text("谢谢，已经转给家访的老师。")).to_be_visible()
    lead.reload()
    expect(lead.get_by_text("这周主动上台讲题")).to_be_visible()
    lead.get_by_text("反馈在校表现").tap()
    lead.get_by_label("我想说的话").fill("先说他帮同学搬书")
    lead.goto(f"{site.address}/s/hill/visits/mine/")
    lead.goto(f"{site.address}/s/hill/visits/{visit}/prepare/")
    expect(lead.get_by_label("我想说的话")).to_have_value("先说他帮同学搬书")
    expect(lead.get_by_label("反馈在校表现")).to_be_checked()
    lead.get_by_role("button", name="保存").tap()
    expect(lead.get_by_text("已保存。")).to_be_visible()
    assert site.ask("SELECT purposes, own_words FROM visits_preparation") == [(["tell"], "先说他帮同学搬书")]
    with lead.expect_download() as download:
        lead.get_by_role("link", name="家访提纲").tap()
    document = Document(BytesIO(download.value.path().read_bytes()))
    cells = [cell.text for row in document.tables[0].rows for cell in row.cells]
    assert "先说他帮同学搬书" in cells
    assert "这周主动上台讲题" in "".join(cells)
