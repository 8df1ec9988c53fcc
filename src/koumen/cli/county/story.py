"""A month of visits, in the order in which they were written down, through the service every page uses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from koumen.cli.county.record import entry
from koumen.cli.say import Progress
from koumen.core import clock, scope
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Flag, Guardianship, Role, Staff, Student
from koumen.registry.queries.actors import posts_of
from koumen.reporting.services.figures import deliver_month
from koumen.visits.models import Mode, Visit
from koumen.visits.services.visits import decline, record, start_visit

Act = Callable[[], object]
REMOTE = ((Mode.PHONE, 75), (Mode.VIDEO, 25))
SHOWN_FROM = 100  # acts from which on progress is told
UNPLANNED = ((Mode.PHONE, 55), (Mode.AT_SCHOOL, 30), (Mode.DOOR, 15))


@dataclass
class School:
    """What the story needs to know of one school, loaded once. Use it inside the org's scope."""

    org: OrgRef
    rng: Random
    actors: dict[int, Actor] = field(default_factory=dict)
    relations: dict[int, list[str]] = field(default_factory=dict)
    categories: dict[int, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for student, relation in Guardianship.objects.filter(ends=None).values_list("student_id", "relation"):
            self.relations.setdefault(student, []).append(relation)
        for student, code in Flag.objects.in_lists().values_list("student_id", "category"):
            self.categories.setdefault(student, set()).add(code)

    def actor(self, staff: Staff) -> Actor:
        """That colleague, acting."""
        if staff.pk not in self.actors:
            self.actors[staff.pk] = Actor(staff.account_id, staff.name, self.org, staff.pk, tuple(posts_of(staff.pk)))
        return self.actors[staff.pk]

    def write(
        self, visit: Visit, lead: Staff, children: tuple[Student, ...], mode: str, starts: datetime, number: UUID
    ) -> None:
        """Record one visit."""
        relations = tuple(r for child in children for r in self.relations.get(child.pk, ()))
        known = frozenset(code for child in children for code in self.categories.get(child.pk, ()))
        along = tuple(row.staff for row in visit.companions.select_related("staff")) if mode == Mode.DOOR else ()
        said = entry(
            self.rng, children, mode=mode, starts=starts, relations=relations, categories=known, companions=along
        )
        record(visit, by=self.actor(lead), record_id=number, entry=said)

    def number(self) -> UUID:
        """A record's id, as a page would make it."""
        return UUID(int=self.rng.getrandbits(128), version=4)


def campaign_visits(school: School, until: datetime) -> Iterator[tuple[datetime, Act]]:
    """The visits of the adopted plan whose time has come: most as planned, some by phone, some not at all."""
    visits = Visit.objects.planned().filter(campaign__isnull=False).select_related("lead")
    for visit in visits.prefetch_related("students__student").order_by("starts_at", "household_id"):
        children = tuple(row.student for row in visit.students.all())
        starts = visit.starts_at or _any_evening(school.rng, visit, until)
        if starts is None or not children:
            continue
        starts += timedelta(minutes=school.rng.randint(0, 6))
        written = starts + timedelta(minutes=school.rng.choice((50, 75, 120, 720, 840)))
        if written < until:
            yield written, _told(school, visit, children, starts)


def _any_evening(rng: Random, visit: Visit, until: datetime) -> datetime | None:
    """A phone call has no slot: some weekday evening of the campaign, or none until now."""
    assert visit.campaign is not None
    day = visit.campaign.starts + timedelta(days=rng.randrange((visit.campaign.ends - visit.campaign.starts).days))
    return datetime.combine(day, time(19, rng.randrange(60)), clock.ZONE)


def _told(school: School, visit: Visit, children: tuple[Student, ...], starts: datetime) -> Act:
    rng, chance, number = school.rng, school.rng.random(), school.number()
    by_door = visit.mode == Mode.DOOR
    mode = visit.mode if by_door else rng.choices([m for m, _w in REMOTE], [w for _m, w in REMOTE])[0]
    if by_door and chance < 0.05:
        reason = rng.choices(("away", "declined", "unreached", "weather"), (5, 3, 2, 1))[0]
        return lambda: decline(visit, by=school.actor(visit.lead), reason=reason)
    if by_door and chance < 0.11:
        mode = Mode.PHONE
    if by_door and chance > 0.97:  # nobody has written it down yet
        return lambda: None
    return lambda: school.write(visit, visit.lead, children, mode, starts, number)


def unplanned_visits(school: School, each: int, days: int, until: datetime) -> Iterator[tuple[datetime, Act]]:
    """`each` unplanned visits of every class teacher in the last `days` days: calls, talks at school, a few doors."""
    rng = school.rng
    heads = Role.objects.filter(post="class_teacher", ends=None).select_related("staff").order_by("pk")
    for role in heads:
        children = list(Student.objects.enrolled().filter(school_class_id=role.school_class_id).order_by("pk"))
        children.sort(key=lambda child: not school.categories.get(child.pk))  # whoever needs it first
        for child in children[: 2 * each : 2]:
            mode = rng.choices([m for m, _w in UNPLANNED], [w for _m, w in UNPLANNED])[0]
            day = clock.local(until).date() - timedelta(days=rng.randrange(1, days))
            hour = 16 if mode == Mode.AT_SCHOOL else 19
            starts = datetime.combine(day, time(hour, rng.randrange(60)), clock.ZONE)
            written = starts + timedelta(minutes=rng.choice((40, 60, 100)))
            yield written, _spontaneous(school, role.staff, child, mode, starts)


def _spontaneous(school: School, lead: Staff, child: Student, mode: str, starts: datetime) -> Act:
    number = school.number()

    def act() -> None:
        visit = start_visit(child, by=school.actor(lead), record_id=number)
        school.write(visit, lead, (child,), mode, starts, number)

    return act


def deliveries(office: Actor, until: datetime) -> Iterator[tuple[datetime, Act]]:
    """Last month's figures are handed in on the 2nd, this month's as a preview today."""
    today = clock.local(until)
    this = today.date().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    second = datetime.combine(this + timedelta(days=1), time(20, 30), clock.ZONE)
    yield min(second, until), lambda: deliver_month(last, by=office)
    yield until, lambda: deliver_month(this, by=office)


def tell(org_id: int, acts: list[tuple[datetime, Act]], what: str) -> int:
    """Let everything happen in order, each at its time. Returns how many acts there were."""
    progress = Progress(what, len(acts)) if len(acts) > SHOWN_FROM else None
    with scope.enter(org_id):
        for done, (when, act) in enumerate(sorted(acts, key=lambda one: one[0]), 1):
            with clock.at(when):
                act()
            if progress:
                progress.at(done)
    return len(acts)
