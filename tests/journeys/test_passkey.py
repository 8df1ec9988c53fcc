"""A passkey in a real browser: set up because the post asks for it, then used instead of the password."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.cast import PASSWORD
from tests.journeys.site import Site

pytestmark = [pytest.mark.journey, pytest.mark.rows("R45")]


def with_key(page: Page) -> None:
    """Give the page's browser an authenticator with a fingerprint that always fits."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@pytest.mark.parametrize("width", [360])
def test_a_passkey_is_set_up_and_signs_in(site: Site, page_at: Callable[..., Page], width: int) -> None:
    # An address of numbers is no name a passkey can belong to.
    address = site.address.replace("127.0.0.1", "localhost")
    page = page_at(width)
    with_key(page)
    page.goto(f"{address}/account/login/")
    page.get_by_label("账号或手机号").fill("middle")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/s/hill/")
    page.goto(f"{address}/account/2fa/")
    page.get_by_role("link", name="添加").click()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.get_by_label("给它起个名字").fill("我的手机")
    page.get_by_label("以后只用它登录").check()
    page.get_by_role("button", name="添加").click()
    expect(page.get_by_role("heading", name="恢复码")).to_be_visible()

    page.goto(f"{address}/account/")
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/s/hill/")
    page.goto(f"{address}/account/2fa/keys/")
    expect(page.get_by_text("我的手机")).to_be_visible()
    page.get_by_role("link", name="删除").click()
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="确认").click()
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_text("还没有通行密钥")).to_be_visible()


def test_closing_the_devices_dialog_leaves_the_page_and_says_so(site: Site, page_at: Callable[..., Page]) -> None:
    page = page_at(360)
    with_key(page)
    page.goto(site.address.replace("127.0.0.1", "localhost") + "/account/login/")
    page.get_by_role("button", name="用通行密钥登录").click()
    expect(page.get_by_text("没有完成。可以再试一次")).to_be_visible(timeout=90_000)
