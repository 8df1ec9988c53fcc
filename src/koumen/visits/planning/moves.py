"""One visit moved by hand: looked at first, written second."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from koumen import planner
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Household
from koumen.visits.models import Plan, Slot
from koumen.visits.planning.held import hold
from koumen.visits.planning.outings import digest_of, moment, set_summary
from koumen.visits.planning.problem import unplannable
from koumen.visits.planning.rewriting import rewrite
from koumen.visits.presets.rules import BROKEN, RULES


@dataclass(frozen=True)
class Broken:
    """A rule a move would break."""

    code: str
    sentence: str
    household: int | None = None
    staff: int | None = None


@dataclass(frozen=True)
class Shift:
    """Another family whose visit begins at another time."""

    household: int
    before: datetime
    after: datetime


@dataclass(frozen=True)
class Preview:
    """What a move would do. `broken` non-empty: it may not be done. `arrives` is when the moved visit begins."""

    broken: tuple[Broken, ...] = ()
    travel: int = 0
    shifts: tuple[Shift, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    arrives: datetime | None = None
    staff: tuple[int, ...] = ()
    after: planner.Plan | None = None
    problem: planner.Problem | None = None
    touched: frozenset[int] = frozenset()


def preview_move(plan: Plan, household: Household, to: str | None) -> Preview:
    """Try to move a family's visit to the outing named `class@slot`, or out of the plan with None.

    Raises Invalid when there is no such family, class or slot in this plan.
    """
    try:
        held = hold(plan)
        problem = held.problem
        found = planner.try_move(problem, held.plan, str(household.pk), to, travel=held.roads)
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    if isinstance(found, planner.Refused):
        return Preview(broken=tuple(_broken(problem, fault) for fault in found.broken))
    slots = {str(slot.pk): slot for slot in plan.campaign.slots.all()}
    return replace(_preview(found, str(household.pk), to, slots), problem=problem)


def _broken(problem: planner.Problem, fault: planner.Violation) -> Broken:
    is_home = fault.subject in problem.household_by_id and fault.code not in ("two_places", "not_free")
    return Broken(
        fault.code,
        str(BROKEN.get(fault.code, fault.sentence)),
        household=int(fault.subject) if is_home else None,
        staff=int(fault.subject) if fault.code in ("two_places", "not_free") else None,
    )


def _preview(found: planner.Moved, home: str, to: str | None, slots: Mapping[str, Slot]) -> Preview:
    target = found.plan.outing_by_key[to] if to else None
    where = found.plan.outing_of
    shifts = tuple(
        Shift(
            int(one.household),
            moment(slots[where[one.household].slot], one.before),
            moment(slots[where[one.household].slot], one.after),
        )
        for one in found.effects.shifts
    )
    begins = next((stop.start for stop in target.stops if stop.household == home), None) if target else None
    return Preview(
        travel=found.effects.travel,
        shifts=shifts,
        opened=found.effects.opened,
        closed=found.effects.closed,
        missed=tuple(dict.fromkeys(str(RULES[one.rule][0]) for one in found.effects.missed)),
        arrives=moment(slots[target.slot], begins) if target and begins is not None else None,
        staff=tuple(map(int, target.staff)) if target else (),
        after=found.plan,
    )


def apply_move(plan: Plan, household: Household, to: str | None, *, seen: str) -> Preview:
    """Write a move the person has seen the effects of. `seen` is the plan's digest on that page.

    Raises Conflict when the plan has changed since, or when the rules no longer allow the move.
    """
    locked = Plan.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=plan.pk)
    if locked.digest != seen:
        raise Conflict
    preview = preview_move(locked, household, to)
    if preview.broken or preview.after is None or preview.problem is None:
        raise Conflict("".join(one.sentence for one in preview.broken))
    touched = rewrite(locked, preview.after)
    set_summary(locked, preview.after, digest_of(preview.after), preview.problem)
    locked.save()
    return replace(preview, after=None, problem=None, touched=touched)
