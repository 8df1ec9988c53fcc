"""The cast: one bureau, two schools, and their people, built once into the test database.

云岭县教育局 (bureau) over 青山小学 (hill) and 临河小学 (river).
In hill: grade 3 with classes 1 and 2.
  c1: class teacher teacher1 · amei, ahu, abao    c2: teacher2 · ale, anan, adou
  subject1 teaches maths in both · office is 德育处 · principal · middle · sysadmin
  amei (c1) and ale (c2) are siblings in one household; adou lives far away; anan's home has no point.
In river: one class, teacher3, one student.
Every password is `koumen-demo`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.contrib.auth.hashers import make_password

from koumen.core import scope
from koumen.registry.models import (
    Account,
    Enrolment,
    Grade,
    Guardian,
    Guardianship,
    Household,
    Membership,
    Org,
    Place,
    Role,
    SchoolClass,
    SchoolYear,
    Staff,
    Student,
    Term,
)

PASSWORD = "koumen-demo"
YEAR_START = date(2026, 9, 1)
_HASH: list[str] = []


def _password() -> str:
    if not _HASH:
        _HASH.append(make_password(PASSWORD))
    return _HASH[0]


@dataclass(frozen=True)
class Person:
    username: str
    name: str
    posts: tuple[tuple[str, str | None], ...]  # (post, class name)


HILL = (
    Person("office", "周主任", (("moral_office", None),)),
    Person("principal", "林校长", (("principal", None),)),
    Person("middle", "郑主任", (("middle_leader", None),)),
    Person("teacher1", "陈老师", (("class_teacher", "三年级1班"), ("subject_teacher", "三年级1班"))),
    Person("teacher2", "李老师", (("class_teacher", "三年级2班"), ("subject_teacher", "三年级2班"))),
    Person("subject1", "吴老师", (("subject_teacher", "三年级1班"), ("subject_teacher", "三年级2班"))),
    Person("sysadmin", "系统管理员", (("system_admin", None),)),
)
RIVER = (
    Person("office2", "赵主任", (("moral_office", None),)),
    Person("teacher3", "孙老师", (("class_teacher", "一年级1班"),)),
)
BUREAU = (Person("officer", "钱业务员", (("bureau_officer", None),)),)
# name, class, household key, guardian (name, relation, phone)
CHILDREN = (
    ("阿梅", "三年级1班", "a", ("阿梅妈妈", "52", "10000000001")),
    ("阿虎", "三年级1班", "b", ("阿虎爷爷", "61", "10000000002")),
    ("阿宝", "三年级1班", "c", ("阿宝爸爸", "51", "10000000003")),
    ("阿乐", "三年级2班", "a", ("阿梅妈妈", "52", "10000000001")),
    ("阿南", "三年级2班", "d", ("阿南妈妈", "52", "10000000004")),
    ("阿斗", "三年级2班", "e", ("阿斗奶奶", "62", "10000000005")),
)
HOMES = {
    "a": ("青山镇柳树村1号", "柳树村", 102.71, 25.04, False),
    "b": ("青山镇柳树村2号", "柳树村", 102.712, 25.041, False),
    "c": ("青山镇桃园村8号", "桃园村", 102.73, 25.05, False),
    "d": ("青山镇桃园村9号", "桃园村", None, None, False),
    "e": ("青山镇云上村3号", "云上村", 102.86, 25.12, True),
}


def build() -> None:
    """Make the whole cast in the connected, empty database."""
    bureau = Org.objects.create(kind="county_bureau", name="云岭县教育局", slug="bureau", area_code="990100")
    hill = Org.objects.create(
        kind="school", name="青山小学", slug="hill", parent=bureau, code="9901000001", area_code="990100",
        school_type="211", town_type="121", lng=102.70, lat=25.03,
    )  # fmt: skip
    river = Org.objects.create(
        kind="school", name="临河小学", slug="river", parent=bureau, code="9901000002", area_code="990100",
        school_type="211", town_type="220", lng=102.90, lat=25.00,
    )  # fmt: skip
    with scope.enter(bureau.pk):
        _people(bureau, BUREAU, {})
    with scope.enter(hill.pk):
        classes = _classes(3, ("三年级1班", "三年级2班"))
        _people(hill, HILL, classes)
        _children(classes)
    with scope.enter(river.pk):
        classes = _classes(1, ("一年级1班",))
        _people(river, RIVER, classes)
        home = Household.objects.create(address="临河镇1号", lng=102.9, lat=25.0, point_source="file")
        _enrol(Student(name="河生", school_class=classes["一年级1班"], household=home))


def _classes(level: int, names: tuple[str, ...]) -> dict[str, SchoolClass]:
    year = SchoolYear.objects.create(name="2026–2027学年", starts=YEAR_START, ends=date(2027, 8, 31))
    Term.objects.create(year=year, order=1, starts=YEAR_START, ends=date(2027, 1, 31))
    Term.objects.create(year=year, order=2, starts=date(2027, 2, 1), ends=date(2027, 8, 31))
    grade = Grade.objects.create(stage=2, level=level, entry_year=2027 - level, name=names[0][:3])
    return {n: SchoolClass.objects.create(grade=grade, number=i + 1, name=n) for i, n in enumerate(names)}


def _people(org: Org, people: tuple[Person, ...], classes: dict[str, SchoolClass]) -> None:
    for i, person in enumerate(people):
        account = Account(username=person.username, display_name=person.name, phone=f"1000001{org.pk:02d}{i:02d}")
        account.password = _password()
        account.save()
        staff = Staff.objects.create(account_id=account.pk, name=person.name, number=f"{org.slug}-{i}")
        Membership.objects.create(account=account, org=org, staff_id=staff.pk)
        for post, class_name in person.posts:
            Role.objects.create(
                staff=staff,
                post=post,
                starts=YEAR_START,
                school_class=classes[class_name] if class_name else None,
            )


def _children(classes: dict[str, SchoolClass]) -> None:
    homes: dict[str, Household] = {}
    for key, (address, place, lng, lat, remote) in HOMES.items():
        spot, _made = Place.objects.get_or_create(
            name=place, defaults={"lng": 102.72, "lat": 25.05, "is_remote": remote}
        )
        source = "file" if lng else "none"
        homes[key] = Household.objects.create(
            address=address, place=spot, lng=lng, lat=lat, is_remote=remote, point_source=source
        )
    adults: dict[str, Guardian] = {}
    for i, (name, class_name, home, (adult, relation, phone)) in enumerate(CHILDREN):
        child = Student(
            name=name, school_class=classes[class_name], household=homes[home], class_no=str(i + 1),
            student_no=f"G99010020170101{i:03d}X", id_no=f"99010020170101{i:03d}X", gender=str(1 + i % 2),
        )  # fmt: skip
        _enrol(child)
        if phone not in adults:
            adults[phone] = Guardian.objects.create(name=adult, phone=phone)
        Guardianship.objects.create(student=child, guardian=adults[phone], relation=relation, starts=YEAR_START)


def _enrol(child: Student) -> None:
    child.save()
    assert child.school_class is not None
    Enrolment.objects.create(student=child, school_class=child.school_class, starts=YEAR_START)


class Cast:
    """The cast as rows. Walled rows are read when asked for, so ask inside the right scope."""

    @cached_property
    def bureau(self) -> Org:
        return Org.objects.get(slug="bureau")

    @cached_property
    def hill(self) -> Org:
        return Org.objects.get(slug="hill")

    @cached_property
    def river(self) -> Org:
        return Org.objects.get(slug="river")

    def account(self, username: str) -> Account:
        return Account.objects.get(username=username)

    def staff(self, username: str) -> Staff:
        return Staff.objects.get(account_id=self.account(username).pk)

    def school_class(self, name: str) -> SchoolClass:
        return SchoolClass.objects.get(name=name)

    def student(self, name: str) -> Student:
        return Student.objects.get(name=name)
