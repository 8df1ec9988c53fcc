"""A campaign's own questions: the office uploads a workbook, a teacher answers it without a signal, and at the desk."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.journeys.site import Site
from tests.journeys.test_axe import violations
from tests.journeys.test_record import ERASE, planned
from tests.journeys.test_recorder import FILES, Pocket, ready, three_taps
from tests.visits.workbooks import workbook

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = (
    ("begin_group", "place", "学习条件"),
    ("select_one yes_no", "has_desk", "有固定的学习地方吗？", "yes"),
    ("text", "where_instead", "在哪里写作业？", "", "${has_desk} = 'no'"),
    ("end_group",),
    ("integer", "minutes", "一个人在家多少分钟？", "", "", ". >= 0 and . <= 600", "请填 0 到 600。"),
)
CAMPAIGN = """
    INSERT INTO visits_campaign (org_id, name, theme, starts, ends, state, modes, must_visit, door_only, minutes,
        sibling_minutes, seed, evenings_per_week, weekend_days_per_week, others_evenings_per_week, uses_evenings,
        evening_starts, evening_ends, weekend, morning_starts, morning_ends, afternoon_starts, afternoon_ends,
        needs_training, needs_commitment, way_minutes)
    SELECT id, '秋季大家访', '', current_date - 5, current_date + 20, 'open', '["01"]', '[]', '[]', 40, 10, 1, 2, 1, 3,
        true, '18:30', '20:30', 'parts', '9:00', '11:00', '15:00', '18:00', false, false, 30
    FROM registry_org WHERE slug = 'hill' RETURNING id
"""
GROUP = """
    WITH made AS (
        INSERT INTO visits_groupvisit (org_id, campaign_id, name, place_id, school_class_id, minutes)
        SELECT p.org_id, %s, '柳树村村委会', p.id, c.id, 60 FROM registry_place p
        JOIN registry_schoolclass c ON c.org_id = p.org_id AND c.name = '三年级1班' WHERE p.name = '柳树村'
        RETURNING id, org_id
    ), homes AS (
        INSERT INTO visits_groupvisithome (org_id, group_visit_id, household_id)
        SELECT made.org_id, made.id, s.household_id FROM made
        JOIN registry_student s ON s.org_id = made.org_id AND s.name IN ('阿虎', '阿宝')
    ) SELECT id FROM made
"""
CLEAR = """
    DELETE FROM visits_questionform; DELETE FROM visits_groupvisithome; DELETE FROM visits_groupvisit;
    DELETE FROM visits_campaign WHERE name = '秋季大家访'
