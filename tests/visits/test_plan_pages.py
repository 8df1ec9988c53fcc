"""The plan's page, one outing's page, and the timetables."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from koumen.care.models import NameList
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.files import on_disk
from koumen.core.models import AuditEntry, Job, StoredFile
from koumen.visits.models import Outing, Plan
from koumen.visits.services import plans as services
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.timetables import workbook
from tests.cast import HOMES, Cast
from tests.visits import season, town

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3", "R7")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
MOST_QUERIES = 12
BY = ("board", "day", "staff", "class", "map", "left", "short")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def plan(cast: Cast, actor: Actors) -> Plan:
    with scope.enter(cast.hill.pk):
        made = season.planned(actor("office"))
        services.adopt(made, by=actor("office"))
        return made


def queries_of(client: Client, url: str) -> int:
    """Statements that read or write rows; the test's own savepoints and the scope's setting are left out."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(url).status_code == 200
    verbs = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
    return len([q for q in found if q["sql"].split()[0] in verbs and "set_config" not in q["sql"]])


def test_it_works(client_of: Clients, plan: Plan) -> None:
    page = client_of("office").get(f"/s/hill/plans/{plan.pk}/").content.decode()
    assert "已采用" in page
    assert "手工就近排要" in page
    assert "阿虎" in page or "阿斗" in page


@pytest.mark.parametrize("by", BY)
def test_every_way_of_looking_is_a_page_and_a_fragment(client_of: Clients, plan: Plan, by: str) -> None:
    office = client_of("office")
    whole = office.get(f"/s/hill/plans/{plan.pk}/?by={by}")
    part = office.get(f"/s/hill/plans/{plan.pk}/?by={by}", headers={"HX-Request": "true"})
    assert (whole.status_code, part.status_code) == (200, 200)
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()


@pytest.mark.parametrize(
    "query", ["?by=nothing", "?day=2026-99-99", "?by=staff&staff=x", "?by=class&class=-1", "?page=99999", "?staff=%00"]
)
def test_odd_queries_give_a_page(client_of: Clients, plan: Plan, query: str) -> None:
    assert client_of("office").get(f"/s/hill/plans/{plan.pk}/{query}").status_code == 200


def test_a_class_teacher_sees_the_own_class_alone(client_of: Clients, plan: Plan) -> None:
    """Children of the other class appear only as siblings of the own."""
    teacher = client_of("teacher2")
    pages = "".join(teacher.get(f"/s/hill/plans/{plan.pk}/?by={by}").content.decode() for by in BY)
    outings = "".join(teacher.get(f"/s/hill/plans/{plan.pk}/?by=board&class={n}").content.decode() for n in range(1, 9))
    assert "阿斗" in outings
    assert "阿虎" not in pages + outings
    assert "下载全部日程" not in pages


def test_no_address_stands_on_the_plan(client_of: Clients, plan: Plan) -> None:
    """Not for the office, not on the map, not in the downloads."""
    office = client_of("office")
    urls = [f"?by={by}" for by in BY] + ["map/"]
    said = "".join(office.get(f"/s/hill/plans/{plan.pk}/{url}").content.decode() for url in urls)
    assert not [home[0] for home in HOMES.values() if home[0] in said]


