"""行程报备: filed in two taps, departed and returned; alarms at +30 and +60 minutes; gone after 90 days."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.core import clock, links
from koumen.core.models import AuditEntry, InboxNote, OutboxMessage
from koumen.core.outbox import attempt
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Guardianship, Household, Org, Place
from koumen.visits.jobs.trips import forget_trips, ring_alarms
from koumen.visits.models import Appointment, SafetyContact, Trip, Visit
from koumen.visits.services import alarms, calling_off
from koumen.visits.services import trips as services
from tests.cast import Cast
from tests.visits import season
from tests.visits.outing import actor_of, filed, outing_of

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R7")]
Clients = Callable[[str], Client]
IN_APP, SMS = OutboxMessage.Channel.IN_APP, OutboxMessage.Channel.SMS


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


COPIED = ("team", "people", "route", "contact", "leaves_at", "arrives_at", "back_at", "filed_by", "filed_at")


def url(name: str, **kwargs: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", **kwargs})


def ring_at(moment: datetime) -> int:
    """What the worker does in that minute."""
    with clock.at(moment):
        return alarms.ring(Org.objects.get(slug="hill"))


def alarmed(channel: str = IN_APP) -> list[Any]:
    rows = OutboxMessage.objects.filter(channel=channel, once_key__startswith="trip:").order_by("pk")
    return list(rows)


def who(cast: Cast, rows: list[Any]) -> list[str]:
    names = {cast.account(one).pk: one for one in ("teacher2", "middle")}
    return sorted(names[row.account_id] for row in rows)


def test_it_works(hill: Cast, client_of: Clients) -> None:
    """The outing's page offers it; the form is filled in from the plan: two taps, and everybody concerned knows."""
    outing = outing_of(hill)
    phone = client_of("teacher1")
    assert url("trip_new", pk=outing.pk) in phone.get(url("outing", pk=outing.pk)).content.decode()
    form = phone.get(url("trip_new", pk=outing.pk)).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value()}
    sent |= {name: f"{sent[name]:%H:%M}" for name in ("leaves", "arrives", "back")}
    answer = phone.post(url("trip_new", pk=outing.pk), sent)
    trip = Trip.objects.get()
    assert answer["Location"] == url("trip", pk=trip.pk)
    assert (trip.back_at, trip.people, trip.families) == (outing.back_at, "陈老师(带队)、吴老师", 2)
    assert trip.route == "学校 → 柳树村 → 桃园村 → 学校"
    assert (trip.buddy.name, trip.duty_leader.name) == ("李老师", "郑主任")
    told = {row.account_id for row in OutboxMessage.objects.filter(channel=IN_APP)}
    assert told == {hill.account("teacher2").pk, hill.account("middle").pk}


def test_nobody_on_the_way_is_the_one_who_waits(hill: Cast) -> None:
    outing = outing_of(hill)
    with pytest.raises(Invalid, match="留在后方"):
        filed(hill, outing, buddy=hill.staff("subject1"))
    with pytest.raises(Invalid, match="两个人"):
        filed(hill, outing, buddy=hill.staff("middle"))


def test_times_out_of_order_are_refused(hill: Cast) -> None:
    outing = outing_of(hill)
    for wrong in ({"arrives_at": outing.back_at}, {"back_at": outing.leaves_at + timedelta(hours=17)}):
        with pytest.raises(Invalid, match="先后"):
            filed(hill, outing, **wrong)


def test_an_evening_may_end_after_midnight(hill: Cast, client_of: Clients) -> None:
    outing = outing_of(hill)
    sent = {"buddy": hill.staff("teacher2").pk, "duty_leader": hill.staff("middle").pk, "transport": "car"}
    sent |= {"contact": "10000000099", "route": "学校", "leaves": "19:00", "arrives": "19:30", "back": "00:20"}
    assert client_of("teacher1").post(url("trip_new", pk=outing.pk), sent).status_code == 302
    trip = Trip.objects.get()
    assert trip.back_at - trip.leaves_at == timedelta(hours=5, minutes=20)


def test_to_a_remote_home_nobody_goes_alone(hill: Cast) -> None:
    Household.objects.filter(students=hill.student("阿虎")).update(is_risky=True)
    with pytest.raises(Invalid, match="两人同行"):
        filed(hill, outing_of(hill, alone=True))


def test_filed_twice_it_is_one_trip(hill: Cast) -> None:
    outing = outing_of(hill)
    assert filed(hill, outing).pk == filed(hill, outing).pk


