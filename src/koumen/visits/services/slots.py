"""The day parts of a campaign and who is free in them by default."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from koumen.core import clock
from koumen.registry.models import Role, Staff
from koumen.visits.models import Campaign, Outing, Slot, StaffSlot
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.queries.days import days

Kind = Slot.Kind


@dataclass(frozen=True)
class Part:
    """A stretch of one day in which families can be visited."""

    date: date
    kind: str
    opens: time
    closes: time


def parts(campaign: Campaign) -> Iterator[Part]:
    """The day parts the campaign's rules give, in order."""
    for day, kind in days(campaign.starts, campaign.ends):
        if kind == "weekday" and campaign.uses_evenings:
            yield Part(day, Kind.EVENING, campaign.evening_starts, campaign.evening_ends)
        elif kind == "weekend" and campaign.weekend == Campaign.Weekend.WHOLE:
            yield Part(day, Kind.DAY, campaign.morning_starts, campaign.afternoon_ends)
        elif kind == "weekend" and campaign.weekend == Campaign.Weekend.PARTS:
            yield Part(day, Kind.MORNING, campaign.morning_starts, campaign.morning_ends)
            yield Part(day, Kind.AFTERNOON, campaign.afternoon_starts, campaign.afternoon_ends)


def lay_out(campaign: Campaign) -> int:
    """Make the campaign's slots fit its dates and times; slots that a plan uses stay, closed. Returns how many."""
    old = {(slot.date, slot.kind): slot for slot in campaign.slots.all()}
    fresh: list[Slot] = []
    kept: list[Slot] = []
    for part in parts(campaign):
        slot = old.pop((part.date, part.kind), None)
        (kept if slot else fresh).append(_timed(slot or Slot(campaign=campaign), part, campaign.way_minutes))
    Slot.objects.bulk_create(fresh)
    Slot.objects.bulk_update(kept, ["starts_at", "ends_at", "opens_at", "closes_at"], batch_size=500)
    _withdraw(list(old.values()))
    free_by_default(campaign)
    return len(fresh) + len(kept)


def _timed(slot: Slot, part: Part, way_minutes: int) -> Slot:
    way = timedelta(minutes=way_minutes)
    slot.date, slot.kind = part.date, part.kind
    slot.opens_at = datetime.combine(part.date, part.opens, clock.ZONE)
    slot.closes_at = datetime.combine(part.date, part.closes, clock.ZONE)
    midnight = datetime.combine(part.date, time(), clock.ZONE)
    slot.starts_at = max(midnight, slot.opens_at - way)
    slot.ends_at = min(midnight + timedelta(hours=23, minutes=59), slot.closes_at + way)
    return slot


def _withdraw(slots: list[Slot]) -> None:
    used = set(Outing.objects.filter(slot__in=slots).values_list("slot_id", flat=True))
    Slot.objects.filter(pk__in=[s.pk for s in slots if s.pk in used]).update(is_open=False)
    Slot.objects.filter(pk__in=[s.pk for s in slots if s.pk not in used]).delete()


def free_by_default(campaign: Campaign) -> None:
    """Give everybody who has not ticked own slots the campaign's pattern: the same weekdays every week, spread over
    the staff so that every evening has class teachers and companions.
    """
    answered = set(campaign.availabilities.values_list("staff_id", flat=True))
    people = [member for member in visiting_staff() if member.pk not in answered]
    StaffSlot.objects.filter(slot__campaign=campaign, staff__in=people).delete()
    leads = class_teacher_ids()
    weeks = _weeks(campaign.slots.open())
    rank = {True: 0, False: 0}
    ticks = []
    for member in people:
        is_lead = member.pk in leads
        evenings = campaign.evenings_per_week if is_lead else campaign.others_evenings_per_week
        for slot in pattern(weeks, rank[is_lead], evenings, campaign.weekend_days_per_week):
            ticks.append(StaffSlot(slot=slot, staff=member))
        rank[is_lead] += 1
    StaffSlot.objects.bulk_create(ticks, batch_size=2_000)


def pattern(weeks: Iterable[list[Slot]], rank: int, evenings: int, weekend_days: int) -> Iterator[Slot]:
    """The slots of the `rank`-th person: `evenings` evenings two days apart and `weekend_days` days, every week."""
    for week in weeks:
        work = [slot for slot in week if slot.kind == Kind.EVENING]
        rest = sorted({slot.date for slot in week if slot.kind != Kind.EVENING})
        order = sorted(range(len(work)), key=lambda at: ((at - rank) * 3 % len(work), at))
        chosen = {work[at].pk for at in order[:evenings]}
        free_days = {rest[(rank + step) % len(rest)] for step in range(min(weekend_days, len(rest)))}
        for slot in week:
            if slot.pk in chosen or (slot.kind != Kind.EVENING and slot.date in free_days):
                yield slot


def _weeks(slots: Iterable[Slot]) -> list[list[Slot]]:
    weeks: dict[date, list[Slot]] = defaultdict(list)
    for slot in slots:
        weeks[slot.date - timedelta(days=slot.date.weekday())].append(slot)
    return list(weeks.values())


def visiting_staff() -> list[Staff]:
    """Everybody at work who holds a post that goes on visits, in a settled order."""
    posts = Role.objects.current(clock.today()).filter(post__in=TEACHING)
    return list(Staff.objects.filter(is_active=True, pk__in=posts.values("staff_id")).order_by("pk"))


def class_teacher_ids() -> frozenset[int]:
    """Staff who are class teachers today."""
    posts = Role.objects.current(clock.today()).filter(post="class_teacher")
    return frozenset(posts.values_list("staff_id", flat=True))
