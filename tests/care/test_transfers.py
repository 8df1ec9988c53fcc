"""转接: asked, refused or taken in; from then on the old school has nothing more, and sealed notes go nowhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from koumen.care.models import Case, CaseAgreement, CaseNote, CaseTransfer, Finding, Measure, Task
from koumen.care.models.findings import Source
from koumen.care.policies.cases import CASE_AGREEMENT
from koumen.care.services.cases import open_case
from koumen.care.services.transfers import accept_transfer, ask_transfer
from koumen.core import clock, links, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Guardian, SchoolClass, Student
from tests.care.problems import problem
from tests.care.stories import begun
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R45")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture
def case(hill: Cast, actor: Actors) -> Case:
    problem(hill)
    row = begun(hill, actor("teacher1"), why="爸妈外出，跟不上")
    for kind, text in (("team", "爷爷很配合"), ("sealed", "孩子说的悄悄话")):
        CaseNote.objects.create(case=row, kind=kind, text=text, by=hill.staff("teacher1"), at=clock.now())
    return row


@pytest.fixture
def child(hill: Cast) -> Student:
    """The same child on the other school's roll."""
    with scope.enter(hill.river.pk):
        row: Student = Student.objects.create(name="阿虎", school_class=SchoolClass.objects.get())
    return row


@pytest.fixture
def asked(hill: Cast, case: Case, actor: Actors) -> CaseTransfer:
    """The receiving school's row."""
    ask_transfer(case, by=actor("teacher1"), school=hill.river, family_told="当面告知爷爷")
    with scope.enter(hill.river.pk):
        found: CaseTransfer = CaseTransfer.objects.get()
    return found


def test_it_works(hill: Cast, case: Case, child: Student, client_of: Clients) -> None:
    """Asked on the case's page; before it is accepted nothing written is seen; then the file is there and not here."""
    teacher, office = client_of("teacher1"), client_of("office2")
    door = f"/s/hill/cases/{case.pk}/transfer/"
    assert door in teacher.get(f"/s/hill/cases/{case.pk}/").content.decode()
    assert teacher.post(door, {"school": hill.river.pk, "family_told": "当面告知爷爷"}).status_code == 302
    with scope.enter(hill.river.pk):
        row = CaseTransfer.objects.get()
        assert OutboxMessage.objects.get().account_id == hill.account("office2").pk
    url = f"/s/river/transfers/{row.pk}/"
    assert url in office.get("/s/river/referrals/").content.decode()
    page = office.get(url).content.decode()
    assert "阿虎（三年级1班）" in page
    for hidden in ("跟不上", "爷爷很配合", "悄悄话", "每周二"):
        assert hidden not in page
    answer = office.post(url, {"did": "take", "student": child.pk})
    assert answer.status_code == 302
    there = office.get(answer.headers["Location"]).content.decode()
    assert "跟不上" in there
    with scope.enter(hill.river.pk):
        new = Case.objects.get()
        assert (new.student, new.state, new.source) == (child, "open", "transfer")
        assert Measure.objects.get(case=new).text == "每周二课后辅导"
        note = CaseNote.objects.get(case=new)
        assert "爷爷很配合" in note.text
        assert "悄悄话" not in note.text
        assert "另有 1 条密封记录" in note.text
        assert CaseTransfer.objects.get().payload == ""


def test_the_old_school_has_no_access_any_more(
    hill: Cast, case: Case, child: Student, asked: CaseTransfer, actor: Actors, client_of: Clients
) -> None:
    agreement = CaseAgreement.objects.create(
        case=case, items=["每天读书"], made_by=hill.staff("teacher1"), made_at=clock.now()
    )
    guardian = Guardian.objects.get(name="阿虎爷爷")
    secret = links.issue(CASE_AGREEMENT, person_id=guardian.pk, object_id=agreement.pk)
    finding, measure = Finding.objects.get(), Measure.objects.get(case=case)
    with scope.enter(hill.river.pk):
        accept_transfer(asked, by=actor("office2", "river"), student=child)
    case.refresh_from_db()
    assert case.state == "moved"
    for who in ("office", "teacher1", "principal"):
        browser = client_of(who)
        for gone in (f"cases/{case.pk}", f"ledger/{finding.pk}", f"cases/{case.pk}/refer", f"measures/{measure.pk}"):
            assert browser.get(f"/s/hill/{gone}/").status_code in (403, 404), gone
        assert case.code not in browser.get("/s/hill/cases/").content.decode()
    assert not Task.objects.open().exists()
    link = links.find(secret)
    assert link is not None
    assert not links.is_live(link)
    assert not case.seats.exists()
    said = OutboxMessage.objects.filter(account_id=hill.account("teacher1").pk).latest("pk")
    assert said.subject == "一份个案的转接：已接收"
    page = client_of("teacher1").get(said.url).content.decode()
    assert "已接收" in page
    assert "阿虎" not in page
    assert AuditEntry.objects.get(verb="transfer.hand_over").target == f"care.case:{case.pk}"
    with pytest.raises(Conflict), scope.enter(hill.river.pk):
        accept_transfer(asked, by=actor("office2", "river"), student=child)


