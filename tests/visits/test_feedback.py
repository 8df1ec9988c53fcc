"""家访反馈表: answered without a name, counted from five on, gifts told to nobody below the principal."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Opinion
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage, PersonalLink
from koumen.registry.models import SchoolClass
from koumen.visits.models import FeedbackAnswer, FeedbackRequest, VisitRecord
from koumen.visits.queries.after import results, suggestions
from koumen.visits.services.feedback import ask_feedback
from tests.cast import Cast
from tests.visits.families import Phone, link_of
from tests.visits.stories import LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R11", "R13")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
SAID = {
    "appointed": "yes", "attitude": "3", "helpful": "2", "only_marks": "no", "gifts": "no", "satisfaction": "5",
    "suggestion": "多来几次", "wish": "01",
}  # fmt: skip
NEXT_MONTH = LATER + timedelta(days=30)


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


@pytest.fixture
def record(hill: Cast, actor: Actors) -> VisitRecord:
    row = recorded(hill, actor("teacher1"), "阿宝")
    ask_feedback(row, by=actor("teacher1"), address=lambda secret: f"/l/{secret}/")
    return row


def answered(record: VisitRecord, **said: str) -> tuple[Phone, str]:
    phone, secret = Phone(), link_of("阿宝爸爸", "feedback", record.visit_id)
    assert "这次家访怎么样" in phone.open(secret).content.decode()
    assert "收到了" in phone.send(secret, **(SAID | said)).content.decode()
    return phone, secret


def test_it_works(hill: Cast, record: VisitRecord) -> None:
    answered(record)
    row = FeedbackAnswer.objects.get()
    assert (row.appointed, row.attitude, row.helpful, row.only_marks, row.satisfaction) == (True, 3, 2, False, 5)
    assert (row.suggestion, row.wish, row.month) == ("多来几次", "01", date(2026, 9, 1))
    assert row.school_class == hill.school_class("三年级1班")


def test_one_question_a_screen_and_nothing_is_kept_before_the_last(record: VisitRecord) -> None:
    """What was answered travels with the page; going back shows it; left out stays left out."""
    phone, secret = Phone(), link_of("阿宝爸爸", "feedback", record.visit_id)
    page = phone.open(secret).content.decode()
    assert page.count('class="choice"') == 2
    assert "老师的态度怎么样？" not in page
    page = phone.send(secret, step="0", appointed="yes").content.decode()
    assert "老师的态度怎么样？" in page
    page = phone.send(secret, step="1", appointed="yes", attitude="2").content.decode()
    page = phone.send(secret, step="2", appointed="yes", attitude="2", back="1").content.decode()
    assert re.search(r'value="2"\s+aria-pressed="true"', page)
    assert 'name="appointed" value="yes"' in page
    page = phone.send(secret, step="5", appointed="yes", attitude="2", satisfaction="9").content.decode()
    assert "这次家访您满意吗？" in page  # an answer that cannot be is asked again
    assert not FeedbackAnswer.objects.exists()
    assert "收到了" in phone.send(secret, step="7", appointed="yes", attitude="2").content.decode()
    row = FeedbackAnswer.objects.get()
    assert (row.appointed, row.attitude, row.satisfaction, row.suggestion) == (True, 2, None, "")


@pytest.mark.parametrize("step", ["-1", "99", "x", "³", "8", ""])
def test_a_step_that_is_none_ends_the_form(record: VisitRecord, step: str) -> None:
    phone, secret = Phone(), link_of("阿宝爸爸", "feedback", record.visit_id)
    phone.open(secret)
    assert "收到了" in phone.send(secret, step=step, attitude="3").content.decode()
    assert FeedbackAnswer.objects.get().attitude == 3


def test_nothing_ties_an_answer_to_its_family(record: VisitRecord) -> None:
    """No column for a person, a link or a day; the log names no row; the adult's name is nowhere near."""
    answered(record)
    columns = {f.name for f in FeedbackAnswer._meta.get_fields()}
    assert columns == {
        "id", "org", "school_class", "month", "appointed", "attitude", "helpful", "only_marks", "satisfaction",
        "suggestion", "wish",
    }  # fmt: skip
    row = AuditEntry.objects.get(verb="feedback.give")
    assert (row.actor_name, row.actor_id, row.target, row.changes) == ("匿名", None, "", {})
    key = str(FeedbackAnswer.objects.get().pk)
    assert not [e for e in AuditEntry.objects.all() if key in e.target]


