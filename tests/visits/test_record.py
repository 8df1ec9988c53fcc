"""The record form: three taps and a sentence, accepted once, nothing lost."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.visits.models import ClosedMonth, RecordVersion, Visit, VisitRecord
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, planned, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]


def url(name: str, pk: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", "pk": pk})


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


@pytest.fixture
def visit(hill: Cast) -> Visit:
    return planned(hill, "阿虎", along=("subject1",))


def test_it_works(hill: Cast, visit: Visit, client_of: Clients) -> None:
    """Three answers and a sentence make a record; the visit is recorded, the log has one row."""
    sent = typed(visit, content="爷爷说他每天自己整理书包。")
    answer = client_of("teacher1").post(url("record", visit.pk), sent)
    assert answer.status_code == 302
    record = VisitRecord.objects.get()
    assert (str(record.pk), record.topics, record.content) == (sent["record_id"], ["study"], sent["content"])
    visit.refresh_from_db()
    assert visit.state == "recorded"
    assert AuditEntry.objects.filter(verb="visit.record", target__endswith=str(record.pk)).count() == 1


def test_a_companion_may_record(visit: Visit, client_of: Clients) -> None:
    sent = typed(visit)
    assert client_of("subject1").post(url("record", visit.pk), sent).status_code == 302
    assert VisitRecord.objects.get().recorded_by.name == "吴老师"


def test_another_classes_teacher_does_not_see_it(visit: Visit, client_of: Clients) -> None:
    assert client_of("teacher2").get(url("record", visit.pk)).status_code == 404


def test_the_office_sees_it_and_may_not_record(visit: Visit, client_of: Clients) -> None:
    assert client_of("office").post(url("record", visit.pk), typed(visit)).status_code == 403
    assert not VisitRecord.objects.exists()


def test_an_unknown_visit_is_not_found(hill: Cast, client_of: Clients) -> None:
    assert client_of("teacher1").get(url("record", uuid4())).status_code == 404


def test_a_wrong_method_is_refused(visit: Visit, client_of: Clients) -> None:
    assert client_of("teacher1").put(url("record", visit.pk)).status_code == 405


def test_only_three_answers_are_asked(visit: Visit, client_of: Clients) -> None:
    """With the prefilled values alone, exactly relation and topics are missing: the mode came from the plan."""
    sent = typed(visit)
    del sent["met_relation"], sent["topics"]
    answer = client_of("teacher1").post(url("record", visit.pk), sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"met_relation", "topics"}
    assert {n for n, f in answer.context["form"].fields.items() if f.required} == {
        "record_id", "met_relation", "mode", "topics", "visit_date", "starts", "ends", "students",
    }  # fmt: skip


def test_the_plan_is_prefilled(visit: Visit, client_of: Clients) -> None:
    page = client_of("teacher1").get(url("record", visit.pk)).content.decode()
    assert "祖父 · 阿虎爷爷" in page
    assert "9月12日 19:00–19:40 · 入户家访" in page
    assert page.index("阿虎爷爷") < page.index("父亲")


def test_what_was_typed_stays_after_a_mistake(visit: Visit, client_of: Clients) -> None:
    sent = typed(visit, ends="18:00", opinion="食堂可以多些蔬菜", content="写了一半")
    answer = client_of("teacher1").post(url("record", visit.pk), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "食堂可以多些蔬菜" in page
    assert "写了一半" in page
    assert sent["record_id"] in page
    assert "结束时间要晚于开始时间" in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", "长" * 2001),
        ("topics", ["nothing-like-this"]),
        ("met_relation", "00"),
        ("mode", "17"),
        ("visit_date", "2026-13-40"),
        ("visit_date", "0001-01-01"),
        ("visit_date", "2099-01-01"),
        ("starts", "25:61"),
        ("students", ["999999999999999999999999"]),
        ("companions", ["-1"]),
        ("satisfaction", "9"),
        ("satisfaction", "很好"),
        ("follow_up_on", "2026-09-01"),
        ("problem_categories", ["C21"]),
        ("record_id", "not-a-uuid"),
        ("content", "a\x00b"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(visit: Visit, client_of: Clients, name: str, value: object) -> None:
    answer = client_of("teacher1").post(url("record", visit.pk), typed(visit) | {name: value})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not VisitRecord.objects.exists()


def test_emoji_and_long_lines_are_kept(visit: Visit, client_of: Clients) -> None:
    words = "很好👍🏽 " + "字" * 1990
    assert client_of("teacher1").post(url("record", visit.pk), typed(visit, content=words)).status_code == 302
    assert VisitRecord.objects.get().content == words.strip()


def test_sent_twice_it_is_kept_once(visit: Visit, client_of: Clients) -> None:
    """Same id and same content, in whatever order the chips were tapped, is accepted again."""
    browser = client_of("teacher1")
    sent = typed(visit, topics=["study", "mood"])
    first = browser.post(url("record", visit.pk), sent)
    again = browser.post(url("record", visit.pk), sent | {"topics": ["mood", "study"]})
    assert first.status_code == again.status_code == 302
    assert VisitRecord.objects.get().version == 1
    assert not RecordVersion.objects.exists()


def test_other_content_under_the_same_id_is_a_conflict_and_both_are_kept(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    sent = typed(visit, content="第一份")
    browser.post(url("record", visit.pk), sent)
    for _again in range(2):
        answer = browser.post(url("record", visit.pk), sent | {"content": "第二份"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "第一份" in page
        assert "第二份" in page
        assert "data-refusal" in page
    assert VisitRecord.objects.get().content == "第一份"
    assert RecordVersion.objects.get().entry["content"] == "第二份"
    assert "第二份" in browser.get(url("visit", visit.pk)).content.decode()


def test_two_people_who_record_the_same_visit_see_both(visit: Visit, client_of: Clients) -> None:
    client_of("teacher1").post(url("record", visit.pk), typed(visit, content="陈老师写的"))
    answer = client_of("subject1").post(url("record", visit.pk), typed(visit, content="吴老师写的"))
    assert answer.status_code == 409
    assert "陈老师写的" in answer.content.decode()
    assert not answer.context["may_revise"]
    assert RecordVersion.objects.get().kept_by.name == "吴老师"


def test_the_second_version_can_replace_the_first(visit: Visit, client_of: Clients) -> None:
    """The conflict page carries everything that was typed, and one press puts it in place."""
    browser = client_of("teacher1")
    sent = typed(visit, content="第一份")
    browser.post(url("record", visit.pk), sent)
    answer = browser.post(url("record", visit.pk), sent | {"content": "第二份", "measures": ["study", "counsel"]})
    again: dict[str, list[str]] = {}
    for name, value in answer.context["answers"]:
        again.setdefault(name, []).append(value)
    record = answer.context["record"]
    done = browser.post(url("revise", visit.pk), again | {"record_id": [str(record.pk)], "version": ["1"]})
    assert done.status_code == 302
    record.refresh_from_db()
    assert (record.content, record.measures, record.version) == ("第二份", ["study", "counsel"], 2)


def test_an_id_of_another_school_is_refused_without_telling(
    cast: Cast, client_of: Clients, actor: Callable[..., Actor]
) -> None:
    """The database holds ids unique over all schools; a clash is a conflict, not a crash."""
    with scope.enter(cast.hill.pk):
        mine = planned(cast, "阿虎")
    with scope.enter(cast.river.pk):
        theirs = planned(cast, "河生", lead="teacher3")
        taken = uuid4()
        sent = typed(theirs, record_id=taken, met_relation="52")
    answer = client_of("teacher3").post(reverse("visits:record", kwargs={"org": "river", "pk": theirs.pk}), sent)
    assert answer.status_code == 302
    with scope.enter(cast.hill.pk):
        data = typed(mine, record_id=taken)
    answer = client_of("teacher1").post(url("record", mine.pk), data)
    assert answer.status_code == 409
    assert "河生" not in answer.content.decode()


def test_siblings_are_credited_together(hill: Cast, client_of: Clients) -> None:
    """One visit about two classes' children of one home counts for both."""
    visit = planned(hill, "阿梅")
    both = [str(hill.student("阿梅").pk), str(hill.student("阿乐").pk)]
    client_of("teacher1").post(url("record", visit.pk), typed(visit, students=both))
    assert set(visit.students.values_list("student__name", flat=True)) == {"阿梅", "阿乐"}


