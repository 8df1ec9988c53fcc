"""Follow-ups on one's own page; whether it helped, asked once, four weeks after (J3.4)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.core import clock
from koumen.core.actor import Actor, machine
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Conflict, Forbidden
from koumen.registry.queries.actors import org_ref
from koumen.visits.jobs.effects import ask_effects_daily
from koumen.visits.models import Effect, VisitRecord
from koumen.visits.services.effects import answer_effect, ask_effects
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R11")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
FOUR_WEEKS = EVENING.replace(hour=9) + timedelta(weeks=4)


@pytest.fixture
def record(hill: Cast, actor: Actors) -> VisitRecord:
    with clock.at(LATER):
        return recorded(hill, actor("teacher1"), "阿虎", measures=("study",), next_step="每周二辅导")


def ask(hill: Cast) -> int:
    school = org_ref(hill.hill)
    return ask_effects(school, by=machine(school))


def page(name: str, **kwargs: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", **kwargs})


def test_it_works(hill: Cast, client_of: Clients, record: VisitRecord) -> None:
    """Asked in the app, answered with a face and a line, seen on the visit's page."""
    with clock.at(FOUR_WEEKS):
        assert ask(hill) == 1
        note = OutboxMessage.objects.get()
        assert (note.account_id, "阿虎" in note.subject + note.body) == (hill.account("teacher1").pk, False)
        browser, row = client_of("teacher1"), Effect.objects.get()
        assert note.url == page("effect", pk=row.pk)
        assert "阿虎" in browser.get(page("follow_ups")).content.decode()
        assert browser.post(note.url, {"face": "3", "text": "作业能按时交了"}).status_code == 302
        assert "作业能按时交了" in browser.get(page("visit", pk=record.visit_id)).content.decode()
        assert "没有到期的随访" in browser.get(page("follow_ups")).content.decode()
    row.refresh_from_db()
    assert (row.face, row.text, row.answered_by and row.answered_by.name) == (3, "作业能按时交了", "陈老师")


def test_not_a_day_early_and_never_twice(hill: Cast, record: VisitRecord) -> None:
    """Every day from the visit to ten weeks later the job runs: it asks on the 28th day, and on no other."""
    asked = []
    for day in range(70):
        with clock.at(EVENING.replace(hour=8) + timedelta(days=day)):
            if ask(hill):
                asked.append(day)
    assert asked == [28]
    assert OutboxMessage.objects.count() == 1
    assert AuditEntry.objects.filter(verb="effect.ask").count() == 70


def test_nothing_agreed_nothing_asked_and_nothing_long_past(hill: Cast, actor: Actors) -> None:
    with clock.at(LATER):
        recorded(hill, actor("teacher1"), "阿虎")
        recorded(hill, actor("teacher1"), "阿宝", next_step="每天读书", at=EVENING - timedelta(weeks=5))
    with clock.at(FOUR_WEEKS):
        assert ask(hill) == 0


def test_a_missed_day_is_made_up_for(hill: Cast, record: VisitRecord) -> None:
    with clock.at(FOUR_WEEKS + timedelta(days=6)):
        assert ask(hill) == 1


def test_a_lead_who_has_left_is_not_asked(hill: Cast, actor: Actors) -> None:
    with clock.at(LATER):
        recorded(hill, actor("subject1"), "阿虎", lead="subject1", measures=("study",))
    teacher = hill.staff("subject1")
    teacher.is_active = False
    teacher.save()
    with clock.at(FOUR_WEEKS):
        ask(hill)
    assert Effect.objects.get().asked == hill.staff("teacher1")


def test_the_daily_job_asks_in_every_school(hill: Cast, record: VisitRecord) -> None:
    with clock.at(FOUR_WEEKS):
        assert ask_effects_daily(timestamp=0) == {"asked": 1, "failed": 0}
    assert Effect.objects.count() == 1


def test_a_second_answer_is_refused_and_strangers_do_not_answer(hill: Cast, actor: Actors, record: VisitRecord) -> None:
    with clock.at(FOUR_WEEKS):
        ask(hill)
        row = Effect.objects.get()
        with pytest.raises(Forbidden):
            answer_effect(row, by=actor("teacher2"), face=1, text="")
        for _time in range(2):
            answer_effect(row, by=actor("teacher1"), face=2, text="还看不出")
        with pytest.raises(Conflict):
            answer_effect(row, by=actor("teacher1"), face=3, text="")


@pytest.mark.parametrize("typed", [{}, {"face": "9"}, {"face": "3", "text": "长" * 201}])
def test_a_bad_answer_keeps_what_was_typed(
    hill: Cast, client_of: Clients, record: VisitRecord, typed: dict[str, str]
) -> None:
    with clock.at(FOUR_WEEKS):
        ask(hill)
        answer = client_of("teacher1").post(page("effect", pk=Effect.objects.get().pk), typed)
    assert answer.status_code == 422
    assert typed.get("text", "") in answer.content.decode()


def test_a_follow_up_shows_on_its_day_and_ends_with_the_next_visit(
    hill: Cast, actor: Actors, client_of: Clients
) -> None:
    with clock.at(LATER):
        recorded(hill, actor("teacher1"), "阿虎", follow_up_on=date(2026, 9, 20))
    browser = client_of("teacher1")
    with clock.at(EVENING + timedelta(days=7)):
        assert "该随访了" not in browser.get(page("mine")).content.decode()
    with clock.at(EVENING + timedelta(days=8)):
        assert "有 1 件事该随访了" in browser.get(page("mine")).content.decode()
        assert [v.names for v in browser.get(page("follow_ups")).context["page"]] == ["阿虎"]
        assert not client_of("teacher2").get(page("follow_ups")).context["page"].object_list
        with CaptureQueriesContext(connection) as taken:
            browser.get(page("follow_ups"))
        assert len([q for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]) <= 12
    recorded(hill, actor("teacher1"), "阿虎", at=EVENING + timedelta(days=9))
    with clock.at(EVENING + timedelta(days=10)):
        assert not browser.get(page("follow_ups")).context["page"].object_list
