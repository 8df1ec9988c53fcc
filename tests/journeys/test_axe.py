"""The main pages for everybody: axe finds nothing, nothing is wider than the screen, the console stays silent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.plans import adopt, compute
from tests import database
from tests.care.stories import begun
from tests.cast import Cast
from tests.journeys.site import ROOT, Site, new_context, running_site
from tests.visits import season, stories

pytestmark = [pytest.mark.journey, pytest.mark.rows("R2", "R8")]
AXE = (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text()
Furnished = tuple[Site, dict[str, str]]
# Whatever reaches beyond the right edge and does not scroll inside a box of its own.
WIDE = """
(width) => [...document.querySelectorAll("body *")].filter((found) => {
  if (found.getBoundingClientRect().right <= width + 1 || !found.checkVisibility()) return false;
  for (let box = found.parentElement; box; box = box.parentElement) {
    if (box !== document.body && getComputedStyle(box).overflowX !== "visible") return false;
  }
  return true;
}).map((found) => found.outerHTML.slice(0, 160))
"""
# Pages by name: who opens them; the address is known once the school is furnished.
PAGES = {
    "sign-in": "", "home of a class teacher": "teacher1", "home of the office": "office",
    "home of a leader": "principal", "home of the bureau": "officer", "my visits": "teacher1",
    "record form": "teacher1", "class": "teacher1", "child": "teacher1", "campaign": "office", "plan": "office",
    "imports": "office", "monthly table": "office", "staff": "sysadmin", "account": "teacher1",
    "cases": "office", "case": "teacher1", "measure": "teacher1",
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """How somebody reads the pages."""

    name: str
    width: int
    dark: bool = False
    language: str = "zh-hans"


LOOKS = (
    Look("phone", 360),
    Look("phone in the dark", 360, dark=True),
    Look("desk", 1280),
    Look("desk in the dark", 1280, dark=True),
    Look("phone in English", 360, language="en"),
    Look("desk in English", 1280, language="en"),
)


def _as(username: str) -> Actor:
    found = actor_for(Account.objects.get(username=username), "hill")
    assert found is not None
    return found


def furnish() -> dict[str, str]:
    """An adopted plan, one visit recorded and one waiting for its record; the addresses of the pages."""
    cast, first = Cast(), clock.today() + timedelta(days=2)
    with scope.enter(cast.hill.pk):
        office = _as("office")
        campaign = start_campaign(
            office.org, by=office, name="秋季大家访", theme="走进家门", starts=first, ends=first + timedelta(days=30)
        )
        plan = compute(campaign, by=office)
    assert plan.job is not None
    season.run(plan.job)
    with scope.enter(cast.hill.pk):
        plan.refresh_from_db()
        adopt(plan, by=office)
        stories.recorded(cast, _as("teacher1"), "阿宝", at=clock.now() - timedelta(hours=20))
        waiting = stories.planned(cast, "阿虎", at=clock.now() - timedelta(hours=3))
        case = begun(cast, _as("teacher1"), "阿宝")
        in_hill: dict[str, tuple[str, dict[str, Any]]] = {
            "home of a class teacher": ("portal:home", {}),
            "home of the office": ("portal:home", {}),
            "home of a leader": ("portal:home", {}),
            "my visits": ("visits:mine", {}),
            "record form": ("visits:record", {"pk": waiting.pk}),
            "class": ("registry:class", {"pk": cast.school_class("三年级1班").pk}),
            "child": ("registry:student", {"pk": cast.student("阿梅").pk}),
            "campaign": ("visits:campaign", {"pk": campaign.pk}),
            "plan": ("visits:plan", {"pk": plan.pk}),
            "imports": ("registry:imports", {}),
            "monthly table": ("reporting:month", {}),
            "staff": ("registry:staff", {}),
            "cases": ("care:cases", {}),
            "case": ("care:case", {"pk": case.pk}),
            "measure": ("care:measure", {"pk": case.measures.get().pk}),
        }
    return {
        "sign-in": reverse("account_login"),
        "account": reverse("portal:account"),
        "home of the bureau": reverse("portal:home", kwargs={"org": "bureau"}),
        **{name: reverse(url, kwargs={"org": "hill", **kwargs}) for name, (url, kwargs) in in_hill.items()},
    }


@pytest.fixture(scope="module")
def furnished(django_db_blocker: Any) -> Iterator[Furnished]:
    """A site of this file's own, whose school is in the middle of its home visits; and where its pages are."""
    with django_db_blocker.unblock(), running_site(worker=False) as site:
        before = str(connections["default"].settings_dict["NAME"])
        database.use(site.database)
        try:
            addresses = furnish()
        finally:
            database.use(before)
        yield site, addresses
        assert site.faults() == []


