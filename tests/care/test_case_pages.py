"""The pages of a case: from the child's page to the file, and who sees 优先 alone."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.jobs.cases import look_at_cases
from koumen.care.models import Case, CaseNote, Measure, Progress, Referral, Task
from koumen.care.models.findings import Source
from koumen.care.services.closing import ask_close
from koumen.care.services.findings import raise_findings
from koumen.care.services.measures import note_progress
from koumen.care.services.teams import give_seat
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.registry.models import Flag, Staff
from tests.care.stories import MONDAY, begun, closed, helped, proposed, soon
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R12", "R45")]
ActorOf = Callable[..., Actor]
Clients = Callable[[str], Client]
ITS_OWN = 4  # statements of the session and the scope


@pytest.fixture(autouse=True)
def _a_monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def url(name: str, pk: int | None = None, **more: Any) -> str:
    return reverse(f"care:{name}", kwargs={"org": "hill", **({"pk": pk} if pk else {}), **more})


def student_page(hill: Cast, browser: Client, name: str = "阿虎") -> str:
    where = reverse("registry:student", kwargs={"org": "hill", "pk": hill.student(name).pk})
    return browser.get(where).content.decode()


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """From the child's page: opened by hand, help agreed, a line, done, looked at."""
    browser, child = client_of("teacher1"), hill.student("阿虎")
    assert url("case_new", child.pk) in student_page(hill, browser)
    sent = browser.post(url("case_new", child.pk), {"reasons": ["D11"], "why": "上课听不懂", "level": "2"}, follow=True)
    case = Case.objects.get()
    assert sent.redirect_chain == [(url("case", case.pk), 302)]
    assert "加一项措施" in sent.content.decode()
    agreed = {
        "token": str(uuid4()), "kind": "study", "text": "每天补一题", "owner": hill.staff("subject1").pk,
        "due": soon().isoformat(),
    }  # fmt: skip
    for _time in range(2):
        assert browser.post(url("measure_new", case.pk), agreed).status_code == 302
    measure = Measure.objects.get()
    colleague = client_of("subject1")
    assert colleague.post(url("measure_progress", measure.pk), {"line-text": "补了三题"}).status_code == 302
    assert colleague.post(url("measure_finish", measure.pk), {"result-text": "会做了"}).status_code == 302
    page = browser.get(url("case", case.pk)).content.decode()
    for words in ("每天补一题", "补了三题", "结果：会做了", "评估中", "上课听不懂", "学习困难"):
        assert words in page
    assert AuditEntry.objects.filter(verb="case.read", kind="read").count() == 2


def test_closing_alone_is_refused_on_the_page(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    case, browser = proposed(hill, actor("teacher1")), client_of("teacher1")
    assert browser.post(url("case_close", case.pk), {"because": "家长说已经解决"}).status_code == 302
    page = browser.get(url("case", case.pk)).content.decode()
    assert "撤档要由另一位老师确认" in page
    assert url("case_close_confirm", case.pk) not in page
    alone = browser.post(url("case_close_confirm", case.pk))
    assert alone.status_code == 403
    assert "您是申请人，不能自己确认" in alone.content.decode()
    office = client_of("office")
    assert url("case_close_confirm", case.pk) in office.get(url("case", case.pk)).content.decode()
    assert office.post(url("case_close_confirm", case.pk)).status_code == 302
    assert "已撤档" in office.get(url("case", case.pk)).content.decode()


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("measure_new", {"due": "2026-09-13"}, "完成日期不能早于今天"),
        ("measure_new", {"due": "明天"}, "日期"),
        ("measure_new", {"text": "长" * 301}, "300"),
        ("case_note", {"kind": "team", "text": ""}, "必填"),
        ("case_review", {"face": "3", "text": "好", "next_on": "2026-09-01"}, "完成日期不能早于今天"),
        ("case_close", {"because": "好"}, "5 到 500"),
        ("case_close", {"because": "想撤档了可以吗"}, "1 项措施没有办结"),
        ("case_agreement", {"items": "\n".join(str(n) for n in range(11))}, "最多十条"),
        ("case_edit", {"why": ""}, "必填"),
    ],
)
def test_bad_input_is_told_and_kept(
    hill: Cast, actor: ActorOf, client_of: Clients, name: str, typed: dict[str, str], said: str
) -> None:
    case = begun(hill, actor("teacher1"))
    whole = {
        "token": str(uuid4()), "kind": "study", "text": "每天补一题", "owner": hill.staff("subject1").pk,
        "due": soon().isoformat(),
    } | typed if name == "measure_new" else typed  # fmt: skip
    answer = client_of("teacher1").post(url(name, case.pk), whole)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page or "error" in page
    assert all(value in page for value in typed.values())


