"""A campaign's own questions on its page, below a record, from a phone, on paper and as Excel."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from docx import Document
from openpyxl import load_workbook

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, StoredFile
from koumen.visits.models import Campaign, QuestionForm, RecordVersion, Visit, VisitRecord
from koumen.visits.services.campaigns import close_campaign
from koumen.visits.services.questions import publish_questions, upload_questions
from koumen.visits.services.xlsform.examples import example
from tests.cast import Cast
from tests.visits import season
from tests.visits.phones import Phone
from tests.visits.stories import LATER, planned, typed
from tests.visits.test_few_statements import MOST, asked
from tests.visits.workbooks import CHOICES, SURVEY, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
NEWER = workbook((*SURVEY, ("text", "wish", "还有什么想说的？")))


@pytest.fixture(autouse=True)
def _morning_after() -> Iterator[None]:
    with clock.at(LATER):
        yield


@pytest.fixture
def campaign(cast: Cast, actor: Actors) -> Campaign:
    with scope.enter(cast.hill.pk):
        return season.campaign(actor("office"))


@pytest.fixture
def form(cast: Cast, actor: Actors, campaign: Campaign) -> QuestionForm:
    """The questions that are asked."""
    with scope.enter(cast.hill.pk):
        draft = upload_questions(campaign, by=actor("office"), content=workbook(), name="题.xlsx")
        return publish_questions(draft, by=actor("office"))


@pytest.fixture
def visit(cast: Cast, campaign: Campaign) -> Visit:
    with scope.enter(cast.hill.pk):
        found = planned(cast, "阿虎")
        found.campaign = campaign
        found.save()
        return found


def upload(content: bytes, name: str = "我的题.xlsx") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content)}


def kept(cast: Cast) -> VisitRecord:
    with scope.enter(cast.hill.pk):
        return VisitRecord.objects.select_related("question_form").get()


def test_it_works(cast: Cast, campaign: Campaign, visit: Visit, client_of: Clients) -> None:
    """Uploaded, looked at, asked, answered below the record, read on its page."""
    office, teacher = client_of("office"), client_of("teacher1")
    here = f"/s/hill/campaigns/{campaign.pk}/questions/"
    assert "没有专项问题" in office.get(here).content.decode()
    assert office.post(here, upload(workbook()))["Location"] == here
    page = office.get(here).content.decode()
    assert "有固定的学习地方吗？" in page
    assert "启用第 1 版" in page
    assert "有固定的学习地方吗？" not in teacher.get(here).content.decode()  # a draft is the managers'
    write = f"/s/hill/visits/{visit.pk}/record/"
    assert "有固定的学习地方吗？" not in teacher.get(write).content.decode()
    with scope.enter(cast.hill.pk):
        draft = QuestionForm.objects.get()
    office.post(f"/s/hill/questions/{draft.pk}/publish/")
    assert "有固定的学习地方吗？" in teacher.get(here).content.decode()
    assert "有固定的学习地方吗？" in teacher.get(write).content.decode()
    with scope.enter(cast.hill.pk):
        said: dict[str, Any] = {
            "asked_by": draft.pk,
            "q_has_desk": "no",
            "q_where_instead": " 饭桌 ",
            "q_minutes": "030",
        }
        sent = typed(visit, **said, q_help=["study", "food"])
    assert teacher.post(write, sent).status_code == 302
    row = kept(cast)
    assert row.answers == {"has_desk": "no", "where_instead": "饭桌", "minutes": "30", "help": ["food", "study"]}
    assert row.question_form == draft
    read = teacher.get(f"/s/hill/visits/{visit.pk}/").content.decode()
    assert "在哪里写作业？" in read
    assert "吃饭、学习" in read


def test_a_page_drops_what_is_not_asked_after_all(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """Somebody answers, goes back and answers otherwise: what hung on the first answer goes with it."""
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_has_desk="yes", q_where_instead="饭桌")
    assert client_of("teacher1").post(f"/s/hill/visits/{visit.pk}/record/", sent).status_code == 302
    assert kept(cast).answers == {"has_desk": "yes"}


def test_what_cannot_be_is_said_at_the_question_and_nothing_typed_is_lost(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_minutes="700", q_has_desk="no", q_where_instead="饭桌")
    answer = client_of("teacher1").post(f"/s/hill/visits/{visit.pk}/record/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请填 0 到 600。" in page
    assert "饭桌" in page
    assert 'value="700"' in page
    with scope.enter(cast.hill.pk):
        assert not VisitRecord.objects.exists()


def test_the_version_before_somebody_counts_and_stays(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    """The questions change while a teacher writes; the record keeps those it answered, also when it is revised."""
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_has_desk="yes")
        newer = upload_questions(form.campaign, by=actor("office"), content=NEWER, name="b.xlsx")
        publish_questions(newer, by=actor("office"))
    teacher = client_of("teacher1")
    assert "还有什么想说的" in teacher.get(f"/s/hill/visits/{visit.pk}/record/").content.decode()
    assert teacher.post(f"/s/hill/visits/{visit.pk}/record/", sent).status_code == 302
    assert kept(cast).question_form == form
    page = teacher.get(f"/s/hill/visits/{visit.pk}/revise/").content.decode()
    assert "还有什么想说的" not in page
    assert "有固定的学习地方吗？" in page
    revised = sent | {"version": 1, "q_has_desk": "no", "q_where_instead": "床上"}
    assert teacher.post(f"/s/hill/visits/{visit.pk}/revise/", revised).status_code == 302
    row = kept(cast)
    assert (row.question_form, row.version, row.answers["where_instead"]) == (form, 2, "床上")
    with scope.enter(cast.hill.pk):
        before = RecordVersion.objects.get()
        assert before.entry["answers"] == {"has_desk": "yes"}
    assert "床上" in teacher.get(f"/s/hill/visits/{visit.pk}/").content.decode()


def test_other_answers_are_another_record(cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients) -> None:
    """The same id with other answers is a conflict; both answers are shown side by side."""
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_where_instead="", q_has_desk="no")
    teacher, write = client_of("teacher1"), f"/s/hill/visits/{visit.pk}/record/"
    assert teacher.post(write, sent).status_code == 302
    assert teacher.post(write, sent).status_code == 302
    answer = teacher.post(write, sent | {"q_where_instead": "饭桌"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "在哪里写作业？" in page
    assert 'name="q_where_instead" value="饭桌"' in page


def test_a_record_without_answers_has_the_content_it_always_had(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """Whether questions were shown or not: what was not answered does not tell two records apart."""
    phone = Phone(client_of("teacher1"))
    record = uuid4()
    with scope.enter(cast.hill.pk):
        first = phone.send(record, visit, entry={"question_form": form.pk, "answers": {}})
        again = phone.send(record, visit, entry={})
    assert first[0] == again[0] == 200
    assert first[1]["content_hash"] == again[1]["content_hash"]
    assert kept(cast).question_form is None


def test_phones_are_told_the_questions_once(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    phone = Phone(client_of("teacher1"))
    _status, first = phone.get("sync")
    assert first["visits"][0]["form"] == {"id": form.pk, "version": 1}
    assert [one["id"] for one in first["forms"]] == [form.pk]
    assert first["forms"][0]["questions"][1]["relevant"] == ["=", ["ref", "has_desk"], ["text", "no"]]
    _status, again = phone.get(f"sync?since={first['cursor']}&words={first['words']}&forms={form.pk}")
    assert (again["visits"], again["forms"]) == ([], [])
    with scope.enter(cast.hill.pk):
        newer = upload_questions(form.campaign, by=actor("office"), content=NEWER, name="b.xlsx")
        publish_questions(newer, by=actor("office"))
    _status, changed = phone.get(f"sync?since={first['cursor']}&words={first['words']}&forms={form.pk}")
    assert changed["visits"][0]["form"] == {"id": newer.pk, "version": 2}
    assert [one["id"] for one in changed["forms"]] == [newer.pk]


def test_a_phone_sends_answers_to_an_older_version(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    with scope.enter(cast.hill.pk):
        newer = upload_questions(form.campaign, by=actor("office"), content=NEWER, name="b.xlsx")
        publish_questions(newer, by=actor("office"))
        entry = {"question_form": form.pk, "answers": {"has_desk": "no", "where_instead": "饭桌"}}
        status, _receipt = Phone(client_of("teacher1")).send(uuid4(), visit, entry=entry)
    assert status == 200
    assert kept(cast).question_form == form


@pytest.mark.parametrize(
    ("answers", "field", "word"),
    [
        ({"strange": "x"}, "answers.strange", "没有这道题"),
        ({"minutes": "x"}, "answers.minutes", "请填整数"),
        ({"minutes": "601"}, "answers.minutes", "请填 0 到 600。"),
        ({"minutes": ["6"]}, "answers.minutes", "请填整数"),
        ({"has_desk": "maybe"}, "answers.has_desk", "请从选项里选一个"),
        ({"has_desk": "yes", "where_instead": "饭桌"}, "answers.where_instead", "这道题不用填"),
        ({"help": ["money"]}, "answers.help", "请从选项里选"),
        ({"where_instead": "饭\0桌", "has_desk": "no"}, "answers.where_instead", "最多 2000 个字"),
    ],
)
def test_answers_that_cannot_be_are_refused_with_their_question(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, answers: Any, field: str, word: str
) -> None:
    with scope.enter(cast.hill.pk):
        entry = {"question_form": form.pk, "answers": answers}
        status, told = Phone(client_of("teacher1")).send(uuid4(), visit, entry=entry)
        assert not VisitRecord.objects.exists()
    assert status == 422
    assert word in told["fields"][field]


@pytest.mark.parametrize("told", [None, 2**60])
def test_answers_without_their_questions_are_refused_not_dropped(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, told: int | None
) -> None:
    with scope.enter(cast.hill.pk):
        entry = {"question_form": told, "answers": {"has_desk": "yes"}}
        status, refusal = Phone(client_of("teacher1")).send(uuid4(), visit, entry=entry)
    assert (status, list(refusal["fields"])) == (422, ["answers.has_desk"])


def test_questions_of_another_campaign_do_not_fit(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    with scope.enter(cast.hill.pk):
        other = season.campaign(actor("office"), name="另一次")
        theirs = upload_questions(other, by=actor("office"), content=workbook(), name="c.xlsx")
        publish_questions(theirs, by=actor("office"))
        entry = {"question_form": theirs.pk, "answers": {"has_desk": "yes"}}
        status, _told = Phone(client_of("teacher1")).send(uuid4(), visit, entry=entry)
    assert status == 422


def test_a_cancelled_visit_made_after_all_keeps_its_answers(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """Sent again as a visit nobody planned, which belongs to no campaign."""
    phone, record = Phone(client_of("teacher1")), uuid4()
    with scope.enter(cast.hill.pk):
        child = cast.student("阿虎")
        Visit.objects.filter(pk=visit.pk).update(state="cancelled")
        entry = {"question_form": form.pk, "answers": {"has_desk": "yes"}}
        assert phone.send(record, visit, entry=entry)[0] == 410
        again = phone.body(None, entry=entry | {"students": [child.pk]}, student=child.pk)
        assert phone.send_body(record, again)[0] == 200
    assert kept(cast).answers == {"has_desk": "yes"}


def test_two_phones_answer_otherwise_and_a_person_decides(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """Both answers are kept; the one decided for is the record's, the other stays beside it."""
    record, one, other = uuid4(), Phone(client_of("teacher1")), Phone(client_of("teacher1"))
    said: dict[str, Any] = {"question_form": form.pk, "answers": {"has_desk": "yes"}}
    mine = said | {"answers": {"has_desk": "no", "where_instead": "饭桌"}}
    with scope.enter(cast.hill.pk):
        assert one.send(record, visit, entry=said)[0] == 200
        status, told = other.send(record, visit, entry=mine)
        assert (status, told["kept"]["entry"]["answers"]) == (409, {"has_desk": "yes"})
        decided = {"base_version": told["kept"]["version"], "entry": other.body(visit, entry=dict(mine))["entry"]}
        url = f"/s/hill/api/visits/{record}/resolve"
        answer = other.client.post(url, json.dumps(decided), content_type="application/json")
        assert answer.status_code == 200
        kept_beside = {json.dumps(v.entry["answers"], sort_keys=True) for v in RecordVersion.objects.all()}
        assert json.dumps({"has_desk": "yes"}) in kept_beside
    assert kept(cast).answers == {"has_desk": "no", "where_instead": "饭桌"}
    assert kept(cast).version == 2