class Reader:
    """A person with a browser that looks so, and everything its console complained of."""

    def __init__(self, page: Page, look: Look) -> None:
        self.page, self.look, self.complaints = page, look, list[str]()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("requestfailed", lambda asked: self.complaints.append(f"failed: {asked.url}"))

    def open(self, site: Site, who: str, address: str) -> None:
        """Sign in as that person with the language chosen, and open the page."""
        self.complaints.clear()
        site.sign_in(self.page, who)
        chosen, cookie = self.look.language, settings.LANGUAGE_COOKIE_NAME
        self.page.context.add_cookies([{"name": cookie, "value": chosen, "url": site.address}])
        answer = self.page.goto(site.address + address, wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200
        assert urlsplit(self.page.url).path == address
        assert self.page.locator("html").get_attribute("lang") == self.look.language


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """What axe finds: the rule and the elements."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    assert found["passes"]
    return [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]]


def sound(page: Page, heading: str = "") -> None:
    """Once the page of this heading is there: nothing axe finds, nothing beyond the edge of the screen."""
    if heading:
        expect(page.get_by_role("heading", name=heading).first).to_be_visible(timeout=20_000)
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert too_wide(page) == []


def too_wide(page: Page) -> list[str]:
    """Elements beyond the right edge of the screen; the page itself when it can be pushed sideways."""
    assert page.viewport_size is not None
    width = page.viewport_size["width"]
    whole: int = page.evaluate("document.documentElement.scrollWidth")
    boxes: list[str] = page.evaluate(WIDE, width)
    return boxes + ([f"the page: {whole}"] if whole > width else [])


@pytest.fixture(scope="module", params=LOOKS, ids=lambda look: look.name)
def reader(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Reader]:
    context = new_context(browser, request.param.width, dark=request.param.dark)
    yield Reader(context.new_page(), request.param)
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_for_everybody(furnished: Furnished, reader: Reader, name: str) -> None:
    site, addresses = furnished
    reader.open(site, PAGES[name], addresses[name])
    assert violations(reader.page) == []
    assert too_wide(reader.page) == []
    assert reader.complaints == []


def test_planted_faults_are_found(furnished: Furnished, reader: Reader) -> None:
    """Proof that the three looks can fail: a picture without words, a box too wide, a blocked script."""
    site, addresses = furnished
    reader.open(site, "teacher1", addresses["my visits"])
    reader.page.evaluate("""() => {
      const wide = document.createElement("div"), script = document.createElement("script");
      wide.append(document.createElement("img"));
      wide.style.width = "2000px";
      script.textContent = "1";
      document.querySelector("main").append(wide, script);
    }""")
    assert [rule for rule, _nodes in violations(reader.page)] == ["image-alt"]
    assert too_wide(reader.page) != []
    assert any("Content Security Policy" in said for said in reader.complaints)


def test_menus_and_the_choice_of_language(furnished: Furnished, page_at: Callable[..., Page]) -> None:
    """By hand, from the sign-in page: English stays after signing in, and the open menus are accessible too."""
    site, addresses = furnished
    page = page_at(360)
    page.goto(site.address + addresses["sign-in"])
    page.locator(".menu-me > summary").click()
    assert violations(page) == []
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.locator("[name=login]").fill("teacher1")
    page.locator("[name=password]").fill("koumen-demo")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".menu-me > summary").click()
    page.get_by_role("button", name="Sign out").wait_for()
    assert violations(page) == []
    assert too_wide(page) == []
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang=zh-hans]").wait_for()
