"""Flags: set with a reason, renewed or ended at a term's start; sealed ones for named persons, each reading logged."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
from django.test import Client
from tests.cast import Cast

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Flag, FlagReader, FlagTurn, Student
from koumen.registry.services import flags as services

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R45", "R9")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
AUTUMN, SPRING = datetime(2026, 11, 20, 9), datetime(2027, 2, 3, 9)


@pytest.fixture(autouse=True)
def _autumn() -> Iterator[None]:
    with clock.at(AUTUMN):
        yield


@pytest.fixture
def ahu(hill: Cast) -> Student:
    return hill.student("阿虎")


def of(child: Student) -> str:
    return f"/s/hill/students/{child.pk}/flags/"


def test_it_works(ahu: Student, client_of: Clients) -> None:
    """Set on the page, until the term ends, with source, reason and who confirmed it; shown on the child's page."""
    teacher = client_of("teacher1")
    told = {"category": "D11", "source": "visit", "because": "家访了解到作业常常做不完"}
    assert teacher.post(of(ahu), told).status_code == 302
    flag = Flag.objects.get()
    assert (flag.source, flag.confirmed_by, flag.valid_until) == ("visit", "陈老师", date(2027, 1, 31))
    page = teacher.get(of(ahu)).content.decode()
    assert "家访了解到作业常常做不完" in page
    assert "学习困难" in teacher.get(f"/s/hill/students/{ahu.pk}/").content.decode()


@pytest.mark.parametrize(
    "change", [{"category": ""}, {"category": "X99"}, {"because": ""}, {"because": "长" * 201}, {"source": "import"}]
)
def test_bad_input_is_said_and_kept(ahu: Student, client_of: Clients, change: dict[str, str]) -> None:
    told = {"category": "D11", "source": "teacher", "because": "作业做不完"} | change
    answer = client_of("teacher1").post(of(ahu), told)
    assert answer.status_code == 422
    assert told["because"] in answer.content.decode()
    assert not Flag.objects.exists()


def test_the_same_one_is_not_set_twice(ahu: Student, actor: Actors) -> None:
    services.set_flag(ahu, by=actor("teacher1"), category="D11", because="作业做不完")
    with pytest.raises(Conflict):
        services.set_flag(ahu, by=actor("teacher1"), category="D11", because="作业做不完")


def test_it_ends_with_the_term_unless_it_is_renewed(ahu: Student, actor: Actors, client_of: Clients) -> None:
    kept = services.set_flag(ahu, by=actor("teacher1"), category="D11", because="作业做不完")
    services.set_flag(ahu, by=actor("teacher1"), category="A21", because="家长说的")
    with clock.at(SPRING):
        assert not Flag.objects.current(clock.today()).exists()
        teacher = client_of("teacher1")
        page = teacher.get("/s/hill/flags/").content.decode()
        assert "学习困难" in page
        assert "单亲家庭" in page
        teacher.post("/s/hill/flags/", {"flag": [kept.pk, "x", "9" * 30]})
        kept.refresh_from_db()
        assert (kept.valid_until, kept.confirmed_by) == (date(2027, 8, 31), "陈老师")
        assert list(Flag.objects.current(clock.today())) == [kept]
        assert "学习困难" not in teacher.get("/s/hill/flags/").content.decode()
    assert list(FlagTurn.objects.filter(flag=kept).values_list("kind", flat=True)) == ["renewed", "set"]


def test_renewed_are_ones_own_class_alone(ahu: Student, actor: Actors, client_of: Clients) -> None:
    flag = services.set_flag(ahu, by=actor("teacher1"), category="D11", because="作业做不完")
    with clock.at(SPRING):
        client_of("teacher2").post("/s/hill/flags/", {"flag": [flag.pk]})
        flag.refresh_from_db()
        assert flag.renewed_at is None


def test_ended_it_holds_no_more_and_is_not_asked_about(ahu: Student, actor: Actors, client_of: Clients) -> None:
    flag = services.set_flag(ahu, by=actor("teacher1"), category="D11", because="作业做不完")
    assert client_of("teacher1").post(f"/s/hill/flags/{flag.pk}/end/", {"because": "跟上了"}).status_code == 302
    assert not Flag.objects.current(clock.today()).exists()
    assert "已结束" in client_of("teacher1").get(of(ahu)).content.decode()
    with clock.at(SPRING):
        assert "学习困难" not in client_of("teacher1").get("/s/hill/flags/").content.decode()
    with pytest.raises(Conflict):
        services.renew_flag(Flag.objects.get(), by=actor("teacher1"))
    again = services.set_flag(ahu, by=actor("teacher1"), category="D11", because="又跟不上")
    assert (again.pk, again.ended_at) == (flag.pk, None)


def test_a_sealed_one_is_for_the_persons_named_alone(ahu: Student, actor: Actors, client_of: Clients) -> None:
    """The class teacher sets it and may read it; the office sees that there is one, and not what, until it is named."""
    services.set_flag(ahu, by=actor("teacher1"), category="C21", because="心理老师建议")
    assert "心理关爱" in client_of("teacher1").get(of(ahu)).content.decode()
    office = client_of("office")
    page = office.get(of(ahu)).content.decode()
    listed = page[: page.index("登记标记")]  # below stands the form with every category
    assert "心理关爱" not in listed
    assert "另有 1 项受限标记" in listed
    who = FlagReader.objects.get().staff
    assert who.name == "陈老师"
    office_staff = actor("office").member_id
    told = {"staff": office_staff, "because": "安排心理辅导"}
    assert office.post(f"/s/hill/students/{ahu.pk}/readers/", told).status_code == 302
    page = office.get(of(ahu)).content.decode()
    assert "心理关爱" in page[: page.index("登记标记")]
    assert AuditEntry.objects.filter(verb="student.sealed", actor_name="周主任").exists()
    office.post(f"/s/hill/students/{ahu.pk}/readers/", {"drop": office_staff})
    page = office.get(of(ahu)).content.decode()
    assert "心理关爱" not in page[: page.index("登记标记")]


def test_reading_a_sealed_one_ends_with_the_term(ahu: Student, actor: Actors, client_of: Clients) -> None:
    services.set_flag(ahu, by=actor("teacher1"), category="C21", because="心理老师建议")
    with clock.at(SPRING):
        page = client_of("teacher1").get(of(ahu)).content.decode()
        assert "心理关爱" not in page[: page.index("登记标记")]
        assert "心理关爱" not in client_of("teacher1").get("/s/hill/flags/").content.decode()


@pytest.mark.parametrize("who", ["subject1", "principal", "teacher2", "sysadmin"])
def test_others_set_nothing(ahu: Student, actor: Actors, who: str) -> None:
    with pytest.raises(Forbidden):
        services.set_flag(ahu, by=actor(who), category="D11", because="作业做不完")


def test_a_sealed_one_is_turned_by_who_may_read_it(ahu: Student, actor: Actors, client_of: Clients) -> None:
    flag = services.set_flag(ahu, by=actor("teacher1"), category="C21", because="心理老师建议")
    assert client_of("office").post(f"/s/hill/flags/{flag.pk}/end/").status_code == 403
    assert client_of("teacher1").post(f"/s/hill/flags/{flag.pk}/end/").status_code == 302


def test_a_reader_needs_a_reason(ahu: Student, actor: Actors, hill: Cast) -> None:
    with pytest.raises(Invalid):
        services.name_reader(ahu, by=actor("office"), staff=hill.staff("subject1"), because=" ")
    with pytest.raises(Forbidden):
        services.name_reader(ahu, by=actor("teacher1"), staff=hill.staff("subject1"), because="需要")
