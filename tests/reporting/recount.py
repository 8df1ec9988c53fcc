"""The monthly table counted again, slowly and plainly; and a school full of chance to try the SQL on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from koumen.care.models import Case, CaseSeat, Finding
from koumen.care.presets.measures import FOUR
from koumen.core import clock
from koumen.registry.models import Enrolment, Flag, Household, Role, SchoolClass, Staff, Student
from koumen.registry.presets import categories
from koumen.reporting.presets.key_students import KEY_CATEGORIES
from koumen.visits.models import Mode, Visit, VisitRecord, VisitStaff, VisitStudent
from tests.cast import Cast

MONTH, YEAR_START, TERM_2 = date(2027, 3, 1), date(2026, 9, 1), date(2027, 2, 1)
LAST = date(2027, 3, 31)


@dataclass
class Child:
    """A student as of the month's end."""

    pk: int
    class_id: int | None
    on_roll: bool
    flags: set[str]

    @property
    def is_key(self) -> bool:
        return bool(self.flags & set(KEY_CATEGORIES))


@dataclass
class Met:
    """One child on one recorded visit."""

    visit: Visit
    child: Child
    day: date
    record: VisitRecord
    staff: set[int]


def local_day(visit: Visit) -> date:
    return clock.local(visit.starts_at or visit.created_at).date()


def children() -> dict[int, Child]:
    found = {}
    for student in Student.objects.all():
        stays = [e for e in Enrolment.objects.filter(student=student) if e.starts <= LAST]
        stays.sort(key=lambda e: (e.starts, e.pk))
        stay = stays[-1] if stays else None
        on_roll = bool(stay) and ((stay.ends is None and stay.state == "enrolled") or (stay.ends or date.min) >= LAST)  # type: ignore[union-attr]
        flags = {
            f.category
            for f in Flag.objects.filter(student=student)
            if f.starts <= LAST and (f.valid_until is None or f.valid_until >= LAST)
        }
        class_id = stay.school_class_id if stay else student.school_class_id
        found[student.pk] = Child(student.pk, class_id, on_roll, flags)
    return found


def meetings(known: dict[int, Child]) -> list[Met]:
    found = []
    for visit in Visit.objects.filter(state="recorded"):
        staff = {visit.lead_id, *VisitStaff.objects.filter(visit=visit).values_list("staff_id", flat=True)}
        for row in VisitStudent.objects.filter(visit=visit):
            found.append(Met(visit, known[row.student_id], local_day(visit), visit.record, staff))
    return [m for m in found if m.day <= LAST]


def was_open(case: Case) -> bool:
    """Opened by the month's last day and not closed by then."""
    return case.opened_on <= LAST and (case.closed_at is None or clock.local(case.closed_at).date() > LAST)


RANKS = {
    "principal": 1, "vice_principal": 1, "middle_leader": 2, "moral_office": 2, "grade_head": 2,
    "class_teacher": 3, "subject_teacher": 4, "counsellor": 4,
}  # fmt: skip


