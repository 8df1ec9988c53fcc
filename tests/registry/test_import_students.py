"""The import of students: what a file does to the registry, and that the same file does nothing twice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from tests.cast import Cast
from tests.registry.importing import applied, checked
from tests.registry.sheets import HEADINGS, child, xlsx

from koumen.core import clock, files, links
from koumen.core.actor import Actor
from koumen.core.models import PersonalLink
from koumen.core.refusals import NotFound
from koumen.registry.models import (
    Enrolment,
    Flag,
    Guardian,
    Guardianship,
    Household,
    ImportBatch,
    Place,
    SchoolClass,
    SiblingOffer,
    Student,
    StudentRow,
)
from koumen.registry.services.households import set_point
from koumen.registry.services.imports import batches
from koumen.registry.services.imports.watch import Watch

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2")]
As = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _in_autumn() -> Iterator[None]:
    with clock.at(datetime(2026, 9, 20, 10)):
        yield


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return tuple(batch.counts[k] for k in ("new", "changed", "moved", "same", "left", "error"))


def test_it_works(hill: Cast, actor: As) -> None:
    """New children come with class, home, adult and categories; the six of the cast are only named as missing."""
    file = xlsx([child(1), child(2, 班级="2班", 是否留守儿童="双亲留守"), child(3, 班级="三(2)班", 年级="")])
    batch = applied(file, actor("office"))
    assert counts(batch) == (3, 0, 0, 0, 6, 0)
    assert batch.dropped_columns == ["家庭成员一工作单位", "籍贯"]
    one = Student.objects.get(name=child(1)["姓名"])
    assert (one.student_no, str(one.school_class), one.birth_date) == (
        child(1)["学籍号"],
        "三年级1班",
        date(2017, 1, 2),
    )
    assert one.household is not None
    assert one.household.address == "青山镇梨花村1号"
    tie = Guardianship.objects.get(student=one)
    assert (tie.relation, tie.guardian.phone, tie.is_guardian) == ("51", "10050000001", True)
    two = Student.objects.get(name=child(2)["姓名"])
    flag = Flag.objects.get(student=two)
    assert (flag.category, flag.source, flag.sensitivity, flag.valid_until) == ("A12", "import", 2, date(2027, 1, 31))
    assert Enrolment.objects.get(student=two).school_class.name == "三年级2班"
    assert Student.objects.enrolled().count() == 9


def test_the_same_file_again_changes_nothing(hill: Cast, actor: As) -> None:
    file = xlsx([child(n, 是否留守儿童="单亲留守" if n % 2 else "非留守") for n in range(1, 9)])
    applied(file, actor("office"))
    before = list(Student.objects.order_by("pk").values()), list(Guardianship.objects.order_by("pk").values())
    batch = applied(file, actor("office"))
    assert counts(batch) == (0, 0, 0, 8, 6, 0)
    assert (list(Student.objects.order_by("pk").values()), list(Guardianship.objects.order_by("pk").values())) == before


def test_changes_moves_and_new_adults_are_told_apart(hill: Cast, actor: As) -> None:
    office = actor("office")
    applied(xlsx([child(n) for n in (1, 2, 3, 4)]), office)
    with clock.at(datetime(2026, 10, 8, 9)):
        file = xlsx(
            [
                child(1, 班内学号="41"),
                child(2, 班级="2班"),
                child(3, 家庭成员一联系电话="10000000099"),
                child(4, 是否留守儿童="双亲留守", 现住址="青山镇新村1号"),
            ]
        )
        batch = applied(file, office)
        assert counts(batch) == (0, 3, 1, 0, 6, 0)
        lines = {line.label.split()[1]: (line.change, [c["field"] for c in line.changes]) for line in batch.lines.all()}
    assert lines[child(1)["姓名"]] == ("changed", ["class_no"])
    assert lines[child(2)["姓名"]] == ("moved", ["school_class"])
    assert lines[child(3)["姓名"]] == ("changed", ["members"])
    assert lines[child(4)["姓名"]] == ("changed", ["address", "flags"])
    stays = Enrolment.objects.filter(student__name=child(2)["姓名"]).order_by("starts")
    assert [(s.starts, s.ends) for s in stays] == [(date(2026, 9, 20), date(2026, 10, 7)), (date(2026, 10, 8), None)]
    # the adult keeps the row: nobody else hangs on it
    assert Guardian.objects.get(guardianships__student__name=child(3)["姓名"]).phone == "10000000099"
    assert Student.objects.get(name=child(4)["姓名"]).household.address == "青山镇新村1号"  # type: ignore[union-attr]
    assert counts(applied(file, office)) == (0, 0, 0, 4, 6, 0)


def test_an_adult_the_file_no_longer_names_ends_but_one_added_by_hand_stays(hill: Cast, actor: As) -> None:
    office = actor("office")
    applied(xlsx([child(1)]), office)
    student = Student.objects.get(name=child(1)["姓名"])
    aunt = Guardian.objects.create(name="雨姑", phone="10000000077")
    Guardianship.objects.create(student=student, guardian=aunt, relation="90", order=3, starts=date(2026, 9, 1))
    former = Guardianship.objects.get(student=student, order=1)
    for adult in (former.guardian_id, aunt.pk):
        links.issue("appointment", person_id=adult, object_id=1, lasts=timedelta(days=3))
    file = xlsx([child(1, 家庭成员一姓名="雨母", 家庭成员一关系="母亲")])
    applied(file, office)
    assert list(PersonalLink.objects.filter(ended_at=None).values_list("person_id", flat=True)) == [aunt.pk]
    now = Guardianship.objects.filter(student=student, ends=None).order_by("order")
    assert [(t.guardian.name, t.relation) for t in now] == [("雨母", "52"), ("雨姑", "90")]
    assert counts(applied(file, office))[:4] == (0, 0, 0, 1)


def test_a_category_that_is_no_longer_true_ends_and_one_by_a_teacher_stays(hill: Cast, actor: As) -> None:
    office = actor("office")
    applied(xlsx([child(1, 是否留守儿童="双亲留守")]), office)
    student = Student.objects.get(name=child(1)["姓名"])
    Flag.objects.create(student=student, category="A21", sensitivity=2, source="teacher", starts=date(2026, 9, 1))
    with clock.at(datetime(2026, 10, 8, 9)):
        applied(xlsx([child(1, 是否留守儿童="")]), office)  # nothing said: nothing changes
        assert set(Flag.objects.current(clock.today()).values_list("category", flat=True)) == {"A12", "A21"}
        applied(xlsx([child(1)]), office)
        assert set(Flag.objects.current(clock.today()).values_list("category", flat=True)) == {"A21"}


def test_the_cast_itself_is_found_again_by_its_numbers(hill: Cast, actor: As) -> None:
    """Children who were there before any import are matched, not doubled; empty cells take nothing away."""
    mei = Student.objects.get(name="阿梅")
    row = dict.fromkeys(child(1), "") | {"姓名": "阿梅", "年级": "三年级", "班级": "1班", "现住址": "青山镇柳树村1号"}
    batch = checked(xlsx([row]), actor("office"))
    assert counts(batch) == (0, 0, 0, 1, 5, 0)
    assert mei.refreshed().student_no == mei.student_no


def test_a_child_who_left_and_comes_back_is_enrolled_again(hill: Cast, actor: As) -> None:
    office = actor("office")
    applied(xlsx([child(1), child(2)]), office)
    with clock.at(datetime(2026, 10, 8, 9)):
        applied(xlsx([child(2)]), office, confirm={"leave": True, "leave_many": True})
        gone = Student.objects.get(name=child(1)["姓名"])
        assert gone.state == Student.State.MOVED
        assert Student.objects.enrolled().count() == 1
    with clock.at(datetime(2026, 11, 2, 9)):
        assert counts(applied(xlsx([child(1), child(2)]), office))[1] == 1
    assert gone.refreshed().state == Student.State.ENROLLED
    assert Enrolment.objects.filter(student=gone, ends=None).count() == 1


def test_classes_are_made_when_asked(hill: Cast, actor: As) -> None:
    office = actor("office")
    file = xlsx([child(1, 年级="五年级", 班级="3班"), child(2, 年级="五年级", 班级="3班")])
    assert counts(checked(file, office))[-1] == 2
    batch = applied(file, office, add_classes=True)
    assert [k["name"] for k in batch.counts["new_classes"]] == ["五年级3班"]
    grade = SchoolClass.objects.get(name="五年级3班").grade
    assert (grade.stage, grade.level, grade.entry_year, grade.name) == (2, 5, 2022, "五年级")


def test_brothers_and_sisters_are_offered_with_a_reason_and_not_joined(hill: Cast, actor: As) -> None:
    home = {"现住址": "青山镇杏花村3组8号"}
    parent = {"家庭成员一姓名": "雨父", "家庭成员一联系电话": "10000000055"}
    file = xlsx(
        [child(1, **home, **parent), child(2, **home, **parent, 班级="2班"), child(3, **parent), child(4, **home)]
    )
    batch = applied(file, actor("office"))
    found = {
        (o.household.students.get().name, o.other.students.get().name): o.reason for o in SiblingOffer.objects.all()
    }
    one, two, three, four = (child(n)["姓名"] for n in (1, 2, 3, 4))
    assert found == {
        (one, two): "phone_address", (one, three): "phone", (two, three): "phone", (one, four): "address",
        (two, four): "address",
    }  # fmt: skip
    assert batch.counts["siblings"] == 5
    assert Guardian.objects.filter(name="雨父").count() == 1
    assert Household.objects.filter(students__isnull=False).distinct().count() == 5 + 4
    applied(file, actor("office"))
    assert SiblingOffer.objects.count() == 5


def test_an_address_of_a_whole_village_offers_nobody(hill: Cast, actor: As) -> None:
    applied(xlsx([child(n, 现住址="青山镇石头村") for n in range(1, 9)]), actor("office"))
    assert not SiblingOffer.objects.exists()


def test_points_come_from_the_file_then_from_the_place(hill: Cast, actor: As) -> None:
    Place.objects.create(name="梨花村", lng=102.9, lat=25.3, is_remote=True)
    rows = [
        child(1) | {"经度": 102.5, "纬度": 25.5},
        child(2),
        child(3, 现住址="云岭县城1号") | {"村组/社区": "梨花村"},
        child(4, 现住址="云岭县城2号"),
    ]
    file = xlsx(rows, [*HEADINGS, "经度", "纬度", "村组/社区"])
    applied(file, actor("office"))
    homes = [Student.objects.select_related("household").get(name=child(n)["姓名"]).household for n in (1, 2, 3, 4)]
    assert [(h.point_source, h.lng, h.is_remote) for h in homes if h] == [
        ("file", 102.5, True), ("place", 102.9, True), ("place", 102.9, True), ("none", None, False),
    ]  # fmt: skip
    # a point set on the map is not overwritten by the file
    assert homes[0] is not None
    set_point(homes[0], by=actor("office"), lng=102.6, lat=25.6)
    assert counts(applied(file, actor("office")))[:4] == (0, 0, 0, 4)
    assert homes[0].refreshed().lng == 102.6


def test_two_rows_of_the_same_child_are_refused(hill: Cast, actor: As) -> None:
    """One row names it by the register's number, the other by its ID number."""
    applied(xlsx([child(1)]), actor("office"))
    rows = [child(1, 身份证件号=""), child(1, 学籍号="")]
    batch = checked(xlsx(rows), actor("office"))
    assert counts(batch)[-1] == 1
    assert "同一名学生" in batch.lines.get(change="error").problems[0]["allowed"]


