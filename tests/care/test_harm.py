"""强制报告: whoever notices reports; the case is for the persons named alone; the checklist has its times."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from koumen.care.models import Case, CaseSeat, HarmReport, HarmStep, Task
from koumen.care.models.findings import Source
from koumen.care.services.cases import open_case
from koumen.care.services.closing import ask_close, confirm_close
from koumen.care.services.harm import Suspicion, do_step, name_person, report_harm, unname_person
from koumen.care.services.teams import give_seat, renew_seats
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Role, Staff
from tests.care.stories import proposed
from tests.cast import Cast
from tests.visits.stories import recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R13")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
WHAT = "手臂上有几处青紫，孩子说不想回家"


def told(**more: Any) -> Suspicion:
    kept: dict[str, Any] = {"kind": "injury", "what": WHAT, "found_at": clock.now(), "token": uuid4()} | more
    return Suspicion(**kept)


def reported(cast: Cast, by: Actor, name: str = "阿虎", **more: Any) -> HarmReport:
    return report_harm(cast.student(name), by=by, suspicion=told(**more))


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    now = clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")
    return {"kind": "injury", "what": WHAT, "found_at": now, "token": str(uuid4())} | more


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """A subject teacher reports from the child's page; principal and office are named; each step gets its time."""
    child = hill.student("阿虎")
    browser = client_of("subject1")
    page = browser.get(f"/s/hill/students/{child.pk}/").content.decode()
    door = f"/s/hill/harm/new/?student={child.pk}"
    assert door in page
    answer = browser.post(door, typed(hill))
    report = HarmReport.objects.get()
    assert answer.headers["Location"] == f"/s/hill/harm/own/{report.pk}/"
    assert {seat.staff.name for seat in report.case.seats.all()} == {"林校长", "周主任"}
    said = OutboxMessage.objects.filter(account_id=hill.account("principal").pk).get()
    assert "阿虎" not in said.subject + said.body + said.url
    principal, url = client_of("principal"), f"/s/hill/harm/{report.case_id}/"
    shown = principal.get(url).content.decode()
    assert WHAT in shown
    assert "已向公安机关报案" in shown
    assert principal.post(url, {"did": "step", "step": "police", "note": "110，王警官，10:20"}).status_code == 302
    step = HarmStep.objects.get()
    assert (step.step, step.by.name, step.note) == ("police", "林校长", "110，王警官，10:20")
    assert abs(step.at - clock.now()) < timedelta(minutes=1)
    assert "王警官" in principal.get(url).content.decode()


def test_the_reporter_keeps_the_own_report_and_nothing_that_follows(
    hill: Cast, client_of: Clients, actor: Actors
) -> None:
    report = reported(hill, actor("subject1"))
    do_step(report.case, by=actor("principal"), step="police", note="王警官")
    browser = client_of("subject1")
    page = browser.get(f"/s/hill/harm/own/{report.pk}/").content.decode()
    assert WHAT in page
    assert "王警官" not in page
    assert browser.get(f"/s/hill/harm/{report.case_id}/").status_code == 404
    assert browser.get(f"/s/hill/cases/{report.case_id}/").status_code == 404
    assert client_of("teacher1").get(f"/s/hill/harm/own/{report.pk}/").status_code == 404


@pytest.mark.parametrize("who", ["teacher1", "middle"])
def test_nobody_else_sees_that_there_is_one(hill: Cast, client_of: Clients, actor: Actors, who: str) -> None:
    """Not the class teacher, not a leader: no page of theirs differs, no list has it, none of its addresses exists."""
    browser, child = client_of(who), hill.student("阿虎")
    pages = ["/s/hill/cases/", "/s/hill/harm/", f"/s/hill/classes/{child.school_class_id}/", "/s/hill/tasks/",
             "/s/hill/ledger/numbers/", f"/s/hill/students/{child.pk}/", "/s/hill/referrals/"]  # fmt: skip

    def main(url: str) -> str:
        html = browser.get(url).content.decode()
        return html[html.index("<main") : html.index("</main>")].replace(_token(html), "")

    before = [main(url) for url in pages]
    report = reported(hill, actor("subject1"))
    assert [main(url) for url in pages] == before
    assert browser.get(f"/s/hill/harm/{report.case_id}/").status_code == 404


