"""The plan's board in a real browser: dragged and keyed, looked at before it is let go, on the desk and the phone."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from koumen.core import clock, scope
from koumen.registry.models import Account, Household, Org, Student
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Outing, Plan, Slot, Stop, Visit
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.plans import adopt, compute
from tests import database
from tests.cast import CHILDREN
from tests.journeys.site import Site, running_site
from tests.journeys.test_plan import accessible
from tests.visits import season

pytestmark = [pytest.mark.journey, pytest.mark.rows("R3")]
Pages = Callable[..., Page]
WHERE = """
    SELECT o.school_class_id || '@' || o.slot_id, to_char(s.starts_at, 'HH24:MI') FROM visits_stop s
    JOIN visits_outing o ON o.id = s.outing_id JOIN registry_student c ON c.household_id = s.household_id
    WHERE c.name = %s
"""


def furnish() -> int:
    """An adopted plan; 阿虎's family is at home at weekends alone. Returns the plan's number."""
    hill, first = Org.objects.get(slug="hill"), clock.today() + timedelta(days=3)
    with scope.enter(hill.pk):
        office = actor_for(Account.objects.get(username="office"), "hill")
        assert office is not None
        tiger = Student.objects.get(name="阿虎").household
        Household.objects.filter(pk=tiger.pk if tiger else 0).update(pattern="weekends")
        campaign = start_campaign(
            office.org, by=office, name="秋季大家访", theme="", starts=first, ends=first + timedelta(days=24)
        )
        plan = compute(campaign, by=office)
    assert plan.job is not None
    season.run(plan.job)
    with scope.enter(hill.pk):
        plan.refresh_from_db()
        adopt(Plan.objects.get(pk=plan.pk), by=office)
    return plan.pk


def within(site: Site, act: Callable[[], Any]) -> Any:
    """Do something with the site's own database."""
    before = str(connections["default"].settings_dict["NAME"])
    database.use(site.database)
    try:
        return act()
    finally:
        database.use(before)


@pytest.fixture
def planned(django_db_blocker: Any) -> Iterator[tuple[Site, str]]:
    """A site whose school has adopted a plan, and the address of that plan."""
    with django_db_blocker.unblock(), running_site(worker=False) as site:
        number = within(site, furnish)
        yield site, f"{site.address}/s/hill/plans/{number}/"
        assert site.faults() == []


@pytest.fixture
def desk(planned: tuple[Site, str], page_at: Pages) -> Page:
    """The office's board of class 1, all weeks of it."""
    site, here = planned
    page = page_at(1280)
    site.sign_in(page, "office")
    page.goto(f"{here}?by=board")
    page.get_by_label("班级").select_option(label="三年级1班")
    expect(page.locator(".week")).not_to_have_count(1)
    return page


def family(page: Page, name: str) -> Locator:
    return page.locator("[data-board] a.family", has_text=name)


def place_of(site: Site, name: str) -> str:
    return str(site.ask(WHERE, [name])[0][0])


def take(page: Page, what: Locator) -> None:
    """Press on it and move a little, as a hand does."""
    page.locator("[data-board][data-ready]").wait_for()
    what.hover(position={"x": 15, "y": 12})  # waits until it stands still
    box = what.bounding_box()
    assert box is not None
    page.mouse.down()
    page.mouse.move(box["x"] + 30, box["y"] + 24, steps=5)


def over(page: Page, where: Locator) -> str:
    """Hold it over a place until the answer is there; what the panel says."""
    where.scroll_into_view_if_needed()
    box = where.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    expect(page.locator("#outlook")).to_have_class(_OVER)
    return page.locator("#outlook").inner_text()


_OVER = re.compile(r"outlook-(ok|bad)")


EMPTY = """
(part) => [...document.querySelectorAll(".week-grid tbody tr:first-child td.cell-empty[data-drop]")]
  .filter((cell) => cell.closest("table").tHead.rows[0].cells[cell.cellIndex].textContent.includes(part))
  .map((cell) => cell.dataset.drop)
"""


def cells(page: Page, part: str) -> list[Locator]:
    """The places of class 1 in that part of a day where nothing is yet."""
    return [page.locator(f"[data-drop='{key}']") for key in page.evaluate(EMPTY, part)]


def allowed(page: Page, part: str) -> Locator:
    """Over which place of that part of a day the family may be let go."""
    for cell in cells(page, part):
        if "可以放在这里" in over(page, cell):
            return cell
    raise AssertionError("no place takes the family")


