"""The office plans its school in a browser; and plans survive the death of their worker."""

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Locator, Page, expect

from koumen.cli.operator import operator
from koumen.core import clock, scope
from koumen.registry.models import Org
from koumen.visits.services.campaigns import start_campaign
from tests import database
from tests.journeys.site import ROOT, Site
from tests.visits import town

pytestmark = [pytest.mark.journey, pytest.mark.rows("R1", "R3")]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE = 120  # seconds a plan may take on a busy machine
PICK_UP = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW('default', 'core.pick_up_stalled', 0, NULL, NULL, '{"timestamp": 1}', NULL)
        ::procrastinate_job_to_defer_v1])
"""


def until(ready: Callable[[], Any], seconds: int = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def one(site: Site, query: str) -> Any:
    return site.ask(query)[0][0]


def confirm(page: Page, name: str) -> None:
    """Press a button that asks first, and say yes."""
    page.get_by_role("button", name=name).click()
    page.locator("dialog[open] .btn-primary, dialog[open] .btn-danger").first.click()


def accessible(page: Page) -> None:
    """axe finds nothing on this page."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    assert found["passes"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]] == []


def drag(page: Page, what: Locator, where: Locator) -> None:
    """With the mouse, as a hand does it."""
    where.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    for at, act in ((what, page.mouse.down), (where, page.mouse.up)):
        box = at.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 20, steps=8)
        act()


def set_up_campaign(page: Page, site: Site) -> None:
    """The five steps, with what they offer."""
    first = clock.today() + timedelta(days=3)
    page.goto(f"{site.address}/s/hill/campaigns/new/")
    page.get_by_label("活动名称").fill("秋季大家访")
    page.get_by_label("开始").fill(first.isoformat())
    page.get_by_label("结束").fill((first + timedelta(days=25)).isoformat())
    page.get_by_role("button", name="保存，下一步").click()
    page.get_by_role("button", name="控辍保学").click()
    assert page.locator("[name=door_only]:checked").count() == 4
    for _step in range(3):
        page.get_by_role("button", name="保存，下一步").click()
    page.get_by_role("button", name="保存并完成").click()
    expect(page.locator("h1")).to_have_text("秋季大家访")
    accessible(page)


def test_the_office_plans_adopts_and_moves(own_site: Site, page_at: Callable[..., Page]) -> None:
    """From nothing to an adopted plan, a visit moved by form and dragged back, seen by the teacher on the phone."""
    page = page_at(1280)
    own_site.sign_in(page, "office")
    set_up_campaign(page, own_site)
    page.get_by_role("button", name="排程").click()
    page.get_by_role("link", name="查看结果").click(timeout=PATIENCE * 1000)
    expect(page.get_by_text("手工就近排要").first).to_be_visible()
    confirm(page, "采用")
    expect(page.get_by_text("已采用").first).to_be_visible()
    assert one(own_site, "SELECT count(*) FROM visits_visit") == 5
    page.get_by_role("link", name="地图").click()
    expect(page.locator(".leaflet-interactive").first).to_be_attached()

    accessible(page)

    page.get_by_role("link", name="按班级").click()
    page.get_by_role("link", name="三年级1班").click()
    expect(page.locator("a.family")).to_have_count(3)
    page.locator("a.family", has_text="阿虎").click()
    page.locator("optgroup[label*='新增'] option").nth(8).wait_for(state="attached")
    options = page.locator("optgroup[label*='新增'] option")
    for value in [options.nth(number).get_attribute("value") for number in range(options.count())]:
        page.get_by_label("移到哪次外出").select_option(value)
        page.get_by_role("button", name="看看影响").click()
        if page.get_by_role("button", name="确认调整").count():
            break
    page.get_by_role("button", name="确认调整").click()
    expect(page.locator(".trip")).to_have_count(2)
    accessible(page)
    drag(page, page.locator("a.family", has_text="阿虎"), page.locator("a.family", has_text="阿宝"))
    expect(page.locator("#drop-dialog")).to_contain_text("到家时间")
    page.locator("#drop-dialog").get_by_role("button", name="确认调整").click()
    expect(page.locator(".trip")).to_have_count(1)
    assert one(own_site, "SELECT count(*) FROM visits_visit v JOIN visits_stop s ON s.id = v.stop_id") == 5

    phone = page_at(360)
    own_site.sign_in(phone, "teacher1")
    phone.goto(f"{own_site.address}/s/hill/outings/")
    expect(phone.get_by_text("阿虎")).to_be_visible()
    accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_office_asks_for_a_thorough_plan(own_site: Site, page_at: Callable[..., Page]) -> None:
    """From the campaign's page; the plan tells how far it is from the proven bound, the list that it is thorough."""
    page = page_at(360)
    own_site.sign_in(page, "office")
    set_up_campaign(page, own_site)
    page.get_by_role("button", name="精细计算").click()
    page.get_by_role("link", name="查看结果").click(timeout=PATIENCE * 1000)
    expect(page.get_by_text("理论最优").first).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="秋季大家访").first.click()
    expect(page.locator("#plans").get_by_text("精细", exact=True)).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def enlarge(site: Site, blocker: Any, slug: str, classes: int, students: int) -> int:
    """Put a town's classes into a school of the running site and start a campaign; returns its number."""
    before = str(connections["default"].settings_dict["NAME"])
    with blocker.unblock():
        database.use(site.database)
        try:
            org = Org.objects.get(slug=slug)
            with scope.enter(org.pk):
                school = town.build(classes, students)
                Org.objects.filter(pk=org.pk).update(lng=school.school.lng, lat=school.school.lat)
                first = clock.today() + timedelta(days=2)
                by = operator(org, "moral_office")
                made = start_campaign(
                    by.org, by=by, name="大家访", theme="", starts=first, ends=first + timedelta(days=30)
                )
                return made.pk
        finally:
            database.use(before)


