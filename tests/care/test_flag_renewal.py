"""At a term's start each class with flags that lapsed gets one task; the page behind it is the list."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from koumen.care.jobs.flags import ask_renewal_daily
from koumen.care.models import Task
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.services.flags import set_flag
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9")]
Actors = Callable[..., Actor]
AUTUMN, SPRING = datetime(2026, 11, 20, 9), datetime(2027, 2, 1, 8, 10)


def asked(on: datetime) -> int:
    with clock.at(on):
        found = ask_renewal_daily(0)
    assert found["failed"] == 0
    return found["asked"]


def test_each_class_is_asked_once_in_the_first_fortnight(hill: Cast, actor: Actors) -> None:
    with clock.at(AUTUMN):
        for name in ("阿虎", "阿宝"):
            set_flag(hill.student(name), by=actor("teacher1"), category="D11", because="作业做不完")
        set_flag(hill.student("阿南"), by=actor("teacher2"), category="C21", because="心理老师建议")
    assert asked(AUTUMN) == 0
    assert asked(SPRING) == 1  # the sealed flag of the other class stands in no list
    task = Task.objects.get()
    assert (task.owner, task.title) == (hill.staff("teacher1"), "确认本学期还需要的标记（2 项）")
    assert asked(SPRING + timedelta(days=1)) == 0
    assert Task.objects.count() == 1


def test_after_a_fortnight_nobody_is_asked(hill: Cast, actor: Actors) -> None:
    with clock.at(AUTUMN):
        set_flag(hill.student("阿虎"), by=actor("teacher1"), category="D11", because="作业做不完")
    assert asked(SPRING + timedelta(days=14)) == 0
