"""J7.1 控辍保学 in a real browser: a survey signed on the phone, what others see, back at school, struck off; and the
return check, a village's signature, and the county's page."""

from collections.abc import Callable
from io import BytesIO

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.journeys.site import Site
from tests.journeys.test_axe import too_wide, violations

pytestmark = [pytest.mark.journey, pytest.mark.rows("R12", "R9")]
ERASE = """
DELETE FROM care_pointdemand; DELETE FROM care_dropoutreport; DELETE FROM care_returncheckchild;
DELETE FROM care_returncheck; DELETE FROM care_returnattempt; DELETE FROM care_dropoutstep;
DELETE FROM care_dropoutentry;
DELETE FROM care_progress; DELETE FROM care_task; DELETE FROM care_measure; DELETE FROM care_caseseat;
DELETE FROM care_case; DELETE FROM registry_role WHERE post = 'counsellor'
"""
# 吴老师 is the counsellor of class 1 as well
COUNSELLOR = """
INSERT INTO registry_role (org_id, staff_id, post, school_class_id, subject, starts)
SELECT c.org_id, s.id, 'counsellor', c.id, '', '2026-09-01'
FROM registry_schoolclass c JOIN registry_staff s ON s.org_id = c.org_id
WHERE c.name = '三年级1班' AND s.name = '吴老师'
"""


@pytest.fixture(autouse=True)
def _leaves_nobody_on_the_lists(site: Site) -> object:
    yield
    site.ask(ERASE)


def sign(page: Page) -> None:
    """A finger draws in the frame."""
    canvas = page.locator("[data-sign] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    points = [(0.1, 0.7), (0.3, 0.2), (0.5, 0.8), (0.7, 0.3), (0.9, 0.6)]
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def pk_of(site: Site, name: str) -> int:
    return int(site.ask("SELECT id FROM registry_student WHERE name = %s", [name])[0][0])


def survey(site: Site, page: Page, child: str) -> int:
    """The counsellor of the child's class asks at the door, and the grandfather signs."""
    site.ask(COUNSELLOR)
    site.sign_in(page, "subject1")
    page.goto(f"{site.address}/s/hill/dropout/new/{pk_of(site, child)}/")
    page.get_by_label("连续三天以上没有到校").check()
    page.get_by_label("家长和孩子怎么说").fill("想跟舅舅出去打工")
    page.get_by_label("主要原因").select_option("work")
    page.get_by_label("签名人").fill("阿虎爷爷")
    sign(page)
    page.get_by_role("button", name="列入疑似名单").click()
    expect(page.get_by_text("已列入名单，一生一案和劝返措施已建好。")).to_be_visible()
    return int(site.ask("SELECT id FROM care_dropoutentry")[0][0])


def test_a_survey_signed_on_the_phone_opens_a_case(site: Site, page_at: Callable[..., Page]) -> None:
    phone, wide = page_at(360), page_at(1280)
    entry = survey(site, phone, "阿虎")
    picture = phone.locator("img.signed")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 50
    kinds = site.ask("SELECT m.kind, c.state FROM care_measure m JOIN care_case c ON c.id = m.case_id")
    assert kinds == [("return", "open")]
    # outside the team: a leader knows that the child comes first, and nothing of why
    site.sign_in(wide, "middle")
    wide.goto(f"{site.address}/s/hill/students/{pk_of(site, '阿虎')}/")
    expect(wide.get_by_text("优先").first).to_be_visible()
    for word in ("打工", "辍学", "劝返"):
        assert word not in wide.content()
    wide.goto(f"{site.address}/s/hill/dropout/{entry}/")
    expect(wide.get_by_text("没有找到这个页面")).to_be_visible()
    # and the class teacher finds the measure as a task
    site.sign_in(phone, "teacher1")
    phone.goto(f"{site.address}/s/hill/tasks/")
    expect(phone.locator("#tasks .rows > li")).to_have_count(1)
    assert "阿虎" not in phone.locator("#tasks").inner_text()


def test_brought_back_verified_and_struck_off_by_another(site: Site, page_at: Callable[..., Page]) -> None:
    phone, wide = page_at(360), page_at(1280)
    entry = survey(site, phone, "阿虎")
    site.sign_in(phone, "teacher1")
    here = f"{site.address}/s/hill/dropout/{entry}/"
    phone.goto(here)
    phone.get_by_role("link", name="记一次劝返").click()
    phone.get_by_label("人员").fill("陈老师、村主任")
    phone.get_by_label("复学", exact=True).check()
    phone.get_by_label("经过").fill("爷爷答应明天送来")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("第 1 次")).to_be_visible()
    phone.get_by_role("link", name="核实").click()
    phone.get_by_label("已经复学，人在班里").check()
    phone.get_by_label("到班级看到学生").check()
    phone.get_by_role("button", name="保存核实").click()
    expect(phone.get_by_role("button", name="确认销号")).to_have_count(0)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="劝返记录表").click()
    words = "".join(c.text for t in Document(BytesIO(download.value.path().read_bytes())).tables for c in t._cells)
    assert "爷爷答应明天送来" in words
    site.sign_in(wide, "office")
    wide.goto(here)
    wide.get_by_role("button", name="确认销号").click()
    expect(wide.get_by_text("已销号。")).to_be_visible()
    assert site.ask("SELECT state FROM care_measure") == [("done",)]


