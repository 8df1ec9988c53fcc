"""J7.2 and the phone: a sealed note stays sealed, nobody closes alone, and what a visit found comes once."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Page, Route, expect

from koumen.care.services.casework import add_note
from koumen.care.services.teams import give_seat
from koumen.core import scope
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from tests.care.stories import begun
from tests.cast import Cast
from tests.journeys.site import Site, furnished_site
from tests.journeys.test_axe import sound
from tests.journeys.test_record import planned
from tests.journeys.test_recorder import Pocket, pocket, ready, three_taps

pytestmark = [pytest.mark.journey, pytest.mark.rows("R9", "R10", "R12", "R30", "R45")]
PageAt = Callable[..., Page]
__all__ = ["pocket"]  # a fixture of the recorder's journeys


def furnish() -> dict[str, str]:
    """An opened case with a counsellor on its team who has written a sealed note; where its pages are."""
    cast, by = Cast(), actor_for(Account.objects.get(username="teacher1"), "hill")
    counsellor = actor_for(Account.objects.get(username="teacher2"), "hill")
    assert by is not None
    assert counsellor is not None
    with scope.enter(cast.hill.pk):
        case = begun(cast, by, why="爸爸妈妈都在外地")
        give_seat(case, by=by, staff=cast.staff("teacher2"), part="counsellor")
        add_note(case, by=counsellor, kind="sealed", text="说起爸爸就哭")
        return {
            "case": f"/s/hill/cases/{case.pk}/",
            "child": f"/s/hill/students/{cast.student('阿虎').pk}/",
            "class": f"/s/hill/classes/{cast.school_class('三年级1班').pk}/",
        }


@pytest.fixture(scope="module")
def furnished(django_db_blocker: Any) -> Iterator[tuple[Site, dict[str, str]]]:
    """A site of this file's own with that case in it."""
    with django_db_blocker.unblock(), furnished_site(furnish) as found:
        yield found


def signed_in(furnished: tuple[Site, dict[str, str]], page_at: PageAt, who: str, where: str) -> Page:
    site, addresses = furnished
    page = page_at(360)
    site.sign_in(page, who)
    page.goto(site.address + addresses[where])
    return page