def test_once_per_visit_and_the_link_ends_with_the_answer(actor: Actors, record: VisitRecord) -> None:
    phone, secret = answered(record)
    assert not PersonalLink.objects.filter(purpose="feedback", ended_at=None).exists()
    assert phone.open(secret).status_code == 404
    assert phone.send(secret, **SAID).status_code == 404
    ask_feedback(record, by=actor("teacher1"), address=lambda secret: secret)
    again = link_of("阿宝爸爸", "feedback", record.visit_id)
    assert "收到了" in phone.open(again).content.decode()
    phone.send(again, **SAID)
    assert FeedbackAnswer.objects.count() == 1


def test_everything_may_be_left_out_and_nonsense_is_refused(record: VisitRecord) -> None:
    phone, secret = Phone(), link_of("阿宝爸爸", "feedback", record.visit_id)
    phone.open(secret)
    phone.send(secret, attitude="9", suggestion="长" * 501)
    assert not FeedbackAnswer.objects.exists()
    phone.send(secret)
    assert FeedbackAnswer.objects.get().satisfaction is None


def test_a_yes_to_gifts_goes_to_principal_and_bureau_and_stands_in_no_answer(hill: Cast, record: VisitRecord) -> None:
    answered(record, gifts="yes")
    opinion = Opinion.objects.get()
    assert (opinion.topic, opinion.level, opinion.about) == ("ethics", "above", hill.staff("teacher1"))
    assert (opinion.household, opinion.taken_by) == (None, None)
    assert clock.local(opinion.received_at).hour == 0
    notes = OutboxMessage.objects.filter(channel="in_app")
    assert {n.account_id for n in notes} == {hill.account("principal").pk}
    with scope.enter(hill.bureau.pk):
        assert "青山小学" in Opinion.objects.get().about_words
        assert OutboxMessage.objects.get().account_id == hill.account("officer").pk


def give(name: str, count: int) -> None:
    """`count` families of a class answered last month."""
    school_class = SchoolClass.objects.get(name=name)
    FeedbackAnswer.objects.bulk_create(
        FeedbackAnswer(school_class=school_class, month=date(2026, 9, 1), satisfaction=4, suggestion=f"第{n}条")
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (4, 0, []),
        (5, 0, [5, 5]),
        (5, 5, [10, 5, 5]),
        (7, 3, [10]),  # 三年级2班 would be the school less 三年级1班
        (2, 2, []),
        (2, 3, [5]),
    ],
)
def test_fewer_than_five_are_never_shown_nor_worked_out(
    hill: Cast, actor: Actors, first: int, second: int, shown: list[int]
) -> None:
    give("三年级1班", first)
    give("三年级2班", second)
    with clock.at(NEXT_MONTH):
        assert [row.count for row in results(actor("office"))] == shown
        own = [row.count for row in results(actor("teacher1"))]
        assert own == ([first] if first >= 5 else [])
        assert suggestions(actor("teacher1")) == []
        assert len(suggestions(actor("office"))) == (first + second if first + second >= 5 else 0)


def test_nobody_watches_answers_arrive(hill: Cast, actor: Actors) -> None:
    """While the month runs, its answers are not counted yet."""
    give("三年级1班", 9)
    assert results(actor("office")) == []


def test_the_page_shows_numbers(hill: Cast, client_of: Clients) -> None:
    give("三年级1班", 6)
    with clock.at(NEXT_MONTH):
        page = client_of("office").get(reverse("visits:feedback", args=["hill"])).content.decode()
    assert "4.0" in page
    assert "第3条" in page


def test_links_are_given_out_by_the_teacher(client_of: Clients, record: VisitRecord) -> None:
    page = reverse("visits:feedback_letters", args=["hill", record.visit_id])
    assert "/l/" in client_of("teacher1").post(page).content.decode()
    assert FeedbackRequest.objects.count() == 1
