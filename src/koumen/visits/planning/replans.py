"""What has happened since a plan was made, as the planner understands it; the plan mended, and perhaps made better."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from koumen import planner
from koumen.core import clock
from koumen.core.refusals import Invalid
from koumen.planner import Effects, Problem, Shortfall
from koumen.registry.models import Household, Place, SchoolClass, Staff
from koumen.visits.models import Plan, Slot
from koumen.visits.planning.homes import Windows, point_of, windows_of
from koumen.visits.planning.outings import outings_of, read_plan
from koumen.visits.planning.problem import problem_around, unplannable
from koumen.visits.planning.roads import ClockTravel, Roads, roads_of
from koumen.visits.planning.standing import frozen_slots, locked_stops, settled_homes_of, with_locks

__all__ = [
    "Afar",
    "Away",
    "Effects",
    "Happening",
    "Lost",
    "New",
    "Other",
    "Outlook",
    "Problem",
    "Shortfall",
    "look",
    "problem_now",
    "with_locks",
]


@dataclass(frozen=True)
class Away:
    """老师请假: somebody cannot go out in these slots."""

    staff: Staff
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class Lost:
    """停课: no visits in these slots, at all, or in one village or class."""

    slots: tuple[Slot, ...]
    place: Place | None = None
    school_class: SchoolClass | None = None


@dataclass(frozen=True)
class Other:
    """家长改时间: slots that do not suit any more, or the `only` ones that do (None: as before); where it lives now."""

    household: Household
    slots: tuple[Slot, ...] | None = None
    address: str = ""
    place: Place | None = None
    lng: float | None = None
    lat: float | None = None
    only: bool = True

    @property
    def moves(self) -> bool:
        return bool(self.address or self.place or self.lng is not None)


@dataclass(frozen=True)
class New:
    """新增家庭: these households joined, or have another child to be met, since the plan was made."""

    homes: tuple[planner.Household, ...] = ()


@dataclass(frozen=True)
class Afar:
    """家长换方式: a family that is met by phone, on a screen or at school needs no way any more."""

    household: Household


Happening = Away | Lost | Other | New | Afar


@dataclass(frozen=True)
class Outlook:
    """The plan before and after. `concerned` are the families that the happening itself is about or displaces; with
    `better` others may have been moved for a better plan. `changed` are the families that can receive at other times or
    live elsewhere now.
    """

    before: planner.Plan
    found: planner.Replanned
    faults: tuple[planner.Violation, ...] = ()
    concerned: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


def look(plan: Plan, what: Happening, *, better: bool = False) -> Outlook | None:
    """What would become of the plan. None when nothing better than the repaired plan is found. Nothing is written.

    Raises Invalid when the plan's data cannot be planned with.
    """
    try:
        rows = outings_of(plan)
        problem = with_locks(
            plan, problem_around(plan, rows, [stop for row in rows for stop in row.stops.all()]), locked_stops(plan)
        )
        before, known = read_plan(plan, rows), roads_of(plan)
        changes = changes_of(plan, problem, what)
        frozen = frozenset(map(str, frozen_slots(plan, clock.now())))
        found = planner.replan(
            problem, before, changes, travel=lambda one: ClockTravel(one, known), frozen=frozen, better=better
        )
        faults = () if found is None else _new_faults(problem, before, found, known)
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    if found is None:
        return None
    named = {one.household.id for one in changes if isinstance(one, planner.FamilyChanged)}
    changed = {one.id for one in found.problem.households if one != problem.household_by_id.get(one.id)}
    return Outlook(before, found, faults, found.displaced | named, frozenset(changed))


def _new_faults(
    problem: planner.Problem, before: planner.Plan, found: planner.Replanned, known: Roads
) -> tuple[planner.Violation, ...]:
    """What the independent check finds that it did not find before the change."""
    old = set(planner.check(problem, before, travel=ClockTravel(problem, known)))
    now = planner.check(found.problem, found.plan, travel=ClockTravel(found.problem, known))
    return tuple(one for one in now if one not in old)


def changes_of(plan: Plan, problem: planner.Problem, what: Happening) -> list[planner.Change]:
    """A happening in the planner's terms."""
    match what:
        case Away():
            slots = frozenset(str(slot.pk) for slot in what.slots) & problem.slot_by_id.keys()
            person = str(what.staff.pk)
            return [planner.TeacherAway(person, slots)] if person in problem.person_by_id else []
        case Lost():
            return [_lost(plan, problem, what)]
        case Other():
            return _other(problem, what)
        case Afar():
            home = problem.household_by_id.get(str(what.household.pk))
            return [planner.FamilyChanged(replace(home, in_person=False))] if home is not None else []
    return [planner.FamilyChanged(home) for home in what.homes]


def _lost(plan: Plan, problem: planner.Problem, what: Lost) -> planner.DayLost:
    """Families already seen stay seen."""
    done = {str(home) for home in settled_homes_of(plan)}
    homes = (home for home in problem.households if home.id not in done)
    if what.place is not None:
        homes = (home for home in homes if home.place == str(what.place.pk))
    if what.school_class is not None:
        homes = (home for home in homes if str(what.school_class.pk) in home.classes)
    slots = frozenset(str(slot.pk) for slot in what.slots) & problem.slot_by_id.keys()
    return planner.DayLost(slots, frozenset(home.id for home in homes))


def _other(problem: planner.Problem, what: Other) -> list[planner.Change]:
    home = problem.household_by_id.get(str(what.household.pk))
    if home is None:
        return []
    if home.id in problem.gathering_of:
        raise Invalid(_("这个家庭参加集中家访，请先在活动的设置里调整集中家访。"))
    if what.slots is not None:
        named = {str(slot.pk) for slot in what.slots}
        left = {slot: spans for slot, spans in home.windows.items() if slot not in named}
        home = replace(home, windows=_free_in(what.slots, problem) if what.only else left)
    if what.moves:
        place = str(what.place.pk) if what.place else home.place
        home = replace(home, point=point_of(what.lng, what.lat), place=place)
    return [planner.FamilyChanged(home)]


def _free_in(slots: Collection[Slot], problem: planner.Problem) -> Windows:
    found = windows_of(Household.Pattern.ANY, slots)
    return {slot: spans for slot, spans in found.items() if slot in problem.slot_by_id}


def problem_now(plan: Plan) -> planner.Problem:
    """The problem around a stored plan, as the rows are now."""
    rows = outings_of(plan)
    return problem_around(plan, rows, [stop for row in rows for stop in row.stops.all()])