def test_sensitive_values_stand_nowhere_in_the_clear(hill: Cast, actor: As) -> None:
    """Numbers, phones and addresses are sealed in the rows that wait and masked in the problems; then they are gone."""
    batch = checked(xlsx([child(1), child(2, 身份证件号=child(3)["身份证件号"][:-1] + "?")]), actor("office"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text, l::text FROM registry_studentrow r, registry_importline l")
        kept = str(cursor.fetchall())
    for secret in (child(1)["身份证件号"], child(1)["家庭成员一联系电话"], child(3)["身份证件号"][:-1], "梨花村1号"):
        assert secret not in kept
    batches.confirm(batch, by=actor("office"), partly=True)
    batches.apply(batch, by=actor("office"), watch=Watch())
    assert not StudentRow.objects.exists()
    with pytest.raises(NotFound):
        files.on_disk(batch.file)


def test_nothing_is_half_applied(hill: Cast, actor: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error in the last step undoes all steps before it."""
    batch = checked(xlsx([child(1), child(2)]), actor("office"))
    batches.confirm(batch, by=actor("office"))
    monkeypatch.setattr(batches, "offer_siblings", lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        batches.apply(batch, by=actor("office"), watch=Watch())
    assert Student.objects.count() == 6
    assert StudentRow.objects.count() == 2
