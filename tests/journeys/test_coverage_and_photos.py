"""In a real browser: a record's photos on its page, and the coverage pages from the school down to the child."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Page, expect

from koumen.core import clock, scope
from koumen.registry.models import Org
from koumen.registry.queries.actors import actor_for
from tests import database
from tests.cast import Cast
from tests.journeys.site import Site
from tests.journeys.test_plan import accessible
from tests.visits.stories import recorded
from tests.visits.test_record_files import kept

pytestmark = [pytest.mark.journey, pytest.mark.rows("R2", "R8")]


@pytest.fixture
def visit(own_site: Site, django_db_blocker: Any) -> str:
    """A visit recorded yesterday with three photos, a signature and a voice note."""
    before = str(connections["default"].settings_dict["NAME"])
    files = Path(own_site.environment["KOUMEN_DATA"]) / "files"
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files):
        database.use(own_site.database)
        try:
            with scope.enter(Org.objects.get(slug="hill").pk):
                cast = Cast()
                by = actor_for(cast.account("teacher1"), "hill")
                assert by is not None
                row = recorded(cast, by, "阿虎", at=clock.now() - timedelta(days=1))
                for seed, kind in enumerate(("photo", "photo", "photo", "signature", "voice")):
                    kept(row, kind, seed)
                return str(row.visit_id)
        finally:
            database.use(before)


def fits(page: Page) -> None:
    """Nothing to scroll sideways, nothing axe finds."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


def test_photos_on_a_phone_and_a_desk(own_site: Site, page_at: Callable[..., Page], visit: str, tmp_path: Path) -> None:
    """All four pictures are drawn, the voice can be played, nothing is wider than the screen."""
    for width in (360, 1280):
        page = page_at(width)
        own_site.sign_in(page, "teacher1")
        page.goto(f"{own_site.address}/s/hill/visits/{visit}/")
        expect(page.locator(".photos img")).to_have_count(4)
        for picture in page.locator(".photos img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("naturalWidth", 320)
        expect(page.locator(".photos audio")).to_be_visible()
        fits(page)
        page.screenshot(path=tmp_path / f"photos-{width}.png", full_page=True)


def test_from_the_school_to_the_child(own_site: Site, page_at: Callable[..., Page], visit: str, tmp_path: Path) -> None:
    """A principal goes from the numbers to whom a class still waits for."""
    assert visit
    for width in (360, 1280):
        page = page_at(width)
        own_site.sign_in(page, "principal")
        page.goto(f"{own_site.address}/s/hill/coverage/")
        fits(page)
        page.screenshot(path=tmp_path / f"coverage-{width}.png", full_page=True)
        page.get_by_role("link", name="三年级1班").click()
        expect(page.get_by_role("link", name="阿宝")).to_be_visible()
        expect(page.get_by_role("link", name="阿虎")).to_have_count(0)
        fits(page)
        page.screenshot(path=tmp_path / f"class-{width}.png", full_page=True)
        page.goto(f"{own_site.address}/s/hill/coverage/staff/")
        fits(page)
