"""Drafts: what is typed is kept for its author alone, sealed, and gone once it is saved."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from koumen.core import clock, scope
from koumen.visits.jobs.drafts import forget_drafts
from koumen.visits.models import RecordDraft, Visit, VisitRecord
from koumen.visits.services import drafts
from tests.cast import Cast
from tests.visits.stories import LATER, planned, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> Iterator[None]:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(hill: Cast) -> Visit:
    return planned(hill, "阿虎")


def url(name: str) -> str:
    return reverse("visits:draft", kwargs={"org": "hill", "name": name})


def put(browser: Client, name: str, words: object) -> Any:
    return browser.put(url(name), json.dumps(words), content_type="application/json")


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """Kept, read again, kept anew in its place, dropped."""
    browser = client_of("teacher1")
    assert browser.get(url("record-1")).status_code == 204
    for words in ({"content": ["写到"]}, {"content": ["写到一半👍"], "topics": ["study", "mood"]}):
        assert put(browser, "record-1", words).status_code == 204
        answer = browser.get(url("record-1"))
        assert answer.json() == words
        assert "no-store" in answer["Cache-Control"]
    assert RecordDraft.objects.count() == 1
    assert browser.delete(url("record-1")).status_code == 204
    assert browser.get(url("record-1")).status_code == 204


def test_nobody_else_reads_it(hill: Cast, client_of: Clients) -> None:
    """Neither a colleague on the same page nor the office; each has a draft of the same page."""
    put(client_of("teacher1"), "record-1", {"content": ["只有我"]})
    for other in ("teacher2", "office", "principal"):
        assert client_of(other).get(url("record-1")).status_code == 204
    put(client_of("subject1"), "record-1", {"content": ["另一个"]})
    assert client_of("teacher1").get(url("record-1")).json() == {"content": ["只有我"]}
    client_of("subject1").delete(url("record-1"))
    assert client_of("teacher1").get(url("record-1")).status_code == 200


def test_a_page_of_an_account_that_went_home_keeps_nothing_under_the_next(hill: Cast, client_of: Clients) -> None:
    """One browser, two people: the page left open by the first does not write into the second's drafts."""
    first, browser = hill.account("teacher1").pk, client_of("teacher2")
    late = json.dumps({"content": ["陈老师写的"]})
    assert browser.put(f"{url('record-1')}?who={first}", late, content_type="application/json").status_code == 403
    assert browser.get(f"{url('record-1')}?who={first}").status_code == 403
    own = f"{url('record-1')}?who={hill.account('teacher2').pk}"
    assert browser.put(own, late, content_type="application/json").status_code == 204


def test_it_is_sealed_in_the_database(hill: Cast, client_of: Clients) -> None:
    put(client_of("teacher1"), "record-1", {"content": ["secret words"]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM visits_recorddraft")
        assert b"secret words" not in bytes(cursor.fetchone()[0])


def test_saving_the_record_drops_it(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    put(browser, f"record-{visit.pk}", {"content": ["写到一半"]})
    page = reverse("visits:record", kwargs={"org": "hill", "pk": visit.pk})
    assert url(f"record-{visit.pk}") in browser.get(page).content.decode()
    assert browser.post(page, typed(visit) | {"ends": "01:00"}).status_code == 422
    assert RecordDraft.objects.count() == 1
    assert browser.post(page, typed(visit)).status_code == 302
    assert not RecordDraft.objects.exists()
    put(browser, f"revise-{visit.pk}", {"content": ["改到一半"]})
    again = reverse("visits:revise", kwargs={"org": "hill", "pk": visit.pk})
    assert url(f"revise-{visit.pk}") in browser.get(again).content.decode()
    sent = typed(visit, record_id=VisitRecord.objects.get().pk, content="改好") | {"version": "1"}
    assert browser.post(again, sent).status_code == 302
    assert not RecordDraft.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 422),
        (b"[]", 422),
        (b'{"content": "text"}', 422),
        (b'{"content": [1]}', 422),
        (b"[" * 100_000, 422),
        (b'{"content": ["\\ud800"]}', 204),
        (b'{"content": ["a\\u0000b"]}', 204),
        (json.dumps({"content": ["x" * 250_000]}).encode(), 413),
        (b"\xff\xfe", 422),
    ],
)
def test_whatever_comes_is_answered(hill: Cast, client_of: Clients, body: bytes, status: int) -> None:
    answer = client_of("teacher1").put(url("record-1"), body, content_type="application/json")
    assert answer.status_code == status


def test_a_name_is_bounded_and_so_is_their_number(hill: Cast, client_of: Clients) -> None:
    browser = client_of("teacher1")
    assert put(browser, "x" * 61, {}).status_code == 404
    for n in range(drafts.MOST + 3):
        with clock.at(LATER + timedelta(minutes=n)):
            put(browser, f"record-{n}", {"content": [str(n)]})
    assert RecordDraft.objects.count() == drafts.MOST
    assert browser.get(url("record-0")).status_code == 204


def test_after_two_weeks_it_is_gone(cast: Cast, client_of: Clients) -> None:
    with scope.enter(cast.hill.pk):
        put(client_of("teacher1"), "record-1", {"content": ["旧的"]})
        RecordDraft.objects.update(changed_at=clock.now() - timedelta(days=15))
        assert client_of("teacher1").get(url("record-1")).status_code == 204
        put(client_of("teacher1"), "record-2", {"content": ["新的"]})
    forget_drafts(0)
    with scope.enter(cast.hill.pk):
        assert [row.name for row in RecordDraft.objects.all()] == ["record-2"]


def test_wrong_methods_and_strangers(hill: Cast, client_of: Clients) -> None:
    assert client_of("teacher1").post(url("record-1")).status_code == 405
    assert put(client_of("sysadmin"), "record-1", {}).status_code == 403
    assert put(Client(), "record-1", {}).status_code in (302, 401)
