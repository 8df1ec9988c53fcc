"""One class's share of the problem: its families, the slots it could go out in, and the timing of an
outing.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from koumen.planner.parts import Household, Slot
from koumen.planner.plan import Stop
from koumen.planner.problem import Problem
from koumen.planner.travel import Legs, Travel

EXTRA_DAYS = 3  # slots offered without the class teacher at first; more mostly slow the search down
EXTRA_EVENINGS = 4
MISSED_STUDENT = 20_000  # what one student short of the class teacher's share weighs when routes are compared
LOCKED_PRIZE = 10  # a visit the family knows of is worth this many others


@dataclass(frozen=True)
class Option:
    """A slot the class may go out in; `led` when the class teacher can lead. `classes` are those seen in it when the
    task is that of a pair.
    """

    slot: Slot
    led: bool
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Route:
    """An outing as the search sees it: index of the option, row numbers of the families in order."""

    option: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Timetable:
    """A route with its times, seconds from the slot start."""

    stops: tuple[Stop, ...]
    leave_at: int
    back_at: int
    back_travel: int
    back_metres: int

    @property
    def travel(self) -> int:
        return sum(stop.travel for stop in self.stops) + self.back_travel


@dataclass(frozen=True)
class ClassTask:
    """Families `homes` (row i is family i, matrix index i + 1), their `legs`, and the options of one class.

    `barred` names the families no option can reach, with the reason code.
    """

    problem: Problem
    class_id: str
    homes: tuple[Household, ...]
    legs: Legs
    options: tuple[Option, ...]
    barred: dict[str, str]

    @cached_property
    def starts(self) -> tuple[tuple[tuple[tuple[int, int], ...], ...], ...]:
        """`starts[option][row]`: the spans of seconds in which that visit may begin."""
        return tuple(
            tuple(self.problem.start_windows(home, option.slot) for home in self.homes) for option in self.options
        )

    @cached_property
    def seconds(self) -> list[list[int]]:
        """Travel seconds as plain lists: single look-ups are far quicker than in an array."""
        rows: list[list[int]] = self.legs.seconds.tolist()
        return rows

    def lateness(self, row: int, option: int) -> int:
        """What it costs to see this family in this slot's week; nothing for families that are not key."""
        return self.problem.weights.key_week * self.options[option].slot.week if self.homes[row].key else 0

    def own_students(self, row: int) -> int:
        """How many of the family's children are in this class; none at a group visit, which is no door visit."""
        if self.homes[row].families:
            return 0
        return sum(class_id == self.class_id for _, class_id in self.homes[row].students)

    def crew(self, route: Route) -> tuple[str, ...]:
        """The classes that make this outing: this one."""
        return (self.class_id,)

    @cached_property
    def prizes(self) -> tuple[int, ...]:
        """What it costs to leave each row's family out; a group visit stands for all its families."""
        price, locks = self.problem.weights.left_out, self.problem.lock_of
        return tuple(price * max(1, one.families) * (LOCKED_PRIZE if one.id in locks else 1) for one in self.homes)

    def step(self, option: int, at: int, clock: int, row: int) -> int | None:
        """When the visit to `row` ends coming from matrix index `at` at `clock`; None if it cannot be made in
        time.
        """
        arrive = clock + self.seconds[at][row + 1]
        for first, last in self.starts[option][row]:
            if arrive <= last:
                end = max(arrive, first) + self.homes[row].service
                return end if end + self.seconds[row + 1][0] <= self.options[option].slot.length else None
        return None

    def feasible(self, option: int, rows: Sequence[int]) -> bool:
        """Whether these visits in this order fit the families' windows and the slot."""
        at, clock = 0, 0
        for row in rows:
            end = self.step(option, at, clock, row)
            if end is None:
                return False
            at, clock = row + 1, end
        return True

    def timetable(self, route: Route) -> Timetable:
        """The earliest times of a feasible route; the team leaves school no sooner than the first visit
        needs.
        """
        metres = self.legs.metres
        at, clock, stops = 0, 0, []
        for row in route.rows:
            end = self.step(route.option, at, clock, row)
            if end is None:
                raise ValueError(f"class {self.class_id}: route {route} does not fit its slot")
            start = end - self.homes[row].service
            travel = self.seconds[at][row + 1]
            # Waiting happens at the school before the first visit, at the door before the others.
            arrive = start if at == 0 else clock + travel
            stops.append(Stop(self.homes[row].id, arrive, start, end, travel, int(metres[at, row + 1])))
            at, clock = row + 1, end
        back = self.seconds[at][0]
        leave = stops[0].start - stops[0].travel if stops else 0
        return Timetable(tuple(stops), leave, clock + back, back, int(metres[at, 0]))

    def route_travel(self, rows: Sequence[int]) -> int:
        """Seconds on the way from the school through `rows` and back."""
        path = [0, *(row + 1 for row in rows), 0]
        return sum(self.seconds[a][b] for a, b in itertools.pairwise(path))

    def cost(self, routes: Sequence[Route]) -> int:
        """The objective for this class: travel, outings, lateness of key families, families left out but
        reachable.
        """
        missed = sum(max(1, one.families) for one in self.left_out(routes))
        return self.problem.weights.left_out * missed + sum(self.price(route) for route in routes)

    def price(self, route: Route) -> int:
        """One outing's part of the objective: travel, the outing itself, lateness of key families."""
        weights, option = self.problem.weights, self.options[route.option]
        fixed = weights.outing(option.slot.kind) + (0 if option.led else weights.without_teacher)
        late = sum(self.lateness(row, route.option) for row in route.rows)
        return fixed + self.route_travel(route.rows) + late

    def left_out(self, routes: Sequence[Route]) -> list[Household]:
        """Families these routes leave out although some option reaches each."""
        seen = {row for route in routes for row in route.rows}
        return [one for row, one in enumerate(self.homes) if row not in seen and one.id not in self.barred]

    def worth(self, routes: Sequence[Route]) -> int:
        """The objective and what the rules with slack weigh: the measure by which routes are compared."""
        seen = {self.homes[row].id for route in routes for row in route.rows}
        mine = {home.id: max(1, home.families) for home in self.homes if home.id not in self.barred}
        lost = sum(mine.get(one.household, 0) for one in self.problem.locked if one.household not in seen)
        total = self.cost(routes) + MISSED_STUDENT * self.teacher_missing(routes)
        return total + (LOCKED_PRIZE - 1) * self.problem.weights.left_out * lost

    def teacher_missing(self, routes: Sequence[Route]) -> int:
        """Students of the class short of the class teacher's share."""
        led = (route for route in routes if self.options[route.option].led)
        seen = sum(self.own_students(row) for route in led for row in route.rows)
        return max(0, teacher_share(self.problem, self.class_id) - seen)


