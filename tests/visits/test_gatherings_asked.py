"""A campaign's own questions on the page of a group visit: every family that came is asked them, each by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.core.actor import Actor
from koumen.visits.models import GroupVisit, QuestionForm, RecordVersion, Visit, VisitRecord
from koumen.visits.services.questions import publish_questions, upload_questions
from tests.cast import Cast
from tests.visits.stories import recorded
from tests.visits.test_gatherings import _the_next_morning, campaign, group, home, of, sent, url
from tests.visits.workbooks import workbook

__all__ = ["_the_next_morning", "campaign", "group"]  # fixtures
pytestmark = [pytest.mark.django_db, pytest.mark.rows("R6", "R8")]
Clients = Callable[[str], Client]
Actors = Callable[[str], Actor]
DESK = ("select_one yes_no", "has_desk", "有固定的学习地方吗？", "yes")
WHERE = ("text", "where_instead", "在哪里写作业？", "", "${has_desk} = 'no'")


@pytest.fixture
def asked(group: GroupVisit, actor: Actors) -> QuestionForm:
    """One question everybody has to answer, and one that some are asked after it."""
    return published(group, actor, DESK, WHERE)


def published(group: GroupVisit, actor: Actors, *rows: tuple[str, ...]) -> QuestionForm:
    draft = upload_questions(group.campaign, by=actor("office"), content=workbook(rows), name="题.xlsx")
    return publish_questions(draft, by=actor("office"))


def said(cast: Cast, asked: QuestionForm, **families: dict[str, Any]) -> dict[str, Any]:
    """What a browser sends for these families and their answers."""
    data = sent(cast, *families, asked_by=str(asked.pk))
    for child, answers in families.items():
        data |= {f"h{home(cast, child).pk}-q_{name}": value for name, value in answers.items()}
    return data


def test_it_works(hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients) -> None:
    """Each family's answers stand in its own record, with the version that asked."""
    browser = client_of("teacher1")
    page = browser.get(url(group)).content.decode()
    assert page.count("有固定的学习地方吗？") == 3
    assert page.count('id="asked"') == 1
    families = {"阿虎": {"has_desk": "no", "where_instead": "饭桌上"}, "阿梅": {"has_desk": "yes"}}
    assert browser.post(url(group), said(hill, asked, **families)).status_code == 302
    for child, answers in families.items():
        kept = of(child).record
        assert (kept.answers, kept.question_form) == (answers, asked)


def test_who_came_has_to_answer_and_nothing_typed_is_lost(
    hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients
) -> None:
    """The fault stands at that family's question; nobody's record is written before."""
    data = said(hill, asked, 阿虎={"has_desk": "no", "where_instead": "饭桌上"}, 阿梅={})
    answer = client_of("teacher1").post(url(group), data)
    assert answer.status_code == 422
    faults = {part.children[0].name: part.form.errors.as_data() for part in answer.context["parts"]}
    assert [(child, list(found)) for child, found in faults.items() if found] == [("阿梅", ["q_has_desk"])]
    assert "饭桌上" in answer.content.decode()
    assert not VisitRecord.objects.exists()


def test_what_is_not_asked_after_the_answers_is_not_kept(
    hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients
) -> None:
    data = said(hill, asked, 阿虎={"has_desk": "yes", "where_instead": "饭桌上"})
    assert client_of("teacher1").post(url(group), data).status_code == 302
    assert of("阿虎").record.answers == {"has_desk": "yes"}


def test_the_version_the_page_showed_is_answered(
    hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients, actor: Actors
) -> None:
    """The office asks something else meanwhile: what was typed is no less true. Of another campaign it is nothing."""
    newer = published(group, actor, ("integer", "minutes", "一个人在家多少分钟？", "yes"))
    browser = client_of("teacher1")
    assert "一个人在家多少分钟？" in browser.get(url(group)).content.decode()
    assert browser.post(url(group), said(hill, asked, 阿虎={"has_desk": "yes"})).status_code == 302
    assert of("阿虎").record.question_form == asked
    other = sent(hill, "阿宝", asked_by="999999999") | {f"h{home(hill, '阿宝').pk}-q_minutes": "5"}
    assert browser.post(url(group), other).status_code == 302
    assert (of("阿宝").record.answers, of("阿宝").record.question_form) == ({}, None)
    assert newer.version == asked.version + 1


def test_a_colleague_was_quicker_and_the_answers_are_kept_beside(
    hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients, actor: Actors
) -> None:
    data = said(hill, asked, 阿虎={"has_desk": "yes"})
    kept = recorded(hill, actor("teacher1"), "阿虎")
    Visit.objects.update(campaign=group.campaign)
    data[f"h{home(hill, '阿虎').pk}-visit"] = str(kept.visit_id)
    assert client_of("teacher1").post(url(group), data).status_code == 409
    beside = RecordVersion.objects.get()
    assert beside.entry["answers"] == {"has_desk": "yes"}


def test_the_page_asks_no_more_of_the_database(
    hill: Cast, group: GroupVisit, asked: QuestionForm, client_of: Clients
) -> None:
    browser = client_of("teacher1")
    browser.get(url(group))
    with CaptureQueriesContext(connection) as taken:
        assert browser.get(url(group)).status_code == 200
    found = [q["sql"] for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(found) <= 12, "\n".join(found)
