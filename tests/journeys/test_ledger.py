"""The ledger, a referral answered by the bureau, a report of harm, and a transfer, in a real browser (J7.2)."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from koumen.care.models import CaseNote, CaseTransfer, NameList
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.registry.models import Account, SchoolClass, Student
from koumen.registry.queries.actors import actor_for
from tests.care.problems import problem
from tests.care.stories import begun
from tests.care.test_harm import reported
from tests.cast import Cast
from tests.journeys.site import Site, furnished_site
from tests.journeys.test_axe import too_wide, violations

pytestmark = [pytest.mark.journey, pytest.mark.rows("R9", "R10", "R35")]
PageAt = Callable[..., Page]
SEALED = "孩子只跟我说的话"


def _as(username: str, slug: str = "hill") -> Actor:
    found = actor_for(Account.objects.get(username=username), slug)
    assert found is not None
    return found


def furnish() -> dict[str, str]:
    """Problems of each kind, a case with a sealed note, a report of harm, a list to approve, a case asked to come."""
    cast, hill = Cast(), "/s/hill"
    with scope.enter(cast.hill.pk):
        problem(cast, "阿梅", "A12", days=41, text="爸妈都在外地")
        one = problem(cast, days=3)
        problem(cast, "阿乐", "D21", days=30, owner=cast.staff("subject1"))
        problem(
            cast, "阿南", state="closed", closed_at=clock.now(), result="同桌结对", closed_by=cast.staff("teacher2")
        )
        case = begun(cast, _as("teacher1"))
        CaseNote.objects.create(case=case, kind="sealed", text=SEALED, by=cast.staff("teacher1"), at=clock.now())
        harm = reported(cast, _as("subject1"), "阿宝")
        NameList.objects.create(
            kind="ledger", because="县里专项检查，查后删除", children=62, asked_by=cast.staff("teacher1"),
            asked_at=clock.now() - timedelta(hours=2),
        )  # fmt: skip
        head = {"name": "阿斗", "unit": "一年级1班", "code": "A2026-0007", "measures": 2, "notes": 4, "sealed": 1,
                "family_told": "当面告知奶奶"}  # fmt: skip
        came = CaseTransfer.objects.create(
            way="in", other_org=cast.river, payload=json.dumps(head), asked_by="赵主任", asked_at=clock.now()
        )
    with scope.enter(cast.river.pk):
        Student.objects.create(name="阿虎", school_class=SchoolClass.objects.get())
    return {
        "ledger": f"{hill}/ledger/",
        "numbers": f"{hill}/ledger/numbers/",
        "finding": f"{hill}/ledger/{one.pk}/",
        "names": f"{hill}/names/",
        "case": f"{hill}/cases/{case.pk}/",
        "refer": f"{hill}/cases/{case.pk}/refer/",
        "go": f"{hill}/cases/{case.pk}/transfer/",
        "harms": f"{hill}/harm/",
        "report": f"{hill}/harm/new/",
        "harm": f"{hill}/harm/{harm.case_id}/",
        "own": f"{hill}/harm/own/{harm.pk}/",
        "referrals": f"{hill}/referrals/",
        "came": f"{hill}/transfers/{came.pk}/",
    }


WHO = {"own": "subject1", "report": "subject1", "numbers": "principal"}


@pytest.fixture(scope="module")
def furnished(django_db_blocker: Any) -> Iterator[tuple[Site, dict[str, str]]]:
    """A site of this file's own."""
    with django_db_blocker.unblock(), furnished_site(furnish) as found:
        yield found


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_sound(furnished: tuple[Site, dict[str, str]], page_at: PageAt, width: int) -> None:
    """axe finds nothing on any of these pages, and nothing is wider than the screen."""
    site, pages = furnished
    page, faults = page_at(width), {}
    for name, address in pages.items():
        site.sign_in(page, WHO.get(name, "office"))
        answer = page.goto(site.address + address)
        assert answer is not None
        assert answer.status == 200, name
        if found := [*violations(page), *too_wide(page)]:
            faults[name] = found
    assert not faults