def test_a_class_is_checked_with_one_tap_and_a_month_goes_up(site: Site, page_at: Callable[..., Page]) -> None:
    phone, wide = page_at(360), page_at(1280)
    site.sign_in(phone, "teacher2")
    phone.goto(f"{site.address}/s/hill/dropout/returns/")
    phone.get_by_role("link", name="核查", exact=True).click()
    phone.get_by_role("button", name="全部到校").click()
    expect(phone.get_by_text("已保存，返校核查完成。")).to_be_visible()
    site.sign_in(phone, "teacher1")
    phone.goto(f"{site.address}/s/hill/dropout/returns/")
    phone.get_by_role("link", name="核查", exact=True).click()
    note = phone.get_by_label("阿宝 的说明")
    expect(note).to_be_hidden()
    phone.get_by_label("阿宝 的情况").select_option("not_back")
    note.fill("电话没人接")
    phone.get_by_role("button", name="保存核查").click()
    expect(phone.get_by_text("1 名未到校的学生已列入疑似名单")).to_be_visible()
    site.sign_in(wide, "office")
    wide.goto(f"{site.address}/s/hill/dropout/month/")
    wide.get_by_role("button", name="报送数字给教育局").click()
    expect(wide.get_by_text("已报送教育局：只有数字，没有姓名。")).to_be_visible()
    site.sign_in(wide, "officer")
    wide.goto(f"{site.address}/s/bureau/dropout/schools/")
    line = wide.locator(".wide-table tbody tr", has_text="青山小学")
    expect(line).to_contain_text("待核查")
    expect(line.locator("td.number").nth(3)).to_have_text("*")
    assert "阿宝" not in wide.content()
    wide.get_by_role("button", name="核查通过").click()
    expect(line).to_contain_text("已核查")


def test_a_family_signs_for_its_village_school(site: Site, page_at: Callable[..., Page]) -> None:
    """Nothing drawn is told at the frame, and what was typed stays; then it is kept, and shown by village."""
    phone, wide = page_at(360), page_at(1280)
    site.sign_in(phone, "teacher1")
    phone.goto(f"{site.address}/s/hill/demand/new/")
    phone.get_by_label("村组/社区").fill("柳树村")
    phone.get_by_label("希望", exact=True).check()
    phone.get_by_label("一年级").check()
    phone.get_by_label("签名人").fill("张大爷")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("请家长用手指在框里签名。")).to_be_visible()
    sign(phone)
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("已保存 张大爷 的签名。")).to_be_visible()
    site.sign_in(wide, "office")
    wide.goto(f"{site.address}/s/hill/demand/")
    expect(wide.locator("tbody tr", has_text="柳树村")).to_contain_text("1 年级 1")
    with wide.expect_download() as download:
        wide.get_by_role("link", name="登记表").click()
    assert len(Document(BytesIO(download.value.path().read_bytes())).inline_shapes) == 1


def test_the_pages_are_for_everybody(site: Site, page_at: Callable[..., Page]) -> None:
    """On a phone and on a desk in the dark: nothing axe finds, nothing beyond the edge."""
    phone, wide = page_at(360), page_at(1280, dark=True)
    entry = survey(site, phone, "阿虎")
    room = site.ask("SELECT id FROM registry_schoolclass WHERE name = '三年级1班'")[0][0]
    pages = [
        ("teacher1", f"hill/dropout/{entry}/"), ("teacher1", f"hill/dropout/{entry}/attempt/"),
        ("teacher1", f"hill/dropout/{entry}/verify/"), ("teacher1", f"hill/dropout/{entry}/describe/"),
        ("teacher1", f"hill/dropout/new/{pk_of(site, '阿梅')}/"), ("teacher1", f"hill/dropout/returns/{room}/"),
        ("teacher1", "hill/demand/new/"), ("teacher1", "hill/dropout/find/"), ("office", "hill/dropout/"),
        ("office", "hill/dropout/returns/"), ("office", "hill/dropout/month/"), ("office", "hill/demand/"),
        ("officer", "bureau/dropout/schools/"), ("teacher1", f"hill/students/{pk_of(site, '阿虎')}/"),
    ]  # fmt: skip
    for page in (phone, wide):
        for who, where in pages:
            site.sign_in(page, who)
            page.goto(f"{site.address}/s/{where}")
            page.wait_for_load_state("networkidle")
            assert (where, violations(page), too_wide(page)) == (where, [], [])
