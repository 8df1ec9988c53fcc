"""What can happen to a school after it was planned, as data, and the problem that comes of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from koumen.planner.parts import Household, Person, ProblemError
from koumen.planner.problem import Problem


@dataclass(frozen=True)
class FamilyChanged:
    """A family with other windows, another address or another wish; a family not known yet is added."""

    household: Household


@dataclass(frozen=True)
class FamilyGone:
    """A family that needs no visit any more."""

    household: str


@dataclass(frozen=True)
class TeacherAway:
    """Somebody cannot go out in these slots."""

    person: str
    slots: frozenset[str]


@dataclass(frozen=True)
class DayLost:
    """No visit in these slots, at all or to these families only: weather, no school."""

    slots: frozenset[str]
    households: frozenset[str] | None = None


@dataclass(frozen=True)
class LookAgain:
    """Nothing known has happened: whatever is no longer possible in the plan, since its data changed, is looked for."""


Change = FamilyChanged | FamilyGone | TeacherAway | DayLost | LookAgain


def after(problem: Problem, changes: Iterable[Change]) -> Problem:
    """The problem once these have happened. A notified visit that its own family can no longer receive is no longer
    locked; all others stay so. Raises `ProblemError` for ids that do not exist.
    """
    homes = dict(problem.household_by_id)
    people = dict(problem.person_by_id)
    for one in changes:
        if isinstance(one, FamilyChanged):
            homes[one.household.id] = one.household
        elif isinstance(one, FamilyGone):
            _known("家庭", one.household, homes)
            del homes[one.household]
        elif isinstance(one, TeacherAway):
            _known("老师", one.person, people)
            people[one.person] = _away(people[one.person], one.slots)
        elif isinstance(one, DayLost):
            for slot in one.slots:
                _known("时段", slot, problem.slot_by_id)
            homes.update(_lost(homes, one))
    locked = tuple(
        lock
        for lock in problem.locked
        if lock.household in homes
        and (
            homes[lock.household] is problem.household_by_id[lock.household]
            or _receives(homes[lock.household], lock.slot, lock.start)
        )
    )
    return replace(problem, households=tuple(homes.values()), people=tuple(people.values()), locked=locked)


def families_of(changes: Sequence[Change], problem: Problem) -> frozenset[str]:
    """The families whose own data these change."""
    found: set[str] = set()
    for one in changes:
        if isinstance(one, FamilyChanged):
            found.add(one.household.id)
        elif isinstance(one, FamilyGone):
            found.add(one.household)
        elif isinstance(one, DayLost):
            homes = problem.households if one.households is None else ()
            found |= one.households or {home.id for home in homes if one.slots & home.windows.keys()}
    return frozenset(found)


def _known(what: str, one: str, known: Iterable[str]) -> None:
    if one not in known:
        raise ProblemError(f"{what} {one} 不存在。", "unknown")


def _away(person: Person, slots: frozenset[str]) -> Person:
    return replace(person, slots=person.slots - slots)


def _lost(homes: dict[str, Household], change: DayLost) -> dict[str, Household]:
    """The families that could receive in the lost slots, without them."""
    theirs = homes.values() if change.households is None else [homes[one] for one in sorted(change.households)]
    return {
        home.id: replace(home, windows={s: spans for s, spans in home.windows.items() if s not in change.slots})
        for home in theirs
        if change.slots & home.windows.keys()
    }


def _receives(home: Household, slot: str, start: int) -> bool:
    return home.in_person and any(
        span.opens <= start and start + home.service <= span.closes for span in home.windows.get(slot, ())
    )