def test_a_referral_is_checked_sent_accepted_and_reported_back(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """At 360 px: the teacher sees exactly what goes, the bureau answers from its own copy, the result comes back."""
    site, pages = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + pages["case"])
    page.get_by_role("link", name="转介", exact=True).last.click()
    page.get_by_text("教育局", exact=True).click()
    page.get_by_label("事由").fill("请专业评估")
    page.get_by_label("要转出的内容").fill("请心理中心评估一次。")
    page.get_by_label("怎么告知家长的").fill("电话告知爷爷，同意")
    page.get_by_role("button", name="下一步：核对").click()
    expect(page.get_by_text("请核对：对方会看到的就是这些")).to_be_visible()
    expect(page.get_by_text("学生：阿虎（三年级1班）")).to_be_visible()
    page.get_by_role("button", name="就转出这些").click()
    expect(page.get_by_text("等对方受理")).to_be_visible()
    sent = page.url

    bureau = page_at(1280)
    site.sign_in(bureau, "officer")
    bureau.goto(f"{site.address}/s/bureau/")
    bureau.get_by_role("link", name="转介").first.click()
    bureau.get_by_role("link", name="请专业评估").click()
    expect(bureau.get_by_text("请心理中心评估一次。")).to_be_visible()
    assert SEALED not in bureau.content()
    bureau.get_by_role("button", name="受理").click()
    bureau.get_by_label("说明").fill("已评估，建议每周沟通")
    bureau.get_by_role("button", name="反馈结果").click()
    expect(bureau.get_by_text("已反馈结果", exact=True)).to_be_visible()

    page.goto(sent)
    expect(page.get_by_text("已评估，建议每周沟通")).to_be_visible()


def test_a_problem_is_closed_from_the_ledger_on_a_phone(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """What is overdue stands first; closed with a sentence it leaves the list."""
    site, pages = furnished
    page = page_at(360)
    site.sign_in(page, "teacher1")
    page.goto(site.address + pages["ledger"])
    expect(page.locator("#ledger").get_by_role("link").first).to_have_text("阿梅")
    page.locator("#ledger").get_by_role("link", name="阿梅").click()
    page.get_by_label("怎么解决的").fill("每周和妈妈视频一次")
    page.get_by_role("button", name="办结").click()
    expect(page.get_by_text("每周和妈妈视频一次")).to_be_visible()
    page.goto(site.address + pages["ledger"])
    expect(page.locator("#ledger").get_by_role("link", name="阿梅")).to_have_count(0)


def test_harm_is_reported_and_its_steps_get_their_times(
    furnished: tuple[Site, dict[str, str]], page_at: PageAt
) -> None:
    """A subject teacher reports on the phone; the principal writes down the call; the reporter sees none of it."""
    site, pages = furnished
    page = page_at(360)
    site.sign_in(page, "subject1")
    page.goto(site.address + pages["report"])
    page.get_by_label("班级").select_option(label="三年级2班")
    page.get_by_label("学生姓名").fill("阿南")
    page.get_by_text("身上有伤、疑似被打骂虐待").click()
    page.get_by_label("看到或听到的").fill("手臂青紫")
    page.get_by_role("button", name="报告", exact=True).click()
    expect(page.get_by_text("已送达知情人")).to_be_visible()

    head = page_at(1280)
    site.sign_in(head, "principal")
    head.goto(site.address + pages["harms"])
    head.locator("#harms").get_by_role("link").first.click()
    expect(head.get_by_text("手臂青紫")).to_be_visible()
    step = head.get_by_role("listitem").filter(has_text="已向公安机关报案")
    step.get_by_text("记下这一步").click()
    step.get_by_label("找了谁、几点、怎么答复").fill("110，王警官，10:20")
    step.get_by_role("button", name="记下").click()
    expect(head.get_by_text("林校长 · 110，王警官，10:20")).to_be_visible()
    page.reload()
    assert "王警官" not in page.content()