def kill_worker(site: Site) -> None:
    """With -9; the next look for stalled jobs finds what it was at."""
    assert site.worker is not None
    site.worker.kill()
    site.worker.wait()
    site.ask("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")
    site.ask(PICK_UP)


def drawn(site: Site) -> int:
    return int(one(site, "SELECT count(*) FROM visits_planpart WHERE routes <> ''"))


def nothing_twice(site: Site, killed: int) -> None:
    """A step for each class and each join, every one done, none of them more often than workers were killed."""
    steps = site.ask("SELECT status, attempts FROM procrastinate_jobs WHERE args->>'step' = 'visits.plan_class'")
    assert len(steps) == one(site, "SELECT count(*) FROM visits_campaignclass")
    assert len(steps) == one(site, "SELECT count(DISTINCT args->'args'->>'class_id') FROM procrastinate_jobs")
    joins = site.ask("SELECT status, attempts FROM procrastinate_jobs WHERE args->>'step' = 'visits.plan_join'")
    assert len(joins) == one(site, "SELECT count(*) FROM visits_plan")
    assert {status for status, _attempts in steps + joins} == {"succeeded"}
    assert sum(attempts for _status, attempts in steps + joins) <= len(steps + joins) + killed
    assert one(site, "SELECT count(*) FROM visits_planpart") == 0


def test_a_killed_worker_leaves_no_half_plan(
    own_site: Site, page_at: Callable[..., Page], django_db_blocker: Any
) -> None:
    """Killed with -9 in the middle: nothing is written; the next worker goes on with the classes not yet drawn."""
    campaign = enlarge(own_site, django_db_blocker, "hill", 20, 30)
    page = page_at(1280)
    own_site.sign_in(page, "office")
    page.goto(f"{own_site.address}/s/hill/campaigns/{campaign}/")
    page.get_by_role("button", name="排程").click()
    until(lambda: drawn(own_site) >= 3)
    kill_worker(own_site)
    before = drawn(own_site)
    assert one(own_site, "SELECT state FROM core_job WHERE task = 'visits.plan'") == "running"
    assert one(own_site, "SELECT count(*) FROM visits_outing") == 0
    assert one(own_site, "SELECT done FROM core_job WHERE task = 'visits.plan'") == before < 20
    own_site.start_worker()
    until(lambda: one(own_site, "SELECT state FROM core_job WHERE task = 'visits.plan'") == "done")
    nothing_twice(own_site, killed=1)
    assert one(own_site, "SELECT count(*) FROM visits_plan WHERE state = 'draft'") == 1
    homes = one(own_site, "SELECT count(*) FROM visits_stop")
    assert homes == one(own_site, "SELECT count(DISTINCT household_id) FROM visits_stop") > 400
    page.get_by_role("link", name="查看结果").click(timeout=PATIENCE * 1000)
    expect(page.get_by_text("草案").first).to_be_visible()


def test_a_county_is_planned_whole_although_a_worker_is_killed(own_site: Site, django_db_blocker: Any) -> None:
    """One command for all schools: a worker is killed with -9 in the middle, the command as well. Run again it ends."""
    for slug in ("hill", "river"):
        enlarge(own_site, django_db_blocker, slug, 8, 25)
    command = [sys.executable, "-m", "koumen.cli.main", "plan-county", "--org", "bureau", "--workers", "0"]
    first = subprocess.Popen(command, cwd=ROOT, env=own_site.environment, stdout=subprocess.PIPE)
    try:
        until(lambda: drawn(own_site) >= 2)
        kill_worker(own_site)
    finally:
        first.kill()
        first.communicate()
    assert one(own_site, "SELECT count(*) FROM visits_plan WHERE state = 'computing'") >= 1
    own_site.start_worker()
    second = subprocess.run(command, cwd=ROOT, env=own_site.environment, capture_output=True, timeout=2 * PATIENCE)
    told = second.stdout.decode()
    assert second.returncode == 0, second.stderr.decode()
    assert told.count("次外出") == told.count("小学：")
    assert one(own_site, "SELECT count(*) FROM visits_plan") == 2
    assert one(own_site, "SELECT count(*) FROM visits_plan WHERE state = 'draft'") == 2
    nothing_twice(own_site, killed=1)
    homes = one(own_site, "SELECT count(*) FROM visits_stop")
    assert homes == one(own_site, "SELECT count(DISTINCT household_id) FROM visits_stop") > 250
