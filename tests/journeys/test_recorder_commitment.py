"""The commitment of the term on the phone: asked before the first visit, accepted without a signal, sent by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.journeys.test_recorder import KEPT, Pocket, pocket, ready, three_taps

__all__ = ["pocket"]  # the phone of the other journeys
pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R13")]
ASKING = """
    INSERT INTO visits_campaign (org_id, name, theme, starts, ends, state, modes, must_visit, door_only, minutes,
        sibling_minutes, seed, evenings_per_week, weekend_days_per_week, others_evenings_per_week, uses_evenings,
        evening_starts, evening_ends, weekend, morning_starts, morning_ends, afternoon_starts, afternoon_ends,
        needs_training, needs_commitment, way_minutes)
    SELECT id, '大家访', '', current_date - 7, current_date + 30, 'open', '["01"]', '[]', '[]', 40, 15, 1, 3, 1, 2,
        true, '18:00', '21:00', 'both', '09:00', '11:30', '14:00', '17:30', false, true, 15
    FROM registry_org WHERE slug = 'hill'
"""
ACCEPTED = "SELECT s.name, c.text_version FROM visits_commitment c JOIN registry_staff s ON s.id = c.staff_id"


@pytest.fixture(autouse=True)
def _a_campaign_that_asks(site: Site) -> Iterator[None]:
    site.ask(ASKING)
    yield
    site.ask("DELETE FROM visits_commitment; DELETE FROM visits_clearance; DELETE FROM visits_campaign")


def test_accepted_without_a_signal_before_the_first_visit(site: Site, pocket: Pocket) -> None:
    planned(site, "阿虎")
    page = ready(site, pocket)
    expect(page.get_by_text("这学期还没有签廉洁承诺。写好的记录会等签了再发出。")).to_be_visible()
    assert pocket.window is not None
    pocket.window.set_offline(True)
    page.get_by_role("button", name="阿虎").tap()
    page.get_by_role("button", name="写记录").tap()
    expect(page.get_by_text("我不收家长的礼品")).to_be_visible()
    page.get_by_role("button", name="我承诺做到").tap()
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.get_by_text("学习情况").tap()
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    expect(page.get_by_text("这学期还没有签廉洁承诺。")).to_have_count(0)
    assert (site.ask(ACCEPTED), site.ask(KEPT)) == ([], [])
    pocket.window.set_offline(False)
    page.get_by_role("button", name="刷新").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=15_000)
    assert site.ask(ACCEPTED) == [("陈老师", "2026-1")]
    assert len(site.ask(KEPT)) == 1


def test_a_record_written_before_anybody_asked_waits_for_it(site: Site, pocket: Pocket) -> None:
    """The campaign began to ask while the phone had no signal: nothing is lost, nothing looks broken."""
    site.ask("UPDATE visits_campaign SET needs_commitment = false")
    planned(site, "阿虎")
    page = ready(site, pocket)
    three_taps(page)
    site.ask("UPDATE visits_campaign SET needs_commitment = true")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("这学期还没有签廉洁承诺。")).to_be_visible()
    expect(page.get_by_text("已封好，等信号")).to_be_visible()
    page.get_by_role("button", name="读一遍并签下").tap()
    page.get_by_role("button", name="我承诺做到").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=15_000)
    assert len(site.ask(KEPT)) == 1


def test_the_recorder_is_two_taps_from_anywhere(site: Site, pocket: Pocket) -> None:
    """From the list of one's visits, and from the navigation of a phone."""
    planned(site, "阿虎")
    page = ready(site, pocket)
    page.goto(f"{site.address}/s/hill/visits/mine/")
    page.get_by_role("main").get_by_role("link", name="手机记录").tap()
    expect(page.locator("#recorder")).to_be_visible()
    page.goto(f"{site.address}/s/hill/inbox/")
    page.get_by_text("更多", exact=True).tap()
    page.get_by_role("link", name="手机记录").last.tap()
    expect(page.locator("#recorder")).to_be_visible()
