"""The family's page behind its link: what it shows to whom, and what its buttons do."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from koumen.core import clock, links, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage, PersonalLink
from koumen.registry.models import Guardian, Guardianship, SchoolClass
from koumen.registry.services.guardians import end_guardianship
from koumen.visits.models import Appointment, Visit
from koumen.visits.services import appointments
from koumen.visits.services.invitations import hand_out
from koumen.visits.services.plans import adopt
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R45")]
Who = Callable[..., Actor]
CHILD, TEACHER, MOTHER, PHONE = "阿南", "李老师", "阿南妈妈", "10000000004"
ADDRESS = "桃园村9号"


@pytest.fixture
def now() -> datetime:
    """Everything happens on the season's Monday."""
    return season.TODAY


@pytest.fixture
def link(cast: Cast, actor: Who, now: datetime) -> str:
    """The address of the mother's own link to an appointment in the plan."""
    with scope.enter(cast.hill.pk), clock.at(now):
        office = actor("office")
        adopt(season.planned(office), by=office)
        appointments.invite(_visit(), by=office)
        [letter] = hand_out(
            SchoolClass.objects.get(name="三年级2班"),
            by=office,
            address=lambda secret: reverse("link", kwargs={"secret": secret}),
        )
    return letter.url


def _visit() -> Visit:
    return Visit.objects.get(students__student__name=CHILD, campaign__isnull=False)


def _row(cast: Cast) -> Appointment:
    with scope.enter(cast.hill.pk):
        return Appointment.objects.select_related("visit").get()


def _opened(link: str) -> Client:
    phone = Client()
    phone.post(f"{link}open/")
    return phone


def _words(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.split("<main")[1].split("</main>")[0])


def test_it_works_and_shows_no_more_than_this_family_needs(link: str, cast: Cast, now: datetime) -> None:
    with clock.at(now):
        page = _opened(link).get(link).content.decode()
    words = _words(page)
    assert CHILD in words
    assert TEACHER in words
    for more in (ADDRESS, "桃园村", PHONE, MOTHER, "阿斗", "三年级"):
        assert more not in page
    assert page.count('class="choice"') == 4  # yes, other time, other form, not this time: equal in size
    assert "<input" not in words
    assert not re.findall(r'<input (?!type="hidden")', page)  # no typing needed


def test_without_the_right_to_see_data_not_even_the_childs_name(link: str, cast: Cast, now: datetime) -> None:
    with scope.enter(cast.hill.pk):
        Guardianship.objects.filter(guardian__name=MOTHER).update(sees_data=False)
    with clock.at(now):
        page = _opened(link).get(link).content.decode()
    assert TEACHER in page
    assert CHILD not in page


def test_one_press_agrees_and_the_calendar_file_tells_it(link: str, cast: Cast, now: datetime) -> None:
    with clock.at(now):
        phone = _opened(link)
        at = _row(cast).visit.starts_at
        assert at is not None
        answer = phone.post(link, {"kind": "accept", "at": at.isoformat()})
        assert answer.headers["Location"] == link
        page = phone.get(link).content.decode()
        assert "约好了" in page
        assert "母亲" in _words(page)
        file = phone.get(f"{link}?calendar=1")
    assert file.headers["Content-Type"] == "text/calendar"
    event: Any
    [event] = Calendar.from_ical(file.content).walk("VEVENT")
    assert event["DTSTART"].dt == at
    assert TEACHER in event["SUMMARY"]
    assert CHILD not in file.content.decode()
    assert "LOCATION" not in event


def test_video_at_a_time_stands_in_both_calendars(
    link: str, cast: Cast, now: datetime, client_of: Callable[[str], Client]
) -> None:
    """J3.1: mode and time by link; the family's and the teacher's calendar show it."""
    with clock.at(now):
        phone = _opened(link)
        page = phone.get(f"{link}?step=when&mode=04").content.decode()
        at = re.findall(r'name="at" value="([^"]+)"', page)[0]
        phone.post(link, {"kind": "mode", "mode": "04", "at": at})
        row = _row(cast)
        assert (row.state, row.mode, row.starts_at) == ("agreed", "04", datetime.fromisoformat(at))
        files = (phone.get(f"{link}?calendar=1"), client_of("teacher2").get("/s/hill/outings/calendar/"))
    for file in files:
        events: list[Any] = Calendar.from_ical(file.content).walk("VEVENT")
        starts = [event["DTSTART"].dt for event in events]
        assert row.starts_at in starts
        assert CHILD not in file.content.decode()


def test_the_second_guardian_sees_what_was_answered(link: str, cast: Cast, actor: Who, now: datetime) -> None:
    with clock.at(now):
        with scope.enter(cast.hill.pk):
            father = Guardian.objects.create(name="阿南爸爸")
            child = cast.student(CHILD)
            Guardianship.objects.create(student=child, guardian=father, relation="51", starts=now.date())
            row = Appointment.objects.get()
            secret = links.issue("appointment", person_id=father.pk, object_id=row.pk)
        _opened(link).post(link, {"kind": "call", "proxy": "62"})
        his = reverse("link", kwargs={"secret": secret})
        words = _words(_opened(his).get(his).content.decode())
    assert "收到了" in words
    assert "祖母" in words  # who answered in the mother's stead
    assert MOTHER not in words


def test_declining_offers_another_form_once_then_says_thanks_and_the_link_is_over(
    link: str, cast: Cast, now: datetime
) -> None:
    with clock.at(now):
        phone = _opened(link)
        phone.post(link, {"kind": "decline"})
        assert "不用了" in _words(phone.get(link).content.decode())
        last = phone.post(link, {"kind": "no"})
        assert "谢谢" in _words(last.content.decode())
        assert phone.get(link).status_code == 404
    row = _row(cast)
    assert (row.state, row.visit.state) == ("declined", "declined")
    assert row.closed_at is not None


