"""The same record sent many times at once, as impatient phones and retrying networks do: one record, all accepted."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.site import Site
from tests.journeys.test_record import ERASE, planned

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8")]
# posts the page's form `n` times at once; with `vary` each time with other words; returns the statuses
SEND = """
    async ([n, vary]) => {
        const form = document.querySelector("form.record");
        const send = (i) => {
            const data = new FormData(form);
            if (vary) data.set("content", "第" + i + "份");
            return fetch(location.href, {method: "POST", body: data, redirect: "manual"});
        };
        const answers = await Promise.all([...Array(n).keys()].map(send));
        return answers.map((a) => a.type === "opaqueredirect" ? 302 : a.status);
    }
"""


@pytest.fixture(autouse=True)
def _leaves_no_visits(site: Site) -> object:
    yield
    site.ask(ERASE)


def filled(site: Site, page: Page, path: str) -> Page:
    site.sign_in(page, "teacher1")
    page.goto(f"{site.address}/s/hill/visits/{path}")
    page.locator("[name=met_relation]").first.check()
    page.get_by_label("学习情况").check()
    return page


def test_a_planned_visit(site: Site, page_at: Callable[..., Page]) -> None:
    page = filled(site, page_at(1280), f"{planned(site, '阿虎')}/record/")
    assert page.evaluate(SEND, [12, False]) == [302] * 12
    assert site.ask("SELECT count(*) FROM visits_visitrecord") == [(1,)]


def test_an_unplanned_visit_is_started_once(site: Site, page_at: Callable[..., Page]) -> None:
    child = site.ask("SELECT id FROM registry_student WHERE name = '阿宝'")[0][0]
    page = filled(site, page_at(1280), f"new/{child}/")
    assert page.evaluate(SEND, [12, False]) == [302] * 12
    assert site.ask("SELECT count(*) FROM visits_visit") == [(1,)]


def test_other_words_under_one_id(site: Site, page_at: Callable[..., Page]) -> None:
    """Twelve different texts at once: one is the record, eleven are kept beside it and answered as conflicts."""
    page = filled(site, page_at(1280), f"{planned(site, '阿虎')}/record/")
    assert sorted(page.evaluate(SEND, [12, True])) == [302] + [409] * 11
    kept = site.ask("SELECT content FROM visits_visitrecord")
    beside = site.ask("SELECT entry ->> 'content' FROM visits_recordversion WHERE why = 'conflict'")
    assert {text for (text,) in kept + beside} == {f"第{i}份" for i in range(12)}