def test_a_case_is_opened_and_helped_on_a_phone(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    """From another child's page: why, help with owner and day, a line by its owner, who never reads why."""
    site, _where = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/classes/")
    page.get_by_role("link", name="三年级1班").tap()
    page.get_by_role("link", name="阿宝").tap()
    page.get_by_role("link", name="建档（一生一案）").tap()
    sound(page, "建档：阿宝")
    page.get_by_label("为什么建档").fill("夜里一个人在家")
    page.get_by_text("留守儿童(双方外出)").tap()
    page.get_by_role("button", name="建档").tap()
    expect(page.get_by_text("还没有建档", exact=True)).to_be_visible()
    page.get_by_role("link", name="加一项措施").tap()
    sound(page, "加一项措施")
    page.get_by_text("家庭教育指导").tap()
    page.get_by_label("怎么做").fill("每周给妈妈打一次电话")
    page.get_by_label("责任人").select_option(label="吴老师")
    page.get_by_label("完成日期").fill("2020-01-01")
    page.get_by_role("button", name="加上").tap()
    expect(page.get_by_text("完成日期不能早于今天。")).to_be_visible()
    expect(page.get_by_label("怎么做")).to_have_value("每周给妈妈打一次电话")
    page.get_by_label("完成日期").fill("2099-01-01")
    page.get_by_role("button", name="加上").tap()
    expect(page.get_by_text("已建档").first).to_be_visible()
    sound(page, "阿宝")
    colleague = page_at(360)
    site.sign_in(colleague, "subject1")
    colleague.goto(f"{site.address}/s/hill/tasks/")
    colleague.get_by_role("link", name="落实一项帮扶措施：家庭教育指导").tap()
    expect(colleague.get_by_text("夜里一个人在家")).to_have_count(0)
    colleague.goto(f"{site.address}/s/hill/measures/{site.ask('SELECT max(id) FROM care_measure')[0][0]}/")
    sound(colleague, "家庭教育指导")
    colleague.get_by_label("做了什么").fill("和妈妈聊了半小时")
    colleague.get_by_role("button", name="记一笔").tap()
    expect(colleague.get_by_text("已记下。")).to_be_visible()
    colleague.get_by_label("结果").fill("妈妈每晚打电话")
    colleague.get_by_role("button", name="办结").tap()
    expect(colleague.get_by_text("已办结，任务也办结了。")).to_be_visible()
    expect(colleague.get_by_text("夜里一个人在家")).to_have_count(0)
    assert site.ask("SELECT state FROM care_task WHERE title LIKE '%%家庭教育指导'") == [("done",)]
    assert site.ask("SELECT count(*) FROM care_case WHERE state = 'review'") == [(1,)]


def test_outside_the_team_only_priority(furnished: tuple[Site, dict[str, str]], page_at: PageAt) -> None:
    page = signed_in(furnished, page_at, "principal", "class")
    expect(page.get_by_text("优先", exact=True).first).to_be_visible()
    expect(page.get_by_text("爸爸妈妈都在外地")).to_have_count(0)
    page = signed_in(furnished, page_at, "principal", "case")
    expect(page.get_by_text("没有找到这个页面")).to_be_visible()


def test_the_principal_sees_that_a_sealed_note_exists_and_exports_omit_it(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt, tmp_path: Path
) -> None:
    """J7.2: opened for a stated reason; the counsellor reads it; the Word file has none of it, whoever prints."""
    site, where = furnished
    boss = signed_in(furnished, page_at, "principal", "child")
    boss.get_by_label("原因").fill("接到家长来信，了解情况")
    boss.get_by_role("button", name="打开资料").tap()
    boss.get_by_role("link", name="打开一生一案").tap()
    boss.get_by_role("link", name="记录与评估").tap()
    expect(boss.get_by_text("有 1 条密封记录")).to_be_visible()
    expect(boss.get_by_text("说起爸爸就哭")).to_have_count(0)
    sound(boss, "阿虎")
    counsellor = signed_in(furnished, page_at, "teacher2", "case")
    counsellor.get_by_role("link", name="记录与评估").tap()
    expect(counsellor.get_by_text("说起爸爸就哭")).to_be_visible()
    for page in (boss, counsellor):
        with page.expect_download() as got:
            page.get_by_role("link", name="打印档案（Word）").tap()
        file = tmp_path / "case.docx"
        got.value.save_as(file)
        assert "阿虎" not in got.value.suggested_filename
        document = Document(BytesIO(file.read_bytes()))
        told = [p.text for p in document.paragraphs]
        told += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        assert "另有 1 条密封记录，不在本件中。" in told
        assert "哭" not in "".join(told)
    teacher = signed_in(furnished, page_at, "teacher1", "child")
    expect(teacher.get_by_text("接到家长来信，了解情况")).to_be_visible()
    assert site.ask("SELECT count(*) FROM core_auditentry WHERE verb = 'case.sealed'") == [(1,)]
    assert where["case"]


def test_the_family_agrees_two_persons_close_and_the_link_is_dead(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """J7.2: closing alone is refused; afterwards the family's link says in one sentence that it is over."""
    site, where = furnished
    page = signed_in(furnished, page_at, "teacher1", "case")
    page.get_by_role("link", name="团队与约定").tap()
    page.get_by_role("link", name="写约定").tap()
    page.get_by_role("textbox", name="约定").fill("老师每周二补一次课\n家里每天读书十分钟")
    page.get_by_role("button", name="写好了").tap()
    sound(page, "阿虎")
    page.get_by_role("button", name="生成链接").tap()
    found = re.search(r"https?://\S+/l/[\w-]+/", page.locator("[id^=letter-]").first.inner_text())
    assert found is not None
    phone = page_at(360)
    phone.goto(found[0])
    sound(phone, "学校和您商量的事")
    expect(phone.get_by_text("爸爸妈妈都在外地")).to_have_count(0)
    phone.get_by_role("button", name="对，就这样").tap()
    sound(phone, "说好了，谢谢您")

    page.goto(site.address + where["case"])
    page.get_by_role("link", name="学业提升").tap()
    page.get_by_label("结果").fill("口算过关")
    page.get_by_role("button", name="办结").tap()
    expect(page.get_by_text("已办结，任务也办结了。")).to_be_visible()
    page.goto(site.address + where["case"])
    page.get_by_role("link", name="申请撤档").tap()
    page.get_by_label("撤档理由").fill("成绩稳定，孩子开朗")
    page.get_by_role("button", name="申请撤档").tap()
    expect(page.get_by_text("撤档要由另一位老师确认")).to_be_visible()
    expect(page.get_by_role("button", name="确认撤档")).to_have_count(0)
    alone = page.evaluate(
        """async (url) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            const answer = await fetch(url, {method: "POST", headers: {"X-CSRFToken": token}});
            return [answer.status, await answer.text()];
        }""",
        f"{where['case']}close/confirm/",
    )
    assert alone[0] == 403
    assert "您是申请人，不能自己确认" in alone[1]
    office = signed_in(furnished, page_at, "office", "case")
    office.get_by_role("button", name="确认撤档").tap()
    office.get_by_role("dialog").get_by_role("button", name="确定").tap()
    expect(office.get_by_text("已撤档（陈老师申请，周主任确认）")).to_be_visible()
    sound(office, "阿虎")
    phone.goto(found[0])
    sound(phone, "这份约定已经结束")
    expect(phone.get_by_text("阿虎")).to_have_count(0)
    expect(phone.get_by_text("读书十分钟")).to_have_count(0)


def test_what_a_visit_found_without_a_signal_comes_once(site: Site, pocket: Pocket) -> None:
    """J3.3: ticked and typed offline; the first answer is lost on the way, so the phone sends again."""
    planned(site, "阿虎")
    page = ready(site, pocket)
    assert pocket.window is not None
    sent: list[str] = []

    def lose_the_first_answer(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        sent.append(route.request.url)
        if len(sent) > 1:
            route.continue_()
            return
        route.fetch()
        route.abort()

    pocket.window.set_offline(True)
    page.reload()
    three_taps(page, "没有信号写下的")
    page.get_by_text("困难、帮扶和意见").tap()
    page.get_by_text("厌学/疑似辍学").tap()
    page.get_by_text("学业提升").tap()
    page.get_by_label("家长的意见建议").fill("希望多开一节体育课")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    assert site.ask("SELECT count(*) FROM care_case") == [(0,)]
    pocket.window.route("**/api/visits/*", lose_the_first_answer)
    pocket.window.set_offline(False)
    for _try in range(20):
        if len(sent) > 1:
            break
        page.get_by_role("button", name="刷新").tap()
        page.wait_for_timeout(500)
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=30_000)
    assert len(sent) > 1
    assert sent[0] == sent[1]
    assert site.ask("SELECT state, number FROM care_case") == [("proposed", 1)]
    assert site.ask("SELECT kind, state FROM care_measure") == [("study", "open")]
    assert site.ask("SELECT text, number FROM care_opinion") == [("希望多开一节体育课", 1)]
    assert site.ask("SELECT category FROM care_finding WHERE case_id IS NOT NULL") == [("D31",)]
    site.ask("TRUNCATE care_case CASCADE; DELETE FROM care_task")