def test_a_child_of_another_home_cannot_be_slipped_in(hill: Cast, visit: Visit, client_of: Clients) -> None:
    sent = typed(visit, students=[str(hill.student("阿宝").pk)])
    assert client_of("teacher1").post(url("record", visit.pk), sent).status_code == 422


def test_somebody_else_was_there_lately(hill: Cast, visit: Visit, client_of: Clients) -> None:
    """A warning within 14 days, with the date and without the name of the colleague."""
    browser = client_of("teacher1")
    old = planned(hill, "阿虎", lead="subject1", at=EVENING - timedelta(days=5))
    assert "刚有老师家访过" not in browser.get(url("record", visit.pk)).content.decode()
    old.state = "recorded"
    old.save()
    page = browser.get(url("record", visit.pk)).content.decode()
    assert "这家 9月7日 刚有老师家访过" in page
    assert "吴老师 刚有" not in page
    old.starts_at = EVENING - timedelta(days=20)
    old.save()
    assert "刚有老师家访过" not in browser.get(url("record", visit.pk)).content.decode()


def test_an_unplanned_visit_is_started_and_recorded_in_one_go(hill: Cast, client_of: Clients) -> None:
    child = hill.student("阿宝")
    browser = client_of("teacher1")
    page = browser.get(url("new_record", child.pk))
    sent = {k: v for k, v in page.context["form"].initial.items() if v}
    sent |= {"met_relation": "51", "topics": ["praise"], "starts": "07:20", "ends": "07:50"}
    for _twin in range(2):
        assert browser.post(url("new_record", child.pk), sent).status_code == 302
    visit = Visit.objects.get()
    assert (visit.state, visit.mode, visit.lead.name, visit.record.topics) == (
        "recorded", "01", "陈老师", ["praise"],
    )  # fmt: skip


