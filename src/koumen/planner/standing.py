"""A plan and its problem, indexed, so that a small change costs little however large the school is.

`Standing` is built once for a plan; `sketch.py` changes it.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from koumen.planner.assemble import QUOTA_RULES, totals
from koumen.planner.parts import Household
from koumen.planner.plan import Outing, Plan
from koumen.planner.problem import Problem
from koumen.planner.task import teacher_share
from koumen.planner.travel import GreatCircle, Travel

Rank = tuple[date, int, str, str]


class Ways:
    """Travel between the school ("") and some families, as plain lists: single look-ups are far quicker than in an
    array.
    """

    def __init__(self, roads: Travel, homes: Sequence[Household]) -> None:
        legs = roads.legs(homes)
        self.row = {"": 0, **{home.id: index for index, home in enumerate(homes, start=1)}}
        self._seconds: list[list[int]] = legs.seconds.tolist()
        self._metres = legs.metres

    def seconds(self, here: str, there: str) -> int:
        return self._seconds[self.row[here]][self.row[there]]

    def metres(self, here: str, there: str) -> int:
        return int(self._metres[self.row[here], self.row[there]])


class WaysWithOneMoved(Ways):
    """The ways of a class one of whose families stands elsewhere: only that family's are looked up anew."""

    def __init__(self, before: Ways, roads: Travel, moved: Household, others: Sequence[Household]) -> None:
        legs = roads.legs([moved, *others])
        self._before, self._moved = before, moved.id
        self.row = {"": 0, moved.id: 1, **{home.id: index for index, home in enumerate(others, start=2)}}
        self._from: list[int] = legs.seconds[1].tolist()
        self._to: list[int] = legs.seconds[:, 1].tolist()
        self._metres = legs.metres

    def seconds(self, here: str, there: str) -> int:
        if here == self._moved:
            return self._from[self.row[there]]
        return self._to[self.row[here]] if there == self._moved else self._before.seconds(here, there)

    def metres(self, here: str, there: str) -> int:
        return super().metres(here, there) if self._moved in (here, there) else self._before.metres(here, there)


class Standing:
    """A plan as it stands: outings by class and slot, who is busy, what everybody has seen, the ways of each class."""

    def __init__(self, problem: Problem, plan: Plan, travel: Travel | None = None) -> None:
        self.problem, self.plan = problem, plan
        self.roads = travel or GreatCircle(problem)
        self.slot_rank = {slot.id: (slot.date, slot.start, slot.id) for slot in problem.slots}
        self.slot_number = {
            one: number for number, one in enumerate(sorted(self.slot_rank, key=self.slot_rank.__getitem__))
        }
        self.ordered = sorted(plan.outings, key=self.rank)
        self.ranks = [self.rank(outing) for outing in self.ordered]
        self.of_class: dict[str, dict[str, Outing]] = {class_id: {} for class_id in problem.class_by_id}
        self.busy: dict[str, Counter[str]] = {slot.id: Counter() for slot in problem.slots}
        self.load: Counter[str] = Counter()
        self.with_another = frozenset((one.second_class, one.slot) for one in plan.outings if one.second_class)
        for outing in plan.outings:
            self.of_class[outing.class_id][outing.slot] = outing
            self.busy[outing.slot].update(outing.staff)
            self.load.update(outing.staff)
        self.free = {
            slot.id: tuple(person.id for person in problem.people if person.can_go(slot.id)) for slot in problem.slots
        }
        self.seen = dict.fromkeys(problem.person_by_id, 0)
        self.own = dict.fromkeys(problem.class_by_id, 0)
        for outing in plan.outings:
            count(problem, outing, 1, self.seen, self.own)
        self.totals = totals(problem, plan.outings, plan.unplanned)
        self.place = {home.id: index for index, home in enumerate(problem.households)}
        self.remote = frozenset(home.id for home in problem.households if not home.in_person)
        self.key_missed = frozenset(
            home.id for home in problem.households if home.key and home.id not in plan.outing_of
        )
        self.needs = tuple(
            (QUOTA_RULES.get(person.role, "teacher_quota"), person.id, problem.quotas.of(person) - person.done)
            for person in problem.people
        )
        self.shares = {team.id: teacher_share(problem, team.id) for team in problem.classes}
        self.guessed = _guessed(problem)
        self._homes: dict[str, list[Household]] = {}
        for home in problem.households:
            for class_id in home.classes:
                self._homes.setdefault(class_id, []).append(home)
        self._ways: dict[str, Ways] = {}

    def rank(self, outing: Outing) -> Rank:
        """The place of an outing in a plan's settled order."""
        return (*self.slot_rank[outing.slot], outing.class_id)

    def homes_of(self, class_id: str) -> list[Household]:
        """Every family with a child in the class."""
        return self._homes.get(class_id, [])

    def ways(self, class_id: str) -> Ways:
        """The ways between all families of a class, looked up once."""
        if class_id not in self._ways:
            self._ways[class_id] = Ways(self.roads, self.homes_of(class_id))
        return self._ways[class_id]


def count(problem: Problem, outing: Outing, sign: int, seen: dict[str, int], own: dict[str, int]) -> None:
    """Add (or take away) what an outing means to people's and class teachers' numbers of students."""
    for stop in outing.stops:
        home = problem.household_by_id[stop.household]
        for person in outing.staff:
            seen[person] += sign * len(home.students)
        for _, class_id in home.students if problem.is_at_door(home.id) else ():
            own[class_id] += sign * (problem.class_by_id[class_id].teacher in outing.staff)


def _guessed(problem: Problem) -> dict[str, frozenset[str]]:
    """The families without a point by place: they stand in the middle of the others, so they move when those do."""
    found: dict[str, set[str]] = {}
    for home in problem.households:
        if home.point is None and home.place:
            found.setdefault(home.place, set()).add(home.id)
    return {place: frozenset(homes) for place, homes in found.items()}