def test_addresses_are_open_from_the_day_before_to_the_day_after(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """For the subject teacher who goes along; the class teacher always sees those of the own class."""
    with scope.enter(cast.hill.pk):
        outing = plan.outings.filter(team__staff=cast.staff("subject1")).select_related("school_class").get()
        teacher = "teacher1" if outing.school_class.name.endswith("1班") else "teacher2"
    here, leaves = f"/s/hill/outings/{outing.pk}/", outing.leaves_at

    def sees(who: str, days: int) -> bool:
        with clock.at(leaves + timedelta(days=days)):
            return "青山镇" in client_of(who).get(here).content.decode()

    assert [sees("subject1", days) for days in (-2, -1, 0, 1, 2)] == [False, True, True, True, False]
    assert [sees(teacher, days) for days in (-9, 0, 30)] == [True, True, True]
    assert not sees("office", 0)
    with scope.enter(cast.hill.pk):
        assert AuditEntry.objects.filter(kind="read", verb="outing.read_addresses").count() == 6


def test_the_map_knows_points_and_no_names(client_of: Clients, plan: Plan) -> None:
    found = client_of("office").get(f"/s/hill/plans/{plan.pk}/map/").json()
    assert found["school"] == [25.03, 102.70]
    assert all(len(point) == 3 for route in found["routes"] for point in route["points"])
    assert "阿" not in str(found)


def test_my_outings(client_of: Clients, plan: Plan) -> None:
    teacher = client_of("teacher1")
    assert "阿虎" in teacher.get("/s/hill/outings/").content.decode()
    assert "没有家访安排" in teacher.get("/s/hill/outings/?show=past").content.decode()
    with clock.at(season.TODAY + timedelta(days=60)):
        assert "阿虎" in teacher.get("/s/hill/outings/?show=past").content.decode()


def test_my_timetable_is_ready_to_print(client_of: Clients, plan: Plan) -> None:
    """A4 landscape on one page's width, head repeated, a print area, who took it out, and text that stays text."""
    answer = client_of("teacher1").get("/s/hill/outings/timetable/")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.page_setup.fitToWidth == 1
    assert sheet.print_title_rows == "$1:$3"
    assert sheet.print_area
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("陈老师 导出于" in text for text in cells)
    assert any("阿虎" in text for text in cells)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert any("青山镇" in text for text in cells)  # the class teacher's own class


def test_a_whole_plan_is_made_in_the_background(client_of: Clients, plan: Plan, cast: Cast) -> None:
    answer = client_of("office").post(f"/s/hill/plans/{plan.pk}/timetable/")
    with scope.enter(cast.hill.pk):
        job = season.run(Job.objects.get(task="visits.timetable"))
        assert answer["Location"] == f"/s/hill/jobs/{job.pk}/"
        kept = StoredFile.objects.get(purpose="timetables")
        book = load_workbook(BytesIO(on_disk(kept).read_bytes()))
    assert set(book.sheetnames) == {"陈老师", "李老师", "吴老师", "周主任", "林校长", "郑主任"}
    said = str([cell.value for sheet in book for row in sheet.iter_rows() for cell in row])
    assert "青山镇" not in said
    assert client_of("office").get(f"/s/hill/files/{kept.pk}/").status_code == 200
    assert client_of("principal").get(f"/s/hill/files/{kept.pk}/").status_code == 404


def test_more_than_fifty_children_are_not_exported_by_name(cast: Cast, actor: Actors) -> None:
    with scope.enter(cast.hill.pk):
        school = town.build(2, 40)
        cast.hill.lng, cast.hill.lat = school.school.lng, school.school.lat
        cast.hill.save()
        office = actor("office")
        plan = season.planned(office)
        rows = list(plan.outings.all())
        book = load_workbook(BytesIO(workbook({"全校": rows}, by=office)))
    said = str([cell.value for row in book.worksheets[0].iter_rows() for cell in row])
    assert "1 名学生" in said
    assert "学生000" not in said


@pytest.mark.rows("R45")
def test_with_a_second_person_they_are(cast: Cast, actor: Actors, client_of: Clients) -> None:
    """The office asks, the principal approves, and the file has every name, both persons on its last line."""
    with scope.enter(cast.hill.pk):
        school = town.build(2, 40)
        cast.hill.lng, cast.hill.lat = school.school.lng, school.school.lat
        cast.hill.save()
        plan = season.planned(actor("office"))
    office, here = client_of("office"), f"/s/hill/plans/{plan.pk}/names/"
    assert office.post(here, {"because": "x"}).status_code == 422
    assert office.post(here, {"because": "外出当天安全值班用"}).headers["Location"] == "/s/hill/names/"
    with scope.enter(cast.hill.pk):
        names = NameList.objects.get()
        assert names.children > 50
    download = f"/s/hill/names/{names.pk}/download/"
    assert office.post(download).status_code == 409
    client_of("principal").post(f"/s/hill/names/{names.pk}/decide/", {"did": "approve"})
    book = load_workbook(BytesIO(office.post(download).content))
    said = str([cell.value for sheet in book for row in sheet.iter_rows() for cell in row])
    assert "学生000" in said
    assert "批准人：林校长" in said
    assert "青山镇" not in said


def test_names_that_excel_does_not_take(cast: Cast, actor: Actors, plan: Plan) -> None:
    with scope.enter(cast.hill.pk):
        rows = list(plan.outings.all())
        content = workbook({"[张]/三": rows, "张三": rows, "=1+1": rows, "名" * 60: rows}, by=actor("office"))
    names = load_workbook(BytesIO(content)).sheetnames
    assert len(names) == 4
    assert "张三" in names
    assert all(len(name) <= 31 for name in names)


def test_a_plan_under_way_shows_its_progress(client_of: Clients, cast: Cast, actor: Actors) -> None:
    with scope.enter(cast.hill.pk):
        plan = services.compute(season.campaign(actor("office")), by=actor("office"))
    office = client_of("office")
    here = f"/s/hill/plans/{plan.pk}/"
    assert "取消排程" in office.get(here).content.decode()
    part = office.get(f"{here}progress/", headers={"HX-Request": "true"}).content.decode()
    assert f'hx-get="{here}progress/"' in part
    assert "取消排程" in part
    assert office.post(f"{here}cancel/").status_code == 302
    assert "没有完成" in office.get(here).content.decode()
    over = office.get(f"{here}progress/", headers={"HX-Request": "true"}).content.decode()
    assert "取消排程" not in over


def test_wrong_methods_and_ids(client_of: Clients, plan: Plan) -> None:
    office = client_of("office")
    assert office.get(f"/s/hill/plans/{plan.pk}/adopt/").status_code == 405
    assert office.post(f"/s/hill/plans/{plan.pk}/").status_code == 405
    assert office.get("/s/hill/plans/987654/").status_code == 404
    assert office.post(f"/s/hill/plans/{plan.pk}/adopt/").status_code == 409
    assert office.get(f"/s/hill/plans/{plan.pk}/timetable/987654/").status_code == 404


def test_pages_ask_the_same_few_queries_whatever_the_size(client_of: Clients, cast: Cast, actor: Actors) -> None:
    """200 students: no page of plans and campaigns asks more than twelve times."""
    with scope.enter(cast.hill.pk):
        school = town.build(5, 40)
        cast.hill.lng, cast.hill.lat = school.school.lng, school.school.lat
        cast.hill.save()
        office = actor("office")
        campaign = start_campaign(
            office.org,
            by=office,
            name="大家访",
            theme="",
            starts=clock.today(),
            ends=clock.today() + timedelta(days=30),
        )
        plan = services.compute(campaign, by=office)
        assert plan.job is not None
        season.run(plan.job)
        services.adopt(Plan.objects.get(pk=plan.pk), by=office)
        outing = Outing.objects.filter(plan=plan).order_by("-pk")[0]
        leader = outing.team.all()[0].staff_id
    here = f"/s/hill/plans/{plan.pk}/"
    client = client_of("office")
    urls = [f"{here}?by={by}" for by in BY] + [
        f"{here}?by=board&class={outing.school_class_id}",
        f"{here}?by=board&staff={leader}",
        f"{here}tray/",
        f"{here}wall/",
        f"{here}map/",
        f"/s/hill/outings/{outing.pk}/",
        "/s/hill/outings/",
        "/s/hill/campaigns/",
        f"/s/hill/campaigns/{campaign.pk}/",
        f"/s/hill/campaigns/{campaign.pk}/free/",
    ]
    assert {url: n for url in urls if (n := queries_of(client, url)) > MOST_QUERIES} == {}
