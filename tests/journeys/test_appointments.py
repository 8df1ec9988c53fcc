"""A class is invited, families answer on their phones: J3.1, J4.1, J4.2 and the links of J5.1, at 360 px."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Account, Guardian, Guardianship
from koumen.registry.queries.actors import actor_for
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.plans import adopt
from tests import database
from tests.cast import Cast
from tests.journeys.site import Site
from tests.journeys.test_axe import too_wide, violations
from tests.visits import season

pytestmark = [pytest.mark.journey, pytest.mark.rows("R5", "R45")]
# The drawn code lies inside its picture with four modules of white around it.
WHOLE = """
(svg) => {
  const [around, code] = [svg.getBoundingClientRect(), svg.querySelector("path").getBoundingClientRect()];
  const quiet = 4 * (around.width / svg.viewBox.baseVal.width) - 1;
  return around.width >= 90 && code.left >= around.left + quiet && code.right <= around.right - quiet
    && code.top >= around.top && code.bottom <= around.bottom - quiet;
}
"""
PICTURE = 60  # px at least, of what a family presses
AGREED = (
    "SELECT a.state, a.mode, a.starts_at, g.name, a.proxy_relation FROM visits_appointment a"
    " LEFT JOIN registry_guardian g ON g.id = a.answered_by_id JOIN visits_visitstudent vs ON vs.visit_id = a.visit_id"
    " JOIN registry_student s ON s.id = vs.student_id WHERE s.name = %s"
)


@pytest.fixture
def school(own_site: Site, django_db_blocker: Any) -> Site:
    """A plan in force from the day after tomorrow on; 阿南 has a father far away and a grandmother too."""
    with django_db_blocker.unblock():
        before = str(connections["default"].settings_dict["NAME"])
        database.use(own_site.database)
        try:
            cast = Cast()
            with scope.enter(cast.hill.pk):
                office = actor_for(Account.objects.get(username="office"), "hill")
                assert office is not None
                first = clock.today() + timedelta(days=3)
                last = first + timedelta(days=30)
                campaign = start_campaign(office.org, by=office, name="大家访", theme="", starts=first, ends=last)
                adopt(season.planned_in(campaign, office), by=office)
                for name, relation in (("阿南爸爸", "51"), ("阿南奶奶", "62")):
                    adult = Guardian.objects.create(name=name)
                    Guardianship.objects.create(
                        student=cast.student("阿南"), guardian=adult, relation=relation, order=2, starts=first
                    )
        finally:
            database.use(before)
    return own_site


def invite(site: Site, page: Page) -> dict[str, str]:
    """The class teacher invites the class; by adult's name: the own link, as the copy button gives it."""
    site.sign_in(page, "teacher2")
    page.goto(f"{site.address}/s/hill/visits/mine/")
    page.get_by_role("link", name="三年级2班的预约").click()
    page.get_by_role("button", name="发出邀请").click()
    expect(page.get_by_role("heading", name="家长的专属链接")).to_be_visible()
    letters = page.locator(".letters > li")
    found = {}
    for letter in letters.all():
        words = letter.inner_text()
        [url] = re.findall(r"http\S+/l/\S+/", words)
        [name] = [one for one in ("阿南妈妈", "阿南爸爸", "阿南奶奶", "阿斗奶奶", "阿梅妈妈") if one in words]
        found[name] = url
        code = letter.locator("svg.segno")
        assert code.evaluate(WHOLE), "the code is cut off, or has no quiet border"
        expect(letter.get_by_role("button", name="复制")).to_be_visible()
    return found


def opened(page_at: Callable[..., Page], url: str) -> Page:
    """The link opened on that person's own phone, from a chat."""
    phone = page_at(360)
    phone.goto(url)
    expect(phone.get_by_role("heading", name="想和您聊聊")).to_be_visible()
    return phone


def fit(page: Page) -> None:
    """For everybody: axe finds nothing, nothing is too wide, nothing is typed, what is pressed is large."""
    assert violations(page) == []
    assert too_wide(page) == []
    assert page.locator("main input:not([type=hidden]), main textarea, main select").count() == 0
    sizes = [box(one) for one in page.locator(".choice").all()]
    assert sizes
    assert min(height for _width, height in sizes) >= PICTURE
    assert len({width for width, _height in sizes}) == 1
    expect(page.get_by_role("button", name="读给我听")).to_be_visible()


def box(one: Locator) -> tuple[float, float]:
    found = one.bounding_box()
    assert found is not None
    return found["width"], found["height"]