def test_dragged_seen_agreed_and_put_back(planned: tuple[Site, str], desk: Page) -> None:
    """The effects stand there before the button is let go; nothing is written before they are agreed to; undo."""
    site, _here = planned
    before = place_of(site, "阿虎")
    take(desk, family(desk, "阿虎"))
    target = allowed(desk, "午")
    expect(desk.locator("#outlook")).to_contain_text("到家时间")
    expect(desk.locator("#outlook")).to_contain_text("其他家庭")
    expect(target).to_have_class(re.compile("drop-ok"))
    desk.mouse.up()
    dialog = desk.locator("#drop-dialog")
    expect(dialog).to_contain_text("到家时间")
    assert place_of(site, "阿虎") == before
    accessible(desk)
    key = target.get_attribute("data-drop")
    dialog.get_by_role("button", name="确认调整").click()
    expect(desk.locator(".toast")).to_contain_text("阿虎")
    expect(desk.locator(f"[data-drop='{key}'] a.family", has_text="阿虎")).to_be_focused()
    assert place_of(site, "阿虎") == key
    desk.locator(".toast").get_by_role("button", name="撤销").click()
    expect(desk.locator(".toast", has_text="已放回原处")).to_be_visible()
    assert place_of(site, "阿虎") == before


def test_a_refused_place_looks_refused_and_says_why(planned: tuple[Site, str], desk: Page) -> None:
    """An evening, for a family at home at weekends: marked, explained; letting go there asks and changes nothing."""
    site, _here = planned
    before = place_of(site, "阿虎")
    take(desk, family(desk, "阿虎"))
    evening = cells(desk, "晚上")[0]
    assert "方便" in over(desk, evening)
    expect(desk.locator("#outlook")).to_contain_text("不能放在这里")
    expect(evening).to_have_class(re.compile("drop-bad"))
    desk.mouse.up()
    expect(desk.locator("#outlook")).to_be_hidden()
    expect(desk.locator("#drop-dialog")).to_be_hidden()
    assert place_of(site, "阿虎") == before


def test_passing_over_asks_nothing(desk: Page) -> None:
    """A hand that crosses six places in a moment asks the server about the last alone."""
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "/move/" in request.url else None)
    take(desk, family(desk, "阿宝"))
    places = cells(desk, "晚上")[:6]
    boxes = [place.bounding_box() for place in places]
    for box in boxes:
        assert box is not None
        desk.mouse.move(box["x"] + 20, box["y"] + 20)
    expect(desk.locator("#outlook")).to_have_class(_OVER)
    assert 1 <= len(asked) < len(places)
    assert asked[-1].endswith(str(places[-1].get_attribute("data-drop")).replace("@", "%40"))
    desk.keyboard.press("Escape")
    desk.mouse.up()
    expect(desk.locator("#outlook")).to_be_hidden()


def test_moved_by_keyboard(planned: tuple[Site, str], desk: Page) -> None:
    """Space takes it up, arrows choose, Enter lets go, the dialog is answered; Escape leaves all as it was."""
    site, _here = planned
    before = place_of(site, "阿宝")
    family(desk, "阿宝").focus()
    desk.keyboard.press("Space")
    desk.keyboard.press("ArrowRight")
    expect(desk.locator("#outlook")).to_have_class(_OVER)
    desk.keyboard.press("Escape")
    expect(desk.locator("#outlook")).to_be_hidden()
    desk.keyboard.press("Space")
    for _place in range(12):
        desk.keyboard.press("ArrowRight")
        expect(desk.locator("#outlook")).to_have_class(_OVER)
        if "到家时间" in desk.locator("#outlook").inner_text():
            break
    desk.keyboard.press("Enter")
    expect(desk.locator("#drop-dialog")).to_be_visible()
    assert place_of(site, "阿宝") == before
    desk.get_by_role("button", name="确认调整").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".toast", has_text="阿宝")).to_be_visible()
    assert place_of(site, "阿宝") != before
    family(desk, "阿宝").press("Enter")  # not held: it opens the page that moves by choosing from a list
    expect(desk.get_by_label("移到哪次外出")).to_be_visible()


