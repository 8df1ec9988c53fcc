"""The pages of visits in English: nothing of the interface stays Chinese, and the planner's codes all have words."""

import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from koumen import planner
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.planner.check import BROKEN as FAULTS
from koumen.registry.models import Guardian, Household, Place, SchoolClass, Staff, Student
from koumen.visits.models import Campaign, Plan
from koumen.visits.presets import rules
from koumen.visits.queries.plans import why_left_out
from koumen.visits.services import plans as services
from tests.cast import Cast
from tests.visits import season
from tests.visits.stories import recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3", "R7")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
TAG = re.compile(r"<[^>]*>")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def plan(cast: Cast, actor: Actors) -> Plan:
    with scope.enter(cast.hill.pk):
        made = season.planned(actor("office"))
        services.adopt(made, by=actor("office"))
        return made


def chinese_of(client: Client, url: str) -> set[str]:
    """The Chinese words people would read on a page's main part."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.get(url)
    assert answer.status_code == 200, url
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return set(CHINESE.findall(unescape(TAG.sub(" ", main))))


def names() -> str:
    """Everything that keeps its name in any language."""
    own = [name for model in (Campaign, Guardian, Place, SchoolClass, Staff, Student) for name in model.objects.all()]
    return " ".join(map(str, [*own, *Campaign.objects.values_list("theme", flat=True)]))


def test_it_works(hill: Cast, client_of: Clients, plan: Plan) -> None:
    """What is left in Chinese are names: of the campaign, of classes, people and places."""
    home, outing = plan.outings.values_list("stops__household_id", "pk")[0]
    about = [f"campaigns/{plan.campaign_id}/edit/{step}/" for step in ("about", "scope", "tasks", "times", "days")]
    shown = [f"plans/{plan.pk}/?by={by}" for by in ("staff", "class", "left", "short", "map")]
    single = [f"plans/{plan.pk}/", f"plans/{plan.pk}/move/{home}/", f"outings/{outing}/", "outings/"]
    urls = ["campaigns/", f"campaigns/{plan.campaign_id}/", "visits/new/", *about, *shown, *single]
    client, known = client_of("office"), names()
    left = {url: {word for word in chinese_of(client, f"/s/hill/{url}") if word not in known} for url in urls}
    assert {url: words for url, words in left.items() if words} == {}


def test_a_teachers_pages_are_in_english_too(hill: Cast, client_of: Clients, actor: Actors) -> None:
    """A record's form and page, the lists of visits, and the refusals of a form."""
    visit = recorded(hill, actor("teacher1"), "阿虎", opinion="操场")
    client, known = client_of("teacher1"), names() + "操场"
    tabs = [f"visits/mine/?show={show}" for show in ("today", "week", "due", "recorded", "families")]
    child = hill.student("阿虎").pk
    urls = [
        *tabs,
        f"visits/new/{child}/",
        f"visits/{visit.visit_id}/",
        f"visits/{visit.visit_id}/revise/",
        "visits/new/?q=x",
    ]
    left = {url: {word for word in chinese_of(client, f"/s/hill/{url}") if word not in known} for url in urls}
    assert {url: words for url, words in left.items() if words} == {}


def test_every_code_of_the_planner_has_words() -> None:
    assert set(rules.REASONS) >= set(planner.REASONS)
    assert set(rules.BROKEN) == set(FAULTS)


def test_reasons_are_in_the_readers_language() -> None:
    row = {"household": 1, "classes": [], "code": "no_window", "sentence": "…", "pattern": Household.Pattern.WEEKENDS}
    assert "周末" in why_left_out(row)
    with translation.override("en"):
        said = [why_left_out(row), *(why_left_out(row | {"code": code, "pattern": ""}) for code in rules.REASONS)]
    assert [text for text in said if CHINESE.search(text)] == []
