"""Asking the planner why: a stored plan and the problem as it is now, explained."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from koumen import planner
from koumen.core import clock
from koumen.core.refusals import Invalid
from koumen.planner import explain
from koumen.visits.models import Plan
from koumen.visits.planning.held import hold
from koumen.visits.planning.problem import unplannable
from koumen.visits.planning.standing import frozen_slots, locked_stops, with_locks

Said = explain.Said


@dataclass(frozen=True)
class Sight:
    """A stored plan as the planner sees it, ready to be asked."""

    problem: planner.Problem
    plan: planner.Plan
    ground: explain.Ground


@dataclass(frozen=True)
class Choice:
    """Another slot for a family, as a move names it: minutes it would cost more (less when negative), whether the class
    goes out then already, whether the class teacher leads, how many other visits would begin at another time.
    """

    to: str
    slot: int
    minutes: int
    joins: bool
    led: bool
    shifted: int


@dataclass(frozen=True)
class Repair:
    """What would help: statements of what to do, and the households it brings into the plan."""

    said: tuple[Said, ...]
    saves: tuple[int, ...]


@dataclass(frozen=True)
class Reason:
    """Why something is as it is: statements, and for what is missing how to mend it."""

    said: tuple[Said, ...]
    choices: tuple[Choice, ...] = ()
    repairs: tuple[Repair, ...] = ()


def sight_of(plan: Plan) -> Sight:
    """Read a stored plan with today's slots, families and staff. Raises Invalid when they make no problem."""
    try:
        held = hold(plan)
        problem = with_locks(plan, held.problem, locked_stops(plan))
        over = frozenset(map(str, frozen_slots(plan, clock.now())))
        return Sight(problem, held.plan, explain.Ground.of(problem, held.plan, held.roads, over))
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error


def why_family(sight: Sight, household: int) -> Reason | None:
    """Why this family is seen then, or why it is left out; None for a family the plan cannot speak of."""
    home = str(household)
    if home not in sight.problem.household_by_id:
        return None
    if home not in sight.plan.outing_of:
        left = planner.why_left_out(sight.problem, sight.plan, home, ground=sight.ground)
        return Reason(left.said, repairs=tuple(_repairs(sight, left.mends)))
    here = planner.why_here(sight.problem, sight.plan, home, ground=sight.ground)
    choices = tuple(
        Choice(
            planner.outing_key(one.class_id, one.slot),
            int(one.slot),
            round(one.cost / 60),
            one.joins,
            one.led,
            len(one.shifted),
        )
        for one in here.alternatives
    )
    return Reason(here.said, choices)


def why_rules(sight: Sight, shortfalls: Iterable[dict[str, object]]) -> list[Reason]:
    """Why each of these rows of `Plan.shortfalls` falls short."""
    asked = [planner.Shortfall(str(row["rule"]), str(row["subject"]), int(str(row["by"]))) for row in shortfalls]
    known = sight.problem.household_by_id.keys() | sight.problem.person_by_id.keys() | sight.problem.class_by_id.keys()
    found = []
    for one in asked:
        if one.subject.partition("@")[0] not in known:
            found.append(Reason(()))  # gone since
            continue
        (short,) = planner.why_short(sight.problem, sight.plan, (one,), ground=sight.ground)
        found.append(Reason(short.said, repairs=tuple(_repairs(sight, short.mends))))
    return found


def what_helps(sight: Sight, most: int, among: Collection[int]) -> list[Repair]:
    """What would bring most of these households into the plan."""
    left = tuple(one for one in sight.plan.unplanned if int(one.household) in among)
    left = tuple(one for one in left if one.household in sight.problem.household_by_id)
    plan = replace(sight.plan, unplanned=left)
    return list(_repairs(sight, planner.suggest(sight.problem, plan, most=most, ground=sight.ground)))


def _repairs(sight: Sight, mends: Iterable[explain.Mend]) -> Iterator[Repair]:
    for mend in mends:
        yield Repair(mend.said(sight.ground.problem), tuple(map(int, mend.saves)))