@pytest.mark.parametrize(
    "sent",
    [{}, {"kind": "maybe"}, {"kind": "mode", "mode": "99"}, {"kind": "accept", "at": "soon"},
     {"kind": "time", "offer": 8}, {"kind": "accept", "at": "2026-09-12T19:00"}, {"kind": "call", "proxy": "51"},
     {"kind": "mode", "mode": "04"}],
)  # fmt: skip
def test_a_bad_answer_changes_nothing_and_asks_again(
    link: str, cast: Cast, now: datetime, sent: dict[str, str]
) -> None:
    with clock.at(now):
        answer = _opened(link).post(link, sent)
    assert answer.status_code in (409, 422)
    assert answer.content.decode().count('class="choice"') == 4
    assert _row(cast).state == "asked"


# How a link comes to show nothing: each is asked for by somebody with a link to this very appointment.
def _wrong_device(link: str, cast: Cast, actor: Who) -> str:
    _opened(link).get(link)
    return link


def _expired(link: str, cast: Cast, actor: Who) -> str:
    PersonalLink.objects.update(expires_at=season.TODAY - timedelta(seconds=1))
    return link


def _withdrawn(link: str, cast: Cast, actor: Who) -> str:
    with scope.enter(cast.hill.pk):
        appointments.withdraw(Appointment.objects.get(), by=actor("office"))
    return link


def _ended_guardianship(link: str, cast: Cast, actor: Who) -> str:
    with scope.enter(cast.hill.pk):
        end_guardianship(Guardianship.objects.get(guardian__name=MOTHER), by=actor("office"))
    return link


def _notices_taken_away(link: str, cast: Cast, actor: Who) -> str:
    with scope.enter(cast.hill.pk):
        Guardianship.objects.filter(guardian__name=MOTHER).update(gets_notices=False)
    return link


def _recorded(link: str, cast: Cast, actor: Who) -> str:
    with scope.enter(cast.hill.pk):
        Visit.objects.update(state="recorded")
    return link


def _other_school(link: str, cast: Cast, actor: Who) -> str:
    """A link of another school that names this school's appointment and adult."""
    row = _row(cast)
    with scope.enter(cast.hill.pk):
        mother = Guardian.objects.get(name=MOTHER).pk
    with scope.enter(cast.river.pk):
        secret = links.issue("appointment", person_id=mother, object_id=row.pk)
    return reverse("link", kwargs={"secret": secret})


def _other_family(link: str, cast: Cast, actor: Who) -> str:
    """A link of this school made for an adult of another family."""
    row = _row(cast)
    with scope.enter(cast.hill.pk):
        secret = links.issue("appointment", person_id=Guardian.objects.get(name="阿斗奶奶").pk, object_id=row.pk)
    return reverse("link", kwargs={"secret": secret})


def _guessed(link: str, cast: Cast, actor: Who) -> str:
    return reverse("link", kwargs={"secret": "A" * 22})


WAYS = (
    _wrong_device, _expired, _withdrawn, _ended_guardianship, _notices_taken_away, _recorded, _other_school,
    _other_family, _guessed,
)  # fmt: skip
LOGGED = {_wrong_device: "link.opened_on_another_device", _expired: "link.opened_after_its_end",
          _withdrawn: "link.opened_after_its_end", _ended_guardianship: "link.opened_after_its_end"}  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
def test_link_table_nothing_personal_throttled_and_logged(
    link: str, cast: Cast, actor: Who, now: datetime, way: Callable[..., str]
) -> None:
    """Whatever is wrong with a link: the same page, no name, no answer taken; tries are counted, and written down."""
    with clock.at(now):
        url = way(link, cast, actor)
        stranger = Client(REMOTE_ADDR="127.0.0.77")
        stranger.post(f"{url}open/")
        for answer in (stranger.get(url), stranger.post(url, {"kind": "decline"}), stranger.get(f"{url}?calendar=1")):
            page = answer.content.decode()
            assert answer.status_code == 404
            assert "这个链接打不开了" in page
            for personal in (CHILD, TEACHER, MOTHER, PHONE, ADDRESS, "青山小学"):
                assert personal not in page
        assert _row(cast).answered_at is None
        statuses = {stranger.get(f"{url}?{n}").status_code for n in range(60)}
        assert statuses == {404, 429}
    if way in LOGGED:
        with scope.enter(cast.hill.pk):
            assert AuditEntry.objects.filter(verb=LOGGED[way]).exists()


def test_a_dead_link_is_renewed_to_the_phone_on_file_alone(link: str, cast: Cast, actor: Who, now: datetime) -> None:
    with clock.at(now):
        _opened(link).get(link)
        stranger = Client()
        answer = stranger.post(f"{link}new/")
        assert PHONE not in answer.content.decode()
        with scope.enter(cast.hill.pk):
            [sms] = OutboxMessage.objects.filter(channel="sms")
        assert sms.address == PHONE
        assert CHILD not in sms.body
    with scope.enter(cast.hill.pk):
        end_guardianship(Guardianship.objects.get(guardian__name=MOTHER), by=actor("office"))
        before = OutboxMessage.objects.count()
    with clock.at(now):
        assert stranger.post(f"{link}new/").status_code == 200
    with scope.enter(cast.hill.pk):
        assert OutboxMessage.objects.count() == before
