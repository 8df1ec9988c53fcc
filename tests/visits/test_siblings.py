"""Siblings: one record for all, or one for each child where it is wanted; each child is counted once."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Opinion
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Invalid
from koumen.visits.models import RecordVersion, Visit, VisitRecord, VisitStudent
from koumen.visits.services import siblings
from koumen.visits.services.questions import publish_questions, upload_questions
from tests.cast import Cast
from tests.visits import season
from tests.visits.stories import LATER, entry, parted, planned, typed
from tests.visits.workbooks import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R2")]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> Iterator[None]:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(hill: Cast) -> Visit:
    """阿梅 (class 1) and 阿乐 (class 2), of one home."""
    return planned(hill, "阿梅", "阿乐")


def url(name: str, pk: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", "pk": pk})


def contents() -> dict[str, str]:
    return {
        row.student.name: row.visit.record.content
        for row in VisitStudent.objects.filter(visit__state="recorded").select_related("student", "visit__record")
    }


def test_it_works(visit: Visit, client_of: Clients) -> None:
    """Each child has its own record; the home's common answers stand in both, what is counted once in one of them."""
    sent = parted(visit, family_words="都很乖", opinion="操场灯太暗", satisfaction="5")
    answer = client_of("teacher1").post(url("record_apart", visit.pk), sent)
    assert answer.status_code == 302
    assert contents() == {"阿梅": "阿梅说的", "阿乐": "阿乐说的"}
    kept = {row.content: row for row in VisitRecord.objects.all()}
    assert {row.family_words for row in kept.values()} == {"都很乖"}
    assert Opinion.objects.count() == 1
    assert VisitRecord.objects.filter(satisfaction=5).count() == 1
    beside = Visit.objects.get(beside=visit)
    assert (beside.lead, beside.household, beside.starts_at) == (visit.lead, visit.household, visit.starts_at)


def test_every_child_is_credited_once(visit: Visit, client_of: Clients) -> None:
    client_of("teacher1").post(url("record_apart", visit.pk), parted(visit))
    rows = VisitStudent.objects.filter(visit__state="recorded").values_list("student__name", flat=True)
    assert sorted(rows) == sorted(["阿梅", "阿乐"])


def test_sent_twice_they_are_kept_once(visit: Visit, client_of: Clients) -> None:
    sent = parted(visit)
    for _twin in range(2):
        assert client_of("teacher1").post(url("record_apart", visit.pk), sent).status_code == 302
    assert (Visit.objects.count(), VisitRecord.objects.count(), RecordVersion.objects.count()) == (2, 2, 0)