class Recount:
    """Every counted column as a set of ids: of one class, or of the school (None)."""

    def __init__(self) -> None:
        self.children = children()
        self.met = meetings(self.children)
        self.month = [m for m in self.met if m.day >= MONTH]
        self.roles = [r for r in Role.objects.all() if r.starts <= LAST and (r.ends is None or r.ends >= LAST)]
        self.findings = [f for f in Finding.objects.filter(source="visit") if f.state != "withdrawn"]
        self.cases = [c for c in Case.objects.filter(kind="care") if c.state != "proposed" and was_open(c)]
        self.missed = [
            (v, self.children[row.student_id])
            for v in Visit.objects.exclude(state="recorded").exclude(not_visited="")
            if MONTH <= local_day(v) <= LAST
            for row in VisitStudent.objects.filter(visit=v)
        ]

    def rank(self, staff_id: int) -> int | None:
        return min((RANKS[r.post] for r in self.roles if r.staff_id == staff_id and r.post in RANKS), default=None)

    def been(self, child: Child, since: date, mode: str = "") -> bool:
        return any(m.child is child and m.day >= since and mode in ("", m.visit.mode) for m in self.met)

    def is_solved(self, record: VisitRecord) -> bool:
        """All problems of a record were closed by the month's last day."""
        found = [f for f in self.findings if f.source_id == record.pk]
        return bool(found) and all(f.closed_at is not None and clock.local(f.closed_at).date() <= LAST for f in found)

    def is_paired(self, child: Child) -> bool:
        seats = CaseSeat.objects.filter(case__in=[c.pk for c in self.cases if c.student_id == child.pk], part="helper")
        return any(seat.starts <= LAST <= seat.ends for seat in seats)

    def of(self, class_id: int | None) -> dict[str, set[Any]]:
        here = [c for c in self.children.values() if class_id in (None, c.class_id)]
        roll = [c for c in here if c.on_roll]
        month = [m for m in self.month if class_id in (None, m.child.class_id)]
        went = {s for m in month for s in m.staff}
        active = set(Staff.objects.filter(is_active=True).values_list("pk", flat=True))
        posted = {r.staff_id for r in self.roles if r.school_class_id == class_id}

        def pairs(when: Callable[[Met], bool]) -> set[Any]:
            return {(m.visit.pk, m.child.pk) for m in month if when(m)}

        def visits(when: Callable[[VisitRecord], Any]) -> set[Any]:
            return {m.visit.pk for m in month if when(m.record)}

        def kids(some: Iterable[Child]) -> set[Any]:
            return {c.pk for c in some}

        modes = {"door": "01", "at_school": "02", "phone": "03", "grouped": "06"}
        helped = {f"helped_{x.value}": {m.child.pk for m in month if x.value in m.record.measures} for x in FOUR}
        ranks = {"leaders": 1, "middle": 2, "class_teachers": 3, "subject_teachers": 4}
        return (
            {key: pairs(lambda m, code=code: m.visit.mode == code) for key, code in modes.items()}  # type: ignore[misc]
            | {key: {s for s in went if self.rank(s) == rank} for key, rank in ranks.items()}
            | helped
            | {
                "enrolled": kids(roll),
                "staff": active if class_id is None else active & posted,
                "teachers": went,
                "visited": {m.child.pk for m in month},
                "contacts": {(m.visit.pk, m.child.pk) for m in month},
                "online": pairs(lambda m: m.visit.mode in ("04", "05")),
                "other_mode": pairs(lambda m: m.visit.mode in ("07", "99")),
                "key_contacts": pairs(lambda m: m.child.is_key),
                "year_visited": kids(c for c in roll if self.been(c, YEAR_START)),
                "year_door": kids(c for c in roll if self.been(c, YEAR_START, "01")),
                "key": kids(c for c in roll if c.is_key),
                "key_door": kids(c for c in roll if c.is_key and self.been(c, TERM_2, "01")),
                "opinions": visits(lambda r: r.opinion),
                "problems": visits(lambda r: r.problem or r.problem_categories),
                "solved": visits(lambda r: (r.problem or r.problem_categories) and self.is_solved(r)),
                "helped": {m.child.pk for m in month if m.record.measures},
                "answered": visits(lambda r: r.satisfaction),
                "content": visits(lambda r: (r.satisfaction or 0) >= 3),
                "missed_visits": {v.pk for v, c in self.missed if class_id in (None, c.class_id)},
            }
        )

    def of_category(self, code: str | None) -> dict[str, set[Any]]:
        """A category's sets; None is the total of those that are not sealed."""
        open_codes = {c for c in categories.CATEGORIES if categories.sensitivity(c) < 3}
        wanted = open_codes if code is None else {code}
        held = [c for c in self.children.values() if c.flags & wanted]
        month = [m for m in self.month if m.child.flags & wanted]
        return {
            "held": {c.pk for c in held if c.on_roll},
            "held_contacts": {(m.visit.pk, m.child.pk) for m in month},
            "held_door": {(m.visit.pk, m.child.pk) for m in month if m.visit.mode == "01"},
            "held_term": {c.pk for c in held if c.on_roll and self.been(c, TERM_2)},
            "cases": {c.pk for c in held if c.on_roll and c.pk in {case.student_id for case in self.cases}},
            "paired": {c.pk for c in held if c.on_roll and self.is_paired(c)},
        }


def some_moment(chance: Random) -> datetime:
    """Mostly in or near the month, and now and then within minutes of its edges."""
    edges = [MONTH, LAST + timedelta(days=1), YEAR_START, TERM_2]
    if chance.random() < 0.3:
        edge = datetime.combine(chance.choice(edges), time(), clock.ZONE)
        return edge + timedelta(minutes=chance.choice([-1, 0, 1]))
    return datetime.combine(YEAR_START, time(19), clock.ZONE) + timedelta(days=chance.randint(-20, 230))


def chance_school(cast: Cast, chance: Random) -> None:
    """Children who move class, leave, come late; flags of all kinds that end; visits of every mode and state."""
    classes = [*SchoolClass.objects.all()]
    homes = [*Household.objects.all(), *(Household.objects.create(address=f"云上村{i}号") for i in range(4))]
    for i in range(chance.randint(0, 8)):
        _one_child(chance, f"童{i}", classes, homes)
    for student in Student.objects.all():
        for code in chance.sample([*categories.CATEGORIES], chance.choice([0, 0, 1, 2])):
            Flag.objects.create(
                student=student, category=code, sensitivity=categories.sensitivity(code),
                starts=YEAR_START + timedelta(days=chance.randint(0, 300)),
                valid_until=chance.choice([None, LAST, LAST - timedelta(days=1), date(2027, 8, 31)]),
            )  # fmt: skip
    staff = [*Staff.objects.all()]
    Role.objects.create(
        staff=chance.choice(staff), post=chance.choice([*RANKS]), starts=YEAR_START,
        school_class=chance.choice(classes), ends=chance.choice([None, LAST, date(2027, 3, 30)]),
    )  # fmt: skip
    for home in homes:
        for _again in range(chance.randint(0, 4)):
            _one_visit(chance, home, classes, staff)
    for record in VisitRecord.objects.select_related("visit", "recorded_by").order_by("recorded_at", "visit_id"):
        _findings(chance, record)
    for number, student in enumerate(Student.objects.all()):
        if chance.random() < 0.6:
            _one_case(chance, number, student, staff)


