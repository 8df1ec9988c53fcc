"""Instances small enough to check by hand: families due east of the school, distances in whole kilometres."""

import math
from dataclasses import replace
from datetime import date, timedelta

from koumen.planner import ClassTeam, Household, Person, Point, Problem, Slot, Window

SCHOOL = Point(112.47, 23.05)
EVENING = 3 * 3600
ALWAYS = (Window(0, EVENING),)
MONDAY = date(2026, 3, 2)


def slot(number: int = 0, *, length: int = EVENING, kind: str = "evening", week: int = 0) -> Slot:
    """Slot e0, e1 … on following days at 18:30."""
    minute = 18 * 60 + 30 if kind == "evening" else 9 * 60
    return Slot(f"e{number}", MONDAY + timedelta(days=number), minute, length, kind, week)  # type: ignore[arg-type]


def east(km: float) -> Point:
    """A point this many km of great circle east of the school."""
    return Point(SCHOOL.lng + math.degrees(km / (6371.0088 * math.cos(math.radians(SCHOOL.lat)))), SCHOOL.lat)


def home(number: int, km: float = 1.0, *, class_id: str = "A", slots: tuple[str, ...] = ("e0",)) -> Household:
    """Family h<number> with one child of class A, half an hour long, at home all evening in `slots`."""
    return Household(f"h{number}", ((f"s{number}", class_id),), class_id, 1800, dict.fromkeys(slots, ALWAYS), east(km))


def problem(*homes: Household, slots: int = 1, people: tuple[Person, ...] | None = None) -> Problem:
    """Class A with its teacher `ta` and a colleague `sa`, both free in every slot."""
    times = tuple(slot(number) for number in range(slots))
    free = frozenset(one.id for one in times)
    staff = people or (
        Person("ta", "class_teacher", frozenset({"A"}), free),
        Person("sa", "subject", frozenset({"A"}), free),
    )
    return Problem(SCHOOL, times, homes, staff, (ClassTeam("A", "ta", ("sa",)),))


def two_classes(*homes: Household, slots: int = 1) -> Problem:
    """Classes A and B with teachers `ta`, `tb`, a shared colleague `sa`, a middle leader `m` and a
    principal `p`.
    """
    times = tuple(slot(number) for number in range(slots))
    free = frozenset(one.id for one in times)
    people = (
        Person("ta", "class_teacher", frozenset({"A"}), free),
        Person("tb", "class_teacher", frozenset({"B"}), free),
        Person("sa", "subject", frozenset({"A", "B"}), free),
        Person("m", "middle", frozenset({"B"}), free),
        Person("p", "principal", frozenset(), free),
    )
    return Problem(SCHOOL, times, homes, people, (ClassTeam("A", "ta", ("sa",)), ClassTeam("B", "tb", ("sa",))))


def without(one: Problem, person: str) -> Problem:
    """The same problem with this person never free."""
    people = tuple(replace(who, slots=frozenset()) if who.id == person else who for who in one.people)
    return replace(one, people=people)
