"""覆盖情况: each unit's rules met or not, whom they wait for, who is counted apart; never a ranking."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Grade, Role, SchoolClass, Staff, Student
from koumen.visits.models import Campaign, Exemption, Quota, Target, Visit
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def url(name: str = "coverage", **kwargs: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", **kwargs})


def season(hill: Cast) -> Campaign:
    """An open campaign: every child met, every child at the door, every teacher two children."""
    row = Campaign.objects.create(name="秋季大家访", starts=date(2026, 9, 1), ends=date(2026, 10, 31), state="open")
    for scope, indicator, threshold in (
        ("class", "all_mode_rate", 100), ("student", "door_visits", 1), ("key", "door_visits", 1),
        ("staff:teacher", "students_visited", 2),
    ):  # fmt: skip
        Quota.objects.create(campaign=row, scope=scope, indicator=indicator, threshold=threshold)
    return row


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """The school says what is missing, in whole children, and goes on to the class."""
    season(hill)
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿梅", mode="03", fallback_reason="wish")
    text = page(client_of("principal"), url())
    assert "在读 6 人，已家访 2 人，其中入户 1 人" in text
    assert text.index("每班家访率：还差 1 人") < text.index("每班家访率：还差 3 人")
    assert text.index("三年级1班") < text.index("三年级2班")
    assert "最近一条记录收到于 9月13日" in text


def test_the_class_names_whom_it_waits_for(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Missing, apart and all: a family that wished otherwise and was met stands apart and is not missing."""
    season(hill)
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿梅", mode="03", fallback_reason="wish")
    address = url("coverage_class", pk=hill.school_class("三年级1班").pk)
    text = page(client_of("teacher1"), address)
    assert "阿宝" in text
    assert "阿虎" not in text
    assert "阿梅" not in text
    apart = page(client_of("teacher1"), address + "?show=apart")
    assert "阿梅" in apart
    assert "家长希望用别的方式" in apart
    assert "电话家访" in apart
    assert "阿宝" not in apart
    every = page(client_of("teacher1"), address + "?show=all")
    assert all(name in every for name in ("阿梅", "阿虎", "阿宝"))