def test_a_required_question_is_asked_of_everybody_who_saw_it(
    cast: Cast, campaign: Campaign, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    """Who wrote without knowing of it (the phone had no signal) is not stopped; nothing written is ever lost."""
    rows = [("text", "a", "一定要答的", "yes")]
    with scope.enter(cast.hill.pk):
        form = upload_questions(campaign, by=actor("office"), content=workbook(rows, ()), name="题.xlsx")
        publish_questions(form, by=actor("office"))
        phone = Phone(client_of("teacher1"))
        status, told = phone.send(uuid4(), visit, entry={"question_form": form.pk})
        assert (status, told["fields"]) == (422, {"answers.a": "这道题要回答。"})
        assert phone.send(uuid4(), visit)[0] == 200


def test_mistakes_are_shown_by_row_and_nothing_is_kept(cast: Cast, campaign: Campaign, client_of: Clients) -> None:
    here = f"/s/hill/campaigns/{campaign.pk}/questions/"
    bad = workbook([("image", "a", "甲"), ("text", "b", "")])
    answer = client_of("office").post(here, upload(bad))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "survey 第 2 行：不支持题型“image”" in page
    assert "survey 第 3 行：没有写 label" in page
    with scope.enter(cast.hill.pk):
        assert not QuestionForm.objects.exists()
        assert not StoredFile.objects.filter(purpose="questions").exists()


@pytest.mark.parametrize(("content", "status"), [(b"", 422), (b"x" * 1_100_000, 413), (b"hello", 422)])
def test_files_that_are_no_workbook(campaign: Campaign, client_of: Clients, content: bytes, status: int) -> None:
    here = f"/s/hill/campaigns/{campaign.pk}/questions/"
    assert client_of("office").post(here, upload(content)).status_code == status
    assert client_of("office").post(here, {}).status_code == 422


def test_a_draft_takes_the_place_of_a_draft_and_versions_count_up(
    cast: Cast, form: QuestionForm, actor: Actors, client_of: Clients
) -> None:
    office = client_of("office")
    with scope.enter(cast.hill.pk):
        first = upload_questions(form.campaign, by=actor("office"), content=workbook(), name="b.xlsx")
        second = upload_questions(form.campaign, by=actor("office"), content=NEWER, name="c.xlsx")
        assert not QuestionForm.objects.filter(pk=first.pk).exists()
        assert not StoredFile.objects.filter(pk=first.source_id).exists()
        assert second.version == 2
        assert QuestionForm.objects.in_use().get() == form
        publish_questions(second, by=actor("office"))
        publish_questions(second, by=actor("office"))
        assert QuestionForm.objects.in_use().get() == second
        assert AuditEntry.objects.filter(verb="questions.publish").exists()
    page = office.get(f"/s/hill/campaigns/{form.campaign_id}/questions/").content.decode()
    assert "第 1 版" in page
    assert "已停用" in page
    source = office.get(f"/s/hill/questions/{second.pk}/file/")
    assert b"".join(source.streaming_content) == NEWER  # type: ignore[attr-defined]


def test_questions_can_be_asked_no_more(cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients) -> None:
    office = client_of("office")
    assert office.post(f"/s/hill/campaigns/{form.campaign_id}/questions/end/").status_code == 302
    assert office.post(f"/s/hill/campaigns/{form.campaign_id}/questions/end/").status_code == 302
    page = client_of("teacher1").get(f"/s/hill/visits/{visit.pk}/record/").content.decode()
    assert "有固定的学习地方吗？" not in page
    assert Phone(client_of("teacher1")).get("sync")[1]["visits"][0]["form"] is None


def test_a_campaign_that_is_over_is_not_changed(
    cast: Cast, form: QuestionForm, actor: Actors, client_of: Clients
) -> None:
    with scope.enter(cast.hill.pk):
        close_campaign(form.campaign, by=actor("office"))
    here = f"/s/hill/campaigns/{form.campaign_id}/questions/"
    assert "上传并检查" not in client_of("office").get(here).content.decode()
    assert client_of("office").post(here, upload(workbook())).status_code == 409


def test_the_paper_has_the_answers(cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients) -> None:
    teacher = client_of("teacher1")
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_has_desk="no", q_where_instead="饭桌")
    teacher.post(f"/s/hill/visits/{visit.pk}/record/", sent)
    document = Document(BytesIO(teacher.get(f"/s/hill/visits/{visit.pk}/paper/").content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "在哪里写作业？" in cells
    assert "饭桌" in cells


def sheet_of(client: Client, campaign: int) -> list[list[Any]]:
    answer = client.post(f"/s/hill/campaigns/{campaign}/questions/answers/")
    assert answer.status_code == 200
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    return [list(row) for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]


def test_answers_as_excel_have_no_names_outside_the_right(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """The office sees classes and months; the class teacher the own children by name and day."""
    teacher = client_of("teacher1")
    with scope.enter(cast.hill.pk):
        sent = typed(
            visit, asked_by=form.pk, q_has_desk="no", q_where_instead="=HYPERLINK(1)", q_help=["food", "study"]
        )
    teacher.post(f"/s/hill/visits/{visit.pk}/record/", sent)
    rows = sheet_of(client_of("office"), form.campaign_id)
    assert rows[0][:3] == ["班级", "月份", "题目版本"]
    assert rows[0][3:] == ["有固定的学习地方吗？", "在哪里写作业？", "一个人在家多少分钟？", "希望帮什么？"]
    assert rows[1][:3] == ["三年级1班", "2026-09", "1"]
    assert rows[1][3:5] == ["否", "=HYPERLINK(1)"]
    assert rows[1][6] == "吃饭、学习"
    assert "阿虎" not in str(rows)
    assert "陈老师" not in str(rows)
    own = sheet_of(teacher, form.campaign_id)
    assert own[0][:3] == ["班级", "日期", "孩子"]
    assert own[1][:3] == ["三年级1班", "2026-09-12", "阿虎"]
    with scope.enter(cast.hill.pk):
        assert AuditEntry.objects.filter(verb="questions.export").count() == 2
    empty = client_of("teacher2").post(f"/s/hill/campaigns/{form.campaign_id}/questions/answers/")
    assert empty.status_code == 422


def test_columns_follow_the_newest_version_and_older_answers_stay(
    cast: Cast, form: QuestionForm, client_of: Clients, actor: Actors
) -> None:
    phone = Phone(client_of("teacher1"))
    with scope.enter(cast.hill.pk):
        rows = [("text", "wish", "还有什么想说的？"), SURVEY[0]]
        newer = upload_questions(form.campaign, by=actor("office"), content=workbook(rows, CHOICES), name="b.xlsx")
        publish_questions(newer, by=actor("office"))
        said = {form: {"has_desk": "yes", "minutes": "5"}, newer: {"wish": "多来家访"}}
        for (asked, answers), name in zip(said.items(), ("阿虎", "阿宝"), strict=True):
            made = planned(cast, name)
            Visit.objects.filter(pk=made.pk).update(campaign=form.campaign)
            entry = {"question_form": asked.pk, "answers": answers}
            assert phone.send(uuid4(), Visit.objects.get(pk=made.pk), entry=entry)[0] == 200
    rows_told = sheet_of(client_of("teacher1"), form.campaign_id)
    assert rows_told[0][4:] == [
        "还有什么想说的？",
        "有固定的学习地方吗？",
        "在哪里写作业？",
        "一个人在家多少分钟？",
        "希望帮什么？",
    ]
    by_child = {row[2]: row[3:] for row in rows_told[1:] if len(row) > 3 and row[2]}
    assert [by_child["阿虎"][0], by_child["阿虎"][2], by_child["阿虎"][4]] == ["1", "是", "5"]
    assert [by_child["阿宝"][0], by_child["阿宝"][1]] == ["2", "多来家访"]


def test_the_page_asks_few_questions_of_the_database(
    form: QuestionForm, client_of: Clients, django_assert_max_num_queries: Any
) -> None:
    office = client_of("office")
    office.get(f"/s/hill/campaigns/{form.campaign_id}/questions/")
    with django_assert_max_num_queries(12):
        office.get(f"/s/hill/campaigns/{form.campaign_id}/questions/")


def test_pages_of_a_record_with_answers_ask_at_most_twelve_times(
    cast: Cast, form: QuestionForm, visit: Visit, client_of: Clients
) -> None:
    """Before, after, and with what it said before; revised twice, with answers each time."""
    teacher, here = client_of("teacher1"), f"/s/hill/visits/{visit.pk}/"
    assert len(asked(teacher, f"{here}record/")) <= MOST
    with scope.enter(cast.hill.pk):
        sent = typed(visit, asked_by=form.pk, q_has_desk="yes")
    teacher.post(f"{here}record/", sent)
    for version, minutes in ((1, "5"), (2, "6")):
        revised = sent | {"version": version, "q_minutes": minutes}
        assert teacher.post(f"{here}revise/", revised).status_code == 302
    assert len(asked(teacher, here)) <= MOST
    assert len(asked(teacher, f"{here}revise/")) <= MOST


def test_english_readers_get_english_where_the_campaign_gave_it(
    cast: Cast, campaign: Campaign, visit: Visit, client_of: Clients, actor: Actors
) -> None:
    teacher = client_of("teacher1")
    with scope.enter(cast.hill.pk):
        form = upload_questions(campaign, by=actor("office"), content=example("study"), name="题.xlsx")
        publish_questions(form, by=actor("office"))
    teacher.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = teacher.get(f"/s/hill/visits/{visit.pk}/record/").content.decode()
    assert "Where is homework done?" in page
    assert "A shared table" in page
    with scope.enter(cast.hill.pk), translation.override("en"):
        sent = typed(visit, asked_by=form.pk, q_study_place="table")
    assert teacher.post(f"/s/hill/visits/{visit.pk}/record/", sent).status_code == 302
    assert "A shared table" in teacher.get(f"/s/hill/visits/{visit.pk}/").content.decode()


def test_teachers_find_them_on_the_campaigns_page(form: QuestionForm, client_of: Clients) -> None:
    there, teacher = f"/s/hill/campaigns/{form.campaign_id}/questions/", client_of("teacher1")
    for who in (teacher, client_of("office")):
        assert there in who.get(f"/s/hill/campaigns/{form.campaign_id}/").content.decode()
    assert len(asked(teacher, f"/s/hill/campaigns/{form.campaign_id}/")) <= MOST


def test_examples_are_given(campaign: Campaign, client_of: Clients) -> None:
    office = client_of("office")
    here = f"/s/hill/campaigns/{campaign.pk}/questions/"
    given = office.get(f"{here}examples/study/").content
    assert office.post(here, upload(given)).status_code == 302
    assert office.get(f"{here}examples/nothing/").status_code == 404
