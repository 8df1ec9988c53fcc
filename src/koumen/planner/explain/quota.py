"""Why somebody sees fewer students than asked: an exact bound over the plan's outings, and what would mend it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from koumen.planner.explain.changes import Change
from koumen.planner.explain.ground import Ground
from koumen.planner.explain.mends import Mend
from koumen.planner.explain.words import Said, said
from koumen.planner.parts import Person
from koumen.planner.plan import Outing
from koumen.planner.staff import MOST_COMPANIONS

STAFF = MOST_COMPANIONS + 1  # people on an outing
SHORTAGES = frozenset({"teacher_quota", "principal_quota", "middle_quota"})


@dataclass(frozen=True)
class Seats:
    """What somebody could still do in each slot: students of the biggest outing, of the biggest one with room for this
    person, and who has the seats of those without.
    """

    most: dict[str, int]
    open: dict[str, Outing]
    taken_by: tuple[str, ...]


def students_of(ground: Ground, outing: Outing) -> int:
    """How many students an outing meets."""
    return sum(len(ground.homes[stop.household].students) for stop in outing.stops)


def students_seen(ground: Ground) -> dict[str, int]:
    """How many students everybody meets."""
    seen = dict.fromkeys(ground.problem.person_by_id, 0)
    for outing in ground.trips.outings.values():
        count = students_of(ground, outing)
        for person in outing.staff:
            seen[person] += count
    return seen


def seats_for(ground: Ground, person: Person) -> Seats:
    """Every slot in which this person is not out yet, whether free then or not."""
    seen = students_seen(ground)
    most: dict[str, int] = {}
    chosen: dict[str, Outing] = {}
    taken: list[str] = []
    busy = {slot for slot, people in ground.trips.out.items() if person.id in people}
    for outing in sorted(ground.trips.outings.values(), key=lambda one: (-students_of(ground, one), one.key)):
        if outing.slot in busy or outing.slot in ground.over:
            continue
        most.setdefault(outing.slot, students_of(ground, outing))
        if outing.slot in chosen:
            continue
        if len(outing.staff) < STAFF or replaceable(ground, outing, seen):
            chosen[outing.slot] = outing
        else:
            taken += outing.companions
    return Seats(most, chosen, tuple(dict.fromkeys(taken)))


def replaceable(ground: Ground, outing: Outing, seen: dict[str, int]) -> str:
    """A companion who would still meet the own quota without this outing, and whom no family asked for; "" if none."""
    if any(ground.homes[stop.household].asks for stop in outing.stops):
        return ""
    teachers = {ground.problem.class_by_id[one].teacher for one in outing.classes}
    count = students_of(ground, outing)
    for one in outing.companions:
        who = ground.problem.person_by_id[one]
        if one not in teachers and seen[one] - count + who.done >= ground.problem.quotas.of(who):
            return one
    return ""


def quota_words(ground: Ground, person: Person, by: int) -> Iterator[Said]:
    """The cause first. The bound counts the biggest outing of every free slot: nobody can see more than that."""
    who = (person.id,)
    seats = seats_for(ground, person)
    if person.barred:
        yield said("barred", people=who)
        return
    if not ground.trips.outings:
        yield said("no_visits")
        return
    if not person.slots:
        yield said("never_free", people=who)
        return
    here = [slot.id for slot in ground.open_slots() if person.id in ground.free[slot.id]]
    out = ground.trips.out
    if not any(slot in seats.most or person.id in out.get(slot, ()) for slot in here):
        yield said("no_outing_then", people=who, n=len(here))
        return
    more = {slot: seats.most[slot] for slot in here if slot in seats.most}
    asked = ground.problem.quotas.of(person)
    if sum(more.values()) < by:
        count = len(more) + sum(person.id in people for people in out.values())
        yield said("bound", people=who, n=count, m=asked - by + sum(more.values()), asked=asked)
    joinable = tuple(slot for slot in here if slot in seats.open)
    if joinable:
        gain = sum(students_of(ground, seats.open[slot]) for slot in joinable)
        yield said("could_join", people=who, slots=joinable, n=gain)
    elif more:
        yield said("seats_taken", people=who, others=seats.taken_by)


def quota_mend(ground: Ground, person: Person, by: int) -> Mend | None:
    """Outings to join in free slots, then the fewest further slots in which outings have room; None if not enough."""
    train = (Change("train", person.id),) if person.barred else ()
    free = person.slots if person.barred else {slot for slot in ground.slots if person.id in ground.free[slot]}
    open_seats = seats_for(ground, person).open
    order = sorted(open_seats, key=lambda slot: (slot not in free, -students_of(ground, open_seats[slot]), slot))
    changes: list[Change] = []
    for slot in order:
        if by <= 0:
            break
        by -= students_of(ground, open_seats[slot])
        join = Change("join", f"{person.id}@{open_seats[slot].class_id}", slot)
        changes.append(join if slot in free else Change("free", person.id, slot))
    return Mend((*train, *changes), (), 0) if by <= 0 else None


def joined(ground: Ground, person: str, outing: Outing) -> Outing:
    """The outing with this person, in the place of a companion when it is full."""
    companions = outing.companions
    if len(outing.staff) >= STAFF:
        leaves = replaceable(ground, outing, students_seen(ground))
        companions = tuple(one for one in companions if one != leaves)
    return replace(outing, companions=(*companions, person))
