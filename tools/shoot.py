"""Screenshots of pages: python tools/shoot.py /s/hill/ /s/hill/visits/ --as office --out /tmp/shots [--dark]

Without --site it starts a site of its own on a copy of the test template (the cast of tests/cast.py).
"""

import argparse
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]
os.environ["DJANGO_SETTINGS_MODULE"] = "koumen.config.settings"
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")

import django  # noqa: E402
from tests import environment  # noqa: E402

django.setup()

from playwright.sync_api import ConsoleMessage, Page, sync_playwright  # noqa: E402
from tests.journeys.site import new_context, running_site, start_browser  # noqa: E402

PASSWORD = "koumen-demo"  # noqa: S105  (of the cast and of the demo)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Screenshots of pages.")
    parser.add_argument("paths", nargs="+", metavar="PATH")
    parser.add_argument("--as", dest="username", default="office", help="account; empty for nobody")
    parser.add_argument("--widths", default="360,1280")
    parser.add_argument("--out", type=Path, default=environment.ROOT / "out")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--screen", action="store_true", help="one screen instead of the whole page")
    parser.add_argument("--site", help="address of a running site (signs in by its form)")
    parser.add_argument("--password", default=PASSWORD)
    parser.add_argument("--wait", type=int, default=300, help="milliseconds before the picture")
    return parser.parse_args()


def name_of(path: str, username: str, width: int) -> str:
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', path).strip('-') or 'root'}-{username or 'nobody'}-{width}.png"


def sign_in_by_form(page: Page, address: str, username: str, password: str) -> None:
    page.goto(f"{address}/account/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/account/login" not in url)


def tell(message: ConsoleMessage) -> None:
    if message.type == "error":
        print("console:", message.text)


@contextmanager
def site_at(address: str | None) -> Iterator[tuple[str, object]]:
    """The address, and the site when it is ours."""
    if address:
        yield address.rstrip("/"), None
        return
    with running_site() as site:
        yield site.address, site


def main() -> None:
    asked = options()
    asked.out.mkdir(parents=True, exist_ok=True)
    with site_at(asked.site) as (address, site), sync_playwright() as playwright:
        browser = start_browser(playwright)
        for width in map(int, asked.widths.split(",")):
            page = new_context(browser, width, dark=asked.dark).new_page()
            page.on("pageerror", lambda error: print("script error:", error))
            page.on("console", tell)
            if asked.username and site is None:
                sign_in_by_form(page, address, asked.username, asked.password)
            elif asked.username:
                site.sign_in(page, asked.username)  # type: ignore[attr-defined]
            for path in asked.paths:
                answer = page.goto(address + path, wait_until="networkidle")
                page.wait_for_timeout(asked.wait)
                file = asked.out / name_of(path, asked.username, width)
                page.screenshot(path=file, full_page=not asked.screen)
                print(answer.status if answer else "-", path, "->", file)
        browser.close()
        faults = [] if site is None else site.faults()  # type: ignore[attr-defined]
        if faults:
            print(site.log.read_text()[-4000:])  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
