"""Group visits as single visits for the search, and back as one stop for each family.

Everything between `fold` and `unfold` knows households only: a group visit is one with all the families' children,
at the place where they meet, at the times when all of them can come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from koumen.planner.assemble import finish, left_out
from koumen.planner.parts import Gathering, Household, Locked, Window
from koumen.planner.plan import Outing, Plan, Shortfall, Stop, Unplanned
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel


def fold(problem: Problem) -> Problem:
    """The problem with one household for every group visit; the problem itself when there is none."""
    if not problem.gatherings:
        return problem
    homes: dict[str, Household] = {}
    for home in problem.households:
        one = problem.gathering_of.get(home.id)
        if one is None:
            homes[home.id] = home
        elif one.id not in homes:
            homes[one.id] = _visit(problem, one)
    locked: dict[str, Locked] = {}
    for lock in problem.locked:
        name = _name(problem, lock.household)
        locked.setdefault(name, Locked(name, lock.slot, lock.start))
    return replace(problem, households=tuple(homes.values()), locked=tuple(locked.values()), gatherings=())


def fold_plan(problem: Problem, plan: Plan) -> Plan:
    """The plan with one stop for every group visit; the plan itself when there is none.

    Figures and shortfalls stay those of the families.
    """
    if not problem.gatherings:
        return plan
    outings = tuple(replace(one, stops=tuple(_together(one.stops))) for one in plan.outings)
    unplanned = {_name(problem, one.household): one for one in plan.unplanned}
    return replace(
        plan,
        outings=outings,
        unplanned=tuple(replace(one, household=name) for name, one in sorted(unplanned.items())),
    )


def unfold(problem: Problem, plan: Plan, travel: Travel) -> Plan:
    """A plan of `fold(problem)` as one of the problem itself, figures and shortfalls counted anew."""
    if not problem.gatherings:
        return plan
    members = {one.id: one for one in problem.gatherings}
    outings = [replace(one, stops=tuple(_apart(one, members))) for one in plan.outings]
    unplanned = [
        each for one in plan.unplanned for each in _left(problem, one, members.get(one.household))
    ]  # fmt: skip
    withdrawn: list[Shortfall] = [one for one in plan.shortfalls if one.rule == "two_staff"]
    made = finish(problem, travel, outings, unplanned, withdrawn, plan.figures.greedy, plan.figures.bound)
    return replace(made, estimated=tuple(one for one in made.estimated if one not in problem.gathering_of))


def common_windows(homes: Sequence[Household]) -> dict[str, tuple[Window, ...]]:
    """When all these families can come, by slot."""
    shared = set.intersection(*(set(home.windows) for home in homes))
    found = {}
    for slot in homes[0].windows:
        if slot not in shared:
            continue
        spans = tuple(sorted(homes[0].windows[slot]))
        for home in homes[1:]:
            spans = _overlap(spans, sorted(home.windows[slot]))
        if spans:
            found[slot] = spans
    return found


def _overlap(some: Sequence[Window], others: Sequence[Window]) -> tuple[Window, ...]:
    both = ((max(a.opens, b.opens), min(a.closes, b.closes)) for a in some for b in others)
    return tuple(sorted({Window(opens, closes) for opens, closes in both if closes > opens}))


def _visit(problem: Problem, one: Gathering) -> Household:
    homes = [problem.household_by_id[home] for home in one.households]
    return Household(
        one.id,
        tuple(student for home in homes for student in home.students),
        one.lead_class,
        one.service,
        common_windows(homes),
        one.point,
        one.place,
        remote=any(home.remote for home in homes),
        asks=frozenset().union(*(home.asks for home in homes)),
        families=len(homes),
    )


def _name(problem: Problem, household: str) -> str:
    one = problem.gathering_of.get(household)
    return one.id if one else household


def _together(stops: Sequence[Stop]) -> Iterator[Stop]:
    for _, group in groupby(stops, key=lambda stop: stop.gathering or stop.household):
        first = next(group)
        yield replace(first, household=first.gathering or first.household, gathering="")


def _apart(outing: Outing, members: Mapping[str, Gathering]) -> Iterator[Stop]:
    for stop in outing.stops:
        one = members.get(stop.household)
        if one is None:
            yield stop
            continue
        yield replace(stop, household=one.households[0], gathering=one.id)
        for home in one.households[1:]:
            yield replace(stop, household=home, gathering=one.id, travel=0, metres=0)


def _left(problem: Problem, unplanned: Unplanned, one: Gathering | None) -> list[Unplanned]:
    if one is None:
        return [unplanned]
    homes = [problem.household_by_id[home] for home in one.households]
    code = unplanned.code
    if code == "no_window" and all(any(home.windows.values()) for home in homes):
        code = "no_common_time"
    return [left_out(home.id, code) for home in homes]
