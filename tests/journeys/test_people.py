"""People in a real browser: a new colleague's first day, and a child's file opened for a reason."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.site import Site

pytestmark = [pytest.mark.journey, pytest.mark.rows("R45")]


def test_a_new_colleague_from_the_staff_list_to_the_own_class(own_site: Site, page_at: Callable[..., Page]) -> None:
    """The administrator resets the account, the teacher signs in once with it, chooses a password, sees the class."""
    admin = page_at(1280)
    own_site.sign_in(admin, "sysadmin")
    admin.goto(f"{own_site.address}/s/hill/staff/")
    admin.get_by_role("link", name="陈老师").click()
    admin.get_by_role("button", name="重置密码").click()
    admin.get_by_role("dialog").get_by_role("button", name="确定").click()
    password = admin.locator("#one-time-password").inner_text()

    teacher = page_at(360)
    teacher.goto(f"{own_site.address}/account/login/")
    teacher.get_by_label("账号或手机号").fill("teacher1")
    teacher.get_by_label("密码").fill(password)
    teacher.get_by_role("button", name="登录", exact=True).click()
    expect(teacher.get_by_text("请先换成自己的密码")).to_be_visible()
    teacher.get_by_label("现在的密码").fill(password)
    teacher.get_by_label("新密码", exact=True).or_(teacher.locator("[name=password1]")).first.fill("an-own-long-word")
    teacher.locator("[name=password2]").fill("an-own-long-word")
    teacher.get_by_role("button", name="修改密码").click()
    expect(teacher.get_by_role("heading", name="陈老师")).to_be_visible()
    teacher.get_by_role("link", name="我的班级").last.click()
    expect(teacher.get_by_role("link", name="阿虎")).to_be_visible()


def test_a_file_opened_for_a_reason_and_a_value_on_pressing(own_site: Site, page_at: Callable[..., Page]) -> None:
    principal = page_at(360)
    own_site.sign_in(principal, "principal")
    principal.goto(f"{own_site.address}/s/hill/classes/?q=阿梅")
    principal.get_by_role("link", name="阿梅").click()
    expect(principal.get_by_text("阿梅妈妈")).to_have_count(0)
    principal.get_by_label("原因").fill("家长来校反映孩子情绪低落")
    principal.get_by_role("button", name="打开资料").click()
    expect(principal.get_by_text("阿梅妈妈")).to_be_visible()
    expect(principal.get_by_text("10000000001")).to_have_count(0)
    principal.get_by_role("listitem").filter(has_text="阿梅妈妈").get_by_role("button", name="显示").click()
    expect(principal.get_by_text("10000000001")).to_be_visible()

    teacher = page_at(360)
    own_site.sign_in(teacher, "teacher1")
    said = teacher.get_by_role("strong").filter(has_text="林校长查阅了您班一名学生的资料")
    for _second in range(30):  # the worker delivers it
        teacher.goto(f"{own_site.address}/s/hill/inbox/")
        if said.count():
            break
        teacher.wait_for_timeout(1000)
    teacher.get_by_role("button", name="查看").click()
    expect(teacher.get_by_text("林校长:家长来校反映孩子情绪低落")).to_be_visible()
