"""An outing in force and its trip: tomorrow afternoon teacher1 leads, subject1 goes along, to 阿虎 and 阿宝."""

from datetime import datetime, time, timedelta

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Account
from koumen.registry.queries.actors import actor_for
from koumen.visits.models import Campaign, Outing, OutingStaff, Plan, Slot, Stop, Trip, Visit, VisitStaff, VisitStudent
from koumen.visits.services.trips import Filing, file_trip
from tests.cast import Cast

LEAVES, BACK = time(14), time(17)


def actor_of(username: str) -> Actor:
    found = actor_for(Account.objects.get(username=username), "hill")
    assert found is not None
    return found


def outing_of(cast: Cast, *, children: tuple[str, ...] = ("阿虎", "阿宝"), alone: bool = False) -> Outing:
    """Inside the school's scope; with its visits, as an adopted plan has them."""
    day = clock.today() + timedelta(days=1)

    def at(hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), clock.ZONE)

    campaign = Campaign.objects.create(name="大家访", starts=day, ends=day + timedelta(days=20))
    slot = Slot.objects.create(
        campaign=campaign,
        date=day,
        starts_at=at(13),
        ends_at=at(18),
        opens_at=at(14),
        closes_at=at(17),
        kind=Slot.Kind.AFTERNOON,
    )
    plan = Plan.objects.create(campaign=campaign, seed=1, state=Plan.State.ADOPTED, digest="d")
    room = cast.school_class("三年级1班")
    leaves, back = datetime.combine(day, LEAVES, clock.ZONE), datetime.combine(day, BACK, clock.ZONE)
    outing = Outing.objects.create(plan=plan, slot=slot, school_class=room, leaves_at=leaves, back_at=back)
    times = {"starts_at": leaves, "ends_at": back, "is_live": True}
    OutingStaff.objects.create(outing=outing, staff=cast.staff("teacher1"), leads=True, **times)
    if not alone:
        OutingStaff.objects.create(outing=outing, staff=cast.staff("subject1"), **times)
    for order, name in enumerate(children, 1):
        child = cast.student(name)
        assert child.household is not None
        begins = at(14, 20) + timedelta(hours=order - 1)
        stop = Stop.objects.create(
            outing=outing,
            household=child.household,
            order=order,
            arrives_at=begins,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=30),
        )
        visit = Visit.objects.create(
            campaign=campaign,
            household=child.household,
            school_class=room,
            lead=cast.staff("teacher1"),
            stop=stop,
            starts_at=stop.starts_at,
            ends_at=stop.ends_at,
        )
        VisitStudent.objects.create(visit=visit, student=child)
        if not alone:
            VisitStaff.objects.create(visit=visit, staff=cast.staff("subject1"))
    return outing


def filing(cast: Cast, outing: Outing, **other: object) -> Filing:
    """teacher2 knows of it, middle is on duty."""
    said: dict[str, object] = {
        "buddy": cast.staff("teacher2"),
        "duty_leader": cast.staff("middle"),
        "transport": "car",
        "contact": "10000000099",
        "route": "学校 → 柳树村 → 学校",
        "leaves_at": outing.leaves_at,
        "arrives_at": outing.leaves_at + timedelta(minutes=20),
        "back_at": outing.back_at,
    }
    return Filing(**(said | other))  # type: ignore[arg-type]


def filed(cast: Cast, outing: Outing | None = None, **other: object) -> Trip:
    """Filed by teacher1."""
    outing = outing or outing_of(cast)
    return file_trip(outing, by=actor_of("teacher1"), filing=filing(cast, outing, **other))