def test_the_one_form_for_all_offers_it_and_what_was_typed_comes_along(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    assert url("record_apart", visit.pk) in browser.get(url("record", visit.pk)).content.decode()
    both = [str(row.student_id) for row in visit.students.all()]
    sent = typed(visit, students=both, topics=["mood"], content="写到一半", problem="作业多", family_words="挺好")
    answer = browser.post(url("record_apart", visit.pk), sent)
    assert answer.status_code == 200
    form, parts = answer.context["form"], answer.context["parts"]
    assert (form["topics"].value(), form["family_words"].value(), form["met_relation"].value()) == (
        ["mood"], "挺好", ["52"],
    )  # fmt: skip
    assert [part.form["content"].value() or "" for part in parts] == ["写到一半", ""]
    assert parts[0].form["problem"].value() == "作业多"
    assert not VisitRecord.objects.exists()


def test_a_mistake_in_one_part_writes_nothing_and_keeps_the_words(visit: Visit, client_of: Clients) -> None:
    sent = parted(visit)
    last = visit.students.order_by("student_id").last()
    assert last is not None
    sent[f"s{last.student_id}-follow_up_on"] = "2026-09-01"
    answer = client_of("teacher1").post(url("record_apart", visit.pk), sent)
    assert answer.status_code == 422
    assert "阿梅说的" in answer.content.decode()
    assert "随访日期要在家访之后" in answer.content.decode()
    assert not VisitRecord.objects.exists()


def test_an_only_child_is_not_split(hill: Cast, client_of: Clients) -> None:
    visit = planned(hill, "阿虎")
    assert client_of("teacher1").get(url("record_apart", visit.pk)).status_code == 409
    assert "分开写" not in client_of("teacher1").get(url("record", visit.pk)).content.decode()


def test_a_colleague_was_quicker_and_nothing_is_lost(visit: Visit, client_of: Clients) -> None:
    """Every part is kept beside the record that was there first."""
    client_of("teacher2").post(url("record", visit.pk), typed(visit, content="李老师写的"))
    answer = client_of("teacher1").post(url("record_apart", visit.pk), parted(visit), follow=True)
    page = answer.content.decode()
    assert "已经有一份记录" in page
    assert "阿梅说的" in page
    assert "阿乐说的" in page
    assert VisitRecord.objects.get().content == "李老师写的"
    assert Visit.objects.count() == 1


def test_an_unplanned_visit_is_split_as_well(hill: Cast, client_of: Clients) -> None:
    browser = client_of("teacher1")
    child = hill.student("阿梅")
    page = browser.get(url("new_record_apart", child.pk))
    assert page.status_code == 200
    sent = {k: v for k, v in page.context["form"].initial.items() if v} | {"met_relation": "52", "topics": ["study"]}
    sent |= {"starts": "07:00", "ends": "07:30"}
    for part in page.context["parts"]:
        sent[f"{part.key}-record_id"] = part.form.initial["record_id"]
    for _twin in range(2):
        assert browser.post(url("new_record_apart", child.pk), sent).status_code == 302
    assert sorted(contents()) == sorted(["阿梅", "阿乐"])
    assert VisitRecord.objects.count() == 2


def test_two_phones_that_split_the_same_child_name_the_conflict(visit: Visit, actor: Callable[..., Actor]) -> None:
    """A second visit of the same hour for the same child is never begun."""
    by, child = actor("teacher1"), visit.students.order_by("student_id")[1].student
    first = siblings.start_beside(visit, by=by, record_id=uuid4(), child=child)
    assert siblings.start_beside(visit, by=by, record_id=uuid4(), child=child) == first
    assert [row.student for row in visit.students.all()] != [child]


def test_a_cancelled_visit_is_not_split(visit: Visit, hill: Cast, actor: Callable[..., Actor]) -> None:
    visit.state = "cancelled"
    visit.save()
    with pytest.raises(Conflict):
        siblings.start_beside(visit, by=actor("teacher1"), record_id=uuid4(), child=hill.student("阿乐"))


def test_each_part_is_about_one_child_of_this_home(visit: Visit, hill: Cast, actor: Callable[..., Actor]) -> None:
    mine, both = entry([hill.student("阿梅")]), entry([hill.student("阿梅"), hill.student("阿乐")])
    for parts in ([], [(uuid4(), both)], [(uuid4(), mine), (uuid4(), mine)], [(uuid4(), entry([]))]):
        with pytest.raises(Invalid):
            siblings.record_apart(visit, by=actor("teacher1"), parts=parts)
    with pytest.raises(Invalid):
        siblings.start_beside(visit, by=actor("teacher1"), record_id=uuid4(), child=hill.student("阿宝"))
    assert not VisitRecord.objects.exists()


def test_the_campaigns_own_questions_are_asked_once_and_stand_in_both(
    visit: Visit, client_of: Clients, actor: Callable[..., Actor]
) -> None:
    office = actor("office")
    visit.campaign = season.campaign(office)
    visit.save()
    draft = upload_questions(visit.campaign, by=office, content=workbook(), name="题.xlsx")
    asked = publish_questions(draft, by=office)
    browser, address = client_of("teacher1"), url("record_apart", visit.pk)
    assert browser.get(address).content.decode().count("有固定的学习地方吗？") >= 1
    before = typed(
        visit, asked_by=asked.pk, q_has_desk="no", students=[str(c.student_id) for c in visit.students.all()]
    )
    form = browser.post(address, before).context["form"]
    assert form["q_has_desk"].value() == "no"
    sent = parted(visit, asked_by=asked.pk, q_has_desk="no", q_where_instead="饭桌", q_minutes="30")
    assert browser.post(address, sent).status_code == 302
    said = {"has_desk": "no", "where_instead": "饭桌", "minutes": "30"}
    assert [(row.answers, row.question_form) for row in VisitRecord.objects.all()] == [(said, asked), (said, asked)]


def test_an_answer_that_cannot_be_writes_nothing(visit: Visit, client_of: Clients, actor: Callable[..., Actor]) -> None:
    office = actor("office")
    visit.campaign = season.campaign(office)
    visit.save()
    draft = upload_questions(visit.campaign, by=office, content=workbook(), name="题.xlsx")
    asked = publish_questions(draft, by=office)
    data = parted(visit, asked_by=asked.pk, q_minutes="很久")
    answer = client_of("teacher1").post(url("record_apart", visit.pk), data)
    assert answer.status_code == 422
    assert not VisitRecord.objects.exists()
