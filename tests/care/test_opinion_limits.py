"""R30: the limit counts school days: holidays, make-up workdays, the school's own days and vacations (clock tests)."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Opinion, OpinionLimit
from koumen.care.queries.limits import median_days
from koumen.care.services.opinion_reminders import remind_unattended
from koumen.care.services.opinion_work import accept
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import OutboxMessage
from koumen.registry.models import Account, CalendarDay
from tests.care.opinion_stories import said
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R30")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


def due(hill: Cast, at: datetime, topic: str = "other") -> date:
    with clock.at(at):
        found = said(hill, topic=topic)[0].due_on
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sent", "last"),
    [
        # 15–18, Sunday 20 which makes up for a holiday, 21–24, not 25 (中秋), 28
        (datetime(2026, 9, 14, 9), date(2026, 9, 28)),
        # not 25, 28–30, not 1–7 October (国庆), 8, 9, Saturday 10 which makes up, 12–15
        (datetime(2026, 9, 24, 23, 59), date(2026, 10, 15)),
        (datetime(2026, 11, 28, 8), date(2026, 12, 11)),  # sent on a Saturday: the first day is Monday
        (datetime(2027, 1, 25, 8), date(2027, 2, 8)),  # holidays of 2027 are not announced: weekdays
    ],
)
def test_ten_school_days(hill: Cast, sent: datetime, last: date) -> None:
    assert due(hill, sent) == last


def test_make_up_saturday_counts_and_the_schools_own_day_off_does_not(hill: Cast) -> None:
    """食堂: five school days from the Friday before: the make-up Saturday is the second of them."""
    sent = datetime(2026, 10, 8, 9)  # Thursday after the holidays
    assert due(hill, sent, "meals") == date(2026, 10, 14)
    CalendarDay.objects.create(date=date(2026, 10, 12), kind=CalendarDay.Kind.OFF)  # sports day
    assert due(hill, sent, "meals") == date(2026, 10, 15)


def test_a_summer_without_school_is_not_counted(hill: Cast) -> None:
    """Sent in August, before the first term begins: the clock starts with school."""
    assert due(hill, datetime(2026, 8, 10, 9), "safety") == date(2026, 9, 3)


def test_a_schools_own_limit_goes_before_the_preset(hill: Cast, client_of: Clients) -> None:
    page = reverse("care:opinion_limits", args=["hill"])
    answer = client_of("office").post(page, {"topic": "meals", "days": "2", "extra_days": "1"})
    assert answer.status_code == 302
    assert OpinionLimit.objects.get().days == 2
    assert due(hill, datetime(2026, 11, 23, 9), "meals") == date(2026, 11, 25)
    bad = client_of("office").post(page, {"topic": "meals", "days": "0", "extra_days": "1"})
    assert bad.status_code == 422
    assert OpinionLimit.objects.get().days == 2


def test_taken_on_under_another_topic_it_counts_from_the_day_it_came(hill: Cast, actor: Actors) -> None:
    with clock.at(datetime(2026, 11, 23, 9)):
        row, _sent = said(hill)
    with clock.at(datetime(2026, 11, 25, 9)):
        accept(row, by=actor("office"), topic="safety")
    row.refresh_from_db()
    assert row.due_on == date(2026, 11, 26)


def test_late_begins_the_day_after(hill: Cast) -> None:
    with clock.at(datetime(2026, 11, 23, 9)):
        row, _sent = said(hill)
    for day, is_late in ((7, False), (8, True)):
        with clock.at(datetime(2026, 12, day, 0, 1)):
            assert row.is_late is is_late


def test_the_median_counts_school_days(hill: Cast) -> None:
    rows = []
    for sent, answered in ((23, 24), (20, 23), (16, 27)):  # one school day, Friday to Monday one, nine
        with clock.at(datetime(2026, 11, sent, 9)):
            row, _sent = said(hill)
        row.answered_at = datetime(2026, 11, answered, 9, tzinfo=clock.ZONE)
        rows.append(row)
    assert median_days(rows) == 1.0
    assert median_days([]) is None


def notes(subject: str) -> set[str]:
    ids = OutboxMessage.objects.filter(subject__contains=subject).values_list("account_id", flat=True)
    return set(Account.objects.filter(pk__in=ids).values_list("username", flat=True))


def test_what_nobody_takes_on_is_spoken_of_once_and_upward_when_it_is_late(hill: Cast, actor: Actors) -> None:
    school = actor("office").org
    with clock.at(datetime(2026, 11, 23, 9)):
        row, _sent = said(hill)
        assert remind_unattended(school) == 0
    for _time in range(2):
        with clock.at(datetime(2026, 12, 6, 9)):
            remind_unattended(school)
    assert notes("快到答复期限") == {"office"}
    assert OutboxMessage.objects.filter(subject__contains="快到").count() == 1
    with clock.at(datetime(2026, 12, 8, 9)):
        remind_unattended(school)
        assert notes("超过答复期限") == {"office", "principal"}
        accept(row, by=actor("office"), topic="other")
        assert remind_unattended(school) == 0
    assert Opinion.objects.get().due_on is not None
