"""What could be otherwise in a problem: somebody free in a slot more, a longer slot, a family's other time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from koumen.planner.explain.ground import Ground
from koumen.planner.explain.words import Said, clock_time, said
from koumen.planner.parts import Household, Person, Slot, Window
from koumen.planner.problem import Problem

Kind = Literal["place", "move", "join", "train", "free", "window", "longer", "unlock", "in_person", "extra"]
# How much each asks of people, least first; a mend of several changes is the sum.
EFFORT: dict[Kind, int] = {
    "place": 0, "join": 1, "move": 1, "train": 2, "free": 3, "window": 4, "in_person": 5, "longer": 6, "unlock": 7,
    "extra": 8,
}  # fmt: skip


FAMILY = frozenset({"place", "move", "window", "in_person", "unlock"})  # changes whose subject is a family


@dataclass(frozen=True)
class Change:
    """One thing that would be otherwise. `subject` is a family, a person or (extra) a class; `opens` and `closes` are
    a family's new window, `closes` the new length of a slot, in seconds from its start.
    """

    kind: Kind
    subject: str
    slot: str = ""
    opens: int = 0
    closes: int = 0

    def said(self, problem: Problem) -> Said:
        """The change in words."""
        slot = problem.slot_by_id.get(self.slot)
        times = (clock_time(slot, self.opens), clock_time(slot, self.closes)) if slot else ("", "")
        subject, slots = (self.subject,), (self.slot,)
        match self.kind:
            case "place" | "move":
                return said(f"mend_{self.kind}", households=subject, slots=slots)
            case "join":
                person, _, class_id = self.subject.partition("@")
                return said("mend_join", people=(person,), classes=(class_id,), slots=slots)
            case "free":
                return said("mend_free", people=subject, slots=slots)
            case "train":
                return said("mend_train", people=subject, reason=problem.person_by_id[self.subject].barred)
            case "window":
                return said("mend_window", households=subject, days=slots, time=times[0], until=times[1])
            case "longer":
                return said("mend_longer", slots=slots, until=times[1])
            case "extra":
                return said("mend_extra", classes=subject, slots=slots)
        return said(f"mend_{self.kind}", households=subject)


def effort(changes: Iterable[Change]) -> int:
    """How much some changes ask of people."""
    return sum(EFFORT[one.kind] for one in changes)


def apply_changes(problem: Problem, changes: Iterable[Change]) -> Problem:
    """The problem with these changes; those that only change the plan (place, move, join) leave it as it is."""
    for one in changes:
        match one.kind:
            case "free" | "train":
                people = (_changed_person(person, one) for person in problem.people)
                problem = replace(problem, people=tuple(people))
            case "extra":
                extra = Person(extra_person(one), "subject", slots=frozenset({one.slot}), quota=0)
                problem = replace(problem, people=(*problem.people, extra))
            case "window" | "in_person":
                homes = (changed_home(home, one) for home in problem.households)
                problem = replace(problem, households=tuple(homes))
            case "longer":
                slots = (longer(slot, one) if slot.id == one.slot else slot for slot in problem.slots)
                problem = replace(problem, slots=tuple(slots))
            case "unlock":
                locked = tuple(lock for lock in problem.locked if lock.household != one.subject)
                problem = replace(problem, locked=locked)
    return problem


def extra_person(change: Change) -> str:
    """The name of somebody who is not there yet."""
    return f"+{change.subject}@{change.slot}"


def _changed_person(person: Person, change: Change) -> Person:
    if person.id != change.subject:
        return person
    return replace(person, barred="") if change.kind == "train" else replace(person, slots=person.slots | {change.slot})


def changed_home(home: Household, change: Change) -> Household:
    if home.id != change.subject:
        return home
    if change.kind == "in_person":
        return replace(home, in_person=True)
    spans = (*home.windows.get(change.slot, ()), Window(change.opens, change.closes))
    return replace(home, windows={**home.windows, change.slot: spans})


def longer(slot: Slot, change: Change) -> Slot:
    return replace(slot, length=change.closes)


def changed(ground: Ground, changes: Iterable[Change]) -> Ground:
    """The ground with these changes, without checking a whole problem anew."""
    for one in changes:
        match one.kind:
            case "free":
                ground = replace(ground, free={**ground.free, one.slot: ground.free[one.slot] | {one.subject}})
            case "train":
                slots = ground.problem.person_by_id[one.subject].slots
                more = {slot: ground.free[slot] | {one.subject} for slot in slots}
                ground = replace(ground, free={**ground.free, **more})
            case "extra":
                ground = replace(ground, free={**ground.free, one.slot: ground.free[one.slot] | {extra_person(one)}})
            case "window" | "in_person":
                home = changed_home(ground.homes[one.subject], one)
                ground = replace(ground, homes={**ground.homes, one.subject: home})
            case "longer":
                slot = longer(ground.slots[one.slot], one)
                ground = replace(ground, slots={**ground.slots, one.slot: slot})
            case "unlock":
                locks = {home: lock for home, lock in ground.locks.items() if home != one.subject}
                ground = replace(ground, locks=locks)
    return ground
