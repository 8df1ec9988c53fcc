"""The pages of 控辍保学: what is typed on them, what they show to whom, and the files they hand out."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook

from koumen.care.models import DropoutEntry, NameList, ReturnCheck
from koumen.care.services.dropout_reports import submit
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.registry.models import Enrolment, Student
from tests.care.leaving import MONDAY, drawing, listed, tried
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R12")]
Clients = Callable[[str], Client]
ActorOf = Callable[..., Actor]
DRAWN = "data:image/png;base64," + b64encode(drawing()).decode()
SEPTEMBER = date(2026, 9, 1)


@pytest.fixture(autouse=True)
def _a_monday_of_september() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def url(name: str, org: str = "hill", **kwargs: object) -> str:
    return reverse(f"care:{name}", kwargs={"org": org, **kwargs})


def text(answer: Any) -> str:
    return str(answer.content.decode())


def survey(**more: object) -> dict[str, object]:
    return {
        "token": str(uuid4()), "signs": ["absent", "unwilling"], "reason": "work", "words": "想跟舅舅去打工",
        "signed_by": "阿虎爷爷", "signature": DRAWN,
    } | more  # fmt: skip


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """A survey signed on the phone: an entry with case and measure; the reason stands in no list; reading is noted."""
    teacher = client_of("teacher1")
    answer = teacher.post(url("dropout_new", pk=hill.student("阿虎").pk), survey())
    assert answer.status_code == 302
    entry = DropoutEntry.objects.get()
    assert entry.source == "survey"
    assert entry.reason_words == "连续三天以上没有到校、孩子说不想读了。想跟舅舅去打工"
    page = text(teacher.get(url("dropout", pk=entry.pk)))
    assert "想跟舅舅去打工" in page
    assert "阿虎爷爷" in page
    assert AuditEntry.objects.filter(verb="dropout.read").count() == 1
    lists = text(teacher.get(url("dropout_lists")))
    assert "阿虎" in lists
    assert "打工" not in lists
    picture = teacher.get(url("dropout_signature", pk=entry.pk))
    assert picture["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_the_principal_sees_that_a_child_is_listed_and_not_why(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    entry = listed(actor("teacher1"), hill)
    tried(entry, actor("teacher1"))
    page = text(client_of("principal").get(url("dropout", pk=entry.pk)))
    assert "阿虎" in page
    for word in ("打工", "外出务工", "孩子愿意再想想", "村主任"):
        assert word not in page
    assert not AuditEntry.objects.filter(verb="dropout.read").exists()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"signature": "data:image/png;base64,????"}, "请重新签一次"),
        ({"signature": "x" * 400_001}, "400000"),
        ({"signed_by": ""}, "签名人"),
        ({"signs": [], "words": "", "signature": ""}, "发现了什么"),
        ({"words": "长" * 501}, "500"),
        ({"reason": "illness"}, "illness"),
        ({"last_seen_on": "2026-09-20"}, "不能晚于今天"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    hill: Cast, client_of: Clients, more: dict[str, object], word: str
) -> None:
    answer = client_of("teacher1").post(url("dropout_new", pk=hill.student("阿虎").pk), survey(**more))
    assert answer.status_code == 422
    assert word in text(answer)
    if "words" not in more:
        assert "想跟舅舅去打工" in text(answer)
    assert not DropoutEntry.objects.exists()


def test_the_way_on_the_pages(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """Attempt, verification, and striking off by the office, each typed on its page."""
    entry, teacher, office = listed(actor("teacher1"), hill), client_of("teacher1"), client_of("office")
    typed = {
        "token": str(uuid4()), "at": "2026-09-14T08:30", "mode": "01", "people": "陈老师、周主任", "result": "returned",
        "text": "说好明天来",
    }  # fmt: skip
    for _twice in range(2):
        assert teacher.post(url("dropout_attempt", pk=entry.pk), typed).status_code == 302
    attempt = entry.attempts.get()
    assert (attempt.number, clock.local(attempt.at).hour, attempt.text) == (1, 8, "说好明天来")
    assert office.post(url("dropout_close", pk=entry.pk)).status_code == 409
    looked = {"outcome": "returned", "how": "school", "on": "2026-09-14"}
    assert teacher.post(url("dropout_verify", pk=entry.pk), looked).status_code == 302
    assert "确认销号" in text(office.get(url("dropout", pk=entry.pk)))
    assert "确认销号" not in text(teacher.get(url("dropout", pk=entry.pk)))
    assert office.post(url("dropout_close", pk=entry.pk)).status_code == 302
    assert DropoutEntry.objects.get().closed_on == date(2026, 9, 14)
    assert teacher.get(url("dropout_attempt", pk=entry.pk)).status_code == 403
    assert "阿虎" in text(office.get(url("dropout_lists") + "?list=closed"))
    steps = [(step.event, step.state) for step in entry.steps.all()]
    assert steps == [("listed", "suspected"), ("attempt", "returned"), ("verified", "returned"), ("closed", "returned")]


def test_an_attempt_in_the_future_is_said_at_its_field(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    entry = listed(actor("teacher1"), hill)
    typed = {"token": str(uuid4()), "at": "2026-09-30T08:30", "mode": "01", "people": "陈老师", "result": "open"}
    answer = client_of("teacher1").post(url("dropout_attempt", pk=entry.pk), typed | {"text": "经过写了很多"})
    assert answer.status_code == 422
    assert "不能晚于现在" in text(answer)
    assert "经过写了很多" in text(answer)


def test_the_return_check_on_its_page(hill: Cast, client_of: Clients) -> None:
    """All here is one tap; a child ticked is listed; the home asks until it is done."""
    teacher, room = client_of("teacher1"), hill.school_class("三年级1班")
    home = reverse("portal:home", kwargs={"org": "hill"})
    assert "学生都到校了吗" in text(teacher.get(home))
    assert teacher.post(url("return_check", pk=room.pk), {"all": "here"}).status_code == 302
    assert ReturnCheck.objects.get().children.count() == 0
    assert "学生都到校了吗" not in text(teacher.get(home))
    away = hill.student("阿宝").pk
    said = {f"c{away}-state": "not_back", f"c{away}-note": "电话没人接"}
    assert teacher.post(url("return_check", pk=room.pk), said).status_code == 302
    assert DropoutEntry.objects.get().student_id == away
    page = text(teacher.get(url("return_check", pk=room.pk)))
    assert "电话没人接" in page
    office = text(client_of("office").get(url("returns")))
    assert "已核查 1 个，1 名学生没有到校" in office
    assert teacher.post(url("return_check", pk=room.pk), {f"c{away}-state": "asleep"}).status_code == 422


def test_the_record_as_word(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    entry = listed(
        actor("teacher1"),
        hill,
        signature=drawing(),
        signed_by="阿虎爷爷",
        last_seen_on=date(2026, 9, 10),
        taken="电话联系",
    )
    tried(entry, actor("teacher1"), "lost")
    answer = client_of("teacher1").get(url("dropout_word", pk=entry.pk))
    document = Document(BytesIO(answer.content))
    words = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for word in (
        "阿虎",
        "三年级1班",
        "外出务工",
        "三天没来",
        "电话联系",
        "失联",
        "入户",
        "2026-09-10",
        "祖父 阿虎爷爷",
    ):
        assert word in words, word
    assert "10000000002" not in words
    assert len(document.inline_shapes) == 1
    assert "阿虎" not in answer["Content-Disposition"]
    assert AuditEntry.objects.filter(verb="dropout.print").exists()


def test_names_leave_by_two_persons_alone(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """The office asks, the principal approves, the office downloads: names without reasons, with both named on it."""
    listed(actor("teacher1"), hill)
    office, principal = client_of("office"), client_of("principal")
    short = office.post(url("dropout_names"), {"because": "报"})
    assert (short.status_code, "5" in text(short)) == (422, True)
    assert office.post(url("dropout_names"), {"because": "依义务教育法报县局核查"}).status_code == 302
    asked = NameList.objects.get()
    assert (asked.kind, asked.children) == ("dropout", 1)
    assert office.post(url("names_download", pk=asked.pk)).status_code == 409
    assert office.post(url("names_decide", pk=asked.pk), {"did": "approve"}).status_code == 403
    assert principal.post(url("names_decide", pk=asked.pk), {"did": "approve"}).status_code == 302
    answer = office.post(url("names_download", pk=asked.pk))
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "阿虎" in cells
    assert not [cell for cell in cells if "打工" in cell or "务工" in cell]
    assert "林校长" in cells[-1]
    with clock.at(MONDAY + timedelta(hours=25)):
        assert client_of("office").post(url("names_download", pk=asked.pk)).status_code == 410


def test_no_page_asks_the_database_more_than_twelve_times(hill: Cast, actor: ActorOf, client_of: Clients) -> None:
    """However many children stand on a list, or sit in a class."""
    room = hill.school_class("三年级1班")
    for i in range(35):
        child = Student.objects.create(name=f"雨{i}", school_class=room)
        Enrolment.objects.create(student=child, school_class=room, starts=SEPTEMBER)
        tried(listed(actor("teacher1"), hill, child.name), actor("teacher1"))
    submit(SEPTEMBER, by=actor("office"))
    entry = DropoutEntry.objects.first()
    assert entry is not None
    pages = [
        ("office", url("dropout_lists")), ("teacher1", url("dropout_lists")), ("teacher1", url("dropout", pk=entry.pk)),
        ("teacher1", url("dropout_find")), ("teacher1", url("return_check", pk=room.pk)), ("office", url("returns")),
        ("office", url("dropout_month")), ("office", url("demands")), ("officer", url("dropout_schools", "bureau")),
        ("teacher1", url("dropout_new", pk=hill.student("阿虎").pk)),
        ("teacher1", url("dropout_attempt", pk=entry.pk)), ("teacher1", url("dropout_verify", pk=entry.pk)),
    ]  # fmt: skip
    for who, address in pages:
        browser = client_of(who)
        with CaptureQueriesContext(connection) as found:
            assert browser.get(address).status_code == 200
        asked = [q["sql"] for q in found if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
        assert len(asked) <= 12, (address, asked)
