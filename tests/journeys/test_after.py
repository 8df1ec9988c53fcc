"""After a visit, in a real browser at 360 px: colleagues are told, the family confirms, the effect is asked once."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.core.actor import Actor, machine
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for, org_ref
from koumen.visits.services.effects import ask_effects
from tests.cast import Cast
from tests.journeys.site import Site, furnished_site
from tests.journeys.test_axe import sound
from tests.visits import stories

pytestmark = [pytest.mark.journey, pytest.mark.rows("R10", "R11", "R13")]
SAID: dict[str, Any] = {
    "problem_categories": ("D11",),
    "problem": "夜里照顾弟弟没睡好",
    "measures": ("study",),
    "next_step": "每周二课后辅导",
    "opinion": "食堂的菜热一些",
}
PageAt = Callable[..., Page]


def _as(username: str) -> Actor:
    found = actor_for(Account.objects.get(username=username), "hill")
    assert found is not None
    return found


def furnish() -> dict[str, str]:
    """Three recorded visits, one of them four weeks old and asked about; the addresses of their pages."""
    cast, hill = Cast(), "/s/hill"
    with scope.enter(cast.hill.pk):
        by, now = _as("teacher1"), clock.now()
        fresh = stories.recorded(cast, by, "阿虎", at=now - timedelta(hours=20), **SAID)
        other = stories.recorded(cast, by, "阿宝", at=now - timedelta(hours=22), **SAID)
        old = stories.recorded(cast, by, "阿梅", "阿乐", at=now - timedelta(days=29), **SAID)
        talk = stories.planned(cast, "阿宝", at=now - timedelta(hours=3))
        school = org_ref(cast.hill)
        assert ask_effects(school, by=machine(school)) == 1
        return {
            "visit": f"{hill}/visits/{fresh.visit_id}/",
            "other": f"{hill}/visits/{other.visit_id}/",
            "old": f"{hill}/visits/{old.visit_id}/",
            "talk": f"{hill}/visits/{talk.pk}/",
        }


@pytest.fixture(scope="module")
def furnished(django_db_blocker: Any) -> Iterator[tuple[Site, dict[str, str]]]:
    """A site of this file's own, some days after visits, and where its pages are."""
    with django_db_blocker.unblock(), furnished_site(furnish) as found:
        yield found


def link_on(page: Page) -> str:
    """The personal link a teacher copies."""
    found = re.search(r"https?://\S+/l/[\w-]+/", page.locator("[id^=letter-], [id^=feedback-]").first.inner_text())
    assert found is not None
    return found[0]


def test_a_colleague_is_told_what_helps_and_not_why(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    """J3.3: measure and opinion are there; shared in two taps; the maths teacher adds an own measure."""
    site, where = furnished
    rows = site.ask(
        "SELECT m.kind, s.name, m.due IS NOT NULL FROM care_measure m JOIN registry_staff s ON s.id = m.owner_id"
        " JOIN registry_student c ON c.id = m.student_id WHERE c.name = '阿虎'"
    )
    assert rows == [("study", "陈老师", True)]
    assert site.ask("SELECT count(*) FROM care_opinion o JOIN visits_visitrecord r ON r.id = o.source_id") == [(3,)]
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + where["visit"])
    page.get_by_role("link", name="分享 阿虎").tap()
    sound(page, "分享给任课老师")
    page.get_by_label("给任课老师的建议").fill("课上多请他回答会的题")
    page.get_by_role("button", name="告诉任课老师").tap()
    expect(page.get_by_text("已告诉孩子的任课老师。")).to_be_visible()
    sound(page, "阿虎")
    colleague = page_at(360)
    site.sign_in(colleague, "subject1")
    colleague.goto(f"{site.address}/s/hill/visits/mine/")
    colleague.get_by_role("link", name="家访后的建议").tap()
    colleague.get_by_role("link", name="阿虎").tap()
    expect(colleague.get_by_text("课上多请他回答会的题")).to_be_visible()
    expect(colleague.get_by_text("夜里照顾弟弟")).to_have_count(0)
    sound(colleague, "阿虎")
    colleague.get_by_label("怎么做").fill("每天一道口算")
    colleague.get_by_role("button", name="加上").tap()
    expect(colleague.get_by_text("已加上您的措施。")).to_be_visible()
    expect(colleague.get_by_text("吴老师 ·")).to_be_visible()


def test_the_family_confirms_and_keeps_the_agreement(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    """J3.4: words without reasons, one link, one tap, no account; then kept for the growth record."""
    site, where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + where["visit"])
    page.get_by_role("link", name="写约定").tap()
    expect(page.get_by_role("textbox", name="约定")).to_have_value(re.compile("每周二课后辅导"))
    page.get_by_role("button", name="写好了").tap()
    sound(page, "给家长的约定")
    page.get_by_role("button", name="生成链接").tap()
    sound(page, "阿虎爷爷")
    phone = page_at(360)
    phone.goto(link_on(page))
    sound(phone, "说好的事")
    expect(phone.get_by_text("每周二课后辅导")).to_be_visible()
    expect(phone.get_by_role("button", name="读给我听")).to_be_visible()
    expect(phone.get_by_text("夜里照顾弟弟")).to_have_count(0)
    phone.get_by_role("button", name="对，就这样").tap()
    sound(phone, "说好了，谢谢您")
    phone.get_by_role("button", name="放进孩子的成长档案").tap()
    expect(phone.get_by_role("button", name="不放进成长档案了")).to_be_visible()
    page.goto(site.address + where["visit"])
    expect(page.get_by_text("家长已确认")).to_be_visible()
    assert site.ask("SELECT state, keep FROM visits_agreement WHERE state = 'confirmed'") == [("confirmed", True)]


