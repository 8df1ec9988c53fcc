"""Opinions in a real browser: a voice of 20 seconds by link (J4.4), a gift reported without a name (J10.2)."""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.journeys.site import CHROMIUM, QUIET, Site, new_context, running_site
from tests.journeys.test_axe import sound

pytestmark = [pytest.mark.journey, pytest.mark.rows("R30")]
FAKE_MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
# What would be read aloud is written down instead: this machine has no voices.
EAR = "window.heard = []; speechSynthesis.speak = (said) => window.heard.push(said.text);"
SECONDS = """async (audio) => {
  const bytes = await (await fetch(audio.src)).arrayBuffer();
  return (await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes)).duration;
}"""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def school(django_db_blocker: Any) -> Iterator[Site]:
    """A site of this file's own."""
    with django_db_blocker.unblock(), running_site(worker=False) as site:
        yield site
        assert site.faults() == []


@pytest.fixture(scope="module")
def speaking(browser: Browser) -> Iterator[Browser]:
    """A browser whose microphone hums."""
    path = next(found for found in map(shutil.which, CHROMIUM) if found)
    started = browser.browser_type.launch(executable_path=path, args=[*QUIET, *FAKE_MICROPHONE])
    yield started
    started.close()


@pytest.fixture
def person(speaking: Browser) -> Iterator[Open]:
    """`person(360)`: a browser window of somebody; script errors fail the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(width: int) -> Page:
        context = new_context(speaking, width)
        opened.append(context)
        context.add_init_script(EAR)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()
    assert faults == []


def link_on(page: Page) -> str:
    found = re.search(r"https?://\S+/l/[\w-]+/", page.locator("[id^=letter-]").first.inner_text())
    assert found is not None
    return found[0]


def number_on(page: Page) -> str:
    return page.locator(".opinion-number").first.inner_text()


def see(page: Page, site: Site, who: str, path: str) -> None:
    site.sign_in(page, who)
    page.goto(site.address + path)


@pytest.mark.rows("R5")
def test_a_grandfather_speaks_for_20_seconds_and_judges_the_answer(school: Site, person: Open) -> None:
    """J4.4: no account, nothing typed; number shown and spoken; answer, ☹ to the level above, 😊 at last."""
    desk, phone = person(1280), person(360)
    see(desk, school, "teacher1", "/s/hill/opinions/invite/")
    desk.get_by_role("button", name="生成链接 阿虎").click()
    phone.goto(link_on(desk))
    expect(phone.get_by_role("heading", name="您想对学校说什么？")).to_be_visible()
    sound(phone)
    phone.get_by_role("button", name="点一下，开始说").tap()
    expect(phone.locator("[data-voice-clock]")).to_have_text("20", timeout=30_000)
    phone.get_by_role("button", name="说完了").tap()
    expect(phone.get_by_label("您的录音")).to_be_visible()
    phone.get_by_role("button", name="交给学校").tap()
    expect(phone.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()
    number = number_on(phone)
    phone.wait_for_function("window.heard.length > 0")
    spoken = " ".join(phone.evaluate("window.heard"))
    assert f"年第 {int(number.split('-')[1])} 号" in spoken
    sound(phone)
    _office_answers(school, desk, number)
    link = link_on(desk)
    phone.goto(link)
    expect(phone.get_by_text("明天起校车提前十分钟到站")).to_be_visible()
    sound(phone)
    phone.get_by_role("button", name="不满意", exact=True).tap()
    expect(phone.get_by_text("已提交上一级")).to_be_visible()
    see(desk, school, "principal", "/s/hill/opinions/?tab=mine")
    desk.get_by_role("link", name=number).click()
    _answer(desk, "我和司机谈过，周三起换一辆大车")
    phone.goto(link)
    expect(phone.get_by_text("周三起换一辆大车")).to_be_visible()
    phone.get_by_role("button", name="满意", exact=True).tap()
    expect(phone.get_by_text("已满意")).to_be_visible()
    _expired(school, phone, link)


def _answer(desk: Page, text: str) -> None:
    box = desk.locator("#answer")
    if box.get_attribute("open") is None:
        box.locator("summary").click()
    box.get_by_label("答复", exact=False).first.fill(text)
    box.get_by_label("主要内容").fill("校车晚点")
    box.get_by_role("button", name="发出答复").click()
    expect(desk.get_by_text("答复已发出。")).to_be_visible()


def _office_answers(school: Site, desk: Page, number: str) -> None:
    """The voice is heard whole, written down, answered; the family's link is made."""
    see(desk, school, "office", "/s/hill/opinions/?tab=mine")
    desk.get_by_role("link", name=number).click()
    sound(desk)
    assert 18 <= desk.locator("#opinion audio").evaluate(SECONDS) <= 23
    desk.locator("#write").get_by_label("录音里说的话").fill("校车总是晚点，孩子冻得慌")
    desk.get_by_role("button", name="确定").first.click()
    expect(desk.get_by_text("已写成文字，录音已删除。")).to_be_visible()
    expect(desk.locator("#opinion audio")).to_have_count(0)
    _answer(desk, "明天起校车提前十分钟到站")
    desk.get_by_role("button", name="生成给家长的链接").click()


