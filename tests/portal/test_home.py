"""The way in, each role's home, the shell around them, inbox and log."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.cast import Cast
from tests.walls.permissions.portal import an_auditor

from koumen.core import audit, clock, scope
from koumen.core.actor import Actor
from koumen.core.models import InboxNote, Job
from koumen.portal.queries.doors import DOORS, navigation, url_of
from koumen.portal.queries.verbs import in_words
from koumen.registry.models import Membership, Role, SchoolClass, Student
from koumen.reporting.models import SchoolFigures
from koumen.visits.models import Campaign, Visit, VisitStudent

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2")]
Clients = Callable[[str], Client]
HOMES = {
    "office": "等您处理", "principal": "全校任务数", "middle": "全校任务数", "teacher1": "三年级1班",
    "subject1": "我的任务数", "sysadmin": "该开未开两步验证",
}  # fmt: skip
# What a transaction and the scope cost is no question to the database.
NO_QUESTION = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")


def questions(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len([q for q in caught.captured_queries if not q["sql"].startswith(NO_QUESTION)])


def visits(cast: Cast, who: str, names: list[str], day_offset: int = 0, state: str = "planned") -> None:
    begins = clock.now() + timedelta(days=day_offset, minutes=5)
    for name in names:
        child = cast.student(name)
        assert child.household is not None
        assert child.school_class is not None
        row = Visit.objects.create(
            household=child.household, school_class=child.school_class, lead=cast.staff(who), state=state,
            starts_at=begins, ends_at=begins + timedelta(minutes=30),
        )  # fmt: skip
        VisitStudent.objects.create(visit=row, student=child)


@pytest.mark.parametrize("who", HOMES)
def test_it_works_for_every_post(client_of: Clients, who: str) -> None:
    page = client_of(who).get("/s/hill/").content.decode()
    assert HOMES[who] in page
    assert "style=" not in page


@pytest.mark.parametrize("who", HOMES)
def test_a_home_asks_at_most_twelve_questions(hill: Cast, client_of: Clients, who: str) -> None:
    now = clock.today()
    Campaign.objects.create(name="大家访", starts=now, ends=now, state="open")
    visits(hill, who if who != "sysadmin" else "teacher1", ["阿梅", "阿虎"])
    client = client_of(who)
    assert questions(client, "/s/hill/") <= 12
    more = [Student(name=f"生{i}", school_class=hill.school_class("三年级1班")) for i in range(60)]
    Student.objects.bulk_create(more)
    assert questions(client, "/s/hill/") <= 12


def test_the_root_sends_to_the_only_org_or_offers_ones_own(cast: Cast, client_of: Clients) -> None:
    client = client_of("teacher3")
    assert client.get("/")["Location"] == "/s/river/"
    Membership.objects.create(account=cast.account("teacher3"), org=cast.hill)
    page = client.get("/").content.decode()
    assert "青山小学" in page
    assert "临河小学" in page
    assert "/s/hill/" in client.get("/s/river/").content.decode(), "the switcher shows the other org"
    Membership.objects.filter(account=cast.account("teacher3")).update(ended_at=clock.now())
    assert "还没有加入任何单位" in client.get("/").content.decode()
    assert client.get("/s/river/").status_code == 404


def test_today_and_this_week_show_ones_own_visits(hill: Cast, client_of: Clients) -> None:
    with clock.at(datetime(2026, 10, 6, 12)):  # a Tuesday
        visits(hill, "teacher1", ["阿梅"])
        visits(hill, "teacher1", ["阿虎"], day_offset=2)
        visits(hill, "teacher1", ["阿宝"], day_offset=-1)
        visits(hill, "teacher2", ["阿南"])
        page = client_of("teacher1").get("/s/hill/").content.decode()
    places = [page.index(word) for word in ("等您记录", "阿宝", "阿梅", "本周", "阿虎")]
    assert places == sorted(places)
    assert "阿南" not in page


def test_a_class_teacher_sees_what_is_missing(hill: Cast, client_of: Clients) -> None:
    visits(hill, "teacher1", ["阿梅"], state="recorded")
    page = client_of("teacher1").get("/s/hill/").content.decode()
    assert "已家访 1 / 3 人" in page
    assert "还差 2 人" in page
    waiting = page.split("还没有家访到的学生")[1]
    assert "阿虎" in waiting
    assert "阿梅" not in waiting


def test_a_leader_and_the_administrator_see_no_childs_name(hill: Cast, client_of: Clients) -> None:
    for who in ("principal", "sysadmin", "office"):
        page = client_of(who).get("/s/hill/").content.decode()
        assert not [c for c in ("阿梅", "阿虎", "阿南") if c in page]


def test_a_new_school_is_led_step_by_step(cast: Cast, client_of: Clients) -> None:
    page = client_of("office").get("/s/hill/").content.decode()
    assert "下一步：建家访活动" in page
    with scope.enter(cast.hill.pk):
        Student.objects.update(state="moved")
    assert "下一步：导入学生" in client_of("office").get("/s/hill/").content.decode()


def test_the_office_sees_what_waits(hill: Cast, client_of: Clients) -> None:
    Role.objects.filter(post="class_teacher", school_class=hill.school_class("三年级2班")).delete()
    page = client_of("office").get("/s/hill/").content.decode()
    assert "1 户还没有坐标" in page
    assert "1 个班还没有班主任" in page


def test_the_bureau_sees_numbers_handed_in_and_nothing_else(cast: Cast, client_of: Clients) -> None:
    page = client_of("officer").get("/s/bureau/").content.decode()
    assert page.count("未报送") == 2
    with scope.enter(cast.bureau.pk):
        SchoolFigures.objects.create(
            school=cast.hill, month=datetime(2026, 10, 1).date(), delivered_at=clock.now(), is_final=True,
            figures={"enrolled": 1234, "visited": 56, "year_visited": 617},
        )  # fmt: skip
    page = client_of("officer").get("/s/bureau/").content.decode()
    assert page.count("未报送") == 1
    assert [text for text in ("1234", "56", "50.0%") if text not in page] == []
    assert questions(client_of("officer"), "/s/bureau/") <= 12
    assert client_of("officer").get("/s/hill/").status_code == 404


def test_a_grade_head_sees_the_own_grade(hill: Cast, client_of: Clients) -> None:
    grade = hill.school_class("三年级1班").grade
    other = type(grade).objects.create(stage=2, level=4, entry_year=2023, name="四年级")
    fourth = SchoolClass.objects.create(grade=other, number=1, name="四年级1班")
    Student.objects.create(name="四生", school_class=fourth)
    Role.objects.create(staff=hill.staff("subject1"), post="grade_head", grade=grade, starts=clock.today())
    page = client_of("subject1").get("/s/hill/").content.decode()
    assert "本年级任务数" in page
    assert "/ 6" in page
    assert "/ 7" not in page


def test_somebody_without_a_post_is_told_whom_to_ask(hill: Cast, client_of: Clients) -> None:
    Role.objects.filter(staff=hill.staff("subject1")).delete()
    assert "还没有职务" in client_of("subject1").get("/s/hill/").content.decode()


def test_every_door_leads_somewhere(actor: Callable[..., Any]) -> None:
    assert [door.url_name for door in DOORS if not url_of(actor("office"), door.url_name)] == []


def test_an_inbox_is_ones_own(hill: Cast, client_of: Clients) -> None:
    me, other = hill.account("teacher1").pk, hill.account("teacher2").pk
    mine = InboxNote.objects.create(account_id=me, subject="给我的", body="一", url="/s/hill/classes/")
    foreign = InboxNote.objects.create(account_id=other, subject="给别人的", body="二")
    bad = InboxNote.objects.create(account_id=me, subject="坏", body="三", url="https://elsewhere.example/")
    client = client_of("teacher1")
    page = client.get("/s/hill/inbox/").content.decode()
    assert "给我的" in page
    assert "给别人的" not in page
    assert "2 条未读" in page
    assert client.post(f"/s/hill/inbox/{mine.pk}/")["Location"] == "/s/hill/classes/"
    assert client.post(f"/s/hill/inbox/{bad.pk}/")["Location"] == "/s/hill/inbox/"
    assert client.post(f"/s/hill/inbox/{foreign.pk}/").status_code == 404
    assert client.get(f"/s/hill/inbox/{mine.pk}/").status_code == 405
    InboxNote.objects.create(account_id=me, subject="新", body="四")
    client.post("/s/hill/inbox/read/")
    assert not InboxNote.objects.unread_by(me).exists()
    assert InboxNote.objects.unread_by(other).count() == 1


@pytest.mark.rows("R45")
def test_the_log_is_paged_filtered_and_checked(hill: Cast, client_of: Clients, actor: Callable[..., Any]) -> None:
    an_auditor(hill)
    for _i in range(60):
        audit.write(actor("office"), "staff.appoint", hill.staff("subject1"))
    audit.note_read(actor("teacher1"), "student.file", hill.student("阿梅"))
    client = client_of("auditor")
    page = client.get("/s/hill/log/").content.decode()
    assert "查看学生资料" in page
    assert "阿梅" not in page, "the log names rows, not children"
    assert 'rel="next"' in page
    assert questions(client, "/s/hill/log/?page=2") <= 12
    reads = client.get("/s/hill/log/?kind=read&who=陈老师").content.decode()
    assert "任命职务" not in reads
    assert client.get("/s/hill/log/?month=banana&page=zzz&kind=zzz").status_code == 200
    assert "没有符合条件" in client.get("/s/hill/log/?month=2025-01").content.decode()
    answer = client.post("/s/hill/log/check/")
    job = Job.objects.get(task="portal.check_log")
    assert answer["Location"] == f"/s/hill/jobs/{job.pk}/"


def test_verbs_are_said_in_words() -> None:
    assert in_words("staff.appoint") == "任命职务"
    assert in_words("visit.something_new") == "家访 · something_new"
    assert in_words("unheard.of") == "unheard · of"


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/s/hill/", "今天"), ("/s/hill/campaigns/", "活动与排程"), ("/s/hill/outings/", "活动与排程"),
        ("/s/hill/plans/7/", "活动与排程"), ("/s/hill/visits/mine/", "家访"), ("/s/hill/account/", ""),
    ],
)  # fmt: skip
def test_the_navigation_says_where_one_is(hill: Cast, actor: Callable[..., Actor], path: str, label: str) -> None:
    """Plans and outings stand behind the door of the campaigns."""
    marked = [item.label for item in navigation(actor("office"), path) if item.active]
    assert marked == ([label] if label else [])
