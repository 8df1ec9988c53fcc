"""The phone's browser clears its storage: what is unsent is named as lost, what the school has comes back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.faults import eventually, forget_visits, fragile_site
from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.journeys.test_recorder import Pocket, ready, three_taps

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
# counts how often the browser is asked to keep what it holds
COUNT_ASKING = """
    window.askedToPersist = 0;
    navigator.storage.persist = () => { window.askedToPersist += 1; return Promise.resolve(false); };
"""
TOLD = "清空了存储"


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), fragile_site(tmp_path_factory.mktemp("lost")) as site:
        yield site


@pytest.fixture
def own_site(fragile: Site) -> Iterator[Site]:
    yield fragile
    forget_visits(fragile)


@pytest.fixture
def pocket(browser: Browser, tmp_path: Path) -> Iterator[Pocket]:
    phone = Pocket(browser, tmp_path / "profile")
    yield phone
    phone.close()


def evict(page: Page, site: Site) -> None:
    """What a browser short of space throws away: databases, caches, workers. Cookies it keeps."""
    page.goto("about:blank")
    tools = page.context.new_cdp_session(page)
    kinds = "indexeddb,cache_storage,service_workers,local_storage"
    tools.send("Storage.clearDataForOrigin", {"origin": site.address, "storageTypes": kinds})
    tools.detach()


def test_what_was_not_sent_is_named_as_lost(own_site: Site, pocket: Pocket) -> None:
    planned(own_site, "阿虎")
    page = ready(own_site, pocket)
    page.add_init_script(COUNT_ASKING)
    page.reload()
    assert pocket.window is not None
    pocket.window.set_offline(True)
    three_taps(page, "会丢的一份")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    assert page.evaluate("window.askedToPersist") == 1
    page.get_by_role("button", name="手机上").tap()
    expect(page.get_by_text("没有答应长期保存")).to_be_visible()

    evict(page, own_site)
    pocket.window.set_offline(False)
    page.goto(f"{own_site.address}/s/hill/recorder/")
    told = page.get_by_role("alert")
    expect(told).to_contain_text(TOLD)
    expect(told).to_contain_text("阿虎")
    expect(page.get_by_role("button", name="阿虎")).to_be_visible()  # the visit is there again, to be recorded anew
    assert own_site.ask("SELECT count(*) FROM visits_visitrecord") == [(0,)]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.reload()
    expect(told).to_contain_text(TOLD)  # until somebody has read it
    told.get_by_role("button", name="知道了").tap()
    expect(told).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="阿虎")).to_be_visible()
    expect(told).to_have_count(0)
    three_taps(page, "重新写的")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible()
    assert own_site.ask("SELECT content FROM visits_visitrecord") == [("重新写的",)]


def test_what_had_arrived_is_not_called_lost(own_site: Site, pocket: Pocket) -> None:
    """The answer never reached the phone, then its storage went: the server is asked, and has it."""
    planned(own_site, "阿虎")
    page = ready(own_site, pocket)
    three_taps(page, "其实到了")
    assert pocket.window is not None
    # the request goes through, its answer does not
    pocket.window.route("**/api/visits/*", lambda route: (route.fetch(), route.abort()))
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    expect(page.get_by_text("学校服务器暂时没有回应，稍后会再试。")).to_be_visible()
    assert own_site.ask("SELECT content FROM visits_visitrecord") == [("其实到了",)]
    evict(page, own_site)
    pocket.window.unroute_all()
    page.goto(f"{own_site.address}/s/hill/recorder/")
    eventually(lambda: "koumen-unsent" not in page.evaluate("document.cookie"))
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="阿虎").tap()
    expect(page.get_by_text("这次家访已经有记录了。")).to_be_visible()


def test_a_draft_thrown_away_by_hand_is_not_missed(own_site: Site, pocket: Pocket) -> None:
    planned(own_site, "阿虎")
    page = ready(own_site, pocket)
    three_taps(page, "不要的草稿")
    page.wait_for_timeout(600)
    assert "koumen-unsent" in page.evaluate("document.cookie")
    page.get_by_role("button", name="返回").tap()
    page.get_by_role("button", name="手机上").tap()
    page.get_by_role("button", name="不要这份草稿").tap()
    expect(page.get_by_text("手机上没有等着发出的记录。")).to_be_visible()
    evict(page, own_site)
    page.goto(f"{own_site.address}/s/hill/recorder/")
    expect(page.get_by_role("button", name="阿虎")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
