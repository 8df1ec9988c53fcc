"""The monthly table: the SQL says what a plain recount says, and every list is as long as its number."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koumen.care.models import Finding
from koumen.care.services.ledger import close_finding
from koumen.care.services.teams import give_seat
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag, SchoolClass, Student
from koumen.registry.presets.categories import CATEGORIES
from koumen.reporting.presets.columns import BEHIND_1, SHEET_1, SHEET_2, Column
from koumen.reporting.queries import lists
from koumen.reporting.queries.monthly import sheet_1, sheet_2
from tests.care.stories import helped, proposed
from tests.cast import Cast
from tests.reporting.recount import MONTH, Recount, chance_school
from tests.visits.stories import EVENING, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R38")]
Actors = Callable[..., Actor]
FIRST = [c for c in (*SHEET_1, *BEHIND_1) if c.is_counted]
SECOND = [c for c in SHEET_2 if c.is_counted]
SEPTEMBER = EVENING.date().replace(day=1)


def flat(found: list[lists.Ids]) -> set[Any]:
    assert len(found) == len(set(found))
    return {row[0] if len(row) == 1 else row for row in found}


def same(column: Column, said: int | None, truth: set[Any], **part: Any) -> None:
    assert said == len(truth), column.key
    assert flat(lists.ids(column, MONTH, **part)) == truth, column.key


@settings(max_examples=20, deadline=None, suppress_health_check=[*HealthCheck])
@given(seed=st.integers(0, 2**32))
def test_every_number_and_every_list_is_what_a_recount_says(hill: Cast, seed: int) -> None:
    """All counted columns of sheet 1 and 2, each class, each category and both totals, on schools full of chance."""
    with transaction.atomic():
        chance_school(hill, Random(seed))
        truth, first, second = Recount(), sheet_1(MONTH), sheet_2(MONTH)
        for row in [*first.rows, first.total]:
            part = int(row.part) if row.part else None
            expected = truth.of(part)
            for column in FIRST:
                same(column, row.number(column.key), expected[column.key], class_id=part)
        for row in [*second.rows, second.total]:
            expected = truth.of_category(row.part or None)
            for column in SECOND:
                number, ids = row.numbers.get(column.key, 0), expected[column.key]
                assert number == len(ids), column.key
                if not row.is_sealed:
                    same(column, number, ids, category=row.part)
        transaction.set_rollback(True)


def test_the_form_is_complete() -> None:
    """38 columns in the order of the official form, and the sums it promises are sums of its own columns."""
    assert [c.number for c in SHEET_1] == list(range(1, 39))
    assert [str(c.label) for c in SHEET_2] == [
        "序号", "重点类别", "在册人数", "本月人次", "其中入户", "本学期已访人数", "覆盖率",
        "已建一生一案", "已结对", "备注",
    ]  # fmt: skip


def test_a_record_changes_the_table_by_exactly_that_visit(hill: Cast, actor: Actors) -> None:
    """Two siblings visited at home, with an opinion: their classes' lines and the total move, nothing else."""
    before = sheet_1(SEPTEMBER)
    recorded(hill, actor("teacher1"), "阿梅", "阿乐", opinion="校车", satisfaction=4, measures=("study",))
    after = sheet_1(SEPTEMBER)
    per_child = {"visited", "contacts", "door", "year_visited", "year_door", "helped", "helped_study"}
    per_visit = {"opinions", "answered", "content", "teachers", "class_teachers"}
    for old, new in zip([*before.rows, before.total], [*after.rows, after.total], strict=True):
        change = {k: n for k in new.numbers if (n := new.numbers[k] - old.numbers.get(k, 0))}
        children = 1 if new.part else 2
        assert change == dict.fromkeys(per_child, children) | dict.fromkeys(per_visit, 1)


def test_modes_add_up_to_contacts(hill: Cast) -> None:
    """Column 13 is the sum of 14–19, whatever the modes."""
    chance_school(hill, Random(7))
    for row in [*sheet_1(MONTH).rows, sheet_1(MONTH).total]:
        parts = ("door", "at_school", "phone", "online", "grouped", "other_mode")
        assert sum(row.number(p) or 0 for p in parts) == row.number("contacts")


def test_rates_have_no_value_where_nobody_is_counted(hill: Cast) -> None:
    SchoolClass.objects.create(grade=hill.school_class("三年级1班").grade, number=9, name="三年级9班")
    empty = sheet_1(SEPTEMBER).rows[-1]
    assert [empty.rate(c) for c in SHEET_1 if c.look == "rate"] == [None, None, None, None]


