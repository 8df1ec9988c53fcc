"""What the child's other teachers are told after a visit, and what they add (J3.3, R10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.care.models import Measure
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Student
from koumen.visits.models import Share, Visit, VisitRecord
from koumen.visits.policies.after import About
from koumen.visits.services.sharing import share
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, recorded, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R10")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
SAID: dict[str, Any] = {
    "problem_categories": ("D11",),
    "problem": "夜里照顾弟弟没睡好",
    "family_words": "爸爸在外打工",
    "measures": ("study", "hardship"),
    "next_step": "每周二课后辅导",
}


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


@pytest.fixture
def record(hill: Cast, actor: Actors) -> VisitRecord:
    return recorded(hill, actor("teacher1"), "阿虎", **SAID)


def url(name: str, **kwargs: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", **kwargs})


def told(hill: Cast, actor: Actors, record: VisitRecord) -> Share:
    about = About(record, hill.student("阿虎"))
    return share(about, by=actor("teacher1"), kinds=["study"], advice="课上多请他回答")


def test_it_works(hill: Cast, client_of: Clients, record: VisitRecord) -> None:
    """Chosen on a page; the maths teacher sees measure and advice, and not one word of the reason."""
    child = hill.student("阿虎")
    page = url("share", pk=record.visit_id, student=child.pk)
    assert client_of("teacher1").get(page).status_code == 200
    sent = client_of("teacher1").post(page, {"kinds": ["study"], "advice": "课上多请他回答"})
    assert sent.status_code == 302
    row = Share.objects.get()
    assert (row.kinds, row.advice, row.shared_by.name) == (["study"], "课上多请他回答", "陈老师")
    note = OutboxMessage.objects.get()
    assert note.account_id == hill.account("subject1").pk
    assert "阿虎" not in note.subject + note.body
    browser = client_of("subject1")
    assert "阿虎" in browser.get(url("shared")).content.decode()
    text = browser.get(url("shared_one", pk=row.pk)).content.decode()
    assert "课上多请他回答" in text
    assert "学业提升" in text
    assert "每周二课后辅导" in text
    for secret in ("夜里照顾弟弟", "爸爸在外打工", "困难说明"):
        assert secret not in text
    assert [m.kind for m in browser.get(url("shared_one", pk=row.pk)).context["told"]] == ["study"]
    assert AuditEntry.objects.filter(kind="read", verb="share.read").count() == 2
    assert "每周二" in text


def test_a_colleague_adds_an_own_measure_once(
    hill: Cast, actor: Actors, client_of: Clients, record: VisitRecord
) -> None:
    row = told(hill, actor, record)
    page, token = url("shared_one", pk=row.pk), str(uuid4())
    typed = {"token": token, "kind": "study", "text": "每天一道口算", "due": "2026-10-20"}
    for _time in range(2):
        assert client_of("subject1").post(page, typed).status_code == 302
    added = Measure.objects.get(source="teacher")
    assert (added.owner.name, str(added.due), added.student.name) == ("吴老师", "2026-10-20", "阿虎")
    assert "每天一道口算" in client_of("teacher1").get(page).content.decode()


@pytest.mark.parametrize("due", ["2026-09-01", "", "x"])
def test_a_day_that_cannot_be_is_named_and_nothing_typed_is_lost(
    hill: Cast, actor: Actors, client_of: Clients, record: VisitRecord, due: str
) -> None:
    row = told(hill, actor, record)
    typed = {"token": str(uuid4()), "kind": "study", "text": "每天一道口算", "due": due}
    answer = client_of("subject1").post(url("shared_one", pk=row.pk), typed)
    assert answer.status_code == 422
    assert "每天一道口算" in answer.content.decode()
    assert not Measure.objects.filter(source="teacher").exists()


def test_teachers_of_other_classes_see_nothing(
    hill: Cast, actor: Actors, client_of: Clients, record: VisitRecord
) -> None:
    row = told(hill, actor, record)
    assert client_of("teacher2").get(url("shared_one", pk=row.pk)).status_code == 404
    assert "阿虎" not in client_of("teacher2").get(url("shared")).content.decode()


def test_each_child_of_a_household_is_shared_by_its_own_class_teacher(hill: Cast, actor: Actors) -> None:
    """Siblings: the lead may for both, the other class teacher for the own child, a subject teacher for none."""
    record = recorded(hill, actor("teacher1"), "阿梅", "阿乐", **SAID)
    first, second = About(record, hill.student("阿梅")), About(record, hill.student("阿乐"))
    share(second, by=actor("teacher2"), kinds=["study"], advice="")
    share(second, by=actor("teacher1"), kinds=["study"], advice="先夸再说")
    with pytest.raises(Forbidden):
        share(first, by=actor("teacher2"), kinds=["study"], advice="")
    with pytest.raises(Forbidden):
        share(first, by=actor("subject1"), kinds=["study"], advice="")
    assert Share.objects.get().advice == "先夸再说"


def test_what_the_record_does_not_name_cannot_be_told(hill: Cast, actor: Actors, record: VisitRecord) -> None:
    about = About(record, hill.student("阿虎"))
    for kinds, advice in ((["counsel"], ""), ([], "  ")):
        with pytest.raises(Invalid):
            share(about, by=actor("teacher1"), kinds=kinds, advice=advice)


def test_changed_advice_tells_nobody_twice(hill: Cast, actor: Actors, record: VisitRecord) -> None:
    told(hill, actor, record)
    with clock.at(EVENING + timedelta(days=2)):
        told(hill, actor, record)
    assert OutboxMessage.objects.count() == 1


def test_long_advice_is_kept_on_the_page(hill: Cast, client_of: Clients, record: VisitRecord) -> None:
    page = url("share", pk=record.visit_id, student=hill.student("阿虎").pk)
    answer = client_of("teacher1").post(page, {"advice": "长" * 501})
    assert answer.status_code == 422
    assert "长" * 501 in answer.content.decode()
    assert client_of("teacher1").get(url("share", pk=record.visit_id, student=99_999_999)).status_code == 404


def test_the_list_takes_few_queries_whatever_its_length(
    hill: Cast, actor: Actors, client_of: Clients, record: VisitRecord
) -> None:
    row = told(hill, actor, record)
    homes = [Student(name=f"童{i}", school_class=row.student.school_class) for i in range(40)]
    Student.objects.bulk_create(homes)
    Share.objects.bulk_create(
        Share(record=record, student=child, kinds=[], shared_by=row.shared_by, shared_at=row.shared_at)
        for child in homes
    )
    browser = client_of("subject1")
    with CaptureQueriesContext(connection) as taken:
        assert len(browser.get(url("shared")).context["page"]) == 30
    assert len([q for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]) <= 12


def test_what_was_shared_is_changed_only_after_it_is_taken_back(hill: Cast, client_of: Clients, actor: Actors) -> None:
    """Edit until shared; recalled, the teachers read nothing any more, the record is changed, and shared anew."""
    visit, browser = _shared_visit(hill, actor), client_of("teacher1")
    page = reverse("visits:visit", kwargs={"org": "hill", "pk": visit.pk})
    revise = reverse("visits:revise", kwargs={"org": "hill", "pk": visit.pk})
    assert revise not in browser.get(page).content.decode()
    sent = typed(visit, record_id=visit.record.pk, content="更正") | {"version": "1"}
    answer = browser.post(revise, sent)
    assert answer.status_code == 403
    assert "先收回分享" in answer.content.decode()
    visit.record.refresh_from_db()
    assert (visit.record.content, visit.record.versions.count()) == ("第一份", 0)
    recall = reverse("visits:recall", kwargs={"org": "hill", "pk": visit.pk})
    for _twice in range(2):
        assert browser.post(recall).status_code == 302
    assert not Share.objects.exists()
    assert revise in browser.get(page).content.decode()
    assert browser.post(revise, sent).status_code == 302
    visit.record.refresh_from_db()
    assert (visit.record.content, visit.record.version, visit.record.versions.count()) == ("更正", 2, 1)


def test_only_whoever_goes_on_with_the_visit_takes_it_back(hill: Cast, client_of: Clients, actor: Actors) -> None:
    visit = _shared_visit(hill, actor)
    recall = reverse("visits:recall", kwargs={"org": "hill", "pk": visit.pk})
    assert client_of("subject1").post(recall).status_code == 404
    assert client_of("office").post(recall).status_code == 403
    assert client_of("teacher1").get(recall).status_code == 405
    assert Share.objects.count() == 1


def _shared_visit(cast: Cast, actor: Actors) -> Visit:
    kept = recorded(cast, actor("teacher1"), "阿虎", content="第一份", measures=("study",))
    share(About(kept, cast.student("阿虎")), by=actor("teacher1"), kinds=["study"], advice="多鼓励")
    return kept.visit
