"""School days: the national calendar, make-up workdays, terms, and the school's own days over them."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from tests.cast import Cast

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import SchoolYear, Term
from koumen.registry.queries import calendar
from koumen.registry.queries.calendar import Calendar
from koumen.registry.services import terms

As = Callable[..., Actor]


def test_holidays_are_off_and_make_up_days_are_not() -> None:
    """National Day 2026: 1–7 October off, the Saturday after is worked (announced by the State Council)."""
    days = Calendar()
    assert not any(days.is_school_day(date(2026, 10, n)) for n in range(1, 8))
    assert days.is_make_up(date(2026, 10, 10))
    assert days.is_school_day(date(2026, 10, 9))
    assert calendar.holiday(date(2026, 10, 1))
    assert calendar.holiday(date(2026, 10, 9)) == ""


def test_years_not_announced_yet_fall_back_to_weekends() -> None:
    days = Calendar()
    monday = date(calendar.LAST_ANNOUNCED + 2, 3, 5)
    assert not days.announced(monday)
    assert [days.is_school_day(d) for d in calendar.days(date(2029, 3, 5), date(2029, 3, 11))] == [True] * 5 + [
        False
    ] * 2


def test_counting_school_days() -> None:
    days = Calendar()
    assert days.add_school_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert days.add_school_days(date(2026, 9, 30), 0) == date(2026, 9, 30)
    assert len(days.school_days(date(2026, 9, 28), date(2026, 10, 11))) == 3 + 3


@pytest.mark.django_db
class TestSchool:
    def test_own_days_and_terms_stand_over_the_national_calendar(self, hill: Cast, actor: As) -> None:
        office = actor("office")
        with clock.at(datetime(2026, 9, 20)):
            terms.set_day(office.org, by=office, day=date(2026, 9, 21), kind="off", note="运动会")
            terms.set_day(office.org, by=office, day=date(2026, 9, 26), kind="work")
            terms.set_day(office.org, by=office, day=date(2026, 9, 22), kind="exam")
        days = calendar.calendar(date(2026, 8, 1), date(2026, 12, 31))
        assert not days.is_school_day(date(2026, 9, 21))
        assert days.is_school_day(date(2026, 9, 26))
        assert days.is_school_day(date(2026, 9, 22))
        assert days.is_exam_day(date(2026, 9, 22))
        assert not days.is_school_day(date(2026, 8, 20)), "before the term"
        with clock.at(datetime(2026, 9, 20)):
            assert terms.set_day(office.org, by=office, day=date(2026, 9, 21), kind="") is None
        assert calendar.calendar(date(2026, 9, 1), date(2026, 9, 30)).is_school_day(date(2026, 9, 21))

    def test_a_year_is_made_with_two_terms(self, hill: Cast, actor: As) -> None:
        office = actor("office")
        year = terms.open_year(
            office.org, by=office, starts=date(2027, 9, 1), second_term=date(2028, 2, 15), ends=date(2028, 7, 10)
        )
        assert year.name == "2027–2028学年"
        assert [(t.order, t.starts, t.ends) for t in year.terms.all()] == [
            (1, date(2027, 9, 1), date(2028, 2, 14)), (2, date(2028, 2, 15), date(2028, 7, 10)),
        ]  # fmt: skip
        with pytest.raises(Invalid, match="已经有学年"):
            terms.open_year(
                office.org, by=office, starts=date(2028, 7, 1), second_term=date(2029, 2, 1), ends=date(2029, 7, 1)
            )
        with pytest.raises(Invalid, match="按先后"):
            terms.open_year(
                office.org, by=office, starts=date(2030, 7, 1), second_term=date(2029, 2, 1), ends=date(2031, 7, 1)
            )

    def test_the_usual_year_is_made_when_there_is_none(self, hill: Cast) -> None:
        assert terms.ensure_year(date(2026, 11, 1)) == SchoolYear.objects.get()
        made = terms.ensure_year(date(2029, 3, 3))
        assert (made.starts, made.ends, Term.objects.filter(year=made).count()) == (
            date(2028, 9, 1),
            date(2029, 8, 31),
            2,
        )

    def test_the_term_of_today_or_the_next(self, hill: Cast) -> None:
        with clock.at(datetime(2026, 8, 15)):
            assert (calendar.current_term().order, calendar.current_year().name) == (1, "2026–2027学年")  # type: ignore[union-attr]

    def test_teachers_may_not(self, hill: Cast, actor: As) -> None:
        with pytest.raises(Forbidden):
            terms.set_day(actor("teacher1").org, by=actor("teacher1"), day=date(2026, 9, 21), kind="off")