def test_a_family_answers_by_link_mode_video_and_both_calendars_show_it(
    school: Site, page_at: Callable[..., Page]
) -> None:
    """J3.1 and J4.1: no account, one question a screen, pictures instead of words; video at a time is agreed."""
    teacher = page_at(1280)
    urls = invite(school, teacher)
    phone = opened(page_at, urls["阿南妈妈"])
    assert "阿南" in phone.inner_text("main")
    assert phone.locator(".choice").count() == 4
    fit(phone)
    phone.get_by_role("link", name="换个时间").click()
    assert phone.locator(".choice").count() == 3  # two others of the three times, and none of them
    fit(phone)
    phone.get_by_role("link", name="返回").click()
    phone.get_by_role("link", name="换种方式").click()
    fit(phone)
    phone.get_by_role("link", name="视频家访").click()
    fit(phone)
    phone.locator("form .choice").first.click()
    expect(phone.get_by_role("heading", name="约好了")).to_be_visible()
    fit(phone)
    [(state, mode, starts, name, _proxy)] = school.ask(AGREED, ["阿南"])
    assert (state, mode, name) == ("agreed", "04", "阿南妈妈")
    assert starts - datetime.now(clock.ZONE) > timedelta(hours=24)
    with phone.expect_download() as saved:
        phone.get_by_role("link", name="放进手机日历").click()
    assert starts in moments(saved.value.path().read_bytes())
    answer = teacher.request.get(f"{school.address}/s/hill/outings/calendar/")
    assert starts in moments(answer.body())
    teacher.goto(f"{school.address}/s/hill/visits/mine/")
    teacher.get_by_role("link", name="三年级2班的预约").click()
    row = teacher.get_by_role("listitem").filter(has_text="阿南")
    expect(row.get_by_text("已约定")).to_be_visible()
    expect(row.get_by_text("视频家访")).to_be_visible()
    assert violations(teacher) == []


def moments(file: bytes) -> list[datetime]:
    events: list[Any] = Calendar.from_ical(file).walk("VEVENT")
    return [event["DTSTART"].dt for event in events]


def test_the_evening_picture_agrees_an_evening(school: Site, page_at: Callable[..., Page]) -> None:
    """J4.2: the picture of the moon → a visit in the evening, in the plan and on the family's page."""
    urls = invite(school, page_at(1280))
    child, adult = "阿南", "阿南妈妈"
    phone = opened(page_at, urls[adult])
    evening = phone.locator(".choice", has=phone.locator("use[href$='#moon']"))
    if clock.local(school.ask("SELECT v.starts_at FROM visits_visit v JOIN visits_visitstudent vs ON vs.visit_id = v.id"
                              " JOIN registry_student s ON s.id = vs.student_id WHERE s.name = %s", [child])[0][0]
                   ).hour >= 18:  # fmt: skip
        phone.get_by_role("button", name="可以，就这个时间").click()
    else:
        phone.get_by_role("link", name="换个时间").click()
        evening.first.click()
    expect(phone.get_by_role("heading", name="约好了")).to_be_visible()
    [(state, mode, starts, name, _proxy)] = school.ask(AGREED, [child])
    assert (state, mode, name) == ("agreed", "01", adult)
    assert clock.local(starts).hour >= 18
    stop = "SELECT p.starts_at FROM visits_stop p JOIN registry_student s ON s.household_id = p.household_id"
    assert school.ask(f"{stop} WHERE s.name = %s", [child]) == [(starts,)]
    expect(phone.get_by_text(f"{clock.local(starts):%H:%M}").first).to_be_visible()
    phone.get_by_role("link", name="改一改").click()
    fit(phone)


def test_grandmother_answers_in_mothers_stead_and_father_sees_it(school: Site, page_at: Callable[..., Page]) -> None:
    """A proxy by one press, no typing; the second guardian's own link tells who answered and what."""
    urls = invite(school, page_at(1280))
    phone = opened(page_at, urls["阿南妈妈"])
    phone.get_by_role("link", name="您是替家里人回复").click()
    fit(phone)
    phone.get_by_role("link", name="祖母", exact=True).click()
    phone.get_by_role("button", name="这次不方便").click()
    expect(phone.get_by_text("要不要换一种方式聊聊")).to_be_visible()
    fit(phone)
    phone.get_by_role("link", name="打电话").click()
    phone.get_by_role("button", name="都不合适").click()
    expect(phone.get_by_role("heading", name="收到了")).to_be_visible()
    [(state, mode, _starts, name, proxy)] = school.ask(AGREED, ["阿南"])
    assert (state, mode, name) == ("other_mode", "03", "阿南妈妈")
    father = page_at(360)
    father.goto(urls["阿南爸爸"])
    expect(father.get_by_role("heading", name="收到了")).to_be_visible()
    assert proxy == "62"
    expect(father.get_by_text("回复的人：祖母")).to_be_visible()


def test_her_access_ended_her_link_is_dead_at_once(school: Site, page_at: Callable[..., Page]) -> None:
    """J5.1: the class teacher ends the grandmother's guardianship; the phone in her hand shows nothing any more."""
    teacher = page_at(1280)
    urls = invite(school, teacher)
    hers, his = opened(page_at, urls["阿南奶奶"]), opened(page_at, urls["阿南爸爸"])
    child = school.ask("SELECT id FROM registry_student WHERE name = '阿南'")[0][0]
    teacher.goto(f"{school.address}/s/hill/students/{child}/")
    teacher.get_by_role("listitem").filter(has_text="阿南奶奶").get_by_role("link", name="权利").click()
    assert violations(teacher) == []
    teacher.get_by_role("button", name="结束监护关系").click()
    expect(teacher.get_by_text("链接都已失效")).to_be_visible()
    hers.get_by_role("button", name="这次不方便").click()
    expect(hers.get_by_role("heading", name="这个链接打不开了")).to_be_visible()
    assert "阿南" not in hers.inner_text("body")
    assert school.ask(AGREED, ["阿南"])[0][0] == "asked"
    his.reload()
    expect(his.get_by_role("heading", name="想和您聊聊")).to_be_visible()