def test_departed_arrived_and_returned_on_the_phone(hill: Cast, client_of: Clients) -> None:
    """Each step once, however often it is pressed; a stop may be ticked; what was forgotten is filled in."""
    trip = filed(hill)
    assert trip.outing is not None
    phone, stop = client_of("subject1"), trip.outing.stops.all()[0]
    with clock.at(trip.leaves_at):
        phone.post(url("trip_report", pk=trip.pk), {"state": "departed"})
    with clock.at(trip.leaves_at + timedelta(minutes=25)):
        phone.post(url("trip_report", pk=trip.pk), {"state": "arrived", "stop": stop.pk})
        phone.post(url("trip_report", pk=trip.pk), {"state": "departed"})
        assert "到过" in phone.get(url("trip", pk=trip.pk)).content.decode()
    trip.refresh_from_db()
    assert (trip.state, trip.departed_at, list(trip.arrivals)) == ("arrived", trip.leaves_at, [str(stop.pk)])
    with clock.at(trip.back_at):
        for _twice in range(2):
            assert phone.post(url("trip_report", pk=trip.pk), {"state": "returned"}).status_code == 302
    trip.refresh_from_db()
    assert (trip.state, trip.returned_at) == ("returned", trip.back_at)
    assert phone.post(url("trip_report", pk=trip.pk), {"state": "departed"}).status_code == 409


@pytest.mark.parametrize("sent", [{}, {"state": "flown"}, {"state": "filed"}])
def test_odd_steps_are_refused(hill: Cast, client_of: Clients, sent: dict[str, str]) -> None:
    assert client_of("teacher1").post(url("trip_report", pk=filed(hill).pk), sent).status_code == 422


def test_due_at_five_the_buddy_hears_at_half_past_and_the_leader_at_six(hill: Cast) -> None:
    """J2.3: nothing before, the buddy at 17:30, the duty leader at 18:00, nobody once everybody is back."""
    due = filed(hill).back_at
    assert clock.local(due).hour == 17
    assert [ring_at(due + timedelta(minutes=n)) for n in (-60, 0, 29)] == [0, 0, 0]
    assert ring_at(due + timedelta(minutes=30)) == 2  # in the app and by SMS
    assert who(hill, alarmed()) == ["teacher2"]
    assert ring_at(due + timedelta(minutes=31)) == 0
    assert ring_at(due + timedelta(minutes=60)) == 4
    assert who(hill, alarmed()[1:]) == ["middle", "teacher2"]
    with clock.at(due + timedelta(minutes=63)):
        services.report(Trip.objects.get(), by=actor_of("teacher1"), state="returned")
    assert [ring_at(due + timedelta(minutes=n)) for n in (75, 300)] == [0, 0]
    assert [row.verb for row in AuditEntry.objects.filter(verb="trip.alarm")] == ["trip.alarm"] * 2


def test_an_alarm_names_no_child_and_no_address_and_comes_at_any_hour(hill: Cast) -> None:
    """At 23:30 it is not held back until the morning."""
    trip = filed(hill)
    Trip.objects.update(back_at=trip.back_at + timedelta(hours=6))
    night = trip.back_at + timedelta(hours=6, minutes=30)
    assert ring_at(night) == 2
    for row in alarmed() + alarmed(SMS):
        assert row.not_before == night
        assert "10000000099" in row.body
        assert "陈老师" in row.body
        assert not [word for word in ("阿虎", "阿宝", "柳树村2号", "桃园村8号") if word in row.body + row.subject]
    assert [row.address for row in alarmed(SMS)] == [hill.account("teacher2").phone]


def test_it_is_repeated_until_somebody_sees_to_it(hill: Cast, client_of: Clients) -> None:
    """Every quarter of an hour; seen to by the buddy it is quiet, yet an hour late the leader hears of it."""
    trip = filed(hill)
    due = trip.back_at
    assert [ring_at(due + timedelta(minutes=n)) for n in (30, 45)] == [2, 2]
    with clock.at(due + timedelta(minutes=47)):
        assert "我来联系" in client_of("teacher2").get(url("trip", pk=trip.pk)).content.decode()
        client_of("teacher2").post(url("trip_seen", pk=trip.pk))
        assert "我来联系" not in client_of("teacher2").get(url("trip", pk=trip.pk)).content.decode()
    assert ring_at(due + timedelta(minutes=59)) == 0
    assert ring_at(due + timedelta(minutes=60)) == 4
    assert ring_at(due + timedelta(minutes=75)) == 4
    with clock.at(due + timedelta(minutes=76)):
        client_of("middle").post(url("trip_seen", pk=trip.pk))
    assert [ring_at(due + timedelta(minutes=n)) for n in (90, 500)] == [0, 0]


def test_a_worker_that_was_away_alarms_when_it_is_back_and_no_alarm_is_said_twice(hill: Cast) -> None:
    """Nothing is remembered but the trip itself: from 17:20 to 18:10 no worker ran, then two at once do."""
    due = filed(hill).back_at
    late = due + timedelta(minutes=70)
    assert ring_at(late) == 4
    assert [ring_at(late) for _again in range(3)] == [0, 0, 0]
    assert who(hill, alarmed()) == ["middle", "teacher2"]


