"""One school's planning problem, checked as a whole."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from koumen.planner.parts import (
    ClassTeam,
    Gathering,
    Household,
    Locked,
    Pair,
    Person,
    Point,
    ProblemError,
    Quotas,
    Role,
    Slot,
    SlotKind,
    Weights,
    Window,
)

__all__ = [
    "ClassTeam",
    "Gathering",
    "Household",
    "Locked",
    "Pair",
    "Person",
    "Point",
    "Problem",
    "ProblemError",
    "Quotas",
    "Role",
    "Slot",
    "SlotKind",
    "Weights",
    "Window",
]


@dataclass(frozen=True)
class Problem:
    """Everything the planner is told about one school and one campaign.

    Slots of one day may not overlap, so being in two outings of one slot is the only way to be in two places.
    Only slots that may still be planned belong here (at least one day ahead is the caller's rule).
    `locked` visits keep their slot and start; families met together (`gatherings`) are locked together or not at
    all. `pairs` are offers: a pair of classes goes together where that makes the plan better.
    Raises `ProblemError` with the first fault found.
    """

    school: Point
    slots: tuple[Slot, ...]
    households: tuple[Household, ...]
    people: tuple[Person, ...]
    classes: tuple[ClassTeam, ...]
    weights: Weights = field(default_factory=Weights)
    quotas: Quotas = field(default_factory=Quotas)
    locked: tuple[Locked, ...] = ()
    gatherings: tuple[Gathering, ...] = ()
    pairs: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        self.school.require_china("学校")
        if self.households and not self.slots:
            raise ProblemError("没有可以安排家访的时段。", "no_slots")
        _require_unique("时段", (slot.id for slot in self.slots))
        _require_unique("家庭", (home.id for home in self.households))
        _require_unique("老师", (person.id for person in self.people))
        _require_unique("班级", (team.id for team in self.classes))
        _require_unique("学生", (student for home in self.households for student, _ in home.students))
        _require_unique("已通知家访的家庭", (lock.household for lock in self.locked))
        _require_apart(self.slots)
        self._check_people()
        self._check_households()
        self._check_locked()
        self._check_gatherings()
        self._check_pairs()

    def _check_people(self) -> None:
        for person in self.people:
            _require_known(f"老师 {person.id} 的时段", person.slots, self.slot_by_id)
            _require_known(f"老师 {person.id} 任教的班级", person.classes, self.class_by_id)
        for team in self.classes:
            _require_known(f"班级 {team.id} 的老师", (team.teacher, *team.members), self.person_by_id)

    def _check_households(self) -> None:
        for home in self.households:
            _require_known(f"家庭 {home.id} 的班级", home.classes, self.class_by_id)
            _require_known(f"家庭 {home.id} 的时段", home.windows, self.slot_by_id)

    def _check_locked(self) -> None:
        for lock in self.locked:
            _require_known("已通知的家访的家庭", (lock.household,), self.household_by_id)
            _require_known("已通知的家访的时段", (lock.slot,), self.slot_by_id)
            if not 0 <= lock.start < self.slot_by_id[lock.slot].length:
                raise ProblemError(f"家庭 {lock.household} 已通知的时间不在时段内。", "locked")

    def _check_gatherings(self) -> None:
        ids = itertools.chain(self.household_by_id, (one.id for one in self.gatherings))
        _require_unique("家庭或集中家访", ids)
        _require_unique("集中家访的家庭", (home for one in self.gatherings for home in one.households))
        for one in self.gatherings:
            _require_known(f"集中家访 {one.id} 的家庭", one.households, self.household_by_id)
            _require_known(f"集中家访 {one.id} 的班级", (one.lead_class,), self.class_by_id)
            homes = [self.household_by_id[home] for home in one.households]
            if not any(one.lead_class in home.classes for home in homes):
                raise ProblemError(f"集中家访 {one.id} 由班级 {one.lead_class} 负责，但没有这个班的孩子。", "gathering")
            fault = next((home.id for home in homes if home.key or not home.in_person or home.families), "")
            if fault:
                raise ProblemError(f"家庭 {fault} 须单独入户或选择了其他方式，不能参加集中家访 {one.id}。", "gathering")
            held = {self.lock_of.get(home.id) and (self.lock_of[home.id].slot, self.lock_of[home.id].start)
                    for home in homes}  # fmt: skip
            if len(held) > 1:
                raise ProblemError(f"集中家访 {one.id} 的家庭收到的通知时间不一致。", "gathering")

    def _check_pairs(self) -> None:
        _require_unique("结对的班级", (one for pair in self.pairs for one in (pair.first, pair.second)))
        for pair in self.pairs:
            _require_known("结对的班级", (pair.first, pair.second), self.class_by_id)
            if self.class_by_id[pair.first].teacher == self.class_by_id[pair.second].teacher:
                raise ProblemError(f"班级 {pair.first} 和 {pair.second} 的班主任是同一个人，不能结对。", "pair")

    @cached_property
    def slot_by_id(self) -> dict[str, Slot]:
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def household_by_id(self) -> dict[str, Household]:
        return {home.id: home for home in self.households}

    @cached_property
    def person_by_id(self) -> dict[str, Person]:
        return {person.id: person for person in self.people}

    @cached_property
    def class_by_id(self) -> dict[str, ClassTeam]:
        return {team.id: team for team in self.classes}

    @cached_property
    def class_sizes(self) -> dict[str, int]:
        """How many students each class has."""
        sizes = dict.fromkeys(self.class_by_id, 0)
        for home in self.households:
            for _, class_id in home.students:
                sizes[class_id] += 1
        return sizes

    @cached_property
    def team_of(self) -> dict[str, frozenset[str]]:
        """Everybody who teaches a class: its teacher, its members and those who name it among their
        classes.
        """
        teams = {team.id: {team.teacher, *team.members} for team in self.classes}
        for person in self.people:
            for class_id in person.classes:
                teams[class_id].add(person.id)
        return {class_id: frozenset(people) for class_id, people in teams.items()}

    @cached_property
    def lock_of(self) -> dict[str, Locked]:
        """The notified time of each household that has one."""
        return {lock.household: lock for lock in self.locked}

    @cached_property
    def gathering_of(self) -> dict[str, Gathering]:
        """The group visit each household is in that is in one."""
        return {home: one for one in self.gatherings for home in one.households}

    def is_at_door(self, household: str) -> bool:
        """Whether a visit to this household is made at its own door."""
        return household not in self.gathering_of and not self.household_by_id[household].families

    def start_windows(self, home: Household, slot: Slot) -> tuple[tuple[int, int], ...]:
        """The times (earliest, latest start) at which a visit may begin, in order; empty when it cannot.

        A visit lies wholly in a window of the family and in the slot. A locked visit has one possible start.
        """
        lock = self.lock_of.get(home.id)
        if lock is not None:
            fits = lock.slot == slot.id and lock.start + home.service <= slot.length
            return ((lock.start, lock.start),) if fits else ()
        spans = (
            (window.opens, min(window.closes, slot.length) - home.service)
            for window in sorted(home.windows.get(slot.id, ()))
        )
        return tuple((first, last) for first, last in spans if last >= first)


def _require_unique(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise ProblemError(f"{what} {one} 出现了两次。", "duplicate")
        seen.add(one)


def _require_known(what: str, ids: Iterable[str], known: Iterable[str]) -> None:
    missing = sorted(set(ids).difference(known))
    if missing:
        raise ProblemError(f"{what} {missing[0]} 不存在。", "unknown")


def _require_apart(slots: tuple[Slot, ...]) -> None:
    ordered = sorted(slots, key=lambda slot: (slot.date, slot.start, slot.id))
    for one, other in itertools.pairwise(ordered):
        if one.date == other.date and one.start * 60 + one.length > other.start * 60:
            raise ProblemError(f"时段 {one.id} 和 {other.id} 的时间重叠。", "overlap")