def test_a_sealed_category_is_a_number_from_five_on(hill: Cast) -> None:
    """Four children: nothing is told. Five: the number is. No list ever, and never in the total or in sheet 1."""
    for child in Student.objects.order_by("pk")[:4]:
        Flag.objects.create(student=child, category="C21", sensitivity=3, starts=SEPTEMBER)
    sealed = next(r for r in sheet_2(SEPTEMBER).rows if r.part == "C21")
    assert (sealed.number("held"), sealed.rate(SHEET_2[6])) == (None, None)
    fifth = Student.objects.order_by("pk")[4]
    Flag.objects.create(student=fifth, category="C21", sensitivity=3, starts=SEPTEMBER)
    after = sheet_2(SEPTEMBER)
    sealed = next(r for r in after.rows if r.part == "C21")
    assert (sealed.number("held"), sealed.number("held_term")) == (5, None)
    assert after.total.number("held") == 0
    assert sheet_1(SEPTEMBER).total.number("key") == 0
    assert lists.ids(SHEET_2[2], SEPTEMBER, category="C21") == []


def test_the_numbers_are_as_of_the_months_end(hill: Cast, actor: Actors) -> None:
    """A visit of 30 September 23:59 in China is September's; one of midnight is October's."""
    last = EVENING.replace(day=30, hour=23, minute=59)
    recorded(hill, actor("teacher1"), "阿虎", at=last)
    recorded(hill, actor("teacher1"), "阿宝", at=last + timedelta(minutes=1))
    october = SEPTEMBER.replace(month=10)
    assert [sheet_1(m).total.number("visited") for m in (SEPTEMBER, october)] == [1, 1]
    assert [sheet_1(m).total.number("year_visited") for m in (SEPTEMBER, october)] == [1, 2]


def test_few_statements_make_a_sheet(hill: Cast) -> None:
    with CaptureQueriesContext(connection) as taken:
        sheet_1(SEPTEMBER)
    assert len(taken) <= 6
    with CaptureQueriesContext(connection) as taken:
        sheet_2(SEPTEMBER)
    assert len(taken) <= 4


def test_another_schools_visits_are_not_counted(hill: Cast, actor: Actors) -> None:
    recorded(hill, actor("teacher1"), "阿虎")
    assert sheet_1(SEPTEMBER).total.number("contacts") == 1
    assert {r.part for r in sheet_2(SEPTEMBER).rows} == set(CATEGORIES)


def test_a_problem_counts_as_solved_when_all_of_its_visit_is_closed_by_the_months_end(
    hill: Cast, actor: Actors
) -> None:
    """Two problems of one visit: one closed in September and one on 1 October is October's business."""
    by = actor("teacher1")
    recorded(hill, by, "阿虎", problem="没人辅导", problem_categories=("D11", "D21"))

    def numbers() -> tuple[int | None, int | None]:
        total = sheet_1(SEPTEMBER).total
        return total.number("problems"), total.number("solved")

    assert numbers() == (1, 0)
    first, second = Finding.objects.order_by("category")
    with clock.at(EVENING + timedelta(days=1)):
        close_finding(first, by=by, result="同桌辅导")
    assert numbers() == (1, 0)
    with clock.at(EVENING.replace(month=10, day=1, hour=0, minute=1)):
        close_finding(second, by=by, result="好了")
    assert numbers() == (1, 0)
    Finding.objects.update(closed_at=EVENING.replace(day=30, hour=23, minute=59))
    assert numbers() == (1, 1)


def test_a_case_that_is_opened_and_a_helper_on_it_are_counted_with_the_childs_category(
    hill: Cast, actor: Actors
) -> None:
    Flag.objects.create(student=hill.student("阿虎"), category="A12", sensitivity=2, starts=SEPTEMBER)
    by = actor("teacher1")

    def numbers() -> tuple[int | None, int | None]:
        row = next(row for row in sheet_2(SEPTEMBER).rows if row.part == "A12")
        return row.number("cases"), row.number("paired")

    with clock.at(EVENING):
        case = proposed(hill, by)
        assert numbers() == (0, 0)
        helped(hill, case, by)
        assert numbers() == (1, 0)
        give_seat(case, by=by, staff=hill.staff("subject1"), part="helper")
    assert numbers() == (1, 1)
