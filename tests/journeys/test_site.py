"""The running site of the journeys is a real one: it answers a browser, and its worker does jobs."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.site import Site

pytestmark = pytest.mark.journey
DEFER = """
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW('default', 'core.pick_up_stalled', 0, NULL, NULL, '{"timestamp": 1}', NULL)
        ::procrastinate_job_to_defer_v1])
"""
DONE = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded'"


def test_a_browser_reaches_the_sign_in_page(site: Site, page_at: Callable[..., Page]) -> None:
    page = page_at(360)
    page.goto(f"{site.address}/s/hill/")
    assert "/account/login/" in page.url


def test_a_signed_in_person_is_known(site: Site, page_at: Callable[..., Page]) -> None:
    page = page_at(1280)
    site.sign_in(page, "office")
    page.goto(f"{site.address}/account/login/")
    assert "/account/login/" not in page.url


def test_the_worker_takes_what_is_queued(site: Site) -> None:
    before = site.ask(DONE)[0][0]
    site.ask(DEFER)
    until = time.monotonic() + 15
    while site.ask(DONE)[0][0] == before and time.monotonic() < until:
        time.sleep(0.1)
    assert site.ask(DONE)[0][0] > before
