"""Campaigns: what they are made of, their slots, their targets, everybody's free time."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal

import pytest

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import CalendarDay, Flag, SchoolClass
from koumen.visits.forms.campaigns import TimesForm
from koumen.visits.models import Campaign, Slot, StaffSlot
from koumen.visits.services import campaigns as services
from koumen.visits.services.slots import lay_out, pattern
from koumen.visits.services.targets import fit_targets
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R1", "R3")]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def campaign(hill: Cast, actor: Actors) -> Campaign:
    return season.campaign(actor("office"))


def times(campaign: Campaign, **changed: object) -> services.Times:
    return services.Times(**(TimesForm.initial_of(campaign) | changed))  # type: ignore[arg-type]


def test_a_new_campaign_can_be_planned_at_once(campaign: Campaign) -> None:
    """Every class, every student on roll, slots and everybody's default time are there after the first step."""
    assert campaign.scope.count() == 2
    assert campaign.targets.count() == 6
    assert campaign.slots.count() > 15
    assert StaffSlot.objects.filter(slot__campaign=campaign).count() > 20
    assert AuditEntry.objects.filter(verb="campaign.start").count() == 1


def test_slots_leave_out_holidays_and_take_make_up_days_for_weekdays(campaign: Campaign) -> None:
    """National Day is free, 20 September and 10 October 2026 are weekend days on which people work."""
    kinds = {slot.date: slot.kind for slot in campaign.slots.all()}
    assert not [day for day in kinds if date(2026, 10, 1) <= day <= date(2026, 10, 7)]
    assert kinds[date(2026, 9, 20)] == kinds[date(2026, 10, 10)] == Slot.Kind.EVENING
    saturday = campaign.slots.filter(date=date(2026, 9, 12))
    assert Counter(slot.kind for slot in saturday) == {"morning": 1, "afternoon": 1}


def test_the_schools_own_calendar_wins(campaign: Campaign) -> None:
    CalendarDay.objects.create(date=date(2026, 9, 12), kind="work")
    CalendarDay.objects.create(date=date(2026, 9, 10), kind="exam")
    lay_out(campaign)
    assert [s.kind for s in campaign.slots.filter(date=date(2026, 9, 12))] == ["evening"]
    assert not campaign.slots.filter(date=date(2026, 9, 10)).exists()


def test_a_team_is_on_its_way_before_and_after_the_visiting_time(campaign: Campaign) -> None:
    evening = campaign.slots.filter(kind="evening").first()
    assert evening is not None
    moments = (evening.starts_at, evening.opens_at, evening.closes_at, evening.ends_at)
    assert [clock.local(at).strftime("%H:%M") for at in moments] == ["18:00", "18:30", "20:30", "21:00"]


def test_changed_times_change_the_slots(campaign: Campaign, actor: Actors) -> None:
    changed = times(campaign, weekend="whole", uses_evenings=False, morning_starts=time(8, 30))
    services.set_times(campaign, by=actor("office"), times=changed)
    assert {slot.kind for slot in campaign.slots.all()} == {"day"}
    day = campaign.slots.first()
    assert day is not None
    assert clock.local(day.opens_at).time() == time(8, 30)


