"""A teacher records a visit on a phone: three taps and one sentence; the record prints as Word."""

import io
from collections.abc import Callable

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.journeys.site import Site

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8")]
PLANNED = """
    WITH child AS (SELECT * FROM registry_student WHERE name = %s),
    visit AS (
        INSERT INTO visits_visit (id, org_id, household_id, school_class_id, lead_id, kind, state, mode, not_visited,
                                  starts_at, ends_at, created_at)
        SELECT gen_random_uuid(), c.org_id, c.household_id, c.school_class_id, s.id, 'general', 'planned', '01', '',
               now() - interval '3 hours', now() - interval '2 hours 20 minutes', now()
        FROM child c JOIN registry_staff s ON s.org_id = c.org_id AND s.name = '陈老师'
        RETURNING id, org_id)
    INSERT INTO visits_visitstudent (org_id, visit_id, student_id) SELECT v.org_id, v.id, c.id FROM visit v, child c
    RETURNING visit_id
"""
ERASE = """
    DELETE FROM visits_recordversion; DELETE FROM visits_visitrecord; DELETE FROM visits_visitstaff;
    DELETE FROM visits_visitstudent; DELETE FROM visits_visit
"""


def planned(site: Site, child: str) -> str:
    return str(site.ask(PLANNED, [child])[0][0])


@pytest.fixture(autouse=True)
def _leaves_no_visits(site: Site) -> object:
    yield
    site.ask(ERASE)


def test_three_taps_and_one_sentence(site: Site, page_at: Callable[..., Page]) -> None:
    """From the plan's button to the record: met, topic, save; everything else was prefilled or left out."""
    visit = planned(site, "阿虎")
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/{visit}/record/")
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.get_by_text("学习情况").tap()
    page.get_by_label("交流情况").fill("爷爷说他每天自己整理书包。")
    page.get_by_role("button", name="保存记录").tap()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()
    expect(page.get_by_text("爷爷说他每天自己整理书包。")).to_be_visible()
    assert site.ask("SELECT met_relation, topics, content FROM visits_visitrecord") == [
        ("61", ["study"], "爷爷说他每天自己整理书包。")
    ]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    with page.expect_download() as download:
        page.get_by_role("link", name="家访记录表(Word)").tap()
    content = download.value.path().read_bytes()
    assert "阿虎" in [cell.text for row in Document(io.BytesIO(content)).tables[0].rows for cell in row.cells]


def test_an_unplanned_visit_from_my_visits(site: Site, page_at: Callable[..., Page]) -> None:
    """From the list of families nobody has been to, at the child's own row."""
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/mine/?show=families")
    page.get_by_role("link", name="记录家访 阿宝").tap()
    page.get_by_text("父亲 · 阿宝爸爸").tap()
    page.get_by_text("进步与优点").tap()
    page.get_by_role("button", name="保存记录").tap()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()
    page.goto(f"{site.address}/s/hill/visits/mine/?show=families")
    expect(page.get_by_text("阿宝")).to_have_count(0)


def test_nothing_typed_is_lost(site: Site, page_at: Callable[..., Page]) -> None:
    """The tab is left in the middle and opened again: words, chips and the record's id are as they were."""
    visit = planned(site, "阿虎")
    page = page_at(360)
    site.sign_in(page, "teacher1")
    address = f"{site.address}/s/hill/visits/{visit}/record/"
    page.goto(address)
    page.get_by_text("家庭情况").tap()
    page.get_by_label("交流情况").fill("写到一半")
    first = page.locator("[name=record_id]").input_value()
    page.goto(f"{site.address}/s/hill/visits/mine/")
    page.goto(address)
    expect(page.get_by_label("交流情况")).to_have_value("写到一半")
    expect(page.get_by_label("家庭情况")).to_be_checked()
    assert page.locator("[name=record_id]").input_value() == first


def test_two_phones_and_both_versions_on_one_page(site: Site, page_at: Callable[..., Page]) -> None:
    """The second phone's words are not lost: they stand beside the first's, and may replace them."""
    visit = planned(site, "阿虎")
    pages = [page_at(360), page_at(360)]
    for page, words in zip(pages, ("第一部手机", "第二部手机"), strict=True):
        site.sign_in(page, "teacher1")
        page.goto(f"{site.address}/s/hill/visits/{visit}/record/")
        page.get_by_text("祖父 · 阿虎爷爷").tap()
        page.get_by_text("学习情况").tap()
        page.get_by_label("交流情况").fill(words)
    for page in pages:
        page.get_by_role("button", name="保存记录").tap()
        page.wait_for_load_state()
    second = pages[1]
    expect(second.get_by_role("heading", name="这次家访有两份记录")).to_be_visible()
    expect(second.get_by_text("第一部手机")).to_be_visible()
    second.get_by_role("button", name="用我刚才填的替换").tap()
    expect(second.get_by_text("已保存修改")).to_be_visible()
    assert site.ask("SELECT content, version FROM visits_visitrecord") == [("第二部手机", 2)]
