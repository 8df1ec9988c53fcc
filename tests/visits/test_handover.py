"""A record's problems, measures and opinion reach care in the same transaction, once (J3.3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Finding, Measure, Opinion
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Invalid
from koumen.visits.services import visits as services
from koumen.visits.services.entries import entry_of
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, entry, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R10", "R30")]

SAID: dict[str, Any] = {
    "problem_categories": ("D11",),
    "problem": "数学跟不上",
    "measures": ("study",),
    "next_step": "每周二课后辅导",
    "opinion": "希望食堂的菜热一些",
}


def test_it_works(hill: Cast, actor: Callable[..., Actor]) -> None:
    record = recorded(hill, actor("teacher1"), "阿梅", "阿乐", **SAID)
    assert {(f.student.name, f.category, f.text) for f in Finding.objects.open()} == {
        (hill.student(n).name, "D11", "数学跟不上") for n in ("阿梅", "阿乐")
    }
    measures = Measure.objects.open()
    assert {(m.student.name, m.owner.name) for m in measures} == {
        (hill.student("阿梅").name, hill.staff("teacher1").name),
        (hill.student("阿乐").name, hill.staff("teacher2").name),  # each class teacher owns the own child's
    }
    assert {m.due for m in measures} == {clock.local(EVENING).date() + timedelta(weeks=4)}
    opinion = Opinion.objects.get()
    assert (opinion.code, opinion.text, opinion.source_id) == ("2026-0001", SAID["opinion"], record.pk)


def test_sent_twice_it_is_there_once(hill: Cast, actor: Callable[..., Actor]) -> None:
    visit, record_id = planned(hill, "阿虎"), uuid4()
    with clock.at(LATER):
        said = entry([hill.student("阿虎")], **SAID)
        for _time in range(2):
            services.record(visit, by=actor("teacher1"), record_id=record_id, entry=said)
    assert (Finding.objects.count(), Measure.objects.count(), Opinion.objects.count()) == (1, 1, 1)


def test_an_agreed_day_is_the_measures_day(hill: Cast, actor: Callable[..., Actor]) -> None:
    recorded(hill, actor("teacher1"), "阿虎", **(SAID | {"follow_up_on": date(2026, 10, 10)}))
    assert Measure.objects.get().due == date(2026, 10, 10)


def test_a_corrected_record_withdraws_what_it_no_longer_says_and_keeps_the_opinions_number(
    hill: Cast, actor: Callable[..., Actor]
) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", **SAID)
    with clock.at(LATER + timedelta(hours=1)):
        said = replace(entry_of(record), problem_categories=("D21",), measures=(), opinion="希望食堂的菜再热一些")
        services.revise(record, by=actor("teacher1"), entry=said, version=1)
    assert {(f.category, f.state) for f in Finding.objects.all()} == {("D11", "withdrawn"), ("D21", "open")}
    assert Measure.objects.get().state == "dropped"
    assert (Opinion.objects.get().code, Opinion.objects.get().text) == ("2026-0001", "希望食堂的菜再热一些")


def test_a_problem_without_a_category_stands_in_the_ledger_until_it_gets_one(
    hill: Cast, actor: Callable[..., Actor]
) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", problem="夜里没人管")
    row = Finding.objects.get()
    assert (row.category, row.text, row.state) == ("Z99", "夜里没人管", "open")
    with clock.at(LATER + timedelta(hours=1)):
        said = replace(entry_of(record), problem_categories=("A12",))
        services.revise(record, by=actor("teacher1"), entry=said, version=1)
    assert {(f.category, f.state) for f in Finding.objects.all()} == {("Z99", "withdrawn"), ("A12", "open")}


def test_a_refused_record_leaves_nothing(hill: Cast, actor: Callable[..., Actor]) -> None:
    visit = planned(hill, "阿虎")
    with clock.at(EVENING - timedelta(days=1)), pytest.raises(Invalid):
        services.record(visit, by=actor("teacher1"), record_id=uuid4(), entry=entry([hill.student("阿虎")], **SAID))
    assert not Finding.objects.exists()
    assert not Opinion.objects.exists()


def test_a_subject_teacher_sees_the_measure_and_not_the_reason(hill: Cast, actor: Callable[..., Actor]) -> None:
    recorded(hill, actor("teacher1"), "阿虎", **SAID)
    subject = actor("subject1")
    assert Measure.objects.visible_to(subject).count() == 1
    assert not Finding.objects.visible_to(subject).exists()
    assert not Opinion.objects.visible_to(subject).exists()
    assert not Measure.objects.visible_to(actor("teacher2")).exists()


def test_numbers_have_no_gaps(hill: Cast, actor: Callable[..., Actor]) -> None:
    for name in ("阿虎", "阿宝", "阿梅"):
        recorded(hill, actor("teacher1"), name, opinion="多一些课外书")
    assert sorted(Opinion.objects.values_list("number", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize(("opinion", "leads"), [("希望食堂的菜热一些", True), ("李老师收了红包", False)])
def test_the_visits_page_leads_to_the_opinion_of_those_who_may_see_it(
    hill: Cast, actor: Callable[..., Actor], client_of: Callable[[str], Client], opinion: str, leads: bool
) -> None:
    """J3.3: both are linked. What goes above has left the teacher's hands."""
    record = recorded(hill, actor("teacher1"), "阿虎", opinion=opinion)
    row = Opinion.objects.get()
    page, there = reverse("visits:visit", args=["hill", record.visit_id]), f"/s/hill/opinions/{row.pk}/"
    browser = client_of("teacher1")
    assert (there in browser.get(page).content.decode()) is leads
    assert browser.get(there).status_code == (200 if leads else 404)
    assert client_of("principal").get(there).status_code == 200
