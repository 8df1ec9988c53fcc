"""A problem and a plan of it as one family sees them: slot by slot, what stands in the way of a visit there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from koumen.planner.explain.timing import Visits
from koumen.planner.explain.trips import Trips
from koumen.planner.explain.ways import ClassWays
from koumen.planner.gatherings import fold, fold_plan
from koumen.planner.parts import Household, Locked, ProblemError, Slot
from koumen.planner.plan import Outing, Plan, Stop
from koumen.planner.problem import Problem
from koumen.planner.task import free_people
from koumen.planner.travel import GreatCircle, Legs, Travel

# What stands in the way in one slot. Each is reached only when those before it are no obstacle, so the furthest stage
# over all slots is the cause: had it not been, there would be a visit.
STAGES = (
    "away",  # the family cannot receive
    "promised_elsewhere",  # its visit is notified for another slot
    "window_short",  # it can, but not for as long as a visit takes
    "too_far",  # not long enough for the way there and back too
    "no_team",  # nobody of the class can go out
    "team_untrained",  # somebody of the class could, but may not go on visits
    "team_out",  # those of the class who could are out with another class
    "nobody_second",  # one person in the whole school is free
    "second_untrained",  # those who could come along may not go on visits
    "second_out",  # those who could come along are out
    "locked_in_way",  # the class goes out, and only the notified times of others leave no room
    "full",  # the class goes out, and no order of visits leaves room
    "possible",
)
RANK = {code: rank for rank, code in enumerate(STAGES)}


@dataclass(frozen=True)
class Fit:
    """A visit that can be made: the outing with it, what it adds to the objective, whose visits begin later or sooner.

    `way` are the seconds of travel it adds.
    """

    outing: Outing
    cost: int
    way: int
    shifted: tuple[str, ...]
    opened: bool


@dataclass(frozen=True)
class View:
    """One slot as a family sees it. `code` is one of `STAGES`.

    `people` are those who would have to come and do not, or are in the way of nobody but themselves; `rivals` the
    families any one of whom would have to leave the outing to make room. `proved` is False when so many orders of a
    full outing are possible that not all were looked at.
    """

    slot: str
    class_id: str
    code: str
    people: tuple[str, ...] = ()
    rivals: tuple[str, ...] = ()
    fit: Fit | None = None
    proved: bool = True


@dataclass(frozen=True)
class Ground:
    """The problem's slots, families and free people, and the plan's outings; changed copies answer “what if”."""

    whole: Problem  # as given
    problem: Problem  # families met together are one family here
    asked: Problem  # the same as if no visit were notified: when families can receive
    roads: Travel
    slots: Mapping[str, Slot]
    homes: Mapping[str, Household]
    free: Mapping[str, frozenset[str]]
    untrained: Mapping[str, frozenset[str]]  # by slot: who could go by the calendar but may not go on visits
    locks: Mapping[str, Locked]
    trips: Trips
    over: frozenset[str] = frozenset()  # slots that can no longer be planned: past or too soon
    reorders: bool = True  # whether a full outing may see its families in another order

    @classmethod
    def of(
        cls, problem: Problem, plan: Plan, travel: Travel | None = None, over: frozenset[str] = frozenset()
    ) -> "Ground":
        """Families met together stand as one, as in the search. Nothing is put into the slots in `over`."""
        whole, problem = problem, fold(problem)
        return cls(
            whole,
            problem,
            replace(problem, locked=()) if problem.locked else problem,
            ClassWays(travel or GreatCircle(whole), problem.households),
            problem.slot_by_id,
            problem.household_by_id,
            free_people(problem),
            _untrained(problem),
            {lock.household: lock for lock in problem.locked},
            Trips.of(fold_plan(whole, plan).outings),
            over,
        )

    def open_slots(self) -> list[Slot]:
        """The slots that can still be planned, in order of time."""
        found = [slot for slot in self.slots.values() if slot.id not in self.over]
        return sorted(found, key=lambda slot: (slot.date, slot.start, slot.id))

    def home(self, household: str) -> Household:
        """The family, or the group visit it belongs to. Raises `ProblemError` (`unknown`)."""
        group = self.whole.gathering_of.get(household)
        found = self.homes.get(group.id if group else household)
        if found is None:
            raise ProblemError(f"家庭 {household} 不存在。", "unknown")
        return found

    def families(self, homes: Iterable[str]) -> tuple[str, ...]:
        """The families themselves where a group visit stands for several."""
        groups = {one.id: one.households for one in self.whole.gatherings}
        return tuple(each for home in homes for each in groups.get(home, (home,)))

    def spans(self, home: Household, slot: Slot, *, lock: bool = True) -> tuple[tuple[int, int], ...]:
        """When a visit may begin; without its notified time when `lock` is False."""
        held = lock and home.id in self.locks
        return (self.problem if held else self.asked).start_windows(home, slot)

    def alone(self, home: Household) -> Legs:
        """The way to this family and back."""
        return self.roads.legs((home,))

    def view(self, home: Household, slot: Slot) -> View:
        """What stands in the way of a visit to this family in this slot, whichever of its classes goes."""
        lock = self.locks.get(home.id)
        before = View(slot.id, home.lead_class, "away")
        if lock is not None and lock.slot != slot.id:
            return replace(before, code="promised_elsewhere")
        if lock is None and not home.windows.get(slot.id):
            return before
        spans = self.spans(home, slot)
        if not spans:
            return replace(before, code="window_short")
        ways = self.alone(home).seconds.tolist()
        if Visits((spans,), (home.service,), ways, slot.length).starts((0,), (0,)) is None:
            return replace(before, code="too_far")
        classes = sorted(home.classes, key=lambda one: (one != home.lead_class, one))
        return max((self._with(home, slot, one) for one in classes), key=_best)

    def _with(self, home: Household, slot: Slot, class_id: str) -> View:
        """The same for one class: join its outing, or open one with a lead of the class and somebody second."""
        going = self.trips.of_class(class_id, slot.id)
        if going is not None:
            return self._joined(home, slot, going)
        here, out = self.free[slot.id], self.trips.out.get(slot.id, {})
        teacher, team = self.problem.class_by_id[class_id].teacher, self.problem.team_of[class_id]
        view = View(slot.id, class_id, "no_team")
        if not team & here:
            kept = tuple(sorted(team & self.untrained[slot.id]))
            return replace(view, code="team_untrained", people=kept) if kept else view
        leads = (team & here).difference(out) if teacher not in here else {teacher}.difference(out)
        if not leads:
            return replace(view, code="team_out", people=(teacher,) if teacher in here else tuple(sorted(team & here)))
        lead = min(leads, key=lambda one: (self.trips.load[one], one))
        if len(here) < 2:
            kept = tuple(sorted(self.untrained[slot.id]))
            return replace(view, code="second_untrained" if kept else "nobody_second", people=kept or (lead,))
        others = here.difference(out, (lead,))
        if not others:
            return replace(view, code="second_out", people=tuple(sorted(here.difference((lead,)))))
        second = min(others, key=lambda one: (one not in team, self.trips.load[one], one))
        opened = Outing(slot.id, class_id, lead, (second,), (), 0, 0, 0, 0)
        return replace(view, code="possible", people=(lead, second), fit=self._fit(opened, (home,), (0,)))

    def _joined(self, home: Household, slot: Slot, going: Outing) -> View:
        """Room on an outing that takes place: at some place of its order, else in any other order."""
        homes = (*(self.homes[stop.household] for stop in going.stops), home)
        kept = (*(stop.start for stop in going.stops), 0)
        visits = self._visits(homes, slot)
        new = len(going.stops)
        order, proved = visits.inserted(new, kept), True
        if order is None and self.reorders:
            order, proved = visits.any_order()
            kept = (0,) * len(homes)
        view = View(slot.id, going.class_id, "full", going.staff, proved=proved)
        if order is not None:
            fit = self._fit(going, [homes[one] for one in order], [kept[one] for one in order])
            return replace(view, code="possible", fit=fit)
        held = tuple(stop.household for stop in going.stops if stop.household in self.locks)
        if held and self._fits(homes, slot, lock=False):
            return replace(view, code="locked_in_way", rivals=held)
        rivals = (one for one in homes[:-1] if self._fits([other for other in homes if other is not one], slot))
        return replace(view, rivals=tuple(one.id for one in rivals))

    def _fits(self, homes: Sequence[Household], slot: Slot, *, lock: bool = True) -> bool:
        """Whether the last of these families has room in the order of the others."""
        return self._visits(homes, slot, lock=lock).inserted(len(homes) - 1, (0,) * len(homes)) is not None

    def _visits(self, homes: Sequence[Household], slot: Slot, *, lock: bool = True) -> Visits:
        spans = tuple(self.spans(one, slot, lock=lock) for one in homes)
        ways = self.roads.legs(homes).seconds.tolist()
        return Visits(spans, tuple(one.service for one in homes), ways, slot.length)

    def _fit(self, outing: Outing, homes: Sequence[Household], kept: Sequence[int]) -> Fit:
        """The outing with these families, which are known to fit."""
        made = self.timed(outing, homes, kept)
        before = {stop.household: stop.start for stop in outing.stops}
        shifted = tuple(one.household for one in made.stops if before.get(one.household, one.start) != one.start)
        cost = self.price(made) - (self.price(outing) if outing.stops else 0)
        return Fit(made, cost, made.travel - outing.travel, shifted, not outing.stops)

    def timed(self, outing: Outing, homes: Sequence[Household], kept: Sequence[int]) -> Outing:
        """The outing with these families in this order, none before its time in `kept`.

        A family whose times have changed since may be seen out of them, as it is now.
        """
        slot, legs = self.slots[outing.slot], self.roads.legs(homes)
        ways = legs.seconds.tolist()
        visits = Visits([self.spans(one, slot) for one in homes], [one.service for one in homes], ways, slot.length)
        stops, clock = [], 0
        for at, home in enumerate(homes):
            way, ready = ways[at][at + 1], max(clock + ways[at][at + 1], kept[at])
            start = visits.start(at, ready)
            start = ready if start is None else start
            arrive = clock + way if at else start
            stops.append(Stop(home.id, arrive, start, start + home.service, way, int(legs.metres[at, at + 1])))
            clock = start + home.service
        back = ways[len(homes)][0]
        return replace(
            outing,
            stops=tuple(stops),
            leave_at=stops[0].start - stops[0].travel,
            back_at=clock + back,
            back_travel=back,
            back_metres=int(legs.metres[len(homes), 0]),
        )

    def price(self, outing: Outing) -> int:
        """An outing's part of the objective."""
        weights, slot = self.problem.weights, self.slots[outing.slot]
        teacher = self.problem.class_by_id[outing.class_id].teacher
        late = sum(self.homes[stop.household].key for stop in outing.stops) * weights.key_week * slot.week
        return outing.travel + weights.outing(slot.kind) + weights.without_teacher * (outing.lead != teacher) + late

    def with_outing(self, outing: Outing) -> "Ground":
        """The same with this outing in place of the one of its name."""
        return replace(self, trips=self.trips.having(outing))

    def without(self, home: Household) -> tuple["Ground", int]:
        """The same without the visit to a family, and what that saves; the others keep their times."""
        going = self.trips.of_family(home.id)
        if going is None:
            return self, 0
        left = [stop for stop in going.stops if stop.household != home.id]
        if not left:
            return replace(self, trips=self.trips.lacking(going)), self.price(going)
        fewer = self.timed(going, [self.homes[one.household] for one in left], [one.start for one in left])
        return self.with_outing(fewer), self.price(going) - self.price(fewer)


def _best(view: View) -> tuple[int, int]:
    return RANK[view.code], -(view.fit.cost if view.fit else 0)


def _untrained(problem: Problem) -> dict[str, frozenset[str]]:
    """By slot: who could go by the calendar but may not go on visits."""
    barred = [person for person in problem.people if person.barred]
    return {slot.id: frozenset(one.id for one in barred if slot.id in one.slots) for slot in problem.slots}