def teacher_share(problem: Problem, class_id: str) -> int:
    """How many students of the class the class teacher should see at home."""
    return -(-problem.quotas.class_teacher_percent * problem.class_sizes[class_id] // 100)


def free_people(problem: Problem) -> dict[str, frozenset[str]]:
    """Who can go out in each slot."""
    return {
        slot.id: frozenset(person.id for person in problem.people if person.can_go(slot.id)) for slot in problem.slots
    }


def make_task(
    problem: Problem,
    class_id: str,
    travel: Travel,
    free: dict[str, frozenset[str]],
    closed: frozenset[str] = frozenset(),
    *,
    every: bool = False,
) -> ClassTask:
    """The task of one class. `closed` slots are not offered: no second person was found there before.

    Of the slots the class teacher cannot lead only a few are offered, unless it is `every` one; where the teacher
    can lead none, every one anyway.
    """
    homes = tuple(home for home in problem.households if home.lead_class == class_id and home.in_person)
    legs = travel.legs(homes)
    offered = _options(problem, class_id, free)
    whole = ClassTask(problem, class_id, homes, legs, tuple(o for o in offered if o.slot.id not in closed), {})
    reach = [[whole.feasible(index, (row,)) for row in range(len(homes))] for index in range(len(whole.options))]
    before = ClassTask(problem, class_id, homes, legs, tuple(offered), {}) if closed else whole
    barred = {
        home.id: _why(before, row, whole is before)
        for row, home in enumerate(homes)
        if not any(line[row] for line in reach)
    }
    few = not every and any(option.led for option in whole.options)
    kept = _keep(whole, reach) if few else range(len(whole.options))
    return ClassTask(problem, class_id, homes, legs, tuple(whole.options[index] for index in kept), barred)


def _options(problem: Problem, class_id: str, free: dict[str, frozenset[str]]) -> list[Option]:
    """Every slot in which somebody of the class team and one more person can go, in order of time.

    The teacher of several classes divides the own slots among them in turn.
    """
    teacher, team = problem.class_by_id[class_id].teacher, problem.team_of[class_id]
    own = [other.id for other in problem.classes if other.teacher == teacher]
    ordered = sorted(problem.slots, key=lambda slot: (slot.date, slot.start, slot.id))
    led = [slot.id for slot in ordered if teacher in free[slot.id]]
    others = frozenset(led).difference(led[own.index(class_id) :: len(own)])
    return [
        Option(slot, teacher in free[slot.id])
        for slot in ordered
        if len(free[slot.id]) >= 2 and team & free[slot.id] and slot.id not in others
    ]


def _why(task: ClassTask, row: int, nothing_closed: bool) -> str:
    """The reason code of a family that no option reaches."""
    home = task.homes[row]
    if not any(home.windows.values()):
        return "no_window"
    if not nothing_closed and any(task.feasible(index, (row,)) for index in range(len(task.options))):
        return "no_companion"
    shared = any(home.windows.get(option.slot.id) for option in task.options)
    return "too_far" if shared else "no_common_slot"


def _keep(task: ClassTask, reach: list[list[bool]]) -> list[int]:
    """The options worth searching: all the teacher can lead, a few others, and those that reach families
    otherwise missed.
    """
    led = [index for index, option in enumerate(task.options) if option.led]
    others = [index for index, option in enumerate(task.options) if not option.led]
    missed = {row for row in range(len(task.homes)) if not any(reach[index][row] for index in led)}
    chosen: set[int] = set()
    while missed:
        gain = {index: sum(reach[index][row] for row in missed) for index in others}
        best = max(others, key=lambda index: (gain[index], -index), default=None)
        if best is None or not gain[best]:
            break
        chosen.add(best)
        missed -= {row for row in missed if reach[best][row]}
    days = [index for index in others if task.options[index].slot.kind == "day"]
    evenings = [index for index in others if task.options[index].slot.kind == "evening"]
    chosen.update(_spread(days, EXTRA_DAYS), _spread(evenings, EXTRA_EVENINGS))
    return sorted({*led, *chosen})


def _spread(indices: list[int], count: int) -> list[int]:
    """About `count` of them, evenly over time."""
    return indices[:: max(1, -(-len(indices) // count))][:count]
