"""Several families at once on one page, siblings apart, and nothing typed is lost, in a real browser."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Account, Org, Place, SchoolClass, Student
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import GroupVisit, GroupVisitHome
from koumen.visits.services.campaigns import start_campaign
from tests import database
from tests.journeys.site import Site
from tests.journeys.test_plan import accessible
from tests.journeys.test_record import ERASE, planned
from tests.journeys.test_recorder import CARE
from tests.journeys.test_twins import SEND

pytestmark = [pytest.mark.journey, pytest.mark.rows("R6", "R8")]
KEPT = "SELECT content FROM visits_visitrecord ORDER BY recorded_at, id"
DRAFTS = "SELECT name FROM visits_recorddraft ORDER BY name"
HELD_HERE = "Object.entries(sessionStorage).filter(([k]) => k.startsWith('koumen-draft:')).map(([, v]) => v).join()"


@pytest.fixture
def group(site: Site, django_db_blocker: Any) -> Iterator[int]:
    """阿虎's, 阿宝's and 阿梅's families are to meet at the village office."""
    before = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        database.use(site.database)
        try:
            yield _group()
        finally:
            database.use(before)
    site.ask("TRUNCATE visits_campaign CASCADE")


def _group() -> int:
    office = actor_for(Account.objects.get(username="office"), "hill")
    assert office is not None
    with scope.enter(Org.objects.get(slug="hill").pk):
        today = clock.today()
        campaign = start_campaign(
            office.org, by=office, name="秋季大家访", theme="", starts=today, ends=today + timedelta(days=20)
        )
        row = GroupVisit.objects.create(
            campaign=campaign,
            name="柳树村村委会",
            place=Place.objects.get(name="柳树村"),
            school_class=SchoolClass.objects.get(name="三年级1班"),
        )
        for child in Student.objects.filter(name__in=("阿虎", "阿宝", "阿梅")):
            assert child.household is not None
            GroupVisitHome.objects.create(group_visit=row, household=child.household)
        return row.pk


@pytest.fixture(autouse=True)
def _leaves_no_visits(site: Site) -> Iterator[None]:
    yield
    site.ask(f"{ERASE}; DELETE FROM visits_recorddraft; {CARE}")


def test_two_of_three_families_came(site: Site, group: int, page_at: Callable[..., Page]) -> None:
    """From 我的家访 on a phone: the common part once, a tap for each family, and what differs with one of them."""
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/mine/")
    page.get_by_role("link", name="集中家访").tap()
    page.get_by_role("link", name="记录 柳树村村委会").tap()
    page.get_by_text("学习情况").tap()
    page.get_by_label("交流情况").fill("讲了防溺水")
    expect(page.get_by_text("祖父 · 阿虎爷爷")).not_to_be_visible()
    page.locator(".part-who", has_text="阿虎").tap()
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.locator(".part-who", has_text="阿梅").tap()
    page.get_by_text("母亲 · 阿梅妈妈").tap()
    meis = page.locator(".part", has_text="阿梅")
    meis.get_by_text("这家的话、困难和帮扶").tap()
    meis.get_by_label("家长的话").fill("晚上没人辅导")
    meis.get_by_text("学习困难").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(page)
    page.get_by_role("button", name="保存来了的家庭").tap()
    expect(page.get_by_text("已记录 2 家，辛苦了。")).to_be_visible()
    expect(page.locator(".part")).to_have_count(1)
    expect(page.locator(".part-who")).to_contain_text("阿宝")
    rows = site.ask(
        "SELECT v.mode, r.content, r.family_words FROM visits_visitrecord r JOIN visits_visit v ON v.id = r.visit_id"
    )
    assert sorted(rows) == [("06", "讲了防溺水", ""), ("06", "讲了防溺水", "晚上没人辅导")]
    about = site.ask("SELECT s.name FROM visits_visitstudent v JOIN registry_student s ON s.id = v.student_id")
    assert sorted(name for (name,) in about) == sorted(["阿虎", "阿梅", "阿乐"])
    assert site.ask(DRAFTS) == []


def test_siblings_apart_from_the_one_form(site: Site, page_at: Callable[..., Page]) -> None:
    """What was typed on the one form comes along; each child's record is its own."""
    visit = planned(site, "阿梅")
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/{visit}/record/")
    page.get_by_text("阿乐(三年级2班)").tap()
    page.get_by_text("母亲 · 阿梅妈妈").tap()
    page.get_by_text("学习情况").tap()
    page.get_by_label("交流情况").fill("姐姐读书多了")
    page.get_by_role("button", name="分开写，每个孩子一份").tap()
    expect(page.get_by_role("heading", name="分开写：每个孩子一份")).to_be_visible()
    words = page.get_by_label("交流情况")
    expect(words.nth(0)).to_have_value("姐姐读书多了")
    words.nth(1).fill("弟弟怕生")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(page)
    page.get_by_role("button", name="保存每个孩子的记录").tap()
    expect(page.get_by_text("已分开记录，每个孩子一份。")).to_be_visible()
    assert sorted(text for (text,) in site.ask(KEPT)) == sorted(["姐姐读书多了", "弟弟怕生"])


def half_written(site: Site, page: Page, words: str) -> str:
    """A record begun; returns its address, once the server keeps what was typed."""
    address = f"{site.address}/s/hill/visits/{planned(site, '阿虎')}/record/"
    site.sign_in(page, "teacher1")
    page.goto(address)
    page.get_by_text("家庭情况").click()
    with page.expect_response(lambda answer: "/drafts/" in answer.url and answer.request.method == "PUT"):
        page.get_by_label("交流情况").fill(words)
    return address