def test_the_family_says_what_is_wrong(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    """Its words come back to the teacher and stand beside the record."""
    site, where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + where["other"] + "agreement/")
    page.get_by_role("button", name="写好了").tap()
    page.get_by_role("button", name="生成链接").tap()
    phone = page_at(360)
    phone.goto(link_on(page))
    phone.get_by_role("link", name="有的地方不对").tap()
    sound(phone, "哪里不对？")
    phone.get_by_label("哪里不对？").fill("说的是周三")
    phone.get_by_role("button", name="告诉老师").tap()
    expect(phone.get_by_text("老师收到了")).to_be_visible()
    page.goto(site.address + where["other"])
    expect(page.get_by_text("说的是周三")).to_be_visible()
    sound(page, "阿宝")


def test_the_effect_is_asked_once(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    """J3.4: four weeks later the teacher taps a face; the question is gone."""
    site, _where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/mine/")
    page.get_by_role("link", name="去看看").tap()
    sound(page, "该随访了")
    page.locator("#follow-ups a", has_text="阿梅").first.tap()
    sound(page, "有效果吗？")
    page.get_by_label("一句话").fill("作业能按时交了")
    page.get_by_role("button", name="有好转").tap()
    expect(page.get_by_text("已记下，谢谢。")).to_be_visible()
    assert site.ask("SELECT face, text FROM visits_effect") == [(3, "作业能按时交了")]
    expect(page.get_by_role("heading", name="有效果吗？")).to_have_count(0)


def test_a_talk_by_video_is_one_visit_and_none_at_the_door(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """J5.2: planned at the door, held by video with father and grandmother; the monthly table has it under video."""
    site, where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    counted = "SELECT count(*) FROM visits_visit v JOIN registry_household h ON h.id = v.household_id WHERE mode = %s"
    before = site.ask(counted, ["01"])
    page.goto(f"{site.address}{where['talk']}record/?mode=04")
    page.get_by_text("父亲 · 阿宝爸爸").tap()
    page.get_by_text("家庭情况").tap()
    page.get_by_label("交流情况").fill("爸爸在外地，奶奶也一起聊了。")
    page.get_by_role("button", name="保存记录").tap()
    expect(page.get_by_text("已记录，辛苦了。")).to_be_visible()
    expect(page.get_by_text("视频家访").first).to_be_visible()
    expect(page.get_by_text("入户家访")).to_have_count(0)
    assert site.ask(counted, ["04"]) == [(1,)]
    assert site.ask(counted, ["01"]) == [(before[0][0] - 1,)]
    sound(page, "阿宝")


def test_feedback_without_a_name_and_a_report_above_the_teacher(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """The form ends its link; the report gets a number and is read by the principal alone."""
    site, where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + where["other"])
    page.get_by_role("button", name="生成反馈链接").tap()
    phone, address = page_at(360), link_on(page)
    phone.goto(address)
    sound(phone, "老师来之前约过时间吗？")
    phone.get_by_role("link", name="有老师收礼、推销或有偿补课？点这里反映").tap()
    sound(phone, "有老师收礼")
    phone.get_by_label("是什么事？").fill("老师推销了学习机")
    phone.get_by_role("button", name="交上去").tap()
    expect(phone.get_by_text("校长和教育局会看到，老师看不到。")).to_be_visible()
    phone.get_by_role("link", name="返回").tap()
    for asked in range(1, 6):
        expect(phone.get_by_text(f"第 {asked} 题，共 8 题")).to_be_visible()
        phone.get_by_role("button", name="不想答，下一题").tap()
    sound(phone, "这次家访您满意吗？")
    phone.get_by_role("button", name="不满意", exact=True).tap()
    phone.get_by_role("button", name="上一题").tap()
    expect(phone.get_by_role("button", name="不满意", exact=True)).to_have_attribute("aria-pressed", "true")
    phone.get_by_role("button", name="很满意", exact=True).tap()
    phone.get_by_role("button", name="不想答，下一题").tap()
    phone.get_by_role("button", name="交", exact=True).tap()
    sound(phone, "收到了，谢谢您")
    phone.goto(address)
    expect(phone.get_by_text("很满意")).to_have_count(0)
    for who, seen in (("principal", 1), ("office", 0)):
        site.sign_in(page, who)
        page.goto(f"{site.address}/s/hill/opinions/")
        expect(page.get_by_text("老师推销了学习机")).to_have_count(seen)
    assert site.ask("SELECT satisfaction FROM visits_feedbackanswer") == [(5,)]