def test_the_worker_looks_at_every_school(hill: Cast) -> None:
    """The periodic task itself: it enters each school, and what it queued is delivered to the inbox."""
    due = filed(hill).back_at
    with clock.at(due + timedelta(minutes=30)):
        ring_alarms.func(timestamp=0)
        assert attempt(alarmed()[0].pk)
    note = InboxNote.objects.get(account_id=hill.account("teacher2").pk)
    assert (note.subject, note.url) == ("行程逾期 30 分钟，请马上联系", url("trip", pk=Trip.objects.get().pk))


def test_a_later_return_with_a_reason_moves_the_alarms(hill: Cast, client_of: Clients) -> None:
    trip = filed(hill)
    due = trip.back_at
    ring_at(due + timedelta(minutes=30))
    with clock.at(due + timedelta(minutes=35)):
        sent = {"back": "18:30", "because": "路上塌方绕行"}
        assert client_of("teacher1").post(url("trip_change", pk=trip.pk), sent).status_code == 302
    trip.refresh_from_db()
    assert (trip.back_at, trip.change_reason, trip.alarmed) == (due + timedelta(minutes=90), "路上塌方绕行", 0)
    assert ring_at(due + timedelta(minutes=60)) == 0
    assert ring_at(due + timedelta(minutes=120)) == 2
    assert client_of("teacher1").post(url("trip_change", pk=trip.pk), {"back": "x"}).status_code == 422


def test_a_change_without_a_reason_keeps_what_was_typed(hill: Cast, client_of: Clients) -> None:
    trip = filed(hill)
    answer = client_of("teacher1").post(url("trip_change", pk=trip.pk), {"back": "18:30", "because": ""})
    assert answer.status_code == 422
    assert 'value="18:30"' in answer.content.decode()
    assert "请写一句原因。" in answer.content.decode()


def families_told() -> list[Any]:
    return list(OutboxMessage.objects.filter(channel=SMS, once_key__startswith="calloff:").order_by("pk"))


def test_a_village_is_called_off_and_every_family_told(hill: Cast, client_of: Clients) -> None:
    """桃园村 alone: its family hears, the other's visit stands, the staff hear, the trip goes on."""
    outing = outing_of(hill)
    trip = filed(hill, outing)
    village = Place.objects.get(name="桃园村")
    sent = {"day": str(outing.slot.date), "place": village.pk, "why": "weather", "because": "山洪预警"}
    office = client_of("office")
    assert "共 1 户" in office.post(url("call_off"), sent).content.decode()
    assert not families_told()
    answer = office.post(url("call_off"), sent | {"step": "do"})
    assert answer["Location"].startswith(url("replan", pk=outing.plan_id, kind="lost"))
    assert [row.address for row in families_told()] == ["10000000003"]
    assert "因天气原因取消" in families_told()[0].body
    assert "阿宝" not in families_told()[0].body
    states = dict(Visit.objects.values_list("students__student__name", "state"))
    assert states == {"阿虎": "planned", "阿宝": "postponed"}
    told = OutboxMessage.objects.filter(channel=IN_APP, subject="外出取消").values_list("account_id", flat=True)
    assert set(told) == {hill.account("teacher1").pk, hill.account("subject1").pk}
    trip.refresh_from_db()
    assert trip.state == "filed"


def test_a_whole_day_called_off_ends_its_trips(hill: Cast) -> None:
    trip = filed(hill)
    office = actor_of("office")
    day = clock.local(trip.leaves_at).date()
    said: dict[str, Any] = {"day": day, "place": None, "why": "risk", "because": "台风"}
    assert calling_off.call_off(office.org, by=office, **said) == 2
    trip.refresh_from_db()
    assert trip.state == "cancelled"
    told = OutboxMessage.objects.filter(channel=IN_APP, subject="外出取消").values_list("account_id", flat=True)
    assert {hill.account(one).pk for one in ("teacher1", "subject1", "teacher2", "middle")} == set(told)
    assert ring_at(trip.back_at + timedelta(hours=2)) == 0
    with pytest.raises(Invalid):
        calling_off.call_off(office.org, by=office, **said)


def test_a_familys_invitation_and_its_links_end_with_the_outing(hill: Cast) -> None:
    trip = filed(hill)
    visit = Visit.objects.get(students__student__name="阿虎")
    asked = Appointment.objects.create(visit=visit, asked_at=clock.now(), state="agreed", starts_at=visit.starts_at)
    secret = links.issue("appointment", person_id=1, object_id=asked.pk, lasts=timedelta(days=3))
    calling_off.cancel(trip, by=actor_of("teacher1"), why="weather", because="暴雨")
    asked.refresh_from_db()
    assert (asked.state, asked.closed_at) == ("withdrawn", clock.now())
    link = links.find(secret)
    assert link is not None
    assert not links.is_live(link)


