"""Who sees how much of a case: 优先, the help, the file, what is sealed."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Case, CaseSeat, Finding, HarmReport
from koumen.care.models.findings import Source
from koumen.care.services.casework import add_note
from koumen.care.services.findings import raise_findings
from koumen.care.services.measures import hand_over_measure
from koumen.care.services.teams import give_seat, renew_seats
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Invalid
from koumen.registry.models import Student
from tests.care.stories import MONDAY, begun, helped, proposed
from tests.cast import Cast
from tests.visits.stories import planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R12", "R45")]
ActorOf = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _a_monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def url(name: str, pk: int | None = None, **more: Any) -> str:
    return reverse(f"care:{name}", kwargs={"org": "hill", **({"pk": pk} if pk else {}), **more})


def student_page(hill: Cast, browser: Client, name: str = "阿虎") -> str:
    where = reverse("registry:student", kwargs={"org": "hill", "pk": hill.student(name).pk})
    return browser.get(where).content.decode()


def test_outside_the_team_only_priority_shows(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """A subject teacher sees 优先 and the help; a principal 优先; nobody of them the reason or the file."""
    case = begun(hill, actor("teacher1"), why="妈妈离家")
    add_note(case, by=actor("teacher1"), kind="open", text="课上请多鼓励")
    add_note(case, by=actor("teacher1"), kind="team", text="奶奶身体不好")
    for who, seen, unseen in (
        ("teacher1", ("优先", "打开一生一案"), ()),
        ("subject1", ("优先", "每周二课后辅导", "课上请多鼓励"), ("妈妈离家", "奶奶身体", "打开一生一案", case.code)),
        ("principal", ("优先",), ("妈妈离家", "奶奶身体", "课上请多鼓励", "打开一生一案", "课后辅导", case.code)),
    ):
        page = student_page(hill, client_of(who))
        assert [words for words in seen if words not in page] == []
        assert [words for words in unseen if words in page] == []
        assert client_of(who).get(url("case", case.pk)).status_code == (200 if who == "teacher1" else 404)
    for who in ("teacher1", "subject1", "principal", "office"):
        klass = reverse("registry:class", kwargs={"org": "hill", "pk": hill.school_class("三年级1班").pk})
        assert client_of(who).get(klass).content.decode().count("优先") == 1


def test_a_proposal_and_a_case_of_harm_show_no_priority(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    case = proposed(hill, actor("teacher1"))
    assert "优先" not in student_page(hill, client_of("subject1"))
    helped(hill, case, actor("teacher1"))
    Case.objects.update(kind="harm")
    for who in ("teacher1", "subject1", "office", "principal"):
        page = student_page(hill, client_of(who))
        assert "优先" not in page
        assert case.code not in page
    assert "每周二课后辅导" not in student_page(hill, client_of("subject1"))
    assert "每周二课后辅导" not in student_page(hill, client_of("office"))


def test_a_leader_with_a_stated_reason_reads_for_three_hours(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """J7.2: the principal sees that a sealed note exists, not what it says; cannot write; the class teacher is told."""
    case = begun(hill, actor("teacher1"), reasons=["D11", "C21"])
    give_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"), part="counsellor")
    add_note(case, by=actor("teacher2"), kind="sealed", text="孩子说起爸爸时哭了")
    boss = client_of("principal")
    opened = reverse("registry:open_file", kwargs={"org": "hill", "pk": hill.student("阿虎").pk})
    boss.post(opened, {"because": "接到家长来信，了解情况"})
    page = boss.get(url("case", case.pk) + "?tab=notes").content.decode()
    assert "有 1 条密封记录" in page
    assert "哭了" not in page
    front = boss.get(url("case", case.pk)).content.decode()
    assert "另有需保密的类别" in front
    assert "心理关爱" not in front
    assert "加一项措施" not in front
    assert boss.get(url("case_note", case.pk)).status_code == 403
    with clock.at(MONDAY.replace(hour=13, minute=1)):
        assert boss.get(url("case", case.pk)).status_code == 404
    assert "接到家长来信" in student_page(hill, client_of("teacher1"))


def test_sealed_notes_are_for_their_writer_and_the_counsellor(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    case = begun(hill, actor("teacher1"))
    give_seat(case, by=actor("teacher1"), staff=hill.staff("teacher2"), part="counsellor")
    give_seat(case, by=actor("teacher1"), staff=hill.staff("subject1"), part="helper")
    add_note(case, by=actor("subject1"), kind="sealed", text="他怕回家")
    for who, reads in (("subject1", True), ("teacher2", True), ("teacher1", False), ("office", False)):
        page = client_of(who).get(url("case", case.pk) + "?tab=notes").content.decode()
        assert ("他怕回家" in page) == reads
        assert ("有 1 条密封记录" in page) != reads
    assert AuditEntry.objects.filter(verb="case.sealed").values_list("actor_name", flat=True).count() == 2


def test_help_in_a_case_of_harm_is_in_no_teachers_phone_or_preparation(
    hill: Cast, actor: ActorOf, client_of: Clients
) -> None:
    case = begun(hill, actor("teacher1"))
    visit = planned(hill, "阿虎", lead="subject1", at=MONDAY + timedelta(hours=9))
    pages = ("/s/hill/api/sync", reverse("visits:prepare", kwargs={"org": "hill", "pk": visit.pk}))
    for kind, seen in (("care", True), ("harm", False)):
        Case.objects.filter(pk=case.pk).update(kind=kind)
        said = json.loads(client_of("subject1").get(pages[0]).content)
        assert ("每周二课后辅导" in json.dumps(said, ensure_ascii=False)) == seen
        assert ("每周二课后辅导" in client_of("subject1").get(pages[1]).content.decode()) == seen


def test_a_sealed_problem_is_for_those_with_a_seat(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    raise_findings(
        hill.student("阿虎"), by=actor("teacher1"), source=Source.VISIT, source_id=uuid4(), on=clock.today(),
        categories=["C21", "D11"], text="",
    )  # fmt: skip
    Finding.objects.filter(category="C21").update(text="夜里哭")
    where = url("case", Case.objects.get().pk)
    assert "夜里哭" in client_of("teacher1").get(where).content.decode()
    assert "夜里哭" not in client_of("office").get(where).content.decode()
    edit = client_of("office").get(url("case_edit", Case.objects.get().pk)).content.decode()
    assert "心理关爱" not in edit
    sent = {"level": "3", "why": "要陪伴", "goals": "", "lead": hill.staff("teacher1").pk, "reasons": ["D11"]}
    assert client_of("office").post(url("case_edit", Case.objects.get().pk), sent).status_code == 302
    assert Case.objects.get().reasons == ["C21", "D11"]


def test_whoever_a_report_is_about_is_never_named_on_its_case(hill: Cast, actor: ActorOf) -> None:
    case = begun(hill, actor("teacher1"))
    Case.objects.filter(pk=case.pk).update(kind="harm")
    case.refresh_from_db()
    told = {"token": uuid4(), "kind": "other", "what": "说被老师打了", "found_at": clock.now(), "at": clock.now()}
    HarmReport.objects.create(case=case, by=hill.staff("teacher1"), concerns=hill.staff("subject1"), **told)
    with pytest.raises(Invalid, match="不能参加"):
        give_seat(case, by=actor("teacher1"), staff=hill.staff("subject1"), part="named")
    with pytest.raises(Invalid, match="不能参加"):
        helped(hill, case, actor("teacher1"), owner="subject1")
    with pytest.raises(Invalid, match="不能参加"):
        hand_over_measure(case.measures.get(), by=actor("teacher1"), owner=hill.staff("subject1"), due=clock.today())
    assert not Case.objects.visible_to(actor("subject1")).exists()


def test_no_case_is_opened_for_a_child_that_has_left(hill: Cast, actor: ActorOf) -> None:
    Student.objects.filter(name="阿虎").update(state="graduated")
    with pytest.raises(Invalid, match="毕业"):
        proposed(hill, actor("teacher1"))


def test_the_list_of_candidates_does_not_tell_of_suspected_harm(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """A child with such a case is offered like any other, and a case can be opened beside it."""
    Case.objects.filter(pk=begun(hill, actor("teacher1")).pk).update(kind="harm")
    raise_findings(
        hill.student("阿虎"), by=actor("teacher1"), source=Source.VISIT, source_id=uuid4(), on=clock.today(),
        categories=["D11"], text="",
    )  # fmt: skip
    assert "阿虎" in client_of("office").get(url("case_candidates")).content.decode()
    assert proposed(hill, actor("office")).kind == "care"


def test_a_seat_for_good_is_not_shortened_by_renewing(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """Seats of suspected harm outlast the term; the page says so in words."""
    case = begun(hill, actor("teacher1"))
    CaseSeat.objects.filter(case=case).update(ends=date.max)
    renew_seats(case, by=actor("teacher1"), staff=[hill.staff("teacher1").pk])
    assert CaseSeat.objects.get().ends == date.max
    assert "一直有效" in client_of("teacher1").get(url("case", case.pk) + "?tab=team").content.decode()
