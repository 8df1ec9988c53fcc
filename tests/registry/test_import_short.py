"""Staff, classes and places: short files, added to what is there, doing nothing twice."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from tests.cast import Cast
from tests.registry.importing import applied, checked
from tests.registry.sheets import xlsx

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden
from koumen.registry.models import Household, ImportBatch, Place, Role, SchoolClass, Staff, Student

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2")]
As = Callable[..., Actor]
STAFF = (
    "姓名",
    "性别",
    "工号",
    "手机",
    "学校标识码",
    "职务",
    "是否班主任",
    "班主任班级",
    "任教学科",
    "任教班级",
    "党员",
)


@pytest.fixture(autouse=True)
def _in_autumn() -> Iterator[None]:
    with clock.at(datetime(2026, 9, 20, 10)):
        yield


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return tuple(batch.counts[k] for k in ("new", "changed", "same", "error"))


def teacher(**cells: Any) -> dict[str, Any]:
    return {"姓名": "云老师", "性别": "女", "工号": "T9", "手机": "10000000900"} | cells


class TestStaff:
    def posts(self, name: str) -> set[tuple[str, str, str]]:
        rows = Role.objects.current(clock.today()).filter(staff__name=name)
        return {(r.post, str(r.school_class or ""), r.subject) for r in rows.select_related("school_class")}

    def test_it_works(self, hill: Cast, actor: As) -> None:
        rows = [teacher(职务="中层", 任教学科="语文、道德与法治", 任教班级="三年级1班、三(2)班", 党员="是"), teacher(
            姓名="雷老师", 工号="T10", 手机="10000000901", 任教学科="体育", 任教班级="3年级2班")]  # fmt: skip
        batch = applied(xlsx(rows, STAFF), actor("office"), kind="staff")
        assert counts(batch) == (2, 0, 0, 0)
        assert self.posts("云老师") == {
            ("middle_leader", "", ""),
            ("subject_teacher", "三年级1班", "语文"), ("subject_teacher", "三年级2班", "语文"),
            ("subject_teacher", "三年级1班", "道德与法治"), ("subject_teacher", "三年级2班", "道德与法治"),
        }  # fmt: skip
        assert self.posts("雷老师") == {("subject_teacher", "三年级2班", "体育与健康")}
        member = Staff.objects.get(name="云老师")
        assert (member.phone, member.is_party_member) == ("10000000900", True)
        assert counts(applied(xlsx(rows, STAFF), actor("office"), kind="staff")) == (0, 0, 2, 0)

    def test_a_class_changes_hands(self, hill: Cast, actor: As) -> None:
        """The former class teacher's post ends the day before; a class never has two."""
        applied(xlsx([teacher(是否班主任="是", 班主任班级="三年级2班")], STAFF), actor("office"), kind="staff")
        assert ("class_teacher", "三年级2班", "") in self.posts("云老师")
        assert ("class_teacher", "三年级2班", "") not in self.posts("李老师")

    def test_colleagues_are_found_by_number_phone_or_their_only_name(self, hill: Cast, actor: As) -> None:
        rows = [{"姓名": "陈老师", "手机": "10000000911"}, {"姓名": "李师", "工号": "hill-4"}]
        batch = applied(xlsx(rows, STAFF), actor("office"), kind="staff")
        assert counts(batch) == (0, 2, 0, 0)
        assert Staff.objects.get(name="陈老师").phone == "10000000911"

    @pytest.mark.parametrize(
        ("cells", "sentence"),
        [
            ({"职务": "大王"}, "可以填：校长"),
            ({"任教班级": "九年级1班"}, "学段"),
            ({"是否班主任": "是"}, "写明带哪个班"),
            ({"手机": "12"}, "11 位手机号"),
            ({"学校标识码": "1234567890"}, "不是本校"),
        ],
    )
    def test_wrong_cells(self, hill: Cast, actor: As, cells: dict[str, str], sentence: str) -> None:
        batch = checked(xlsx([teacher(**cells)], STAFF), actor("office"), kind="staff")
        assert sentence in batch.lines.get().problems[0]["allowed"]

    def test_nobody_gives_a_post_to_themselves(self, hill: Cast, actor: As) -> None:
        me = hill.staff("office")
        file = xlsx([{"姓名": me.name, "工号": me.number, "职务": "校长"}], STAFF)
        batch = applied(file, actor("office"), kind="staff")
        assert counts(batch)[1:] == (0, 1, 0)
        assert "自己的职务" in batch.notes[0]["text"]
        assert self.posts(me.name) == {("moral_office", "", "")}

    def test_an_administrator_is_not_let_near_children_by_a_file(self, hill: Cast, actor: As) -> None:
        admin = hill.staff("sysadmin")
        file = xlsx([{"姓名": admin.name, "工号": admin.number, "职务": "德育处"}], STAFF)
        applied(file, actor("office"), kind="staff")
        assert self.posts(admin.name) == {("system_admin", "", "")}

    def test_leaders_may_not(self, hill: Cast, actor: As) -> None:
        with pytest.raises(Forbidden):
            checked(xlsx([teacher()], STAFF), actor("principal"), kind="staff")


