"""The commitment before the first record of a term; a family's report passes the teacher and the office by (R13)."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Opinion
from koumen.core import clock, links, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict
from koumen.registry.models import Role, Term
from koumen.registry.queries.calendar import term_of
from koumen.visits.models import (
    Agreement,
    Appointment,
    Campaign,
    Clearance,
    Commitment,
    FeedbackRequest,
    Visit,
    VisitRecord,
)
from koumen.visits.presets.commitment import TEXTS, VERSION
from koumen.visits.services.integrity import CommitmentNeeded, accept
from koumen.visits.services.visits import record
from tests.cast import Cast
from tests.visits import phones
from tests.visits.families import Phone, link_of
from tests.visits.stories import EVENING, LATER, entry, planned, recorded, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R13")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


@pytest.fixture
def asking(hill: Cast) -> Campaign:
    """An open campaign that asks for the commitment."""
    return Campaign.objects.create(
        name="秋季大家访", starts=date(2026, 9, 1), ends=date(2026, 12, 1), state="open", needs_commitment=True
    )


@pytest.fixture
def visit(hill: Cast, asking: Campaign) -> Visit:
    row = planned(hill, "阿虎")
    row.campaign = asking
    row.save()
    return row


def page(name: str, *args: object) -> str:
    return reverse(f"visits:{name}", args=["hill", *args])


def test_it_works(visit: Visit, client_of: Clients) -> None:
    """The record's page leads to the text; accepted in person, it leads back, and the record is kept."""
    browser, here = client_of("teacher1"), page("record", visit.pk)
    there = browser.get(here)
    assert there.status_code == 302
    text = browser.get(there["Location"]).content.decode()
    assert all(str(line) in text for line in TEXTS[VERSION])
    back = browser.post(page("commitment"), {"version": VERSION, "next": here})
    assert back["Location"] == here
    row = Commitment.objects.get()
    assert (row.staff.name, row.text_version, row.accepted_at, row.term_starts) == (
        "陈老师", VERSION, LATER, date(2026, 9, 1),
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb="commitment.accept", actor_name="陈老师").exists()
    assert browser.post(here, typed(visit)).status_code == 302
    assert VisitRecord.objects.count() == 1


def test_a_record_is_refused_until_then_and_nothing_typed_is_lost(
    hill: Cast, visit: Visit, actor: Actors, client_of: Clients
) -> None:
    said = entry([hill.student("阿虎")])
    with pytest.raises(CommitmentNeeded):
        record(visit, by=actor("teacher1"), record_id=uuid4(), entry=said)
    answer = client_of("teacher1").post(page("record", visit.pk), typed(visit, content="爷爷很欢迎"))
    assert answer.status_code == 422
    assert "爷爷很欢迎" in answer.content.decode()
    assert "还没有签廉洁承诺" in answer.content.decode()
    assert not VisitRecord.objects.exists()


def test_an_unplanned_visit_asks_too_and_leaves_no_visit_behind(
    hill: Cast, asking: Campaign, client_of: Clients
) -> None:
    child = hill.student("阿虎")
    visit = planned(hill, "阿虎")
    sent = typed(visit)
    visit.delete()
    assert client_of("teacher1").get(page("new_record", child.pk)).status_code == 302
    assert client_of("teacher1").post(page("new_record", child.pk), sent).status_code == 422
    assert not Visit.objects.exists()
    assert "还没有签廉洁承诺" in client_of("teacher1").get(page("mine")).content.decode()


def test_a_phone_is_told_so_keeps_its_record_and_sends_it_again(
    hill: Cast, visit: Visit, actor: Actors, client_of: Clients
) -> None:
    phone, number = phones.Phone(client_of("teacher1")), uuid4()
    body = phone.body(visit)
    status, said = phone.send_body(number, body)
    assert (status, said["code"]) == (403, "commitment_needed")
    assert "廉洁承诺" in said["sentence"]
    accept(actor("teacher1").org, by=actor("teacher1"), version=VERSION)
    assert phone.send_body(number, body)[0] == 200
    assert VisitRecord.objects.get().pk == number