def _expired(school: Site, phone: Page, link: str) -> None:
    """It shows nothing personal and offers a new one, which goes to the phone on file."""
    school.ask("UPDATE core_personallink SET expires_at = now() - interval '1 minute'")
    phone.goto(link)
    expect(phone.get_by_role("heading", name="这个链接打不开了")).to_be_visible()
    assert not re.search("阿虎|校车|2026-", phone.content())
    before = school.ask("SELECT count(*) FROM core_outboxmessage WHERE channel = 'sms'")[0][0]
    phone.get_by_role("button", name="把新链接发给我").tap()
    phone.wait_for_load_state("networkidle")
    assert school.ask("SELECT count(*) FROM core_outboxmessage WHERE channel = 'sms'")[0][0] == before + 1


def test_a_voice_of_30_mb_is_refused_and_the_words_stay(school: Site, person: Open) -> None:
    phone = person(360)
    phone.goto(f"{school.address}/b/hill/")
    phone.get_by_label("您想说什么？").fill("写好的话")
    big: FilePayload = {"name": "a.webm", "mimeType": "audio/webm", "buffer": b"\x1aE\xdf\xa3" + b"\0" * 30_000_000}
    phone.locator("[name=voice]").set_input_files(big)
    expect(phone.get_by_text("这段语音太大了")).to_be_visible()
    expect(phone.get_by_label("您想说什么？")).to_have_value("写好的话")
    phone.get_by_role("button", name="交给学校").tap()
    expect(phone.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()


def test_too_many_words_are_told_and_the_recording_stays(school: Site, person: Open) -> None:
    phone = person(360)
    phone.goto(f"{school.address}/b/hill/")
    phone.get_by_role("button", name="点一下，开始说").tap()
    expect(phone.locator("[data-voice-clock]")).to_have_text("1")
    phone.get_by_role("button", name="说完了").tap()
    phone.get_by_label("您想说什么？").fill("字" * 20_000)
    phone.get_by_role("button", name="交给学校").tap()
    expect(phone.get_by_text("现在有 20000 字")).to_be_visible()
    assert len(phone.get_by_label("您想说什么？").input_value()) == 20_000
    expect(phone.get_by_label("您的录音")).to_be_visible()
    phone.get_by_label("您想说什么？").fill("听录音")
    phone.get_by_role("button", name="交给学校").tap()
    expect(phone.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()
    query = """
        SELECT s.content_type, s.size > 1000 FROM care_opinion o JOIN core_storedfile s ON s.id = o.voice_id
        WHERE o.text = '听录音'
    """
    voices = school.ask(query)
    assert voices == [("audio/webm", True)]


@pytest.mark.rows("R13")
def test_a_gift_told_without_a_name_is_in_nobodys_inbox_at_that_level(school: Site, person: Open) -> None:
    """J10.2: the sender follows by code; published with consent as 您说—我们做, without names."""
    phone, desk = person(360), person(1280)
    phone.goto(f"{school.address}/b/hill/")
    sound(phone)
    phone.get_by_label("您想说什么？").fill("李老师家访时收了我家一个红包")
    phone.get_by_role("button", name="交给学校").tap()
    expect(phone.get_by_role("heading", name="收到了，谢谢您")).to_be_visible()
    number, code = number_on(phone), phone.locator(".opinion-number").nth(1).inner_text()
    query = """
        SELECT a.username FROM core_outboxmessage m JOIN registry_account a ON a.id = m.account_id
        WHERE strpos(m.body, %s) > 0 ORDER BY 1
    """
    told = school.ask(query, [number])
    assert told == [("principal",)]
    for who in ("office", "teacher2", "middle"):
        see(desk, school, who, "/s/hill/opinions/?tab=all")
        assert "红包" not in desk.content()
        expect(desk.get_by_role("link", name=number)).to_have_count(0)
    see(desk, school, "principal", "/s/hill/opinions/?tab=mine")
    desk.get_by_role("link", name=number).click()
    sound(desk)
    _answer(desk, "已查实，红包退回，老师作了检讨")
    phone.goto(f"{school.address}/b/hill/follow/")
    sound(phone)
    phone.get_by_label("查询码").fill(code)
    phone.get_by_role("button", name="查看").tap()
    expect(phone.get_by_text("已查实，红包退回")).to_be_visible()
    assert code.replace(" ", "") not in phone.url.replace("%20", "")
    phone.get_by_role("button", name="满意", exact=True).tap()
    phone.get_by_role("button", name="可以", exact=True).tap()
    expect(phone.get_by_text("您同意学校公开这件事（不写名字）。")).to_be_visible()
    sound(phone)
    _publish(desk)
    phone.goto(f"{school.address}/b/hill/done/")
    expect(phone.get_by_text("有老师家访时收红包")).to_be_visible()
    assert "李老师" not in phone.content()
    sound(phone)
    assert {cookie["name"] for cookie in phone.context.cookies()} <= {"csrftoken"}


def _publish(desk: Page) -> None:
    """A name is refused; then it stands."""
    desk.reload()
    box = desk.locator("#publish")
    box.get_by_label("您说").fill("李老师家访时收红包")
    box.get_by_label("我们做").fill("已退回，全校重申廉洁承诺")
    box.get_by_role("button", name="公开").click()
    expect(desk.get_by_text("公开的话里不能有姓名")).to_be_visible()
    desk.locator("#publish").get_by_label("您说").fill("有老师家访时收红包")
    desk.locator("#publish").get_by_role("button", name="公开").click()
    expect(desk.get_by_text("已公开。")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_offices_pages_are_sound(school: Site, person: Open, width: int) -> None:
    page = person(width)
    for path in ("", "new/", "figures/", "limits/", "poster/", "invite/"):
        see(page, school, "office", f"/s/hill/opinions/{path}")
        sound(page)
