"""Meanwhile: the visit cancelled, the child in another class, the clock wrong, the server killed after its commit."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.faults import commits_wait, forget_visits, fragile_site, held, kill_web
from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.journeys.test_recorder import Pocket, ready, three_taps

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
RECORDS = "SELECT content FROM visits_visitrecord"
MOVE = """
    UPDATE registry_student SET school_class_id =
        (SELECT id FROM registry_schoolclass c WHERE c.org_id = registry_student.org_id AND c.name = '三年级2班')
    WHERE name = '阿虎'
"""


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), fragile_site(tmp_path_factory.mktemp("meanwhile")) as site:
        yield site


@pytest.fixture
def own_site(fragile: Site) -> Iterator[Site]:
    before = fragile.ask("SELECT school_class_id FROM registry_student WHERE name = '阿虎'")[0][0]
    yield fragile
    fragile.ask("UPDATE registry_student SET school_class_id = %s WHERE name = '阿虎'", [before])
    forget_visits(fragile)


@pytest.fixture
def pocket(browser: Browser, tmp_path: Path) -> Iterator[Pocket]:
    phone = Pocket(browser, tmp_path / "profile")
    yield phone
    phone.close()


def sealed_without_signal(site: Site, pocket: Pocket, words: str) -> Page:
    page = ready(site, pocket)
    assert pocket.window is not None
    pocket.window.set_offline(True)
    three_taps(page, words)
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    return page


def signal_back(pocket: Pocket) -> None:
    assert pocket.window is not None
    pocket.window.set_offline(False)


def test_the_visit_was_cancelled_but_somebody_went(own_site: Site, pocket: Pocket) -> None:
    """Nothing is thrown away: the person is asked, and it becomes a visit nobody planned, with every word."""
    visit = planned(own_site, "阿虎")
    page = sealed_without_signal(own_site, pocket, "还是去了")
    own_site.ask("UPDATE visits_visit SET state = 'cancelled' WHERE id = %s", [visit])
    signal_back(pocket)
    page.get_by_role("button", name="有 1 份记录需要您看一下").tap()
    expect(page.get_by_text("这次家访已取消。")).to_be_visible()
    assert own_site.ask(RECORDS) == []
    page.get_by_role("button", name="作为新的家访发出").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible()
    assert own_site.ask(RECORDS) == [("还是去了",)]
    assert own_site.ask("SELECT state, count(*) FROM visits_visit GROUP BY state ORDER BY state") == [
        ("cancelled", 1),
        ("recorded", 1),
    ]


def test_the_child_moved_to_another_class(own_site: Site, pocket: Pocket) -> None:
    """Whoever went may still write it down; it counts for the class it was planned in."""
    planned(own_site, "阿虎")
    page = sealed_without_signal(own_site, pocket, "转班前去的")
    own_site.ask(MOVE)
    signal_back(pocket)
    expect(page.get_by_text("学校已收好")).to_be_visible()
    assert own_site.ask(RECORDS) == [("转班前去的",)]
    query = "SELECT v.state, c.name FROM visits_visit v JOIN registry_schoolclass c ON c.id = v.school_class_id"
    assert own_site.ask(query) == [("recorded", "三年级1班")]


@pytest.mark.parametrize("days", [-1, 1])
def test_the_phone_s_clock_is_wrong_by_a_day(own_site: Site, pocket: Pocket, days: int) -> None:
    """The times of the record are the school's, and how wrong the phone was is noted."""
    planned(own_site, "阿虎")
    page = pocket.open()
    page.clock.set_system_time(datetime.now().astimezone() + timedelta(days=days))
    own_site.sign_in(page, "teacher1")
    page.goto(f"{own_site.address}/s/hill/recorder/")
    three_taps(page, "表不准")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible()
    [(skew, hours_ago)] = own_site.ask(
        "SELECT o.skew_seconds, extract(epoch FROM now() - v.starts_at)::float / 3600"
        " FROM visits_recordorigin o JOIN visits_visitrecord r ON r.id = o.record_id"
        " JOIN visits_visit v ON v.id = r.visit_id"
    )
    assert abs(skew - days * 86_400) < 60
    assert 0 < hours_ago < 4


def test_the_server_is_killed_after_its_commit(own_site: Site, pocket: Pocket) -> None:
    """The record is there, the phone does not know: it says what it knows, sends again, and it is one record."""
    planned(own_site, "阿虎")
    page = ready(own_site, pocket)
    three_taps(page, "刚存下就断电")
    with held(own_site, commits_wait(own_site, "visits_visitrecord")) as stands_there:
        page.get_by_role("button", name="写好了，封好发出").tap()
        stands_there()
        kill_web(own_site)
        expect(page.get_by_text("学校服务器暂时没有回应，稍后会再试。")).to_be_visible()
        expect(page.get_by_text("已封好，等信号")).to_be_visible()
    assert own_site.ask(RECORDS) == [("刚存下就断电",)]
    own_site.ask("DROP FUNCTION IF EXISTS hold_the_commit() CASCADE")
    own_site.start_web()
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=40_000)  # by itself
    assert own_site.ask("SELECT content, version FROM visits_visitrecord") == [("刚存下就断电", 1)]