def test_only_adults_who_get_notices_are_told_and_at_night_only_when_the_morning_is_too_late(hill: Cast) -> None:
    trip = filed(hill)
    Guardianship.objects.filter(student=hill.student("阿虎")).update(gets_notices=False)
    night = trip.leaves_at.astimezone(clock.ZONE).replace(hour=0, minute=30)
    with clock.at(night):
        calling_off.cancel(trip, by=actor_of("teacher1"), why="weather", because="暴雪")
    row = families_told()[0]
    assert len(families_told()) == 1
    assert night < row.not_before < trip.leaves_at


def test_on_the_way_only_those_not_met_yet_are_told(hill: Cast, client_of: Clients) -> None:
    trip = filed(hill)
    Visit.objects.filter(students__student__name="阿虎").update(state="recorded")
    sent = {"why": "ill", "because": "身体不适先返回"}
    assert client_of("teacher1").post(url("trip_cancel", pk=trip.pk), sent).status_code == 302
    assert [row.address for row in families_told()] == ["10000000003"]
    assert "因学校安排取消" in families_told()[0].body
    with pytest.raises(Conflict):
        calling_off.cancel(trip, by=actor_of("teacher1"), why="ill", because="x")


def test_the_emergency_card(hill: Cast, client_of: Clients) -> None:
    """The school's contact, the leader, the three numbers and what to do."""
    trip = filed(hill)
    contact = {"name": "门卫值班室", "phone": "10000000097", "note": "卫生院 10000000096"}
    assert client_of("office").post(url("safety"), contact).status_code == 302
    assert client_of("office").post(url("safety"), contact | {"phone": "不知道"}).status_code == 422
    assert SafetyContact.objects.count() == 1
    card = client_of("subject1").get(url("trip_card", pk=trip.pk)).content.decode()
    said = ("110", "120", "119", "门卫值班室", "10000000097", "10000000096", "郑主任", "李老师", "先保证人身安全")
    assert [word for word in said if word not in card] == []


def test_the_buddy_sees_the_way_and_no_child(hill: Cast, client_of: Clients) -> None:
    trip = filed(hill)
    page = client_of("teacher2").get(url("trip", pk=trip.pk)).content.decode()
    assert "柳树村" in page
    assert "阿虎" not in page
    assert "阿虎" in client_of("subject1").get(url("trip", pk=trip.pk)).content.decode()


@pytest.mark.parametrize("show", ["", "?show=past"])
def test_a_long_list_takes_few_queries(hill: Cast, client_of: Clients, show: str) -> None:
    first = filed(hill)
    for state in ("departed", "returned"):
        Trip.objects.bulk_create(
            Trip(
                **{name: getattr(first, name) for name in COPIED},
                buddy=first.buddy,
                duty_leader=first.duty_leader,
                title=f"{n}",
                state=state,
            )
            for n in range(40)
        )
    browser = client_of("teacher1")
    with CaptureQueriesContext(connection) as taken:
        page = browser.get(url("trips") + show)
    assert len(page.context["page"]) == 30
    asked = [q["sql"] for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= 12, asked


def test_after_ninety_days_the_trip_is_gone_and_the_visit_remains(hill: Cast) -> None:
    """With every message that told of it; a day earlier it is still there."""
    trip = filed(hill)
    ring_at(trip.back_at + timedelta(minutes=30))
    attempt(alarmed()[0].pk)
    for days, left in ((89, 1), (91, 0)):
        with clock.at(trip.back_at + timedelta(days=days)):
            forget_trips.func(timestamp=0)
        assert Trip.objects.count() == left
    assert Visit.objects.count() == 2
    assert not alarmed() + alarmed(SMS)
    assert not InboxNote.objects.filter(url__contains="/trips/").exists()
    assert not OutboxMessage.objects.filter(url__contains="/trips/").exists()


def test_a_trip_outlives_its_outing(hill: Cast) -> None:
    """Replanning may take the outing away while people are out: the alarm rings all the same."""
    trip = filed(hill)
    assert trip.outing is not None
    services.report(trip, by=actor_of("teacher1"), state="departed")
    Visit.objects.update(stop=None)
    trip.outing.delete()
    assert ring_at(trip.back_at + timedelta(minutes=30)) == 2


def test_a_trip_whose_outing_was_planned_away_before_anybody_left_is_off(hill: Cast) -> None:
    trip = filed(hill)
    assert trip.outing is not None
    Visit.objects.update(stop=None)
    trip.outing.delete()
    assert ring_at(trip.back_at + timedelta(minutes=30)) == 0
    trip.refresh_from_db()
    assert trip.state == "cancelled"
