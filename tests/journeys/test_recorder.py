"""J3.2: a record is written without a signal, the browser dies, the signal returns: one record, the photos after it."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.journeys.site import CHROMIUM, QUIET, Site, end
from tests.journeys.test_record import ERASE, planned
from tests.visits.phones import photo

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
KEPT = "SELECT id::text, content FROM visits_visitrecord"
# What a record gives rise to, whatever tables that app has.
CARE = """
    DO $$ BEGIN EXECUTE (
        SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' CASCADE' FROM pg_tables
        WHERE starts_with(tablename, 'care_')
    ); END $$;
"""
FILES = "DELETE FROM visits_recordfile; DELETE FROM visits_recordorigin;"


ON_THE_PHONE = """
    (name) => new Promise((done) => {
      const open = indexedDB.open(name);
      open.onsuccess = () => {
        const all = open.result.transaction("papers").objectStore("papers").getAll();
        all.onsuccess = () => done(all.result.map((one) => one.entry));
      };
    })
"""


class Pocket:
    """A phone whose browser keeps what it holds over the browser's death."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.window: BrowserContext | None = None

    def open(self, *, offline: bool = False) -> Page:
        """Start the browser on the same profile."""
        self.window = self.browser.browser_type.launch_persistent_context(
            str(self.folder),
            executable_path=next(found for found in map(shutil.which, CHROMIUM) if found),
            args=QUIET,
            viewport={"width": 360, "height": 780},
            has_touch=True,
            is_mobile=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            offline=offline,
        )
        return self.window.pages[0]

    def battery_gone(self) -> None:
        """Every process of this browser, by its id, without a chance to say goodbye."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    words = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if str(self.folder).encode() in words and int(entry.name) != os.getpid():
                    os.kill(int(entry.name), signal.SIGKILL)
        self.close()

    def close(self) -> None:
        if self.window is not None:
            with suppress(PlaywrightError):  # a killed browser cannot be closed politely
                self.window.close()
            self.window = None


@pytest.fixture
def pocket(browser: Browser, tmp_path: Path, site: Site) -> Iterator[Pocket]:
    phone = Pocket(browser, tmp_path / "profile")
    yield phone
    phone.close()
    site.ask(f"{CARE} {FILES} {ERASE}")


def ready(site: Site, pocket: Pocket) -> Page:
    """Signed in, visits on the phone, the app kept by its worker."""
    page = pocket.open()
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/recorder/")
    expect(page.get_by_role("button", name="阿虎")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.open('koumen-page').then((c) => c.keys()).then((k) => k.length)")
    return page


def three_taps(page: Page, words: str = "") -> None:
    page.get_by_role("button", name="阿虎").tap()
    page.get_by_role("button", name="写记录").tap()
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.get_by_text("学习情况").tap()
    if words:
        page.get_by_label("一句话").fill(words)


def test_written_without_a_signal_and_the_battery_dies(site: Site, pocket: Pocket) -> None:
    planned(site, "阿虎")
    page = ready(site, pocket)
    assert pocket.window is not None
    pocket.window.set_offline(True)
    page.reload()  # the page itself comes from the phone now
    three_taps(page, "没有信号写下的")
    page.get_by_text("困难、帮扶和意见").tap()
    page.get_by_text("学业提升").tap()
    page.get_by_label("家长的意见建议").fill("希望多开一节体育课")
    page.locator("input[type=file]").set_input_files(
        [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=photo(1200, n)) for n in (1, 2)]
    )
    expect(page.locator(".thumbs img")).to_have_count(2)
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    pocket.battery_gone()
    assert site.ask(KEPT) == []

    page = pocket.open()
    site.sign_in(page, "teacher1")  # its session was one of this browser's life only
    page.goto(f"{site.address}/s/hill/recorder/")
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=30_000)
    assert [row[1] for row in site.ask(KEPT)] == ["没有信号写下的"]
    assert site.ask("SELECT count(*), count(stored_id) FROM visits_recordfile") == [(2, 2)]
    assert site.ask("SELECT kind FROM care_measure") == [("study",)]
    assert site.ask("SELECT text FROM care_opinion") == [("希望多开一节体育课",)]
    staff = site.ask("SELECT id FROM registry_staff WHERE name = '陈老师'")[0][0]
    # what is safe at the school is no longer on the phone
    page.wait_for_function(f"({ON_THE_PHONE})('koumen/s/hill/{staff}').then((all) => all.length === 1 && !all[0])")


def test_a_form_half_written_is_there_again(site: Site, pocket: Pocket) -> None:
    planned(site, "阿虎")
    page = ready(site, pocket)
    three_taps(page, "写到一半")
    page.wait_for_timeout(600)
    pocket.battery_gone()
    page = pocket.open(offline=True)
    page.goto(f"{site.address}/s/hill/recorder/")
    expect(page.get_by_text("草稿")).to_be_visible()
    page.get_by_role("button", name="阿虎").tap()
    page.get_by_role("button", name="继续写记录").tap()
    expect(page.get_by_label("一句话")).to_have_value("写到一半")
    expect(page.get_by_label("祖父 · 阿虎爷爷")).to_be_checked()


def test_the_server_is_away_and_comes_back(own_site: Site, browser: Browser, tmp_path: Path) -> None:
    pocket = Pocket(browser, tmp_path / "profile")
    planned(own_site, "阿虎")
    page = ready(own_site, pocket)
    three_taps(page, "服务器停着")
    end(own_site.web)
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("学校服务器暂时没有回应，稍后会再试。")).to_be_visible()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    own_site.start_web()
    page.get_by_role("button", name="刷新").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=15_000)
    assert [row[1] for row in own_site.ask(KEPT)] == ["服务器停着"]
    pocket.close()


def test_signed_out_meanwhile_nothing_is_lost(site: Site, pocket: Pocket) -> None:
    planned(site, "阿虎")
    page = ready(site, pocket)
    three_taps(page, "登录过期时写的")
    assert pocket.window is not None
    pocket.window.clear_cookies()
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("登录已过期，点这里重新登录。")).to_be_visible()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    page.get_by_role("button", name="手机上").tap()
    expect(page.get_by_text("还有 1 份没有发完，现在退出登录会丢失，所以先不能退出。")).to_be_visible()
    site.sign_in(page, "teacher1")
    other = pocket.window.new_page()
    other.goto(f"{site.address}/account/logout/")
    other.locator("form[data-forget] button").tap()
    expect(other.get_by_text("手机上还有没发完的家访记录")).to_be_visible()
    other.close()
    page.get_by_role("button", name="现在发送").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible()
    assert [row[1] for row in site.ask(KEPT)] == ["登录过期时写的"]


def test_two_phones_one_visit_a_person_decides(site: Site, pocket: Pocket, page_at: Callable[..., Page]) -> None:
    visit = planned(site, "阿虎")
    page = ready(site, pocket)
    three_taps(page, "手机上写的")
    desk = page_at(1280)
    site.sign_in(desk, "teacher1")
    desk.goto(f"{site.address}/s/hill/visits/{visit}/record/")
    desk.get_by_text("祖父 · 阿虎爷爷").click()
    desk.get_by_text("学习情况").click()
    desk.get_by_label("交流情况").fill("电脑上写的")
    desk.get_by_role("button", name="保存记录").click()
    expect(desk.get_by_text("已记录，辛苦了。")).to_be_visible()
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("需要您看一下", exact=True)).to_be_visible()
    page.get_by_role("button", name="手机上").tap()
    page.get_by_role("button", name="对照两份").tap()
    expect(page.get_by_text("电脑上写的")).to_be_visible()
    page.get_by_role("button", name="以我的为准").tap()
    expect(page.get_by_role("heading", name="我的家访")).to_be_visible()
    assert [row[1] for row in site.ask(KEPT)] == ["手机上写的"]
    assert site.ask("SELECT count(*) FROM visits_recordversion WHERE entry->>'content' = '电脑上写的'") == [(1,)]


def test_within_a_narrow_phone(site: Site, pocket: Pocket) -> None:
    planned(site, "阿虎")
    page = ready(site, pocket)
    three_taps(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