def test_into_the_tray_and_out_again(planned: tuple[Site, str], desk: Page) -> None:
    """Dragged to those left out, the family has no outing; from there it is dragged to one."""
    site, _here = planned
    take(desk, family(desk, "阿宝"))
    assert "可以放在这里" in over(desk, desk.locator(".tray"))
    desk.mouse.up()
    desk.locator("#drop-dialog").get_by_role("button", name="确认调整").click()
    expect(desk.locator(".tray a.family", has_text="阿宝")).to_be_visible()
    assert site.ask(WHERE, ["阿宝"]) == []
    take(desk, desk.locator(".tray a.family", has_text="阿宝"))
    target = allowed(desk, "晚上")
    key = target.get_attribute("data-drop")
    desk.mouse.up()
    desk.locator("#drop-dialog").get_by_role("button", name="确认调整").click()
    expect(desk.locator(f"[data-drop='{key}'] a.family", has_text="阿宝")).to_be_focused()
    assert place_of(site, "阿宝") == key


def test_filters_stand_in_the_address_and_stay_over_tabs(planned: tuple[Site, str], desk: Page) -> None:
    assert "class=" in desk.url
    desk.get_by_role("link", name="地图").click()
    expect(desk.locator(".map-mark").first).to_be_attached()
    assert "class=" in desk.url
    expect(desk.get_by_label("班级")).to_have_value(re.compile(r"\d+"))
    sign = desk.locator("[data-route]").first
    sign.click()
    expect(sign).to_have_attribute("aria-pressed", "true")
    desk.goto(desk.url)
    expect(desk.locator("[data-route]").first).to_contain_text("三年级1班")
    accessible(desk)
    desk.get_by_role("link", name="清除筛选").click()
    desk.wait_for_url(lambda url: "class=" not in url)
    expect(desk.locator("[data-route]").first).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_board_is_accessible(planned: tuple[Site, str], page_at: Pages, width: int) -> None:
    site, here = planned
    page = page_at(width)
    site.sign_in(page, "office")
    for query in ("?by=board", "?by=map", "?by=staff", "wall/"):
        page.goto(here + query)
        page.wait_for_load_state("networkidle")
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def today(site: Site) -> None:
    """One outing of teacher1 takes place today."""
    hill = Org.objects.get(slug="hill")
    with scope.enter(hill.pk):
        outing = Outing.objects.filter(school_class__name="三年级1班").latest("pk")
        start: datetime = clock.now() + timedelta(minutes=30)
        Slot.objects.filter(pk=outing.slot_id).update(date=clock.today())
        Outing.objects.filter(pk=outing.pk).update(leaves_at=start, back_at=start + timedelta(hours=2))
        outing.team.update(starts_at=start, ends_at=start + timedelta(hours=2))
        Stop.objects.filter(outing=outing).update(starts_at=start, ends_at=start)
        Visit.objects.filter(stop__outing=outing).update(starts_at=start, ends_at=start)


def test_a_teachers_phone_shows_today_first(planned: tuple[Site, str], page_at: Pages) -> None:
    """What is today stands first and says so; one tap leads to the record, one to the map."""
    site, _here = planned
    within(site, lambda: today(site))
    phone = page_at(360)
    site.sign_in(phone, "teacher1")
    phone.goto(f"{site.address}/s/hill/outings/")
    expect(phone.locator("section.card").first).to_contain_text("今天")
    accessible(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    heights = [button.bounding_box() for button in phone.locator("section.card .btn").all()]
    assert all(box and box["height"] >= 44 for box in heights)
    with phone.expect_download() as got:
        phone.get_by_role("link", name="加入手机日历").click()
    assert got.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    phone.get_by_role("link", name="地图和住址").first.click()
    expect(phone.locator(".map-mark").first).to_be_attached()
    phone.go_back()
    phone.get_by_role("link", name="记录").first.click()
    expect(phone.locator("main form").first).to_be_visible()
    assert "/record/" in phone.url


@pytest.mark.parametrize(("paper", "points"), [("a3", (1191, 842)), ("a4", (842, 595))])
def test_the_wall_prints_across(planned: tuple[Site, str], page_at: Pages, paper: str, points: tuple[int, int]) -> None:
    """On the paper chosen, without the site's frame, and without any child's name."""
    site, here = planned
    page = page_at(1280)
    site.sign_in(page, "principal")
    page.goto(f"{here}wall/?paper={paper}")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(one.mediabox.width), round(one.mediabox.height)) for one in printed.pages} == {points}
    said = "".join(one.extract_text() for one in printed.pages)
    assert "三年级1班" in said
    assert "打印" not in said
    assert not [child[0] for child in CHILDREN if child[0] in said]
