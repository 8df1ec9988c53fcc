"""Short ways to say what happened: a planned visit, a filled form, a recorded visit."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Staff, Student
from koumen.visits.models import Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.services.entries import Entry
from koumen.visits.services.visits import record
from tests.cast import Cast

EVENING = datetime(2026, 9, 12, 19, 0, tzinfo=clock.ZONE)
LATER = datetime(2026, 9, 13, 8, 0, tzinfo=clock.ZONE)


def planned(
    cast: Cast, *names: str, lead: str = "teacher1", along: tuple[str, ...] = (), at: datetime = EVENING
) -> Visit:
    """A visit planned for these children of one household."""
    children = [cast.student(name) for name in names]
    assert children[0].school_class is not None
    assert children[0].household is not None
    visit = Visit.objects.create(
        household=children[0].household,
        school_class=children[0].school_class,
        lead=cast.staff(lead),
        starts_at=at,
        ends_at=at + timedelta(minutes=40),
    )
    for child in children:
        VisitStudent.objects.create(visit=visit, student=child)
    for username in along:
        VisitStaff.objects.create(visit=visit, staff=cast.staff(username))
    return visit


def entry(children: list[Student], *, at: datetime = EVENING, companions: tuple[Staff, ...] = (), **more: Any) -> Entry:
    """An entry with the three answers, and whatever else is given."""
    base: dict[str, Any] = {"met_relation": "52", "mode": "01", "topics": ("study",)}
    return Entry(
        starts_at=at,
        ends_at=at + timedelta(minutes=40),
        students=tuple(children),
        companions=companions,
        **(base | more),
    )


def recorded(
    cast: Cast, by: Actor, *names: str, lead: str = "teacher1", at: datetime = EVENING, **more: Any
) -> VisitRecord:
    """A visit to these children, recorded the next morning."""
    visit = planned(cast, *names, lead=lead, at=at)
    with clock.at(max(clock.now(), at + timedelta(hours=12))):
        said = entry([cast.student(n) for n in names], at=at, **more)
        return record(visit, by=by, record_id=uuid4(), entry=said)


def typed(visit: Visit, *, record_id: UUID | None = None, **more: Any) -> dict[str, Any]:
    """What a browser sends for a planned visit: three answers and what was prefilled."""
    assert visit.starts_at is not None
    assert visit.ends_at is not None
    start, end = clock.local(visit.starts_at), clock.local(visit.ends_at)
    return {
        "record_id": str(record_id or uuid4()),
        "met_relation": "52",
        "mode": "01",
        "topics": ["study"],
        "visit_date": f"{start:%Y-%m-%d}",
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
        "students": [str(row.student_id) for row in visit.students.all()],
        "companions": [str(row.staff_id) for row in visit.companions.all()],
    } | more


def parted(visit: Visit, *, ids: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """What a browser sends when the visit's children are written about apart; `more` are answers for all of them."""
    sent = typed(visit) | more
    for child in [row.student for row in visit.students.select_related("student").order_by("student_id")]:
        sent[f"s{child.pk}-record_id"] = (ids or {}).get(child.name) or str(uuid4())
        sent[f"s{child.pk}-content"] = f"{child.name}说的"
    return sent