def test_a_stranger_cannot_start_a_visit(hill: Cast, client_of: Clients) -> None:
    assert client_of("teacher2").get(url("new_record", hill.student("阿宝").pk)).status_code == 404
    assert client_of("sysadmin").get(url("new_record", hill.student("阿宝").pk)).status_code == 404


def test_revising_keeps_what_was_said_before(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    sent = typed(visit, content="第一份", opinion="操场灯太暗")
    browser.post(url("record", visit.pk), sent)
    form = browser.get(url("revise", visit.pk)).context["form"]
    assert (form["content"].value(), form["opinion"].value()) == ("第一份", "操场灯太暗")
    done = browser.post(url("revise", visit.pk), sent | {"content": "更正", "version": "1"})
    assert done.status_code == 302
    record = VisitRecord.objects.get()
    assert (record.version, record.content) == (2, "更正")
    assert RecordVersion.objects.get().entry["content"] == "第一份"


def test_a_late_copy_of_the_first_version_is_no_conflict(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    sent = typed(visit, content="第一份")
    browser.post(url("record", visit.pk), sent)
    browser.post(url("revise", visit.pk), sent | {"content": "更正", "version": "1"})
    assert browser.post(url("record", visit.pk), sent).status_code == 302
    assert VisitRecord.objects.get().content == "更正"


def test_two_revisions_at_once_do_not_overwrite_each_other(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    sent = typed(visit)
    browser.post(url("record", visit.pk), sent)
    browser.post(url("revise", visit.pk), sent | {"content": "先到", "version": "1"})
    late = browser.post(url("revise", visit.pk), sent | {"content": "后到", "version": "1"})
    assert late.status_code == 409
    assert VisitRecord.objects.get().content == "先到"


def test_a_month_handed_in_is_not_changed(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    sent = typed(visit)
    browser.post(url("record", visit.pk), sent)
    ClosedMonth.objects.create(month=EVENING.date().replace(day=1), closed_by="周主任", closed_at=LATER)
    answer = browser.post(url("revise", visit.pk), sent | {"content": "更正", "version": "1"})
    assert answer.status_code == 403
    assert "2026年9月的统计已经报送" in answer.content.decode()


def test_a_companion_who_did_not_write_it_may_not_revise(visit: Visit, client_of: Clients) -> None:
    client_of("teacher1").post(url("record", visit.pk), typed(visit))
    assert client_of("subject1").get(url("revise", visit.pk)).status_code == 403


@pytest.mark.parametrize(("reason", "state"), [("declined", "declined"), ("away", "postponed"), ("left", "cancelled")])
def test_a_visit_that_did_not_happen(visit: Visit, client_of: Clients, reason: str, state: str) -> None:
    answer = client_of("teacher1").post(url("decline", visit.pk), {"reason": reason, "because": "电话里说的"})
    assert answer.status_code == 302
    visit.refresh_from_db()
    assert (visit.state, visit.not_visited) == (state, reason)
    assert AuditEntry.objects.filter(verb="visit.decline", reason="电话里说的").exists()


def test_declined_and_met_in_another_mode(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    browser.post(url("decline", visit.pk), {"reason": "declined"})
    assert browser.get(url("record", visit.pk) + "?mode=03").context["form"]["mode"].value() == "03"
    browser.post(url("record", visit.pk), typed(visit, mode="03"))
    visit.refresh_from_db()
    assert (visit.state, visit.mode, visit.not_visited) == ("recorded", "03", "")


def test_declining_needs_a_reason(visit: Visit, client_of: Clients) -> None:
    answer = client_of("teacher1").post(url("decline", visit.pk), {"reason": "nothing"})
    assert answer.status_code == 422
    assert "请选择一个未访原因" in answer.content.decode()


def test_a_recorded_visit_is_not_declined(visit: Visit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    browser.post(url("record", visit.pk), typed(visit))
    assert browser.post(url("decline", visit.pk), {"reason": "away"}).status_code == 409
