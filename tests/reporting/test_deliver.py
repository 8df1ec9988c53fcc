"""Handing figures to the bureau: numbers only, previews at night, closed months, small numbers hidden."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from koumen.core import clock, scope
from koumen.core.actor import Actor, machine
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.small import HIDDEN_SUM, hide_small
from koumen.registry.models import Flag, Org
from koumen.registry.queries.actors import org_ref
from koumen.reporting.jobs import deliver, deliver_nightly
from koumen.reporting.models import SchoolFigures
from koumen.reporting.queries.deliveries import state
from koumen.reporting.queries.monthly import sheet_1
from koumen.reporting.queries.schools import schools
from koumen.reporting.services.figures import deliver_month, refresh_month
from koumen.visits.models import ClosedMonth
from tests.cast import CHILDREN, Cast
from tests.visits.stories import EVENING, LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R38", "R45")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
SEPTEMBER = date(2026, 9, 1)
OCTOBER_2 = datetime(2026, 10, 2, 9, tzinfo=clock.ZONE)


def post(browser: Client, name: str, **data: str) -> int:
    return browser.post(reverse(f"reporting:{name}", kwargs={"org": "hill"}), data).status_code


def of_bureau(cast: Cast) -> list[SchoolFigures]:
    with scope.enter(cast.bureau.pk):
        return list(SchoolFigures.objects.all())


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """After the month: the bureau holds the totals, the month is closed, and nothing but numbers crossed the wall."""
    recorded(hill, actor("teacher1"), "阿虎")
    with clock.at(OCTOBER_2):
        assert post(client_of("office"), "deliver", month="2026-09") == 302
    (figures,) = of_bureau(hill)
    assert (figures.school_id, figures.month, figures.is_final) == (hill.hill.pk, SEPTEMBER, True)
    assert figures.figures == dict(sheet_1(SEPTEMBER).total.numbers)
    assert all(isinstance(n, int) for n in figures.figures.values())
    assert ClosedMonth.objects.get().month == SEPTEMBER


def test_before_the_months_end_it_is_a_preview(hill: Cast, actor: Actors) -> None:
    with clock.at(LATER):
        deliver_month(SEPTEMBER, by=actor("office"))
    assert not of_bureau(hill)[0].is_final
    assert not ClosedMonth.objects.exists()


def test_a_month_to_come_is_refused(hill: Cast, actor: Actors) -> None:
    with clock.at(LATER), pytest.raises(Invalid, match="还没有到"):
        deliver_month(date(2026, 10, 1), by=actor("office"))


def test_a_school_without_a_bureau_is_told(hill: Cast, actor: Actors) -> None:
    Org.objects.filter(pk=hill.hill.pk).update(parent=None)
    with clock.at(LATER), pytest.raises(Invalid, match="上级教育局"):
        deliver_month(SEPTEMBER, by=actor("office"))


def test_teachers_do_not_deliver(hill: Cast, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        deliver_month(SEPTEMBER, by=actor("teacher1"))


def test_a_late_record_shows_that_the_numbers_have_changed(hill: Cast, actor: Actors) -> None:
    with clock.at(OCTOBER_2):
        deliver_month(SEPTEMBER, by=actor("office"))
        assert not state(SEPTEMBER, sheet_1(SEPTEMBER).total.numbers).has_changed
        recorded(hill, actor("teacher1"), "阿虎")
        assert state(SEPTEMBER, sheet_1(SEPTEMBER).total.numbers).has_changed


def test_a_month_is_reopened_with_a_reason(hill: Cast, client_of: Clients) -> None:
    browser = client_of("office")
    with clock.at(OCTOBER_2):
        post(browser, "deliver", month="2026-09")
        assert post(browser, "reopen", month="2026-09", because=" ") == 422
        assert ClosedMonth.objects.exists()
        assert post(browser, "reopen", month="2026-09", because="阿虎的记录要更正") == 302
    assert not ClosedMonth.objects.exists()


def test_the_night_renews_previews_and_leaves_what_was_handed_in(hill: Cast, actor: Actors) -> None:
    """This month and the last are renewed; a month handed in stays as the school handed it in."""
    with clock.at(OCTOBER_2):
        deliver(hill.hill)
        assert sorted((f.month.month, f.is_final) for f in of_bureau(hill)) == [(9, False), (10, False)]
        deliver_month(SEPTEMBER, by=actor("office"))
        recorded(hill, actor("teacher1"), "阿虎")
        deliver(hill.hill)
    september = next(f for f in of_bureau(hill) if f.month == SEPTEMBER)
    assert (september.is_final, september.figures["contacts"]) == (True, 0)


def test_the_night_goes_round_all_schools(cast: Cast) -> None:
    with clock.at(OCTOBER_2):
        assert deliver_nightly(0) == {"done": 2, "failed": 0}
    assert {f.school_id for f in of_bureau(cast)} == {cast.hill.pk, cast.river.pk}


def test_one_school_that_fails_stops_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, expects_errors: None
) -> None:
    def broken(month: date, by: Actor) -> None:
        if by.org.slug == "hill":
            raise RuntimeError("broken")

    monkeypatch.setattr("koumen.reporting.jobs.refresh_month", broken)
    with clock.at(OCTOBER_2):
        assert deliver_nightly(0) == {"done": 1, "failed": 1}


def test_people_are_not_the_night(hill: Cast, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        refresh_month(SEPTEMBER, by=actor("office"))
    with clock.at(LATER):
        assert refresh_month(SEPTEMBER, by=machine(org_ref(hill.hill))) is not None


def test_the_bureau_sees_numbers_and_no_names(cast: Cast, actor: Actors, client_of: Clients) -> None:
    with clock.at(LATER):
        with scope.enter(cast.hill.pk):
            recorded(cast, actor("teacher1"), "阿虎", opinion="操场")
            deliver_month(SEPTEMBER, by=actor("office"))
        page = client_of("officer").get(reverse("reporting:schools", kwargs={"org": "bureau"})).content.decode()
    assert "青山小学" in page
    assert "临河小学" in page
    assert "未报送" in page
    assert not [child for child, *_rest in CHILDREN if child in page]
    assert "陈老师" not in page
    assert "三年级" not in page


def test_small_sensitive_numbers_are_hidden_with_their_total(cast: Cast, actor: Actors) -> None:
    """Three key students in the only school that delivered: neither its number, its rate nor the total is told."""
    with clock.at(LATER):
        with scope.enter(cast.hill.pk):
            for name in ("阿虎", "阿宝", "阿南"):
                Flag.objects.create(student=cast.student(name), category="A12", sensitivity=2, starts=SEPTEMBER)
            deliver_month(SEPTEMBER, by=actor("office"))
        with scope.enter(cast.bureau.pk):
            table = schools(SEPTEMBER)
    keys = [c.key for c in table.columns]
    hill = next(line for line in table.lines if line.school == "青山小学")
    said, total = dict(zip(keys, hill.cells, strict=True)), dict(zip(keys, table.total, strict=True))
    assert [said[k] for k in ("enrolled", "key", "key_rate")] == ["6", "*", "*"]
    assert [total[k] for k in ("enrolled", "key", "key_rate")] == ["6", "*", "*"]


@given(st.lists(st.none() | st.integers(0, 30), max_size=12))
def test_nothing_small_can_be_worked_out(numbers: list[int | None]) -> None:
    """Whatever the column: each 1–4 is hidden; total minus what is shown is no small number, or the total is hidden."""
    hidden, total_too = hide_small(numbers)
    shown = {i: n for i, n in enumerate(numbers) if i not in hidden}
    assert not [n for n in shown.values() if n is not None and 0 < n < 5]
    rest = sum(n or 0 for n in numbers) - sum(n or 0 for n in shown.values())
    assert total_too or not hidden or (len(hidden) >= 2 and rest >= HIDDEN_SUM)
    if all(n is None or n == 0 or n >= 5 for n in numbers):
        assert (hidden, total_too) == (set(), False)


def test_a_schools_page_reads_its_own_copy(hill: Cast, actor: Actors) -> None:
    with clock.at(LATER):
        deliver_month(SEPTEMBER, by=actor("office"))
    with clock.at(EVENING + timedelta(days=1)):
        found = state(SEPTEMBER)
    assert (found.bureau, found.is_final, found.delivered_at) == ("云岭县教育局", False, LATER)
