"""转介: exactly what was shown goes, to a copy of its own; accepted, returned, reported back, late (J7.2)."""

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from docx import Document

from koumen.care.models import Case, CaseNote, Referral, Task
from koumen.care.services.tasks import finish
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, InboxNote, OutboxMessage
from koumen.registry.models import Org
from tests.care.stories import begun, soon
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R35")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
WORDS = "请心理中心评估一次，家长同意。"


@pytest.fixture
def case(hill: Cast, actor: Actors) -> Case:
    return begun(hill, actor("teacher1"))


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "to": "bureau", "subject": "请专业评估", "words": WORDS, "has_name": "on", "family_told": "电话告知爷爷，同意",
        "due": soon().isoformat(), "did": "preview", "token": str(uuid4()),
    } | more  # fmt: skip


def shown_in(page: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found is not None, page
    return found[1]


def send(browser: Client, case: Case, form: dict[str, Any]) -> Referral:
    """Through both pages, as a person does."""
    url = f"/s/hill/cases/{case.pk}/refer/"
    page = browser.post(url, form).content.decode()
    answer = browser.post(url, form | {"did": "send", "shown": shown_in(page)})
    assert answer.status_code == 302, answer.content.decode()
    with scope.enter(case.org_id):
        found: Referral = Referral.objects.get(pk=int(answer.headers["Location"].rstrip("/").rpartition("/")[2]))
    return found


def test_it_works(hill: Cast, case: Case, client_of: Clients, actor: Actors) -> None:
    """Shown before sending, received by the bureau as its own copy, accepted, reported back; the sender is told."""
    CaseNote.objects.create(case=case, kind="sealed", text="密封内容", by=hill.staff("teacher1"), at=clock.now())
    browser, url = client_of("teacher1"), f"/s/hill/cases/{case.pk}/refer/"
    page = browser.post(url, typed(hill)).content.decode()
    assert "学生：阿虎（三年级1班）<br>请心理中心评估一次，家长同意。" in page
    assert not Referral.objects.exists()
    row = send(browser, case, typed(hill))
    assert row.passed_on == f"学生：阿虎（三年级1班）\n{WORDS}"
    assert Task.objects.get(about="referral").owner == hill.staff("teacher1")
    officer = client_of("officer")
    with scope.enter(hill.bureau.pk):
        copy = Referral.objects.get()
        assert (copy.passed_on, copy.case, copy.sent_from) == (row.passed_on, None, "青山小学")
        assert OutboxMessage.objects.get().subject == "收到一件转介，请受理"
    assert "请专业评估" in officer.get("/s/bureau/referrals/").content.decode()
    one = officer.get(f"/s/bureau/referrals/{copy.pk}/").content.decode()
    assert WORDS in one
    assert "密封内容" not in one
    assert officer.post(f"/s/bureau/referrals/{copy.pk}/", {"did": "accept"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answered_by) == ("accepted", "云岭县教育局 钱业务员")
    officer.post(f"/s/bureau/referrals/{copy.pk}/", {"did": "report", "words": "已评估，建议家校每周沟通"})
    row.refresh_from_db()
    assert (row.state, row.report) == ("reported", "已评估，建议家校每周沟通")
    assert Task.objects.get(about="referral").state == "done"
    said = OutboxMessage.objects.filter(account_id=hill.account("teacher1").pk).latest("pk")
    assert said.subject == f"转介 {row.pk}：已反馈结果"
    assert "阿虎" not in said.subject + said.body
    assert "已评估" in browser.get(f"/s/hill/referrals/{row.pk}/").content.decode()
    assert AuditEntry.objects.filter(verb="referral.read", target=f"care.referral:{row.pk}").exists()


def test_other_words_than_those_shown_are_not_sent(hill: Cast, case: Case, client_of: Clients) -> None:
    browser, url = client_of("teacher1"), f"/s/hill/cases/{case.pk}/refer/"
    form = typed(hill)
    shown = shown_in(browser.post(url, form).content.decode())
    answer = browser.post(url, form | {"words": "别的话", "did": "send", "shown": shown})
    assert answer.status_code == 422
    assert "再核对一次" in answer.content.decode()
    assert not Referral.objects.exists()


def test_sent_twice_it_goes_once(hill: Cast, case: Case, client_of: Clients) -> None:
    browser, url, form = client_of("teacher1"), f"/s/hill/cases/{case.pk}/refer/", typed(hill)
    form |= {"did": "send", "shown": shown_in(browser.post(url, form).content.decode())}
    first, second = browser.post(url, form), browser.post(url, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Referral.objects.count() == 1
    with scope.enter(hill.bureau.pk):
        assert Referral.objects.count() == 1


def test_a_page_used_for_one_case_is_refused_for_another(
    hill: Cast, case: Case, client_of: Clients, actor: Actors
) -> None:
    browser, form = client_of("teacher1"), typed(hill)
    send(browser, case, form)
    url = f"/s/hill/cases/{begun(hill, actor('teacher1'), '阿宝').pk}/refer/"
    form |= {"did": "send", "shown": shown_in(browser.post(url, form).content.decode())}
    answer = browser.post(url, form)
    assert answer.status_code == 422
    assert "重新打开" in answer.content.decode()


def test_without_the_name_no_name_goes(hill: Cast, case: Case, client_of: Clients) -> None:
    form = typed(hill)
    del form["has_name"]
    assert "阿虎" not in send(client_of("teacher1"), case, form).passed_on


def test_another_school_returns_it_with_a_reason(hill: Cast, case: Case, client_of: Clients) -> None:
    row = send(client_of("teacher1"), case, typed(hill, to="school", other_org=hill.river.pk))
    office = client_of("office2")
    with scope.enter(hill.river.pk):
        copy = Referral.objects.get()
    url = f"/s/river/referrals/{copy.pk}/"
    assert office.post(url, {"did": "return", "words": " "}).status_code == 422
    assert office.post(url, {"did": "return", "words": "孩子不在我校"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason) == ("returned", "孩子不在我校")
    assert office.post(url, {"did": "accept"}).status_code == 422
    assert client_of("teacher3").get(url).status_code == 404


def test_to_a_colleague_it_is_a_task_and_the_task_is_the_report(
    hill: Cast, case: Case, client_of: Clients, actor: Actors
) -> None:
    send(client_of("teacher1"), case, typed(hill, to="office", to_staff=hill.staff("middle").pk))
    copy = Referral.objects.get(way="in")
    assert WORDS in client_of("middle").get(f"/s/hill/referrals/{copy.pk}/").content.decode()
    assert client_of("subject1").get(f"/s/hill/referrals/{copy.pk}/").status_code == 404
    task = Task.objects.get(owner=hill.staff("middle"))
    finish(task, by=actor("middle"), sentence="谈过了，安排了资助")
    assert Referral.objects.get(way="out").report == "谈过了，安排了资助"
    assert not Task.objects.open().filter(about="referral").exists()


def test_a_partner_gets_a_letter_and_its_answer_is_written_down(hill: Cast, case: Case, client_of: Clients) -> None:
    browser = client_of("teacher1")
    row = send(browser, case, typed(hill, to="community", to_name="柳树村委会", has_contact="on"))
    file = browser.get(f"/s/hill/referrals/{row.pk}/letter/")
    document = Document(BytesIO(file.content))
    text = "\n".join(cell.text for table in document.tables for line in table.rows for cell in line.cells)
    for part in ("柳树村委会", WORDS, "阿虎爷爷，10000000002", "是否受理"):
        assert part in text
    assert "陈老师" in document.sections[0].footer.paragraphs[0].text
    url = f"/s/hill/referrals/{row.pk}/"
    assert browser.post(url, {"did": "report", "words": "已走访", "who": ""}).status_code == 422
    assert browser.post(url, {"did": "report", "words": "已走访", "who": "村主任"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.report, row.answered_by) == ("reported", "已走访", "村主任")
    assert not Task.objects.open().filter(about="referral").exists()


def test_taken_back_the_copy_tells_nothing_more(hill: Cast, case: Case, client_of: Clients) -> None:
    browser = client_of("teacher1")
    row = send(browser, case, typed(hill))
    assert browser.post(f"/s/hill/referrals/{row.pk}/", {"did": "withdraw"}).status_code == 302
    with scope.enter(hill.bureau.pk):
        copy = Referral.objects.get()
        assert (copy.state, copy.passed_on) == ("withdrawn", "")
    assert WORDS not in client_of("officer").get(f"/s/bureau/referrals/{copy.pk}/").content.decode()
    assert browser.post(f"/s/hill/referrals/{row.pk}/", {"did": "withdraw"}).status_code == 422


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"to": "office"}, "请选校内由谁受理"), ({"to": "school"}, "请选一所学校"),
        ({"to": "police"}, "写明转给哪个单位"), ({"family_told": " "}, "必填项"),
        ({"due": "2020-01-01"}, "不能早于今天"), ({"words": " "}, "必填项"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_a_sentence_and_kept(
    hill: Cast, case: Case, client_of: Clients, more: dict[str, Any], sentence: str
) -> None:
    answer = client_of("teacher1").post(f"/s/hill/cases/{case.pk}/refer/", typed(hill, **more))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "请专业评估" in page
    assert not Referral.objects.exists()


def test_to_oneself_it_is_refused(hill: Cast, case: Case, client_of: Clients) -> None:
    """Neither the own school nor the own name stands in the lists; sent all the same, it is refused."""
    browser, url = client_of("teacher1"), f"/s/hill/cases/{case.pk}/refer/"
    for more in ({"to": "school", "other_org": hill.hill.pk}, {"to": "office", "to_staff": hill.staff("teacher1").pk}):
        assert browser.post(url, typed(hill, **more)).status_code == 422
    assert not Referral.objects.exists()


def test_it_is_late_from_the_day_after_and_first_in_the_list(hill: Cast, case: Case, client_of: Clients) -> None:
    browser = client_of("teacher1")
    row = send(browser, case, typed(hill))
    with clock.at(clock.now() + timedelta(days=14)):
        assert "逾期" not in browser.get("/s/hill/referrals/").content.decode()
    with clock.at(clock.now() + timedelta(days=16)):
        assert "逾期 2 天" in browser.get("/s/hill/referrals/").content.decode()
        assert "逾期 2 天" in browser.get(f"/s/hill/referrals/{row.pk}/").content.decode()


def test_a_school_without_a_bureau_is_told_to_print(hill: Cast, case: Case, client_of: Clients) -> None:
    Org.objects.filter(pk=hill.hill.pk).update(parent=None)
    answer = client_of("teacher1").post(f"/s/hill/cases/{case.pk}/refer/", typed(hill))
    assert "没有登记上级教育局" in answer.content.decode()
    assert not InboxNote.objects.exists()