def _token(html: str) -> str:
    start = html.find('csrfmiddlewaretoken" value="')
    return html[start + 28 : start + 28 + 64] if start >= 0 else "\0"


def test_whom_it_concerns_is_never_named(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Not by post, not by hand, and a later report takes them off the first."""
    principal = hill.staff("principal")
    report = reported(hill, actor("subject1"), concerns=principal)
    assert [seat.staff.name for seat in report.case.seats.all()] == ["周主任"]
    with pytest.raises(Invalid, match="涉及"):
        name_person(report.case, by=actor("office"), staff=principal)
    other = reported(hill, actor("teacher1"), "阿梅")
    assert other.case.seats.filter(staff=principal).exists()
    reported(hill, actor("teacher2"), "阿梅", concerns=principal)
    assert [seat.staff.name for seat in other.case.seats.all()] == ["周主任"]
    assert client_of("principal").get(f"/s/hill/harm/{other.case_id}/").status_code == 404


def test_when_nobody_is_left_to_be_named_the_reporter_is(hill: Cast, actor: Actors) -> None:
    Role.objects.filter(post="moral_office").delete()
    report = reported(hill, actor("subject1"), concerns=hill.staff("principal"))
    assert [seat.staff.name for seat in report.case.seats.all()] == ["吴老师"]


def test_two_reports_of_one_child_are_one_case_beside_the_ordinary_one(hill: Cast, actor: Actors) -> None:
    ordinary = proposed(hill, actor("teacher1"))
    first, second = reported(hill, actor("subject1")), reported(hill, actor("teacher1"))
    assert first.case == second.case != ordinary
    child = hill.student("阿虎")
    assert open_case(child, by=actor("teacher1"), source=Source.TEACHER, reasons=["D11"], why="又") == ordinary


def test_sent_twice_it_is_there_once(hill: Cast, actor: Actors) -> None:
    token = uuid4()
    first = reported(hill, actor("subject1"), token=token)
    assert reported(hill, actor("subject1"), token=token) == first
    assert HarmReport.objects.count() == 1


def test_past_a_day_what_the_law_asks_for_is_late(hill: Cast, actor: Actors, client_of: Clients) -> None:
    report = reported(hill, actor("subject1"))
    browser, url = client_of("principal"), f"/s/hill/harm/{report.case_id}/"
    assert "已超过时限" not in browser.get(url).content.decode()
    with clock.at(report.at + timedelta(hours=24, minutes=1)):
        assert "已超过时限" in browser.get(url).content.decode()
        for step in ("head", "police", "bureau"):
            do_step(report.case, by=actor("principal"), step=step, note="已办")
        assert "已超过时限" not in browser.get(url).content.decode()
    assert not Task.objects.open().filter(about="harm").exists()


def test_the_term_ends_and_the_named_stay(hill: Cast, actor: Actors) -> None:
    report = reported(hill, actor("subject1"))
    with clock.at(clock.now() + timedelta(days=400)):
        assert Case.objects.visible_to(actor("principal")).filter(pk=report.case_id).exists()


def test_the_named_name_others_and_somebody_always_stays(hill: Cast, actor: Actors) -> None:
    case = reported(hill, actor("subject1")).case
    middle, office = hill.staff("middle"), actor("office")
    with pytest.raises(Forbidden):
        name_person(case, by=actor("middle"), staff=middle)
    name_person(case, by=office, staff=middle)
    assert Case.objects.visible_to(actor("middle")).filter(pk=case.pk).exists()
    for gone in ("middle", "principal"):
        unname_person(case, by=office, staff=hill.staff(gone))
    with pytest.raises(Conflict):
        unname_person(case, by=office, staff=hill.staff("office"))
    assert CaseSeat.objects.filter(case=case).get().staff == hill.staff("office")


def test_on_the_team_sheet_of_its_file_the_same_holds(hill: Cast, actor: Actors) -> None:
    """Nobody it concerns gets a seat there, and a seat renewed there does not end with the term."""
    report, office = reported(hill, actor("subject1"), concerns=hill.staff("middle")), actor("office")
    with pytest.raises(Invalid, match="不能参加"):
        give_seat(report.case, by=office, staff=hill.staff("middle"), part="named")
    renew_seats(report.case, by=office, staff=[hill.staff("office").pk])
    with clock.at(clock.now() + timedelta(days=400)):
        assert Case.objects.visible_to(actor("office")).filter(pk=report.case_id).exists()


def test_each_reading_is_noted(hill: Cast, actor: Actors, client_of: Clients) -> None:
    report = reported(hill, actor("subject1"))
    for who in ("principal", "office"):
        client_of(who).get(f"/s/hill/harm/{report.case_id}/")
    read = AuditEntry.objects.filter(verb="harm.read", target=f"care.case:{report.case_id}")
    assert {row.actor_name for row in read} == {"林校长", "周主任"}


def test_any_child_of_the_school_by_class_and_whole_name(hill: Cast, client_of: Clients) -> None:
    """A class teacher reports about a child of another class; a wrong name is said so, and what was typed stays."""
    other = hill.school_class("三年级2班")
    browser = client_of("teacher1")
    wrong = browser.post("/s/hill/harm/new/", typed(hill, school_class=other.pk, name="阿虎"))
    assert wrong.status_code == 422
    assert "没有这个姓名" in wrong.content.decode()
    assert WHAT in wrong.content.decode()
    assert browser.post("/s/hill/harm/new/", typed(hill, school_class=other.pk, name="阿南")).status_code == 302
    assert HarmReport.objects.get().case.student == hill.student("阿南")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [({"what": " "}, "必填项"), ({"kind": "x"}, "有效"), ({"found_at": "2030-01-01T10:00"}, "不能晚于现在")],
)
def test_bad_input(hill: Cast, client_of: Clients, more: dict[str, Any], sentence: str) -> None:
    child = hill.student("阿虎")
    answer = client_of("teacher1").post(f"/s/hill/harm/new/?student={child.pk}", typed(hill, **more))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Case.objects.exists()


def test_from_a_visit_the_report_remembers_its_record(hill: Cast, client_of: Clients, actor: Actors) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", at=clock.now() - timedelta(days=1))
    browser = client_of("teacher1")
    door = f"/s/hill/harm/new/?student={hill.student('阿虎').pk}&record={record.pk}"
    assert door.replace("&", "&amp;") in browser.get(f"/s/hill/visits/{record.visit_id}/").content.decode()
    assert str(record.pk) in browser.get(door).content.decode()
    browser.post(door, typed(hill, record_id=str(record.pk)))
    assert HarmReport.objects.get().record_id == record.pk


def test_a_named_person_who_left_is_not_called(hill: Cast, actor: Actors) -> None:
    Staff.objects.filter(pk=hill.staff("principal").pk).update(is_active=False)
    report = reported(hill, actor("subject1"))
    assert [seat.staff.name for seat in report.case.seats.all()] == ["周主任"]


def test_the_named_close_it_by_two_persons_on_its_file(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Its file, with notes and referrals, opens for the named; one asks that it be closed, the other confirms."""
    case = reported(hill, actor("subject1")).case
    url = f"/s/hill/cases/{case.pk}/"
    for who, status in {"principal": 200, "office": 200, "teacher1": 404, "subject1": 404, "middle": 404}.items():
        assert client_of(who).get(url).status_code == status, who
    ask_close(case, by=actor("principal"), because="公安已结案，孩子由外婆照看")
    with pytest.raises(Forbidden):
        confirm_close(case, by=actor("principal"))
    confirm_close(case, by=actor("office"))
    case.refresh_from_db()
    assert case.state == "closed"
    assert client_of("principal").get(f"/s/hill/harm/{case.pk}/").status_code == 200
    with pytest.raises(Forbidden):
        do_step(case, by=actor("principal"), step="answer", note="后来的")


def test_the_door_stands_on_a_case_too(hill: Cast, actor: Actors, client_of: Clients) -> None:
    case = proposed(hill, actor("teacher1"))
    door = f"/s/hill/harm/new/?student={case.student_id}"
    assert door in client_of("teacher1").get(f"/s/hill/cases/{case.pk}/").content.decode()
    harm = reported(hill, actor("subject1")).case
    assert door not in client_of("principal").get(f"/s/hill/cases/{harm.pk}/").content.decode()
