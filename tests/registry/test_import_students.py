"""The import of students: what a file does to the registry, and that the same file does nothing twice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest
from tests.cast import Cast
from tests.registry.importing import applied
from tests.registry.sheets import child, xlsx

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import (
    Enrolment,
    Flag,
    Guardianship,
    ImportBatch,
    Student,
)

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
    assert (tie.relation, tie.guardian.phone, tie.is_guardian) == ("51", "10000000001", True)
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