class TestClasses:
    def test_it_works(self, hill: Cast, actor: As) -> None:
        rows = [{"年级": "三年级", "班级": "2班"}, {"年级": "一年级", "班级": "1班"}, {"年级": "", "班级": "一(2)班"}]
        batch = applied(xlsx(rows, ("年级", "班级")), actor("office"), kind="classes")
        assert counts(batch) == (2, 0, 1, 0)
        assert list(SchoolClass.objects.values_list("name", flat=True)) == [
            "一年级1班", "一年级2班", "三年级1班", "三年级2班",
        ]  # fmt: skip
        assert counts(applied(xlsx(rows, ("年级", "班级")), actor("office"), kind="classes")) == (0, 0, 3, 0)

    def test_the_same_class_twice_and_a_class_of_no_grade(self, hill: Cast, actor: As) -> None:
        rows = [{"年级": "一年级", "班级": "1班"}, {"年级": "", "班级": "一(1)班"}, {"年级": "", "班级": "火箭"}]
        batch = checked(xlsx(rows, ("年级", "班级")), actor("office"), kind="classes")
        assert counts(batch) == (1, 0, 0, 2)


class TestPlaces:
    COLUMNS = ("村组/社区", "经度", "纬度", "是否偏远")

    def test_it_works_and_homes_get_their_point(self, hill: Cast, actor: As) -> None:
        """A home without a point takes its place's, found by the address when it has none; far stays far."""
        nan = Student.objects.select_related("household").get(name="阿南").household
        assert nan is not None
        assert nan.lng is None
        Household.objects.filter(pk=nan.pk).update(place=None)
        rows = [{"村组/社区": "桃园村", "经度": "102.801", "纬度": 25.07, "是否偏远": "是"},
                {"村组/社区": "新村", "经度": 102.9, "纬度": 25.1}]  # fmt: skip
        batch = applied(xlsx(rows, self.COLUMNS), actor("office"), kind="places")
        assert counts(batch) == (1, 1, 0, 0)
        home = nan.refreshed()
        assert (home.point_source, home.lng, home.is_remote) == ("place", 102.801, True)
        assert Place.objects.get(name="桃园村").is_remote
        bao = Student.objects.select_related("household").get(name="阿宝").household
        assert bao is not None
        assert (bao.point_source, bao.lng) == ("file", 102.73)
        assert counts(applied(xlsx(rows, self.COLUMNS), actor("office"), kind="places")) == (0, 0, 2, 0)

    @pytest.mark.parametrize(("lng", "sentence"), [("2.5", "73–136"), ("东经", "73–136"), ("", "经度必填")])
    def test_wrong_cells(self, hill: Cast, actor: As, lng: str, sentence: str) -> None:
        file = xlsx([{"村组/社区": "新村", "经度": lng, "纬度": "25.1"}], self.COLUMNS)
        batch = checked(file, actor("office"), kind="places")
        assert sentence in batch.lines.get().problems[0]["allowed"]