def test_an_owner_who_left_is_not_offered_and_shown(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    case = begun(hill, actor("teacher1"))
    helped(hill, case, actor("teacher1"), owner="subject1", kind="counsel")
    Staff.objects.filter(name="吴老师").update(is_active=False)
    browser = client_of("teacher1")
    assert "已不在职，请换责任人" in browser.get(url("case", case.pk)).content.decode()
    left = hill.staff("subject1").pk
    sent = {
        "token": str(uuid4()), "kind": "study", "text": "补课", "owner": left, "due": soon().isoformat(),
    }  # fmt: skip
    assert browser.post(url("measure_new", case.pk), sent).status_code == 422


def test_a_problem_found_fills_the_form_for_whoever_has_the_file(
    hill: Cast, actor: ActorOf, client_of: Clients
) -> None:
    child, source = hill.student("阿宝"), uuid4()
    raise_findings(
        child, by=actor("teacher1"), source=Source.VISIT, source_id=source, on=clock.today(), categories=["D11"],
        text="作业写到很晚",
    )  # fmt: skip
    Flag.objects.create(student=child, category="B11", sensitivity=2, starts=clock.today())
    Flag.objects.create(student=child, category="C11", sensitivity=3, starts=clock.today())
    browser = client_of("teacher1")
    offered = browser.get(url("case_candidates")).content.decode()
    assert "作业" not in offered
    assert "学习困难" in offered
    assert "残疾" not in offered
    page = browser.get(url("case_new", child.pk)).content.decode()
    assert "作业写到很晚" in page
    ticked = re.findall(r'value="(\w+)"[^>]*checked', page)
    assert {"D11", "B11"} <= set(ticked)
    assert "C11" not in ticked
    assert "作业写到很晚" not in client_of("subject1").get(url("case_new", child.pk)).content.decode()
    browser.post(url("case_new", child.pk), {"reasons": ["D11"], "why": "作业写到很晚", "level": "1"})
    case = Case.objects.get()
    assert (case.source, case.source_id) == ("visit", source)
    assert case.findings.count() == 1
    assert "阿宝" not in browser.get(url("case_candidates")).content.decode()


def test_the_list_is_filtered_and_leaves_out_what_is_not_open(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    begun(hill, actor("teacher1"), "阿虎")
    closed(hill, actor("teacher1"), actor("office"), "阿宝")
    begun(hill, actor("teacher2"), "阿南")
    shown = {who: client_of(who).get(url("cases")).content.decode() for who in ("teacher1", "office", "principal")}
    assert ["阿虎" in shown[who] for who in shown] == [True, True, False]
    assert ["阿南" in shown[who] for who in shown] == [False, True, False]
    assert "阿宝" not in shown["office"]
    assert "阿宝" in client_of("office").get(url("cases") + "?state=closed").content.decode()
    other = hill.school_class("三年级2班").pk
    page = client_of("office").get(url("cases") + f"?school_class={other}").content.decode()
    assert ("阿南" in page, "阿虎" in page) == (True, False)


def test_seats_that_end_are_renewed_with_one_tap(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    case = begun(hill, actor("teacher1"))
    give_seat(case, by=actor("teacher1"), staff=hill.staff("subject1"), part="helper")
    browser = client_of("teacher1")
    assert "阿虎" not in browser.get(url("case_renewals")).content.decode()
    with clock.at(MONDAY.replace(year=2027, month=2, day=3)):
        page = browser.get(url("case_renewals")).content.decode()
        assert "2027-01-31 已到期" in page
        sent = {"staff": [hill.staff("teacher1").pk, hill.staff("subject1").pk], "back": "list"}
        browser.post(url("case_renew", case.pk), sent)
        assert client_of("subject1").get(url("case", case.pk)).status_code == 200
        assert "阿虎" not in browser.get(url("case_renewals")).content.decode()
        assert browser.post(url("case_renew", case.pk), {}).status_code == 422


def test_on_the_day_of_review_it_is_to_be_looked_at(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    Case.objects.filter(pk=case.pk).update(review_on=clock.today())
    assert look_at_cases(0)["moved"] == 1
    assert Case.objects.get().state == "review"
    assert look_at_cases(0) == {"moved": 0, "asked": 0, "failed": 0}


def test_a_team_whose_time_runs_out_is_a_task_once(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """In the last two weeks of the term the class teacher is asked once; renewed, it is over until the next end."""
    case = begun(hill, actor("teacher1"))
    with clock.at(MONDAY.replace(year=2027, month=1, day=20)):
        assert [look_at_cases(0)["asked"], look_at_cases(0)["asked"]] == [1, 0]
        task = Task.objects.get(about="case_team")
        assert (task.owner, task.title) == (hill.staff("teacher1"), "看一看 A2026-0001 的团队要不要续期")
        sent = {"staff": [hill.staff("teacher1").pk]}
        client_of("teacher1").post(url("case_renew", case.pk), sent)
        task.refresh_from_db()
        assert (task.state, case.seats.get().ends.isoformat()) == ("done", "2027-08-31")
    with clock.at(MONDAY.replace(year=2027, month=2, day=1)):
        assert look_at_cases(0)["asked"] == 0
    with clock.at(MONDAY.replace(year=2027, month=8, day=20)):
        assert look_at_cases(0)["asked"] == 1


@pytest.mark.parametrize("page", ["case", "notes", "team", "cases", "case_candidates", "case_renewals", "measure"])
def test_pages_take_few_statements_whatever_they_hold(
    hill: Cast, actor: ActorOf, client_of: Clients, django_assert_max_num_queries: Any, page: str
) -> None:
    """Twelve besides those of the session and the scope, with thirty rows of each kind."""
    case, by = begun(hill, actor("teacher1")), actor("teacher1")
    begun(hill, by, "阿宝")
    for n in range(30):
        row = helped(hill, case, by, kind="other", text=f"第{n}项")
        Progress.objects.create(measure=row, text="做了", by=hill.staff("teacher1"), at=clock.now())
        CaseNote.objects.create(case=case, text=f"第{n}条", by=hill.staff("teacher1"), at=clock.now())
        Referral.objects.create(case=case, to="civil", subject="救助", due=soon(), sent_at=clock.now())
    one = Measure.objects.filter(case=case).first()
    assert one is not None
    note_progress(one, by=by, text="又做了")
    browser = client_of("teacher1")
    where = {
        "case": url("case", case.pk), "notes": url("case", case.pk) + "?tab=notes",
        "team": url("case", case.pk) + "?tab=team", "measure": url("measure", one.pk),
    }.get(page) or url(page)  # fmt: skip
    browser.get(where)
    with django_assert_max_num_queries(12 + ITS_OWN):
        assert browser.get(where).status_code == 200


def test_the_office_is_asked_to_confirm_and_finds_it_in_the_list(
    hill: Cast, actor: ActorOf, client_of: Clients
) -> None:
    ask_close(proposed(hill, actor("teacher1")), by=actor("teacher1"), because="家长说已经解决")
    page = client_of("office").get(url("cases") + "?state=closing").content.decode()
    assert "等撤档确认" in page


@pytest.mark.parametrize(("brought", "source"), [("import", "import"), ("teacher", "flag")])
def test_a_case_from_a_flag_says_where_it_came_from(hill: Cast, client_of: Clients, brought: str, source: str) -> None:
    """A flag the roster brought along, or one a teacher set: the child is offered, the form is filled."""
    child = hill.student("阿宝")
    Flag.objects.create(student=child, category="A12", sensitivity=2, source=brought, starts=clock.today())
    browser = client_of("teacher1")
    assert "阿宝" in browser.get(url("case_candidates")).content.decode()
    browser.post(url("case_new", child.pk), {"reasons": ["A12"], "why": "父母在外", "level": "1"})
    assert (Case.objects.get().source, Case.objects.get().reasons) == (source, ["A12"])
