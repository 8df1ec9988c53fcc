"""The office lets a map service be asked, tries one way, measures another, and its plan says who told the ways."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Account, Org
from koumen.registry.queries.actors import actor_for
from koumen.visits.services.campaigns import start_campaign
from tests import database
from tests.journeys.site import ROOT, Site
from tests.planner.roads.fake import KEY, Fake, serving

pytestmark = [pytest.mark.journey, pytest.mark.rows("R3")]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 120_000  # milliseconds a plan may take on a busy machine


@pytest.fixture
def fake() -> Iterator[Fake]:
    with serving() as one:
        yield one


def looked_at(page: Page, name: str) -> None:
    """axe finds nothing, nothing is wider than the window; a picture when PICTURES names a folder."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def campaign(site: Site, blocker: Any) -> int:
    """A campaign in the running site; returns its number."""
    before = str(connections["default"].settings_dict["NAME"])
    with blocker.unblock():
        database.use(site.database)
        try:
            with scope.enter(Org.objects.get(slug="hill").pk):
                office = actor_for(Account.objects.get(username="office"), "hill")
                assert office is not None
                first = clock.today() + timedelta(days=2)
                made = start_campaign(
                    office.org, by=office, name="大家访", theme="", starts=first, ends=first + timedelta(days=30)
                )
                return made.pk
        finally:
            database.use(before)


def test_from_the_switch_to_the_plan(
    own_site: Site, fake: Fake, page_at: Callable[..., Page], django_db_blocker: Any
) -> None:
    own_site.stop()
    own_site.environment |= {"KOUMEN_ROADS": "amap", "KOUMEN_ROADS_KEY": KEY, "KOUMEN_ROADS_URL": fake.address}
    own_site.environment["KOUMEN_ROADS_PER_SECOND"] = "100"
    own_site.start_web()
    own_site.start_worker()
    made = campaign(own_site, django_db_blocker)
    page, phone = page_at(1280), page_at(360)
    for one in (page, phone):
        own_site.sign_in(one, "office")
    page.goto(f"{own_site.address}/s/hill/campaigns/")
    page.get_by_role("link", name="路程").click()
    looked_at(page, "roads-off-1280")
    page.get_by_role("button", name="开启").click()
    expect(page.get_by_text("已开启")).to_be_visible()
    page.get_by_role("link", name="记实测 云上村").click()
    page.get_by_role("button", name="试一试").click()
    expect(page.get_by_text("含停车等")).to_be_visible()
    page.get_by_label("单程分钟").fill("80")
    page.get_by_label("说明").fill("雨后，土路")
    looked_at(page, "road-place-1280")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_text("已记下")).to_be_visible()
    expect(page.get_by_text("雨后，土路")).to_be_visible()
    expect(page.get_by_text("差得太多")).to_be_visible()
    for address in ("roads/", f"roads/places/{page.url.rstrip('/').rsplit('/', 1)[1]}/"):
        phone.goto(f"{own_site.address}/s/hill/{address}")
        looked_at(phone, f"{address.split('/')[-2]}-360")
    page.goto(f"{own_site.address}/s/hill/roads/")
    looked_at(page, "roads-on-1280")
    page.goto(f"{own_site.address}/s/hill/campaigns/{made}/")
    page.get_by_role("button", name="排程").click()
    page.get_by_role("link", name="查看结果").click(timeout=PATIENCE)
    told = page.get_by_text(re.compile("路程：高德地图 [0-9]+ 段，估算 [0-9]+ 段"))
    expect(told).to_be_visible()
    looked_at(page, "plan-1280")
    assert fake.pairs
    assert own_site.faults() == []