def test_an_unplanned_record_of_a_phone_leaves_no_visit_behind(
    hill: Cast, asking: Campaign, client_of: Clients
) -> None:
    visit = planned(hill, "阿虎")
    phone = phones.Phone(client_of("teacher1"))
    body = phone.body(visit) | {"visit": None, "student": hill.student("阿虎").pk}
    visit.delete()
    assert phone.send_body(uuid4(), body)[0] == 403
    assert not Visit.objects.exists()


def test_where_it_is_not_asked_for_nobody_is_stopped(hill: Cast, actor: Actors) -> None:
    recorded(hill, actor("teacher1"), "阿虎")
    assert VisitRecord.objects.count() == 1


def test_it_is_valid_for_its_term_only(hill: Cast, visit: Visit, actor: Actors) -> None:
    for _time in range(2):
        accept(actor("teacher1").org, by=actor("teacher1"), version=VERSION)
    assert Commitment.objects.count() == 1
    assert Clearance.objects.get().valid_until == date(2027, 1, 31)
    said = entry([hill.student("阿虎")], at=EVENING + timedelta(days=160))
    with clock.at(LATER + timedelta(days=160)), pytest.raises(CommitmentNeeded):
        record(visit, by=actor("teacher1"), record_id=uuid4(), entry=said)


def test_a_sent_record_is_still_accepted_again(hill: Cast, visit: Visit, actor: Actors) -> None:
    """A phone that repeats what was kept last term gets its receipt, whatever the term asks now."""
    accept(actor("teacher1").org, by=actor("teacher1"), version=VERSION)
    number, said = uuid4(), entry([hill.student("阿虎")])
    record(visit, by=actor("teacher1"), record_id=number, entry=said)
    Clearance.objects.all().delete()
    assert record(visit, by=actor("teacher1"), record_id=number, entry=said).pk == number


def test_an_old_text_is_not_accepted(hill: Cast, actor: Actors) -> None:
    with pytest.raises(Conflict):
        accept(actor("teacher1").org, by=actor("teacher1"), version="2020-1")