def test_declined_and_met_on_the_phone_later_is_apart(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """The declined visit says why, the second one how the family was met."""
    season(hill)
    visit = planned(hill, "阿虎")
    visit.state, visit.not_visited = Visit.State.DECLINED, Visit.NotVisited.DECLINED
    visit.save()
    recorded(hill, actor("teacher1"), "阿虎", mode="04", at=EVENING + timedelta(hours=1))
    text = page(client_of("office"), url("coverage_class", pk=hill.school_class("三年级1班").pk) + "?show=apart")
    assert "阿虎" in text
    assert "家长婉拒" in text
    assert "视频家访" in text
    assert "另有 1 人按家长意愿用其他方式见面" in text


def test_declined_and_never_met_is_still_missing(hill: Cast, client_of: Clients) -> None:
    season(hill)
    visit = planned(hill, "阿虎")
    visit.state, visit.not_visited = Visit.State.DECLINED, Visit.NotVisited.DECLINED
    visit.save()
    address = url("coverage_class", pk=hill.school_class("三年级1班").pk)
    assert "阿虎" in page(client_of("office"), address)
    assert "阿虎" not in page(client_of("office"), address + "?show=apart")


def test_a_key_child_that_must_be_met_at_the_door_is_missing_though_the_family_wished_otherwise(
    hill: Cast, actor: Actors, client_of: Clients
) -> None:
    campaign = season(hill)
    Target.objects.create(campaign=campaign, student=hill.student("阿虎"), is_key=True, door_only=True)
    recorded(hill, actor("teacher1"), "阿虎", mode="03", fallback_reason="wish")
    text = page(client_of("teacher1"), url("coverage_class", pk=hill.school_class("三年级1班").pk))
    assert "阿虎" in text
    assert "重点学生没有入户" in text


def test_who_left_is_shown_apart_and_not_missing(hill: Cast, client_of: Clients) -> None:
    season(hill)
    Student.objects.filter(name="阿虎").update(state=Student.State.SUSPENDED)
    text = page(client_of("office"), url("coverage_class", pk=hill.school_class("三年级1班").pk))
    assert "休学" in text
    assert text.index("本学年休学、转出的孩子") < text.index("阿虎")
    assert "在读 2 人" in text


def test_the_list_holds_the_same_children_as_the_number(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """What the rule says is missing and who is named agree."""
    season(hill)
    recorded(hill, actor("teacher1"), "阿虎")
    answer = client_of("office").get(url("coverage_class", pk=hill.school_class("三年级1班").pk))
    rate = next(c for c in answer.context["unit"].checks if c.indicator == "all_mode_rate")
    assert rate.missing == sum(child.no_visit for child, _why, _mode in answer.context["children"]) == 2


def test_a_teacher_sees_the_own_number_only(hill: Cast, actor: Actors, client_of: Clients) -> None:
    season(hill)
    recorded(hill, actor("subject1"), "阿虎", lead="subject1")
    text = page(client_of("subject1"), url())
    assert "还差 1 名学生" in text
    assert "三年级1班" not in text.split('id="coverage"')[1]


def test_staff_by_name_with_exemptions(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Done and not done in the order of names; an exempt colleague owes nothing, and why stands there."""
    campaign = season(hill)
    Exemption.objects.create(campaign=campaign, staff=hill.staff("teacher2"), reason="产假", noted_by="周主任")
    recorded(hill, actor("teacher1"), "阿梅", "阿乐")
    answer = client_of("office").get(url("coverage_staff"))
    rows = {row.staff.name: row for row in answer.context["rows"]}
    assert list(rows) == sorted(rows)
    assert rows["陈老师"].check.is_met
    assert rows["吴老师"].check.missing == 2
    assert rows["李老师"].exempt == "产假"
    assert "产假" in answer.content.decode()


def test_waiting_records_are_told(hill: Cast, client_of: Clients) -> None:
    """Numbers do not hold what nobody has written down yet, and say so."""
    planned(hill, "阿虎")
    text = page(client_of("office"), url())
    assert "有 1 次家访时间已过还没有记录" in text


def test_a_school_of_many_grades_goes_down_by_grade(hill: Cast, client_of: Clients) -> None:
    grade = Grade.objects.create(stage=2, level=1, entry_year=2026, name="一年级")
    one = SchoolClass.objects.create(grade=grade, number=1, name="一年级1班")
    Student.objects.create(name="小一", school_class=one, household=hill.student("阿虎").household)
    answer = client_of("principal").get(url())
    assert [unit.name for unit in answer.context["units"]] == ["一年级", "三年级"]
    answer = client_of("principal").get(url() + f"?grade={grade.pk}")
    assert [unit.name for unit in answer.context["units"]] == ["一年级1班"]
    assert answer.context["whole"].found.on_roll == 1
    for odd in ("x", "9" * 40, "-1", "²"):
        assert client_of("principal").get(url(), {"grade": odd}).status_code == 200


def test_the_head_of_a_grade_sees_that_grade(hill: Cast, client_of: Clients) -> None:
    grade = Grade.objects.create(stage=2, level=1, entry_year=2026, name="一年级")
    one = SchoolClass.objects.create(grade=grade, number=1, name="一年级1班")
    Student.objects.create(name="小一", school_class=one, household=hill.student("阿虎").household)
    Role.objects.create(staff=hill.staff("subject1"), post="grade_head", grade=grade, starts=date(2026, 9, 1))
    answer = client_of("subject1").get(url())
    assert [unit.name for unit in answer.context["units"]] == ["一年级1班"]
    assert client_of("subject1").get(url("coverage_class", pk=one.pk)).status_code == 200
    assert client_of("subject1").get(url("coverage_class", pk=hill.school_class("三年级1班").pk)).status_code == 403


def test_few_queries_however_large(hill: Cast, client_of: Clients) -> None:
    """Twenty more classes with twenty children each and forty colleagues: not one query more than twelve."""
    season(hill)
    grade = hill.school_class("三年级1班").grade
    home = hill.student("阿虎").household
    for number in range(3, 23):
        row = SchoolClass.objects.create(grade=grade, number=number, name=f"三年级{number}班")
        for i in range(20):
            Student(name=f"学{number}-{i}", school_class=row, household=home, class_no=str(i)).save()
        for i in range(2):
            staff = Staff.objects.create(name=f"教{number}-{i}", number=f"n{number}-{i}")
            Role.objects.create(staff=staff, post="subject_teacher", school_class=row, starts=date(2026, 9, 1))
    client = client_of("principal")
    client.get(url())
    last = SchoolClass.objects.get(name="三年级22班").pk
    for address in (url(), url("coverage_class", pk=last), url("coverage_staff")):
        with CaptureQueriesContext(connection) as ran:
            assert client.get(address).status_code == 200
        asked = [q["sql"] for q in ran if "SAVEPOINT" not in q["sql"] and "set_config" not in q["sql"]]
        assert len(asked) <= 12, "\n".join(sql[:150] for sql in asked)


def test_it_only_reads(client_of: Clients) -> None:
    for name in ("coverage", "coverage_staff"):
        assert client_of("office").post(url(name)).status_code == 405
    assert client_of("office").get(url("coverage_class", pk=999_999)).status_code == 404
