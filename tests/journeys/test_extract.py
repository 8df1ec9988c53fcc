"""J7.3, to the extract: a village is blocked, so is one match; generalised, second reader, consent, taken back."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from koumen.care.models import Case
from koumen.care.models.findings import Source
from koumen.care.services.cases import open_case
from koumen.care.services.extracts import begin
from koumen.core import clock, scope
from koumen.registry.models import Account, Flag, Student
from koumen.registry.queries.actors import actor_for
from tests.cast import Cast
from tests.journeys.site import Site, furnished_site
from tests.journeys.test_axe import sound

pytestmark = [pytest.mark.journey, pytest.mark.rows("R35", "R37", "R11")]
PageAt = Callable[..., Page]
ALIKE = ("阿虎", "阿梅", "阿宝", "阿乐", "阿南")


def furnish() -> str:
    """A case of 阿虎, who shares one category with four others and has another alone; the extract's address."""
    cast = Cast()
    with scope.enter(cast.hill.pk):
        by = actor_for(Account.objects.get(username="teacher1"), "hill")
        assert by is not None
        for child in Student.objects.filter(name__in=ALIKE):
            Flag.objects.create(student=child, category="D11", sensitivity=1, starts=clock.today())
        Flag.objects.create(student=cast.student("阿虎"), category="E11", sensitivity=1, starts=clock.today())
        case: Case = open_case(cast.student("阿虎"), by=by, source=Source.TEACHER, reasons=["D11", "E11"], why="跟不上")
        return f"/s/hill/extracts/{begin(case, by=by).pk}/"


@pytest.fixture(scope="module")
def furnished(django_db_blocker: Any) -> Iterator[tuple[Site, str]]:
    with django_db_blocker.unblock(), furnished_site(furnish) as found:
        yield found


def save(page: Page, text: str) -> None:
    page.get_by_label("题目").fill("慢一点也能到")
    page.get_by_label("正文").fill(text)
    page.get_by_role("button", name="保存并检查").click()


def test_from_a_blocked_text_to_consent_and_back(furnished: tuple[Site, str], page_at: PageAt) -> None:
    site, address = furnished
    page, reader, family = page_at(1280), page_at(360), page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + address)
    save(page, "该生家在柳树村，学习有些吃力，老师每周帮他补一次课。")
    expect(page.locator("mark", has_text="柳树村")).to_be_visible()  # the village blocks it
    expect(page.get_by_text("只有 1 名孩子符合")).to_be_visible()  # and so does one match
    expect(page.get_by_text("只写学习困难，有 5 名")).to_be_visible()
    sound(page)
    page.get_by_label("进城务工人员随迁子女").uncheck()
    save(page, "该生学习有些吃力，老师每周帮他补一次课，两个月后作业能按时交了。")
    expect(page.get_by_text("符合描述的孩子有 5 名")).to_be_visible()
    page.get_by_label("请谁审读").select_option(label="周主任")
    page.get_by_role("button", name="请他审读").click()
    site.sign_in(reader, "office")
    reader.goto(f"{site.address}/s/hill/tasks/")
    reader.get_by_role("link", name="审读一篇个案摘编").click()  # a task of the reader's own
    reader.get_by_role("link", name="打开相关内容").click()
    sound(reader)
    reader.get_by_role("button", name="看不出，通过").click()
    expect(reader.get_by_text("谢谢您的审读")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="生成家长的链接").click()
    link = re.search(r"https?://\S+/l/\S+", page.locator("[id^=consent-]").inner_text())
    assert link is not None
    family.goto(link[0])
    sound(family)
    expect(family.get_by_role("heading", name="可以给其他老师看吗？")).to_be_visible()
    sound(family)
    family.get_by_role("button", name="同意", exact=True).click()
    expect(family.get_by_role("heading", name="您已同意")).to_be_visible()
    page.goto(f"{site.address}/s/hill/extracts/")
    expect(page.get_by_text("可入案例库")).to_be_visible()
    sound(page)
    family.get_by_role("button", name="收回同意").click()
    expect(family.get_by_role("heading", name="这篇文字不会公开")).to_be_visible()
    page.reload()
    expect(page.get_by_text("已撤回")).to_be_visible()
