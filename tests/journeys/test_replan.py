"""Something happens after the plan was made: the office sees in a browser what it changes, and does it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Account, Household, Org, SchoolClass, Student
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Outing, Stop
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.plans import adopt
from tests import database
from tests.journeys.site import Site
from tests.journeys.test_plan import accessible, one
from tests.visits import season, town

pytestmark = [pytest.mark.journey, pytest.mark.rows("R3")]


@pytest.fixture
def planned(own_site: Site, django_db_blocker: Any) -> tuple[Site, int]:
    """A town's school of four classes with a plan in force, in the running site; the plan's number."""
    before = str(connections["default"].settings_dict["NAME"])
    with django_db_blocker.unblock():
        database.use(own_site.database)
        try:
            hill = Org.objects.get(slug="hill")
            with scope.enter(hill.pk):
                school = town.build(4, 20)
                Org.objects.filter(pk=hill.pk).update(lng=school.school.lng, lat=school.school.lat)
                office = actor_for(Account.objects.get(username="office"), "hill")
                assert office is not None
                first = clock.today() + timedelta(days=3)
                last = first + timedelta(days=30)
                campaign = start_campaign(office.org, by=office, name="大家访", theme="", starts=first, ends=last)
                plan = season.planned_in(campaign, office)
                adopt(plan, by=office)
                return own_site, plan.pk
        finally:
            database.use(before)


def look(page: Page) -> None:
    """See what it changes; a better plan is looked for by itself."""
    page.get_by_role("button", name="看看影响").click()
    expect(page.get_by_role("heading", name="先补上，别的家庭不换日子")).to_be_visible()
    expect(page.get_by_role("heading", name="更好的方案")).to_be_visible()
    expect(page.get_by_text("正在看看少量调动别的家庭")).to_have_count(0, timeout=20_000)
    accessible(page)


def confirm(page: Page) -> None:
    page.get_by_role("button", name="就这样调整").click()
    expect(page.get_by_text("计划已调整").first).to_be_visible()


def lose_a_day(page: Page, site: Site, here: str) -> None:
    page.goto(here)
    accessible(page)
    page.get_by_role("listitem").filter(has_text="天气或停课").get_by_role("link").click()
    day = one(site, "SELECT date FROM visits_slot s JOIN visits_outing o ON o.slot_id = s.id ORDER BY date LIMIT 1")
    page.get_by_label("取消哪一天").select_option(day.isoformat())
    look(page)
    expect(page.get_by_role("table", name="谁的时间有变化")).to_be_visible()
    confirm(page)
    lost = "SELECT count(*) FROM visits_outing o JOIN visits_slot s ON s.id = o.slot_id WHERE s.date = %s"
    assert site.ask(lost, [day])[0][0] == 0


def let_a_teacher_be_ill(page: Page, site: Site, here: str) -> None:
    ill, name, when = site.ask(
        "SELECT t.staff_id, f.name, s.date FROM visits_outingstaff t JOIN visits_outing o ON o.id = t.outing_id"
        " JOIN visits_slot s ON s.id = o.slot_id JOIN registry_staff f ON f.id = t.staff_id"
        " WHERE NOT t.leads ORDER BY s.date, t.id LIMIT 1"
    )[0]
    page.goto(f"{here}away/")
    page.get_by_label("哪位老师").select_option(str(ill))
    page.get_by_label("从哪天").fill(when.isoformat())
    page.get_by_label("到哪天").fill(when.isoformat())
    look(page)
    expect(page.get_by_role("cell", name=name).first).to_be_visible()
    confirm(page)
    goes = (
        "SELECT count(*) FROM visits_outingstaff t JOIN visits_outing o ON o.id = t.outing_id"
        " JOIN visits_slot s ON s.id = o.slot_id WHERE t.staff_id = %s AND s.date = %s"
    )
    assert site.ask(goes, [ill, when])[0][0] == 0


def let_a_family_choose_again(page: Page, site: Site, here: str) -> None:
    home, slot, begins = site.ask(
        "SELECT p.household_id, o.slot_id, p.starts_at FROM visits_stop p JOIN visits_outing o ON o.id = p.outing_id"
        " ORDER BY p.starts_at LIMIT 1"
    )[0]
    page.goto(f"{here}family/")
    page.get_by_label("哪个家庭").select_option(str(home))
    page.get_by_label("方便的时间").select_option("not")
    page.get_by_text("选择时段").click()
    page.locator(f"[name=slots][value='{slot}']").check(force=True)
    look(page)
    confirm(page)
    assert site.ask("SELECT starts_at FROM visits_stop WHERE household_id = %s", [home]) != [(begins,)]


def fit_a_new_family_in(phone: Page, site: Site, here: str) -> None:
    phone.goto(f"{here}new/")
    expect(phone.get_by_text("阿新")).to_be_visible()
    look(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    confirm(phone)
    fresh = "SELECT count(*) FROM visits_stop p JOIN registry_student s ON s.household_id = p.household_id"
    assert one(site, f"{fresh} WHERE s.name = '阿新'") == 1


def test_a_lost_day_a_sick_teacher_a_family_that_moves_and_one_that_joins(
    planned: tuple[Site, int], page_at: Callable[..., Page], django_db_blocker: Any
) -> None:
    """Each is shown with its effects, then done; a phone shows the same page without scrolling sideways."""
    site, plan = planned
    page, phone = page_at(1280), page_at(360)
    here = f"{site.address}/s/hill/plans/{plan}/replan/"
    for one_page in (page, phone):
        site.sign_in(one_page, "office")
    lose_a_day(page, site, here)
    let_a_teacher_be_ill(page, site, here)
    let_a_family_choose_again(page, site, here)
    join(site, django_db_blocker)
    fit_a_new_family_in(phone, site, here)


def join(site: Site, blocker: Any) -> None:
    """A child comes to a class of the plan after it was made."""
    before = str(connections["default"].settings_dict["NAME"])
    with blocker.unblock():
        database.use(site.database)
        try:
            with scope.enter(Org.objects.get(slug="hill").pk):
                outing = Outing.objects.order_by("pk")[0]
                near = Stop.objects.filter(outing=outing)[0].household
                home = Household.objects.create(address="示范镇99号", lng=near.lng, lat=near.lat, place=near.place)
                room = SchoolClass.objects.get(pk=outing.school_class_id)
                Student.objects.create(name="阿新", school_class=room, household=home)
        finally:
            database.use(before)
