"""月统计表 on screen: who sees which lines, every number leads to its list, odd addresses are answered."""

import re
from collections.abc import Callable
from html import unescape
from random import Random

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.registry.models import Flag
from koumen.reporting.queries.monthly import sheet_1
from tests.cast import Cast
from tests.reporting.recount import LAST, MONTH, chance_school
from tests.visits.stories import EVENING, LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R38")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
CELL = re.compile(r'<td class="number"><a href="([^"]+)">([^<]+)</a>')


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def url(name: str = "month", **query: str) -> str:
    return reverse(f"reporting:{name}", kwargs={"org": "hill"}, query=query or None)


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    recorded(hill, actor("teacher1"), "阿虎", opinion="操场")
    page = client_of("office").get(url())
    assert page.context["span"] == "2026年9月"
    assert [row.name for row, _cells in page.context["board"].lines] == ["三年级1班", "三年级2班"]
    assert "合计" in page.content.decode()


def test_a_class_teacher_sees_own_lines_and_no_total(hill: Cast, actor: Actors, client_of: Clients) -> None:
    recorded(hill, actor("teacher2"), "阿南", lead="teacher2")
    page = client_of("teacher1").get(url(sheet="2"))
    assert [row.name for row, _cells in page.context["board"].lines] == ["三年级1班"]
    assert page.context["board"].total == []
    assert "三年级2班" not in page.content.decode()


def test_a_class_teacher_reads_lists_of_the_own_class_alone(hill: Cast, client_of: Clients) -> None:
    own, other = hill.school_class("三年级1班").pk, hill.school_class("三年级2班").pk
    browser, address = client_of("teacher1"), reverse("reporting:behind", kwargs={"org": "hill", "column": "enrolled"})
    assert "阿虎" in browser.get(f"{address}?class={own}").content.decode()
    assert browser.get(f"{address}?class={other}").status_code == 403
    assert browser.get(address).status_code == 403


def test_every_number_on_the_page_leads_to_a_list_of_that_length(hill: Cast, client_of: Clients) -> None:
    """All links of both sheets of a school full of chance, followed in the browser of the office."""
    chance_school(hill, Random(11))
    browser = client_of("office")
    followed = 0
    with clock.at(clock.now().replace(year=LAST.year, month=4, day=2)):
        for sheet in "12":
            page = browser.get(url(month=f"{MONTH:%Y-%m}", sheet=sheet)).content.decode()
            for address, text in CELL.findall(page):
                if "%" in text or "column=missed" in address or not text.isdigit():
                    continue
                answer = browser.get(unescape(address))
                assert answer.context["count"] == int(text), address
                assert len(answer.context["lines"]) == min(int(text), 30), address
                followed += 1
    assert followed > 50


def test_sealed_numbers_have_no_link_and_no_list(hill: Cast, client_of: Clients) -> None:
    for name in ("阿梅", "阿虎", "阿宝", "阿乐", "阿南"):
        Flag.objects.create(student=hill.student(name), category="C21", sensitivity=3, starts="2026-09-01")
    page = client_of("office").get(url(sheet="2")).content.decode()
    assert "category=C21" not in page
    assert 'class="number">5</td>' in page
    address = reverse("reporting:behind", kwargs={"org": "hill", "column": "held"}, query={"category": "C21"})
    assert client_of("office").get(address).status_code == 404


def test_names_behind_a_category_are_noted_and_for_the_office_alone(hill: Cast, client_of: Clients) -> None:
    Flag.objects.create(student=hill.student("阿虎"), category="A12", sensitivity=2, starts="2026-09-01")
    address = reverse("reporting:behind", kwargs={"org": "hill", "column": "held"}, query={"category": "A12"})
    assert "阿虎" in client_of("office").get(address).content.decode()
    assert AuditEntry.objects.get(kind="read").reason == "A12"
    assert client_of("principal").get(address).status_code == 403
    assert "category=A12" not in client_of("principal").get(url(sheet="2")).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"}, {"month": "0000-00"}, {"month": "9999-12"}, {"month": "x" * 5000}, {"sheet": "9"},
        {"month": "2026-08"}, {"month": "²026-09"},
    ],
)  # fmt: skip
def test_any_month_is_answered(hill: Cast, client_of: Clients, query: dict[str, str]) -> None:
    assert client_of("office").get(url(**query)).status_code == 200


@pytest.mark.parametrize(
    "query", [{"class": "x"}, {"class": "-1"}, {"class": "9" * 30}, {"class": "٣"}, {"class": "999999"}]
)
def test_a_class_that_is_none_is_not_found(hill: Cast, client_of: Clients, query: dict[str, str]) -> None:
    address = reverse("reporting:behind", kwargs={"org": "hill", "column": "enrolled"}, query=query)
    assert client_of("office").get(address).status_code == 404


@pytest.mark.parametrize("address", ["month", "sheet", "list"])
def test_few_queries_whatever_the_size(hill: Cast, client_of: Clients, address: str) -> None:
    chance_school(hill, Random(3))
    column = reverse("reporting:behind", kwargs={"org": "hill", "column": "contacts"})
    target = {"month": url(month="2027-03"), "sheet": url(sheet="2"), "list": f"{column}?month=2027-03"}[address]
    browser = client_of("office")
    with CaptureQueriesContext(connection) as taken:
        assert browser.get(target).status_code == 200
    asked = [q["sql"] for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 12, "\n".join(q[:160] for q in asked)


def test_the_page_says_the_same_as_the_sheet(hill: Cast, actor: Actors, client_of: Clients) -> None:
    recorded(hill, actor("teacher1"), "阿虎")
    board = client_of("office").get(url()).context["board"]
    total = {cell.column.key: cell.text for cell in board.total}
    sheet = sheet_1(EVENING.date().replace(day=1))
    assert total["contacts"] == str(sheet.total.number("contacts")) == "1"
    assert (total["year_rate"], total["solved"], total["solved_rate"]) == ("16.7%", "0", "—")
    assert total["content_rate"] == "—"


def test_the_table_can_be_read_in_english(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Nothing but names of classes, people and the children's categories' own words stays Chinese."""
    recorded(hill, actor("teacher1"), "阿虎", opinion="操场")
    client = client_of("office")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    left = set()
    for address in (url(), url(sheet="2"), reverse("reporting:behind", kwargs={"org": "hill", "column": "visited"})):
        page = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
        left |= set(re.findall("[\u4e00-\u9fff]+", unescape(re.sub("<[^>]*>", " ", page))))
    assert left <= {"三年级", "班", "阿虎", "青山小学"}
