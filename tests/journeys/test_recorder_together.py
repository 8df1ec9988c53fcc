"""The recorder without a signal: families of a group visit on one page, siblings apart; a warning of a visit lately."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, expect

from koumen.core import clock, scope
from koumen.registry.models import Account, Org, Place, SchoolClass, Staff, Student
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import GroupVisit, Outing, Plan, Slot, Stop, Visit, VisitStudent
from koumen.visits.services.campaigns import start_campaign
from tests import database
from tests.journeys.site import Site
from tests.journeys.test_record import ERASE, planned
from tests.journeys.test_recorder import CARE, Pocket, ready

pytestmark = [pytest.mark.journey, pytest.mark.rows("R6", "R8")]
KEPT = """
    SELECT v.mode, v.group_visit_id IS NOT NULL, r.content, r.problem,
           (SELECT string_agg(c.name, ' ' ORDER BY c.id) FROM visits_visitstudent s
            JOIN registry_student c ON c.id = s.student_id WHERE s.visit_id = v.id)
    FROM visits_visitrecord r JOIN visits_visit v ON v.id = r.visit_id ORDER BY 5
"""


@pytest.fixture
def pocket(browser: Browser, tmp_path: Path, site: Site) -> Iterator[Pocket]:
    phone = Pocket(browser, tmp_path / "profile")
    yield phone
    phone.close()
    site.ask(f"TRUNCATE visits_campaign CASCADE; {CARE} {ERASE}")


def meeting(site: Site, blocker: Any, *names: str) -> None:
    """A group visit of these children's families, three hours ago, planned with teacher1."""
    before = str(connections["default"].settings_dict["NAME"])
    with blocker.unblock():
        database.use(site.database)
        try:
            office = actor_for(Account.objects.get(username="office"), "hill")
            assert office is not None
            with scope.enter(Org.objects.get(slug="hill").pk):
                _meeting(office, *names)
        finally:
            database.use(before)


def _meeting(office: Any, *names: str) -> None:
    today, at = clock.today(), clock.now() - timedelta(hours=3)
    campaign = start_campaign(
        office.org, by=office, name="家访", theme="", starts=today, ends=today + timedelta(days=20)
    )
    room = SchoolClass.objects.get(name="三年级1班")
    place = Place.objects.get(name="柳树村")
    group = GroupVisit.objects.create(campaign=campaign, name="柳树村村委会", place=place, school_class=room)
    plan, slot = Plan.objects.create(campaign=campaign, seed=1), Slot.objects.filter(campaign=campaign)[0]
    outing = Outing.objects.create(plan=plan, slot=slot, school_class=room, leaves_at=at, back_at=clock.now())
    end = at + timedelta(minutes=60)
    for order, name in enumerate(names):
        child = Student.objects.get(name=name)
        assert child.household is not None
        times = {"arrives_at": at, "starts_at": at, "ends_at": end}
        stop = Stop.objects.create(outing=outing, household=child.household, group_visit=group, order=order, **times)
        visit = Visit.objects.create(
            campaign=campaign, household=child.household, school_class=room, lead=Staff.objects.get(name="陈老师"),
            stop=stop, mode="06", starts_at=at, ends_at=end,
        )  # fmt: skip
        VisitStudent.objects.create(visit=visit, student=child)