def _edge(chance: Random) -> datetime:
    """Near the month's last midnight, on either side of it."""
    midnight = datetime.combine(LAST + timedelta(days=1), time(), clock.ZONE)
    return midnight + timedelta(minutes=chance.choice([-60 * 24 * 20, -1, 0, 1, 60 * 24 * 9]))


def _one_case(chance: Random, number: int, student: Student, staff: list[Staff]) -> None:
    """Cases of every state that begin and end around the month's end, with helpers whose seats do."""
    case = Case.objects.create(
        year=2027, number=number + 1, student=student, state=chance.choice(Case.State.values), why="x",
        kind=chance.choice(["care", "care", "care", "harm"]), opened_on=_edge(chance).date(), changed_at=clock.now(),
        closed_at=chance.choice([None, None, _edge(chance)]),
    )  # fmt: skip
    for one in chance.sample(staff, chance.randint(0, 2)):
        CaseSeat.objects.create(
            case=case, staff=one, part=chance.choice(["helper", "helper", "lead"]), given_by="",
            starts=_edge(chance).date(), ends=_edge(chance).date() + timedelta(days=chance.choice([0, 30])),
        )  # fmt: skip


def _one_child(chance: Random, name: str, classes: list[SchoolClass], homes: list[Household]) -> None:
    first, second = chance.choice(classes), chance.choice(classes)
    child = Student.objects.create(name=name, school_class=second, household=chance.choice(homes))
    came = chance.choice([YEAR_START, date(2027, 3, 31), date(2027, 4, 1)])
    if chance.random() < 0.15:
        return
    left = chance.choice([None, None, LAST - timedelta(days=1), LAST, date(2027, 5, 1)])
    state = chance.choice(["enrolled", "suspended", "moved"]) if left is None else "moved"
    if left is not None and left < came:
        left = None
    if chance.random() < 0.4 and came == YEAR_START:
        moved = chance.choice([date(2027, 3, 10), date(2027, 3, 31)])
        Enrolment.objects.create(student=child, school_class=first, starts=came, ends=moved)
        came, left = moved, None
    Enrolment.objects.create(student=child, school_class=second, starts=came, ends=left, state=state)


def _one_visit(chance: Random, home: Household, classes: list[SchoolClass], staff: list[Staff]) -> None:
    kids = [*Student.objects.filter(household=home)]
    if not kids:
        return
    lead, other = chance.sample(staff, 2)
    state = chance.choice(["recorded"] * 5 + ["planned", "declined", "postponed"])
    visit = Visit.objects.create(
        household=home, school_class=chance.choice(classes), lead=lead, state=state, mode=chance.choice(Mode.values),
        starts_at=some_moment(chance),
        not_visited=chance.choice(Visit.NotVisited.values) if state in ("declined", "postponed") else "",
    )  # fmt: skip
    for kid in chance.sample(kids, chance.randint(1, len(kids))):
        VisitStudent.objects.create(visit=visit, student=kid)
    if chance.random() < 0.5:
        VisitStaff.objects.create(visit=visit, staff=other)
    if state == "recorded":
        VisitRecord.objects.create(
            id=uuid4(), visit=visit, met_relation="52", recorded_by=lead, recorded_at=clock.now(), content_hash="x",
            opinion=chance.choice(["", "食堂"]), problem=chance.choice(["", "没人辅导"]),
            problem_categories=chance.choice([[], ["A12"]]), satisfaction=chance.choice([None, 1, 2, 3, 4, 5]),
            measures=chance.sample([one.value for one in FOUR], chance.randint(0, 3)),
        )  # fmt: skip


def _findings(chance: Random, record: VisitRecord) -> None:
    """Problems noted with up to two of a visit's children, open, closed around the month's end, or withdrawn."""
    for row in list(record.visit.students.all())[: chance.randint(0, 2)]:
        closed = chance.random() < 0.7
        Finding.objects.create(
            student=row.student, category=chance.choice(["A12", "D11"]), source="visit", source_id=record.pk,
            found_by=record.recorded_by, found_on=local_day(record.visit), closed_at=_edge(chance) if closed else None,
            state=chance.choice(["closed", "closed", "withdrawn"]) if closed else "open",
        )  # fmt: skip