def test_a_school_that_refuses_says_why_and_the_case_goes_on(
    hill: Cast, case: Case, asked: CaseTransfer, client_of: Clients
) -> None:
    office, url = client_of("office2"), f"/s/river/transfers/{asked.pk}/"
    assert office.post(url, {"did": "refuse", "reason": " "}).status_code == 422
    assert office.post(url, {"did": "refuse", "reason": "孩子没有来报到"}).status_code == 302
    mine = CaseTransfer.objects.get(way="out")
    assert (mine.state, mine.reason, mine.payload) == ("refused", "孩子没有来报到", "")
    teacher = client_of("teacher1")
    assert "孩子没有来报到" in teacher.get(f"/s/hill/transfers/{mine.pk}/").content.decode()
    assert teacher.get(f"/s/hill/cases/{case.pk}/").status_code == 200
    said = OutboxMessage.objects.filter(account_id=hill.account("teacher1").pk).latest("pk")
    assert "未接收" in said.subject
    assert "阿虎" not in said.subject + said.body


def test_without_such_a_child_on_the_roll_it_cannot_be_taken_in(
    hill: Cast, asked: CaseTransfer, client_of: Clients
) -> None:
    office, url = client_of("office2"), f"/s/river/transfers/{asked.pk}/"
    assert "还没有这名学生" in office.get(url).content.decode()
    with scope.enter(hill.river.pk):
        other = Student.objects.get(name="河生")
    assert office.post(url, {"did": "take", "student": other.pk}).status_code == 422
    with scope.enter(hill.river.pk):
        assert not Case.objects.exists()


def test_a_child_that_has_a_case_there_keeps_it(hill: Cast, child: Student, asked: CaseTransfer, actor: Actors) -> None:
    by = actor("office2", "river")
    with scope.enter(hill.river.pk):
        known = open_case(child, by=by, source=Source.TEACHER, reasons=["D21"], why="新来的，坐不住")
        assert accept_transfer(asked, by=by, student=child) == known
        known.refresh_from_db()
        assert known.why == "新来的，坐不住"
        assert "爷爷很配合" in CaseNote.objects.get(case=known).text


def test_taken_back_it_cannot_be_taken_in(
    hill: Cast, child: Student, asked: CaseTransfer, actor: Actors, client_of: Clients
) -> None:
    mine = CaseTransfer.objects.get(way="out")
    assert client_of("teacher1").post(f"/s/hill/transfers/{mine.pk}/", {"did": "withdraw"}).status_code == 302
    page = client_of("office2").get(f"/s/river/transfers/{asked.pk}/").content.decode()
    assert "阿虎" not in page
    with scope.enter(hill.river.pk), pytest.raises(Conflict):
        accept_transfer(asked, by=actor("office2", "river"), student=child)


def test_closed_meanwhile_it_cannot_be_taken_in(
    hill: Cast, case: Case, child: Student, asked: CaseTransfer, actor: Actors
) -> None:
    Case.objects.filter(pk=case.pk).update(state="closed")
    with scope.enter(hill.river.pk), pytest.raises(Conflict):
        accept_transfer(asked, by=actor("office2", "river"), student=child)


def test_bad_input(hill: Cast, case: Case, actor: Actors) -> None:
    """To oneself, to the bureau, without telling the family, twice: a sentence each."""
    by = actor("teacher1")
    for school, told in ((hill.hill, "告知"), (hill.bureau, "告知"), (hill.river, " ")):
        with pytest.raises(Invalid):
            ask_transfer(case, by=by, school=school, family_told=told)
    ask_transfer(case, by=by, school=hill.river, family_told="告知")
    with pytest.raises(Conflict, match="正在等"):
        ask_transfer(case, by=by, school=hill.river, family_told="告知")


def test_help_that_was_nearly_due_gets_time_to_begin(
    hill: Cast, child: Student, asked: CaseTransfer, actor: Actors
) -> None:
    with clock.at(clock.now() + timedelta(days=30)), scope.enter(hill.river.pk):
        new = accept_transfer(asked, by=actor("office2", "river"), student=child)
        assert Measure.objects.get(case=new).due == clock.today() + timedelta(days=14)