def test_another_computer_has_what_was_typed_and_this_one_does_not(site: Site, page_at: Callable[..., Page]) -> None:
    """The server keeps it for its author; the browser of a shared computer keeps nothing of it."""
    page, other = page_at(1280), page_at(360)
    address = half_written(site, page, "写到一半")
    page.wait_for_function(f"{HELD_HERE} === ''")
    first = page.locator("[name=record_id]").input_value()
    page.reload()
    expect(page.get_by_label("交流情况")).to_have_value("写到一半")
    site.sign_in(other, "teacher1")
    other.goto(address)
    expect(other.get_by_label("交流情况")).to_have_value("写到一半")
    expect(other.get_by_label("家庭情况")).to_be_checked()
    assert other.locator("[name=record_id]").input_value() == first
    other.get_by_role("button", name="不要了").tap()
    expect(other.get_by_label("交流情况")).to_have_value("")
    other.wait_for_timeout(500)
    assert site.ask(DRAFTS) == []


def test_signing_out_at_once_loses_nothing_and_leaves_nothing(site: Site, page_at: Callable[..., Page]) -> None:
    """The last word is typed and 退出 pressed in the same second."""
    page = page_at(1280)
    address = half_written(site, page, "第一句")
    page.get_by_label("交流情况").fill("第一句，第二句")
    page.evaluate("document.querySelector('form[data-forget]').requestSubmit()")
    page.wait_for_url(lambda url: "/record/" not in url)
    assert page.evaluate("Object.keys(sessionStorage).filter((k) => k.startsWith('koumen-')).length") == 0
    site.sign_in(page, "teacher1")
    page.goto(address)
    expect(page.get_by_label("交流情况")).to_have_value("第一句，第二句")


def test_signed_out_by_the_server_meanwhile(site: Site, page_at: Callable[..., Page]) -> None:
    """Saved with a session that is over: the sign-in page comes, and afterwards the words are there."""
    page = page_at(1280)
    address = half_written(site, page, "登录过期前")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("交流情况").fill("登录过期后又写的")
    page.get_by_text("祖父 · 阿虎爷爷").click()
    page.get_by_text("学习情况").click()
    page.get_by_role("button", name="保存记录").click()
    expect(page.locator("[name=password]")).to_be_visible()
    site.sign_in(page, "teacher1")
    page.goto(address)
    expect(page.get_by_label("交流情况")).to_have_value("登录过期后又写的")
    page.get_by_role("button", name="保存记录").click()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()
    assert site.ask(KEPT) == [("登录过期后又写的",)]
    assert page.evaluate(HELD_HERE) == ""


def test_somebody_else_at_the_same_computer_finds_nothing(site: Site, page_at: Callable[..., Page]) -> None:
    """The tab was left signed out by the server with words in it; the next one to sign in there has none of them."""
    page = page_at(1280)
    half_written(site, page, "写给自己的")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("交流情况").fill("没有发出去的")
    site.sign_in(page, "teacher2")
    page.goto(f"{site.address}/s/hill/visits/mine/")
    assert page.evaluate(HELD_HERE) == ""


def ticked(site: Site, page: Page, group: int, who: str, *children: str) -> Page:
    """The group's page with these families ticked, its words written."""
    site.sign_in(page, who)
    page.goto(f"{site.address}/s/hill/groups/{group}/record/")
    page.get_by_label("学习情况").check()
    page.get_by_label("交流情况").fill(f"{who}写的")
    for child in children:
        part = page.locator(".part", has_text=child)
        part.locator(".part-who input").check()
        part.get_by_label("母亲").first.check()
    return page


def test_sent_twelve_times_at_once(site: Site, group: int, page_at: Callable[..., Page]) -> None:
    """Nobody had planned these visits: each family's is begun once, and all are accepted."""
    page = ticked(site, page_at(1280), group, "teacher1", "阿虎", "阿宝", "阿梅")
    assert page.evaluate(SEND, [12, False]) == [302] * 12
    assert site.ask("SELECT count(*) FROM visits_visit") == [(3,)]
    assert site.ask("SELECT count(*) FROM visits_visitrecord") == [(3,)]
    assert site.ask("SELECT count(*) FROM visits_recordversion") == [(0,)]


def test_two_colleagues_at_once(site: Site, group: int, page_at: Callable[..., Page]) -> None:
    """Both class teachers write about the siblings' family in the same moment: one visit, one record, both texts."""
    one = ticked(site, page_at(1280), group, "teacher1", "阿梅")
    two = ticked(site, page_at(1280), group, "teacher2", "阿乐")
    for page in (one, two):
        page.evaluate(f"window.sent = ({SEND})([1, false]); 0")
    answers = sorted(page.evaluate("window.sent")[0] for page in (one, two))
    assert answers == [302, 409]
    assert site.ask("SELECT count(*) FROM visits_visit") == [(1,)]
    assert site.ask("SELECT count(*) FROM visits_visitrecord") == [(1,)]
    texts = site.ask("SELECT content FROM visits_visitrecord")
    texts += site.ask("SELECT entry ->> 'content' FROM visits_recordversion")
    assert sorted(texts) == [("teacher1写的",), ("teacher2写的",)]


def test_siblings_apart_sent_twelve_times_at_once(site: Site, page_at: Callable[..., Page]) -> None:
    child = site.ask("SELECT id FROM registry_student WHERE name = '阿梅'")[0][0]
    page = page_at(1280)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/new/{child}/apart/")
    page.get_by_label("母亲 · 阿梅妈妈").check()
    page.get_by_label("学习情况").check()
    assert page.evaluate(SEND, [12, False]) == [302] * 12
    assert site.ask("SELECT count(*) FROM visits_visit") == [(2,)]
    assert site.ask("SELECT count(*) FROM visits_visitrecord") == [(2,)]
