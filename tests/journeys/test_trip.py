"""J2.3 on phones: a trip filed in two taps, nobody back in time, buddy and duty leader alarmed by the real worker."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Org
from koumen.visits.models import Outing, Stop
from tests import database
from tests.cast import Cast
from tests.journeys.site import Site, end
from tests.journeys.test_plan import accessible
from tests.visits.outing import outing_of

pytestmark = [pytest.mark.journey, pytest.mark.rows("R7")]
WITHIN = 90_000  # ms: the worker looks every minute
ALARM = "行程逾期"


@pytest.fixture
def outing(own_site: Site, django_db_blocker: Any) -> int:
    """An outing in force in the running site, begun an hour ago."""
    before = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        database.use(own_site.database)
        try:
            with scope.enter(Org.objects.get(slug="hill").pk):
                row = outing_of(Cast())
                soon = clock.now() + timedelta(hours=2)
                Outing.objects.update(leaves_at=clock.now() - timedelta(hours=1), back_at=soon)
                Stop.objects.update(arrives_at=clock.now() - timedelta(minutes=40))
                return int(row.pk)
        finally:
            database.use(before)


def due_ago(site: Site, minutes: int) -> None:
    """Let the expected return be that long behind, as time would."""
    site.ask("UPDATE visits_trip SET back_at = now() - make_interval(mins => %s)", [minutes])


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    accessible(page)


def open_alarm(page: Page, site: Site, count: int = 1) -> None:
    """Wait until the inbox holds the alarm, then open it."""
    page.goto(f"{site.address}/s/hill/inbox/")
    for _try in range(int(WITHIN / 3_000)):
        if page.get_by_text(ALARM).count() >= count:
            break
        page.wait_for_timeout(3_000)
        page.reload()
    expect(page.get_by_text(ALARM).first).to_be_visible()
    number = site.ask("SELECT id FROM visits_trip")[0][0]
    page.goto(f"{site.address}/s/hill/trips/{number}/")
    fits(page)


def file_it(page: Page, site: Site, outing: int) -> None:
    """Two taps from the outing's page."""
    page.goto(f"{site.address}/s/hill/outings/{outing}/")
    page.get_by_role("link", name="行程报备").first.tap()
    expect(page.get_by_label("知悉人")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="报备", exact=True).tap()
    expect(page.get_by_text("已报备。出发时点")).to_be_visible()
    fits(page)


def test_nobody_back_at_five(own_site: Site, page_at: Callable[..., Page], outing: int) -> None:
    """Filed, departed; half an hour late the worker, killed and started again, alarms the buddy; an hour late the
    duty leader; everybody back, it is quiet."""
    site, (team, buddy, leader) = own_site, (page_at(360), page_at(360), page_at(360))
    for page, who in ((team, "teacher1"), (buddy, "teacher2"), (leader, "middle")):
        site.sign_in(page, who)
    file_it(team, site, outing)
    team.get_by_role("button", name="出发了").tap()
    expect(team.get_by_role("button", name="到达了")).to_be_visible()
    assert site.worker is not None
    site.worker.kill()
    site.worker.wait()
    due_ago(site, 31)
    site.start_worker()
    open_alarm(buddy, site)
    expect(buddy.get_by_role("button", name="我来联系")).to_be_visible()
    assert site.ask("SELECT alarmed FROM visits_trip") == [(1,)]
    buddy.get_by_role("button", name="我来联系").tap()
    expect(buddy.get_by_role("button", name="我来联系")).to_have_count(0)
    due_ago(site, 61)
    open_alarm(leader, site)
    assert site.ask("SELECT alarmed FROM visits_trip") == [(2,)]
    team.reload()
    expect(team.get_by_text("在处理，不再重复提醒。")).to_have_count(0)
    team.get_by_role("button", name="已平安返回").tap()
    expect(team.get_by_text("平安返回，辛苦了。")).to_be_visible()
    said = site.ask("SELECT count(*) FROM core_outboxmessage WHERE once_key LIKE 'trip:%%'")
    due_ago(site, 200)
    end(site.worker)
    site.start_worker()
    leader.wait_for_timeout(5_000)
    assert site.ask("SELECT count(*) FROM core_outboxmessage WHERE once_key LIKE 'trip:%%'") == said
    assert site.ask("SELECT state FROM visits_trip") == [("returned",)]


def test_the_card_and_another_time_of_return(own_site: Site, page_at: Callable[..., Page], outing: int) -> None:
    """On the phone: whom to call stands first; a later return with its reason is told to those who wait."""
    site, team, buddy = own_site, page_at(360), page_at(360)
    site.sign_in(team, "subject1")
    site.sign_in(buddy, "teacher2")
    file_it(team, site, outing)
    team.get_by_role("link", name="应急卡").tap()
    for number in ("110", "120", "119"):
        expect(team.get_by_role("link", name=number, exact=True)).to_have_attribute("href", f"tel:{number}")
    fits(team)
    team.go_back()
    expect(team.get_by_role("button", name="改返回时间")).to_be_visible()
    team.get_by_role("button", name="改返回时间").tap()
    later = clock.local(clock.now() + timedelta(hours=3))
    team.get_by_label("新的返回时间").fill(f"{later:%H:%M}")
    team.get_by_label("原因").first.fill("路上绕行")
    team.get_by_role("button", name="改", exact=True).tap()
    expect(team.get_by_text("返回时间已改")).to_be_visible()
    buddy.goto(f"{site.address}/s/hill/trips/{site.ask('SELECT id FROM visits_trip')[0][0]}/")
    expect(buddy.get_by_text("路上绕行")).to_be_visible()