"""


@pytest.fixture
def pocket(browser: Browser, tmp_path: Path, site: Site) -> Iterator[Pocket]:
    phone = Pocket(browser, tmp_path / "profile")
    yield phone
    phone.close()
    site.ask(f"{FILES} {ERASE}; {CLEAR}")


def asked(site: Site, page: Page) -> int:
    """The office uploads a workbook with a mistake, mends it, looks at it and lets it be asked."""
    campaign = int(site.ask(CAMPAIGN)[0][0])
    site.sign_in(page, "office")
    page.goto(f"{site.address}/s/hill/campaigns/{campaign}/")
    page.get_by_role("link", name="专项问题").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="专项问题模板").click()
    assert load_workbook(BytesIO(download.value.path().read_bytes())).sheetnames[:3] == [
        "survey",
        "choices",
        "settings",
    ]
    for rows in ((*ROWS, ("image", "photo", "拍一张")), ROWS):
        content = FilePayload(name="题.xlsx", mimeType=XLSX, buffer=workbook(rows))
        page.locator("input[type=file]").set_input_files([content])
        page.get_by_role("button", name="上传并检查").click()
        if len(rows) > len(ROWS):
            expect(page.get_by_text("survey 第 7 行：不支持题型“image”")).to_be_visible()
            assert violations(page) == []
    expect(page.get_by_text("新的一版已经通过检查，还没有启用")).to_be_visible()
    expect(page.get_by_text("在哪里写作业？")).to_be_hidden()
    page.get_by_text("否", exact=True).click()
    expect(page.get_by_text("在哪里写作业？")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="启用第 1 版").click()
    expect(page.get_by_text("已启用。")).to_be_visible()
    return campaign


def planned_in(site: Site, campaign: int, child: str) -> str:
    visit = planned(site, child)
    site.ask("UPDATE visits_visit SET campaign_id = %s WHERE id = %s", [campaign, visit])
    return visit


def test_answered_on_a_phone_without_a_signal(site: Site, pocket: Pocket, page_at: Callable[..., Page]) -> None:
    office = page_at(1280)
    campaign = asked(site, office)
    planned_in(site, campaign, "阿虎")
    page = ready(site, pocket)
    assert pocket.window is not None
    pocket.window.set_offline(True)
    page.reload()
    three_taps(page)
    expect(page.get_by_text("在哪里写作业？")).to_have_count(0)
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("这道题要回答。")).to_be_visible()
    page.locator("[data-question=has_desk]").get_by_text("否").tap()
    page.get_by_label("在哪里写作业？").fill("饭桌上")
    page.get_by_label("一个人在家多少分钟？").fill("700")
    expect(page.get_by_text("请填 0 到 600。")).to_be_visible()
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("还差一点：请看一下标出的题。")).to_be_visible()
    page.get_by_label("一个人在家多少分钟？").fill("070")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.wait_for_timeout(600)
    pocket.battery_gone()  # what was answered is on the phone, and so are the questions

    page = pocket.open(offline=True)
    page.goto(f"{site.address}/s/hill/recorder/")
    page.get_by_role("button", name="阿虎").tap()
    page.get_by_role("button", name="继续写记录").tap()
    expect(page.get_by_label("在哪里写作业？")).to_have_value("饭桌上")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    assert pocket.window is not None
    pocket.window.set_offline(False)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/recorder/")
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=30_000)
    kept = site.ask(
        "SELECT r.answers, f.version FROM visits_visitrecord r JOIN visits_questionform f ON f.id = question_form_id"
    )
    assert kept == [({"has_desk": "no", "where_instead": "饭桌上", "minutes": "70"}, 1)]

    office.reload()
    with office.expect_download() as download:
        office.get_by_role("button", name="下载回答(Excel)").click()
    sheet = load_workbook(BytesIO(download.value.path().read_bytes()))["回答"]
    rows = [list(row) for row in sheet.values]
    assert rows[1][3:6] == ["否", "饭桌上", "70"]
    assert "阿虎" not in str(rows)


def test_answered_at_the_desk(site: Site, pocket: Pocket, page_at: Callable[..., Page]) -> None:
    """A question comes and goes with the answer before it; what is not asked is not sent."""
    visit = planned_in(site, asked(site, page_at(1280)), "阿虎")
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/{visit}/record/")
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.get_by_text("学习情况").tap()
    where = page.get_by_label("在哪里写作业？")
    expect(where).to_be_hidden()
    desk = page.locator("[data-question=has_desk]")
    desk.get_by_text("否").tap()
    where.fill("饭桌上")
    desk.get_by_text("是").tap()
    expect(where).to_be_hidden()
    desk.get_by_text("否").tap()
    expect(where).to_have_value("饭桌上")  # it comes back with its words
    desk.get_by_text("是").tap()
    page.get_by_label("一个人在家多少分钟？").fill("900")
    page.get_by_role("button", name="保存记录").tap()
    expect(page.get_by_text("请填 0 到 600。")).to_be_visible()
    page.get_by_label("一个人在家多少分钟？").fill("90")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="保存记录").tap()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()
    expect(page.get_by_text("有固定的学习地方吗？")).to_be_visible()
    assert site.ask("SELECT answers FROM visits_visitrecord") == [({"has_desk": "yes", "minutes": "90"},)]


def test_each_family_of_a_group_is_asked(site: Site, pocket: Pocket, page_at: Callable[..., Page]) -> None:
    """One page for several families: each one's questions come and go with its own answers."""
    group = site.ask(GROUP, [asked(site, page_at(1280))])[0][0]
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/groups/{group}/record/")
    page.get_by_text("学习情况").tap()
    tigers, treasures = (page.locator(".part", has_text=child) for child in ("阿虎", "阿宝"))
    expect(tigers.get_by_text("有固定的学习地方吗？")).to_be_hidden()
    for part, desk in ((tigers, "否"), (treasures, "是")):
        part.locator(".part-who").tap()
        part.get_by_text("祖父").first.tap()
        part.locator("[data-question=has_desk]").get_by_text(desk).tap()
    expect(treasures.get_by_label("在哪里写作业？")).to_be_hidden()
    tigers.get_by_label("在哪里写作业？").fill("饭桌上")
    treasures.get_by_label("一个人在家多少分钟？").fill("900")
    page.get_by_role("button", name="保存来了的家庭").tap()
    expect(treasures.get_by_text("请填 0 到 600。")).to_be_visible()
    expect(tigers.get_by_label("在哪里写作业？")).to_have_value("饭桌上")
    treasures.get_by_label("一个人在家多少分钟？").fill("90")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="保存来了的家庭").tap()
    expect(page.get_by_text("已记录 2 家，辛苦了。")).to_be_visible()
    kept = [answers for (answers,) in site.ask("SELECT answers FROM visits_visitrecord")]
    assert len(kept) == 2
    assert {"has_desk": "no", "where_instead": "饭桌上"} in kept
    assert {"has_desk": "yes", "minutes": "90"} in kept