@pytest.mark.parametrize(
    "changed",
    [
        {"uses_evenings": False, "weekend": "none"},
        {"evening_ends": time(18, 50)},
        {"afternoon_starts": time(11, 30)},
        {"morning_ends": time(8, 0)},
    ],
)
def test_times_in_which_nobody_can_visit_are_refused(
    campaign: Campaign, actor: Actors, changed: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        services.set_times(campaign, by=actor("office"), times=times(campaign, **changed))


def test_targets_follow_classes_and_flags(campaign: Campaign, hill: Cast, actor: Actors) -> None:
    """Flags of today make key students; those of a category for the door alone are marked; ended flags count not."""
    Flag.objects.create(student=hill.student("阿虎"), category="A12", starts=season.TODAY.date())
    Flag.objects.create(student=hill.student("阿宝"), category="D32", starts=season.TODAY.date())
    Flag.objects.create(
        student=hill.student("阿梅"), category="A12", starts=date(2026, 1, 1), valid_until=date(2026, 6, 30)
    )
    services.choose(
        campaign,
        by=actor("office"),
        classes=[hill.school_class("三年级1班")],
        modes=["01"],
        must_visit=["A12"],
        door_only=["D32"],
    )
    found = {t.student.name: (t.is_key, t.door_only) for t in campaign.targets.select_related("student")}
    assert found == {"阿梅": (False, False), "阿虎": (True, False), "阿宝": (True, True)}


def test_students_who_leave_are_targets_no_longer(campaign: Campaign, hill: Cast) -> None:
    child = hill.student("阿虎")
    child.state = "moved"
    child.save()
    assert fit_targets(campaign) == 5
    assert not campaign.targets.filter(student=child).exists()


def test_task_numbers_are_the_campaigns_own_data(campaign: Campaign, actor: Actors) -> None:
    first = {(q.scope, q.indicator): int(q.threshold) for q in campaign.quotas.all()}
    assert first["class", "own_door_rate"] == 60
    assert first["staff:middle", "students_visited"] == 10
    services.require(campaign, by=actor("office"), thresholds={("class", "own_door_rate"): Decimal(45)})
    assert campaign.quotas.get(scope="class", indicator="own_door_rate").threshold == 45


def test_ticked_time_outlives_a_new_layout(campaign: Campaign, hill: Cast, actor: Actors) -> None:
    """What a teacher ticked is kept when the office changes the campaign's pattern; the others follow the pattern."""
    evening = campaign.slots.filter(kind="evening").first()
    assert evening is not None
    teacher = hill.staff("teacher1")
    services.tick_free(teacher, by=actor("teacher1"), campaign=campaign, slots=[evening])
    services.set_times(campaign, by=actor("office"), times=times(campaign, others_evenings_per_week=5))
    assert [one.slot_id for one in StaffSlot.objects.filter(staff=teacher, slot__campaign=campaign)] == [evening.pk]
    free = StaffSlot.objects.filter(staff=hill.staff("subject1"), slot__campaign=campaign, slot__kind="evening")
    by_week = Counter(one.slot.date.isocalendar().week for one in free.select_related("slot"))
    assert by_week[date(2026, 9, 21).isocalendar().week] == 4  # Friday 25 September is a holiday
    assert max(by_week.values()) == 5


def test_nobody_ticks_for_a_colleague(campaign: Campaign, hill: Cast, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        services.tick_free(hill.staff("teacher2"), by=actor("teacher1"), campaign=campaign, slots=[])


@pytest.mark.parametrize("rank", range(10))
def test_the_default_pattern_gives_what_the_campaign_says(campaign: Campaign, rank: int) -> None:
    """Two evenings and one weekend day in a full week, whoever it is."""
    week = list(campaign.slots.filter(date__range=(date(2026, 9, 14), date(2026, 9, 19))))
    given = list(pattern([week], rank, 2, 1))
    assert len([slot for slot in given if slot.kind == "evening"]) == 2
    assert len({slot.date for slot in given if slot.kind != "evening"}) == 1


def test_a_closed_campaign_is_changed_no_more(campaign: Campaign, actor: Actors) -> None:
    office = actor("office")
    services.open_campaign(campaign, by=office)
    services.close_campaign(campaign, by=office)
    with pytest.raises(Conflict):
        services.set_days(campaign, by=office, open_slots=[])


def test_a_campaign_without_students_does_not_open(hill: Cast, actor: Actors) -> None:
    campaign = season.campaign(actor("office"))
    campaign.scope.all().delete()
    with pytest.raises(Invalid, match="没有在读学生"):
        services.open_campaign(campaign, by=actor("office"))


def test_another_school_has_its_own_campaigns(campaign: Campaign, cast: Cast) -> None:
    with scope.enter(cast.river.pk):
        assert not Campaign.objects.exists()
        assert SchoolClass.objects.count() == 1
