"""Fixtures of the journeys: one running site a session, and pages in a real browser."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, sync_playwright

from tests.journeys.site import Site, new_context, running_site, start_browser

# Playwright keeps an event loop in this thread, which Django would take for an asynchronous caller.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def site(django_db_blocker: Any) -> Iterator[Site]:
    """The site all journeys of a session share; each leaves it as others may find it."""
    with django_db_blocker.unblock(), running_site() as running:
        yield running


@pytest.fixture
def own_site(django_db_blocker: Any) -> Iterator[Site]:
    """A site of this test alone."""
    with django_db_blocker.unblock(), running_site() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = start_browser(playwright)
        yield started
        started.close()


@pytest.fixture
def page_at(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`page_at(360)`: a page of that width in a window of its own. Script errors and blocked content fail the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def script_failed(error: Error) -> None:
        faults.append(str(error))

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    def open_page(width: int = 1280, *, dark: bool = False) -> Page:
        context = new_context(browser, width, dark=dark)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", script_failed)
        page.on("console", console)
        return page

    yield open_page
    for context in opened:
        context.close()
    assert not faults, f"the browser complained: {faults}"


@pytest.fixture(autouse=True)
def _a_logged_error_of_the_site_fails_the_test(request: pytest.FixtureRequest) -> Iterator[None]:
    name = next((n for n in ("site", "own_site") if n in request.fixturenames), None)
    running = request.getfixturevalue(name) if name else None
    size = running.log.stat().st_size if running else 0
    yield
    if running and "expects_errors" not in request.fixturenames:
        faults = running.faults(size)
        assert not faults, f"the site logged errors: {faults}\n{running.log.read_bytes()[size:].decode()[-4000:]}"