@pytest.mark.parametrize("there", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:1", ""])
def test_nobody_is_led_off_the_site(hill: Cast, client_of: Clients, there: str) -> None:
    answer = client_of("teacher1").post(page("commitment"), {"version": VERSION, "next": there})
    assert answer["Location"] == page("commitment")


def test_without_a_calendar_terms_are_half_years(hill: Cast) -> None:
    Term.objects.all().delete()
    assert term_of(date(2027, 1, 15)) == (date(2026, 9, 1), date(2027, 1, 31))
    assert term_of(date(2027, 2, 1)) == (date(2027, 2, 1), date(2027, 8, 31))
    assert term_of(date(2026, 9, 1)) == (date(2026, 9, 1), date(2027, 1, 31))


@pytest.fixture
def secret(hill: Cast, actor: Actors) -> str:
    """A link of 阿宝's father to an agreement: any family page offers the report."""
    row = Agreement.objects.create(
        record=recorded(hill, actor("teacher1"), "阿宝"),
        items=["每天读书"],
        made_by=hill.staff("teacher1"),
        made_at=clock.now(),
    )
    return link_of("阿宝爸爸", "agreement", row.pk)


def told(hill: Cast, secret: str, **said: str) -> str:
    phone = Phone()
    assert "点这里反映" in phone.open(secret).content.decode()
    assert "可以不留名" in phone.open(secret, report="1").content.decode()
    base = {"token": str(uuid4()), "text": "老师收了两条烟", "about": str(hill.staff("teacher1").pk), "signed": ""}
    sent = base | said
    for _time in range(2):
        answer = str(phone.report(secret, **sent).content.decode())
    assert "编号 2026-0001" in answer
    return answer


@pytest.mark.parametrize("query", [{}, {"report": "1"}])
def test_every_familys_page_offers_the_report(hill: Cast, secret: str, query: dict[str, str]) -> None:
    """Whatever a personal link is for; at `?report=1` of any of them stands the same form."""
    visit = VisitRecord.objects.get().visit
    later = planned(hill, "阿宝", at=LATER + timedelta(days=2))
    asked = Appointment.objects.create(visit=later, asked_at=clock.now(), asked_by="陈老师")
    FeedbackRequest.objects.create(visit=visit, asked_by=visit.lead, asked_at=clock.now())
    objects = {"appointment": asked.pk, "feedback": visit.pk}
    pages = [secret, *(link_of("阿宝爸爸", purpose, pk) for purpose, pk in objects.items())]
    word = "可以不留名" if query else "有老师收礼、推销或有偿补课？点这里反映"
    for one in pages:
        assert word in Phone().open(one, **query).content.decode()
    of_visits = {name for name, one in links.PURPOSES.items() if one.page.__module__.startswith("koumen.visits")}
    assert {"agreement", *objects} == of_visits


def test_an_anonymous_report_names_nobody_and_is_there_once(hill: Cast, secret: str) -> None:
    told(hill, secret)
    row = Opinion.objects.get()
    assert (row.household, row.taken_by, row.about, row.level, row.topic) == (
        None, None, hill.staff("teacher1"), "above", "ethics",
    )  # fmt: skip
    assert "阿宝爸爸" not in row.text + row.about_words
    log = AuditEntry.objects.filter(verb="report.send")
    assert {(entry.actor_name, entry.target) for entry in log} == {("匿名", "")}
    with scope.enter(hill.bureau.pk):
        assert [o.text for o in Opinion.objects.all()] == ["老师收了两条烟"]


def test_a_signed_report_says_who(hill: Cast, secret: str) -> None:
    told(hill, secret, signed="yes")
    row = Opinion.objects.get()
    assert row.household == hill.student("阿宝").household
    assert (row.sender_name, row.identity) == ("阿宝爸爸", "hidden")
    with scope.enter(hill.bureau.pk):
        assert Opinion.objects.get().sender_name == "阿宝爸爸"


@pytest.mark.parametrize(("who", "sees"), [("principal", 1), ("office", 0), ("middle", 0), ("teacher1", 0)])
def test_only_the_principal_and_the_bureau_read_it(hill: Cast, actor: Actors, secret: str, who: str, sees: int) -> None:
    told(hill, secret)
    assert Opinion.objects.visible_to(actor(who)).count() == sees


def test_a_principal_does_not_read_what_is_about_the_principal(
    hill: Cast, actor: Actors, client_of: Clients, secret: str
) -> None:
    told(hill, secret)
    Opinion.objects.update(about=hill.staff("principal"))
    assert not Opinion.objects.visible_to(actor("principal")).exists()
    teacher = hill.staff("teacher1")
    Role.objects.create(staff=teacher, post="principal", starts=date(2026, 9, 1))
    Opinion.objects.update(about=teacher)
    assert not Opinion.objects.visible_to(actor("teacher1")).exists()


def test_the_bureau_and_the_principal_read_it_on_the_page_of_opinions(
    hill: Cast, client_of: Clients, secret: str
) -> None:
    told(hill, secret)
    row = Opinion.objects.get()
    here = reverse("care:opinion", args=["hill", row.pk])
    assert "两条烟" in client_of("principal").get(here).content.decode()
    assert client_of("office").get(here).status_code == 404
    with scope.enter(hill.bureau.pk):
        there = reverse("care:opinion", args=["bureau", Opinion.objects.get().pk])
    assert "两条烟" in client_of("officer").get(there).content.decode()
    assert client_of("officer").get(here).status_code == 404
    assert AuditEntry.objects.filter(verb="opinion.read").count() == 1


@pytest.mark.parametrize("text", ["", "  ", "长" * 1001])
def test_an_empty_report_is_refused(hill: Cast, secret: str, text: str) -> None:
    phone = Phone()
    phone.open(secret)
    answer = phone.report(secret, token=str(uuid4()), text=text)
    assert answer.status_code == 422
    assert not Opinion.objects.exists()
