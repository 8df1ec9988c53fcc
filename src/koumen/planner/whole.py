"""A stored plan replanned: group visits move as one, and the result is as complete as the plan was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from koumen.planner.better import improve
from koumen.planner.changes import Change, DayLost, FamilyChanged, after
from koumen.planner.effects import effects
from koumen.planner.gatherings import fold, fold_plan, unfold
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem
from koumen.planner.replan import Replanned, repair
from koumen.planner.standing import Standing
from koumen.planner.travel import GreatCircle, Travel


def replan(
    problem: Problem,
    plan: Plan,
    changes: Sequence[Change],
    *,
    travel: Callable[[Problem], Travel] = GreatCircle,
    frozen: frozenset[str] = frozenset(),
    better: bool = False,
) -> Replanned | None:
    """The plan after `changes`: repaired, or with `better` improved (None when nothing better is found).

    `travel` gives the ways of a problem. Raises `ProblemError` for ids that do not exist, or when a change leaves a
    group visit impossible to describe.
    """
    later = after(problem, changes)
    inner, inner_later = fold(problem), fold(later)
    standing = Standing(inner, fold_plan(problem, plan), travel(inner))
    roads = travel(inner_later)
    folded = list(_folded(problem, inner_later, changes))
    found = repair(standing, folded, problem=inner_later, travel=roads, frozen=frozen)
    best = improve(found) if better else found
    if best is None or not problem.gatherings:
        return best
    held = {home.id for home in best.problem.households} & best.problem.lock_of.keys()
    kept = tuple(lock for lock in later.locked if _name(problem, lock.household) in held)
    whole = replace(later, locked=kept)
    made = unfold(whole, best.plan, roads)
    return replace(
        best,
        problem=whole,
        plan=made,
        effects=effects(plan, made),
        displaced=_members(problem, best.displaced),
        released=tuple(sorted(_members(problem, best.released))),
    )


def _folded(problem: Problem, later: Problem, changes: Sequence[Change]) -> Iterator[Change]:
    """The changes as the folded problem meets with them."""
    for one in changes:
        if isinstance(one, FamilyChanged) and one.household.id in problem.gathering_of:
            yield FamilyChanged(later.household_by_id[_name(problem, one.household.id)])
        elif isinstance(one, DayLost) and one.households is not None:
            yield replace(one, households=frozenset(_name(problem, home) for home in one.households))
        else:
            yield one


def _name(problem: Problem, household: str) -> str:
    one = problem.gathering_of.get(household)
    return one.id if one is not None else household


def _members(problem: Problem, names: Sequence[str] | frozenset[str]) -> frozenset[str]:
    """The families behind these, a group visit's one by one."""
    groups = {one.id: one.households for one in problem.gatherings}
    return frozenset(home for name in names for home in groups.get(name, (name,)))
