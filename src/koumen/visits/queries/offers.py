"""Times a family can be offered: a day or more from now, when the teacher who comes is free."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from koumen.core import clock
from koumen.visits.models import Campaign, Mode, OutingStaff, Slot, StaffSlot, Visit

AHEAD = timedelta(hours=24)  # a family is asked at least this long before
CALL = timedelta(minutes=30)  # of a visit by phone, on a screen or at school
HOW_MANY = 3
NEXT_DAYS = (0, 1, 2)


@dataclass(frozen=True)
class Offer:
    """A stretch of time; with a slot, the exact time in it is found when the family takes it."""

    starts: datetime
    ends: datetime
    slot: int | None = None

    def as_json(self) -> dict[str, object]:
        return {"starts": self.starts.isoformat(), "ends": self.ends.isoformat(), "slot": self.slot}


class Diary:
    """When one teacher is free in a campaign, and what stands there already. Read once, asked for every family."""

    def __init__(self, campaign: Campaign | None, staff_id: int, school_class_id: int) -> None:
        soon = clock.now() + AHEAD
        free = StaffSlot.objects.filter(staff=staff_id).values("slot_id")
        rows = campaign.slots.open().from_on(soon).filter(pk__in=free) if campaign else Slot.objects.none()
        self.slots: list[Slot] = list(rows)
        out = OutingStaff.objects.filter(is_live=True, staff=staff_id, ends_at__gte=soon)
        self.out = list(out.values_list("starts_at", "ends_at"))
        self.class_slots = set(
            out.filter(outing__school_class=school_class_id, outing__plan__campaign=campaign).values_list(
                "outing__slot_id", flat=True
            )
        )
        calls = Visit.objects.filter(lead=staff_id, stop=None, state=Visit.State.PLANNED, starts_at__gte=soon)
        self.calls = {
            pk: (starts, ends or starts + CALL)
            for pk, starts, ends in calls.values_list("pk", "starts_at", "ends_at")
            if starts is not None
        }

    def is_taken(self, starts: datetime, ends: datetime, but: Visit) -> bool:
        """Whether the teacher is out, or meets another family, in this time."""
        calls = (one for pk, one in self.calls.items() if pk != but.pk)
        return any(a < ends and starts < b for a, b in (*self.out, *calls))


def at_the_door(visit: Visit, diary: Diary) -> list[Offer]:
    """The planned time first, then slots of other parts of the week.

    Those in which the class is not out come first: in a full plan they could be had three times as often (measured on a
    town of six classes).
    """
    found = []
    planned = visit.stop.outing.slot if visit.stop else None
    if visit.starts_at and visit.ends_at:
        found.append(Offer(visit.starts_at, visit.ends_at, planned.pk if planned else None))
    if visit.campaign_id is None:
        return [*found, *(_shifted(found[0], days) for days in NEXT_DAYS[1:])] if found else []
    left = [slot for slot in diary.slots if planned is None or slot.pk != planned.pk]
    kinds = [planned.kind] if planned else []
    while left and len(found) < HOW_MANY:
        best = min(left, key=lambda s: (s.kind in kinds, s.pk in diary.class_slots, s.starts_at))
        left.remove(best)
        kinds.append(best.kind)
        found.append(Offer(best.opens_at, best.closes_at, best.pk))
    return found


def from_afar(visit: Visit, diary: Diary, mode: str = "") -> list[Offer]:
    """Half hours in which the teacher neither is out nor meets anybody, from different days where there are such."""
    if visit.campaign_id is None:
        base = Offer(visit.starts_at, visit.starts_at + CALL) if visit.starts_at else None
        found = [_shifted(base, days) for days in NEXT_DAYS] if base else []
        return [one for one in found if not diary.is_taken(one.starts, one.ends, visit)]
    slots = diary.slots
    if mode == Mode.AT_SCHOOL:  # nobody comes to school for it at the weekend while there are other days
        slots = [slot for slot in slots if slot.kind == Slot.Kind.EVENING] or slots
    free = [times for times in (list(_half_hours(slot, visit, diary)) for slot in slots) if times]
    kinds: set[str] = set()
    first = []
    for times, kind in ((t, _part(t[0])) for t in free):
        if kind not in kinds:
            kinds.add(kind)
            first.append(times[0])
    rest = sorted(one for times in free for one in times if one not in first)
    chosen = sorted([*first, *rest][:HOW_MANY])
    return [Offer(one, one + CALL) for one in chosen]


def _half_hours(slot: Slot, visit: Visit, diary: Diary) -> Iterator[datetime]:
    at = slot.opens_at
    while at + CALL <= slot.closes_at:
        if not diary.is_taken(at, at + CALL, visit):
            yield at
        at += CALL


def _part(moment: datetime) -> str:
    hour = clock.local(moment).hour
    return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


def _shifted(offer: Offer, days: int) -> Offer:
    return Offer(offer.starts + timedelta(days=days), offer.ends + timedelta(days=days))
