"""台账: who sees which problems, what is overdue, closing with a result, the file."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from koumen.care.models import Finding, NameList, Task
from koumen.care.queries import ledger as queries
from koumen.care.services.ledger import close_finding, export_ledger, give_finding
from koumen.care.services.tasks import finish
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Grade, Role, SchoolClass, Student
from tests.care.problems import problem
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R10")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
URL = "/s/hill/ledger/"


def _names(page: str) -> list[str]:
    return [name for name in ("阿虎", "阿梅", "阿乐", "阿南") if name in page]


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """The class teacher sees the own class, overdue first, closes one with a result, and finds it under 已办结."""
    late, soon = problem(hill, "阿梅", days=40), problem(hill, days=3)
    problem(hill, "阿乐")
    browser = client_of("teacher1")
    page = browser.get(URL).content.decode()
    assert _names(page) == ["阿虎", "阿梅"]
    assert page.index("阿梅") < page.index("阿虎")
    assert "逾期 12 天" in page
    one = browser.get(f"{URL}{soon.pk}/").content.decode()
    assert "回家没人辅导" in one
    assert browser.post(f"{URL}{soon.pk}/", {"did": "close", "result": "同桌结对，每天辅导"}).status_code == 302
    assert _names(browser.get(URL).content.decode()) == ["阿梅"]
    assert _names(browser.get(f"{URL}?state=closed").content.decode()) == ["阿虎"]
    soon.refresh_from_db()
    assert (soon.state, soon.result, soon.closed_by) == ("closed", "同桌结对，每天辅导", hill.staff("teacher1"))
    assert AuditEntry.objects.filter(verb="finding.read", target=f"care.finding:{soon.pk}").exists()
    assert late.due == late.found_on + timedelta(days=28)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["阿虎", "阿梅", "阿乐"]), ("?overdue=on", ["阿梅"]), ("?category=D12", ["阿乐"]),
        ("?state=closed", ["阿南"]), ("?state=all", ["阿虎", "阿梅", "阿乐", "阿南"]),
        ("?state=nonsense", ["阿虎", "阿梅", "阿乐"]),
    ],
)  # fmt: skip
def test_filters(hill: Cast, client_of: Clients, asked: str, found: list[str]) -> None:
    problem(hill, "阿梅", days=40)
    problem(hill)
    problem(hill, "阿乐", "D12")
    problem(hill, "阿南", state="closed", closed_at=clock.now())
    assert _names(client_of("office").get(URL + asked).content.decode()) == found


def test_of_an_owner_are_those_by_name_and_nobodys_of_the_class_they_lead(hill: Cast, actor: Actors) -> None:
    mine, led = problem(hill, "阿乐", owner=hill.staff("teacher1")), problem(hill)
    problem(hill, "阿梅", owner=hill.staff("teacher2"))
    filters = queries.Filters(owner=hill.staff("teacher1").pk)
    assert set(queries.chosen(actor("office"), filters, clock.today())) == {mine, led}


def test_a_sealed_category_stands_in_no_list_and_is_counted_from_five_children_on(
    hill: Cast, client_of: Clients, actor: Actors
) -> None:
    for child in ("阿虎", "阿梅", "阿宝", "阿乐"):
        problem(hill, child, "C21")
    page = client_of("office").get(f"{URL}?state=all").content.decode()
    assert "心理关爱" not in page
    assert _names(page) == []
    assert queries.by_category(actor("principal"), clock.today()) == []
    problem(hill, "阿南", "C21")
    assert [row["raised"] for row in queries.by_category(actor("principal"), clock.today())] == [5]
    assert sum(row["raised"] for row in queries.by_class(actor("principal"), clock.today())) == 0


def test_leaders_get_numbers_and_no_names(hill: Cast, client_of: Clients, actor: Actors) -> None:
    problem(hill, days=40)
    problem(hill, "阿乐", state="closed", closed_at=clock.now())
    browser = client_of("principal")
    assert browser.get(URL).headers["Location"] == f"{URL}numbers/"
    page = browser.get(f"{URL}numbers/").content.decode()
    assert "三年级1班" in page
    assert _names(page) == []
    sums = [
        (row["raised"], row["open"], row["overdue"], row["closed"])
        for row in queries.by_class(actor("middle"), clock.today())
    ]
    assert sums == [(1, 1, 1, 0), (1, 0, 0, 1)]


def test_handed_on_it_is_seen_by_its_owner_and_ends_with_the_owners_task(hill: Cast, actor: Actors) -> None:
    row, other = problem(hill), hill.staff("subject1")
    assert not Finding.objects.visible_to(actor("subject1")).exists()
    give_finding(row, by=actor("teacher1"), owner=other, due=clock.today())
    assert Finding.objects.visible_to(actor("subject1")).get() == row
    task = Task.objects.get()
    assert "阿虎" not in task.title
    finish(task, by=actor("subject1"), sentence="每周三放学后辅导，跟上了")
    row.refresh_from_db()
    assert (row.state, row.result) == ("closed", "每周三放学后辅导，跟上了")


def test_closing_it_ends_its_task(hill: Cast, actor: Actors) -> None:
    row = problem(hill)
    give_finding(row, by=actor("teacher1"), owner=hill.staff("subject1"), due=clock.today())
    close_finding(row, by=actor("teacher1"), result="好了")
    assert Task.objects.get().state == "done"


def test_bad_input(hill: Cast, client_of: Clients, actor: Actors) -> None:
    """No result, a past day, somebody who left, a sealed problem to others: a sentence each, the problem stays open."""
    row, sealed, gone = problem(hill), problem(hill, "阿梅", "C21"), hill.staff("subject1")
    browser = client_of("teacher1")
    assert browser.post(f"{URL}{row.pk}/", {"did": "close", "result": " "}).status_code == 422
    typed = {"did": "give", "owner": gone.pk, "due": (clock.today() - timedelta(days=1)).isoformat()}
    page = browser.post(f"{URL}{row.pk}/", typed)
    assert page.status_code == 422
    assert "不能早于今天" in page.content.decode()
    with pytest.raises(Invalid, match="受限类别"):
        give_finding(sealed, by=actor("teacher1"), owner=gone, due=clock.today())
    gone.is_active = False
    gone.save()
    with pytest.raises(Invalid, match="不在职"):
        give_finding(row, by=actor("teacher1"), owner=gone, due=clock.today())
    row.refresh_from_db()
    assert row.state == "open"
    assert not Task.objects.exists()


def test_the_file_names_those_in_sight_and_carries_the_watermark(hill: Cast, client_of: Clients) -> None:
    problem(hill, text="=1+1")
    problem(hill, "阿梅", "C21")
    problem(hill, "阿乐")
    file = client_of("teacher1").post(f"{URL}file/", {"asked": "state=all", "because": "开德育例会用"})
    sheet = load_workbook(BytesIO(file.content)).active
    assert sheet is not None
    cells = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert "阿虎" in cells
    assert {"阿梅", "阿乐", "心理关爱"}.isdisjoint(cells)
    assert "=1+1" in cells
    assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)
    assert any("陈老师" in cell and "导出" in cell for cell in cells)
    assert AuditEntry.objects.get(verb="ledger.export").reason == "开德育例会用"


def _many(hill: Cast, count: int) -> None:
    school_class = hill.school_class("三年级1班")
    for n in range(count):
        problem(hill, student=Student.objects.create(name=f"多{n}", school_class=school_class))


@pytest.mark.rows("R45")
def test_more_than_fifty_children_need_a_second_person(hill: Cast, client_of: Clients) -> None:
    """Asked by one, approved by another, downloaded for a day, each time counted and logged."""
    _many(hill, 51)
    asker, second = client_of("teacher1"), client_of("office")
    answer = asker.post(f"{URL}file/", {"asked": "state=open", "because": "交教育局专项检查"})
    assert answer.headers["Location"] == "/s/hill/names/"
    row = NameList.objects.get()
    assert (row.children, row.wanted["state"]) == (51, "open")
    download = f"/s/hill/names/{row.pk}/download/"
    assert asker.post(download).status_code == 409
    assert asker.post(f"/s/hill/names/{row.pk}/decide/", {"did": "approve"}).status_code == 403
    assert "交教育局专项检查" in second.get("/s/hill/names/").content.decode()
    assert second.post(f"/s/hill/names/{row.pk}/decide/", {"did": "approve"}).status_code == 302
    assert second.post(download).status_code == 403
    assert second.post(f"/s/hill/names/{row.pk}/decide/", {"did": "refuse"}).status_code == 409
    for _again in range(2):
        file = asker.post(download)
        assert file.status_code == 200
    sheet = load_workbook(BytesIO(file.content)).active
    assert sheet is not None
    cells = [str(c.value) for line in sheet.iter_rows() for c in line if c.value is not None]
    assert sum(cell.startswith("多") for cell in cells) == 51
    assert any("批准人：周主任" in cell and "第 2 次下载" in cell for cell in cells)
    assert AuditEntry.objects.filter(verb="names.download", target=f"care.namelist:{row.pk}").count() == 2
    with clock.at(clock.now() + timedelta(hours=24, minutes=1)):
        assert asker.post(download).status_code == 410


def test_asked_twice_it_waits_once_and_refused_it_is_not_given(hill: Cast, client_of: Clients) -> None:
    _many(hill, 51)
    asker = client_of("office")
    for _again in range(2):
        asker.post(f"{URL}file/", {"asked": "", "because": "交教育局专项检查"})
    row = NameList.objects.get()
    client_of("principal").post(f"/s/hill/names/{row.pk}/decide/", {"did": "refuse"})
    assert asker.post(f"/s/hill/names/{row.pk}/download/").status_code == 409


def test_one_person_alone_takes_no_more_than_fifty_along(hill: Cast, actor: Actors) -> None:
    _many(hill, 51)
    with pytest.raises(Forbidden):
        export_ledger(queries.Filters(), by=actor("office"), watermark="", because="x")


def test_the_page_takes_as_many_queries_for_fifty_as_for_one(hill: Cast, client_of: Clients) -> None:
    browser = client_of("office")
    problem(hill)
    browser.get(URL)
    with CaptureQueriesContext(connection) as few:
        browser.get(URL)
    _many(hill, 50)
    with CaptureQueriesContext(connection) as many:
        browser.get(URL)
    assert len(many) <= len(few) + 1
    sql = [q["sql"] for q in many if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]
    assert len(sql) <= 12


def test_the_head_of_a_grade_gets_the_numbers_of_that_grade_alone(hill: Cast, client_of: Clients) -> None:
    other = Grade.objects.create(stage=2, level=4, entry_year=2023, name="四年级")
    upper = SchoolClass.objects.create(grade=other, number=1, name="四年级1班")
    problem(hill)
    problem(hill, student=Student.objects.create(name="大一", school_class=upper))
    Role.objects.create(staff=hill.staff("subject1"), post="grade_head", grade=other, starts=clock.today())
    page = client_of("subject1").get(f"{URL}numbers/")
    assert page.context["total"]["raised"] == 1
    assert [row["unit"].name for row in page.context["classes"]] == ["四年级1班"]
    assert "大一" not in page.content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [("ledger/999999/", 404), ("ledger/x/", 404), ("names/999999/download/", 405), ("ledger/file/", 405)],
)
def test_what_is_not_there_and_what_is_not_asked_so(hill: Cast, client_of: Clients, address: str, status: int) -> None:
    assert client_of("office").get(f"/s/hill/{address}").status_code == status
    assert client_of("office").post("/s/hill/names/999999/download/").status_code == 404