def test_families_of_a_group_visit_on_one_page(site: Site, pocket: Pocket, django_db_blocker: Any) -> None:
    """Half written, the battery dies; the rest is written without a signal; two came, the third stays open."""
    meeting(site, django_db_blocker, "阿虎", "阿宝", "阿梅")
    page = ready(site, pocket)
    page.get_by_role("button", name="阿虎").tap()
    page.get_by_role("button", name="几家一起记").tap()
    page.get_by_text("安全提醒").tap()
    page.get_by_label("一句话").fill("讲了防溺水")
    page.get_by_text("阿虎", exact=True).tap()
    page.get_by_text("祖父 · 阿虎爷爷").tap()
    page.wait_for_timeout(600)
    pocket.battery_gone()

    page = pocket.open(offline=True)
    page.goto(f"{site.address}/s/hill/recorder/")
    page.get_by_role("button", name="阿宝").tap()
    page.get_by_role("button", name="几家一起记").tap()
    expect(page.get_by_label("一句话")).to_have_value("讲了防溺水")
    expect(page.get_by_label("祖父 · 阿虎爷爷")).to_be_checked()
    page.get_by_text("阿宝", exact=True).tap()
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("还差一点，请看一下：阿宝")).to_be_visible()
    page.get_by_text("父亲 · 阿宝爸爸").tap()
    bao = page.locator("section.card", has_text="阿宝爸爸")
    bao.get_by_text("困难、帮扶和意见").tap()
    bao.get_by_label("困难说明").fill("放学没人接")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("已封好，等信号")).to_have_count(2)
    assert site.ask(KEPT) == []

    assert pocket.window is not None
    pocket.window.set_offline(False)
    site.sign_in(page, "teacher1")
    page.reload()
    expect(page.get_by_text("学校已收好")).to_have_count(2, timeout=30_000)
    said = {row[4]: row[:4] for row in site.ask(KEPT)}
    assert said == {"阿宝": ("06", True, "讲了防溺水", "放学没人接"), "阿虎": ("06", True, "讲了防溺水", "")}
    states = site.ask("SELECT state FROM visits_visit ORDER BY state")
    assert states == [("planned",), ("recorded",), ("recorded",)]


def test_siblings_apart_on_the_phone(site: Site, pocket: Pocket) -> None:
    """One press makes two records of one; each is finished by itself and kept once."""
    planned(site, "阿虎")  # the phone waits for it
    planned(site, "阿梅")
    page = ready(site, pocket)
    page.get_by_role("button", name="阿梅").tap()
    page.get_by_role("button", name="写记录").tap()
    page.get_by_text("母亲 · 阿梅妈妈").tap()
    page.get_by_text("学习情况").tap()
    page.get_by_text("时间 ").tap()
    page.get_by_text("阿乐（三年级2班）").tap()
    page.get_by_role("button", name="分开写，每个孩子一份").tap()
    expect(page.get_by_role("button", name="阿乐", exact=True)).to_be_visible()
    assert pocket.window is not None
    pocket.window.set_offline(True)
    page.get_by_label("一句话").fill("姐姐读书多了")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_label("一句话")).to_have_value("")
    expect(page.get_by_label("母亲 · 阿梅妈妈")).to_be_checked()  # the brother's begins with the same answers
    page.get_by_label("一句话").fill("弟弟怕生")
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_role("heading", name="我的家访")).to_be_visible()
    pocket.window.set_offline(False)
    expect(page.get_by_text("学校已收好").first).to_be_visible(timeout=30_000)
    page.wait_for_timeout(1500)
    assert [row[2:] for row in site.ask(KEPT)] == [("弟弟怕生", "", "阿乐"), ("姐姐读书多了", "", "阿梅")]
    assert site.ask("SELECT count(*) FROM visits_visit WHERE beside_id IS NOT NULL") == [(1,)]


def test_the_phone_warns_of_a_visit_lately(site: Site, pocket: Pocket) -> None:
    """The day alone: nobody is named."""
    old = planned(site, "阿虎")
    site.ask("UPDATE visits_visit SET state = 'recorded', starts_at = now() - interval '4 days' WHERE id = %s", [old])
    site.ask(
        "INSERT INTO visits_visitrecord (id, org_id, visit_id, met_relation, also_met, purposes, topics, content,"
        " family_words, opinion, problem_categories, problem, measures, materials, next_step, reflection,"
        " fallback_reason, content_hash, recorded_by_id, recorded_at, version, answers)"
        " SELECT gen_random_uuid(), org_id, id, '61', '[]', '[]', '[]', '', '', '', '[]', '', '[]', '[]', '', '', '',"
        " '', lead_id, now(), 1, '{}' FROM visits_visit WHERE id = %s",
        [old],
    )
    planned(site, "阿虎")
    page = ready(site, pocket)
    page.get_by_role("button", name="阿虎").last.tap()
    expect(page.get_by_text("刚有老师家访过。")).to_be_visible()
    page.get_by_role("button", name="写记录").tap()
    expect(page.get_by_text("刚有老师家访过。")).to_be_visible()
