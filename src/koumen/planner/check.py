"""An independent reading of a plan: replays every outing and names every rule that is broken.

It shares no code with the search, the staff model or the counting of figures, so a fault there shows here.
"""

from collections import Counter
from collections.abc import Iterator

from koumen.planner.plan import UNREACHABLE, Outing, Plan, Shortfall, Totals, outing_key
from koumen.planner.problem import Problem
from koumen.planner.replay import BROKEN, Violation, check_outing
from koumen.planner.travel import GreatCircle, Travel

__all__ = ["BROKEN", "Violation", "check", "check_outing"]


def check(problem: Problem, plan: Plan, *, travel: Travel | None = None) -> tuple[Violation, ...]:
    """Every rule the plan breaks, in a settled order; () for a sound plan. Shortfalls that are named are no
    violation.
    """
    roads = travel or GreatCircle(problem)
    unknown = tuple(_unknown(problem, plan))
    if unknown:
        return unknown
    found = [*_coverage(problem, plan)]
    for outing in plan.outings:
        found += check_outing(problem, outing, roads)
    found += _places(problem, plan)
    found += _named(problem, plan)
    found += _figures(problem, plan)
    return tuple(found)


def _unknown(problem: Problem, plan: Plan) -> Iterator[Violation]:
    homes = [stop.household for outing in plan.outings for stop in outing.stops]
    homes += [*plan.remote, *(one.household for one in plan.unplanned)]
    people = [person for outing in plan.outings for person in outing.staff]
    for ids, known in (
        (homes, problem.household_by_id.keys()),
        (people, problem.person_by_id.keys()),
        ([outing.slot for outing in plan.outings], problem.slot_by_id.keys()),
        ([one for outing in plan.outings for one in outing.classes], problem.class_by_id.keys()),
    ):
        for one in sorted(set(ids).difference(known)):
            yield Violation("unknown", one, 1, 0)


def _coverage(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every family once: visited, remote, or named as left out."""
    times = Counter(stop.household for outing in plan.outings for stop in outing.stops)
    visited = set(times)
    times.update(plan.remote)
    times.update(one.household for one in plan.unplanned)
    remote = set(plan.remote)
    for home in problem.households:
        if times[home.id] > 1:
            yield Violation("twice", home.id, times[home.id], 1)
        if not times[home.id]:
            yield Violation("lost", home.id, 0, 1)
        gathering = next((one for one in problem.gatherings if home.id in one.households), None)
        if gathering and (home.id in visited) != (gathering.households[0] in visited):
            yield Violation("gathering", home.id, int(home.id in visited), 1)
        if (home.id in visited and not home.in_person) or (home.id in remote and home.in_person):
            yield Violation("mode", home.id, int(home.id in visited), int(home.in_person))


def _places(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Nobody twice in a slot: neither a person over all outings, nor within one, nor a class."""
    people = Counter((outing.slot, person) for outing in plan.outings for person in outing.staff)
    for (_, person), times in people.items():
        if times > 1:
            yield Violation("two_places", person, times, 1)
    classes = Counter((class_id, outing.slot) for outing in plan.outings for class_id in outing.classes)
    for (class_id, slot), times in classes.items():
        if times > 1:
            yield Violation("same_slot", outing_key(class_id, slot), times, 1)


def _named(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every missed rule is named with its number, and none is named that is kept."""
    stated = Counter({(one.rule, one.subject): one.by for one in plan.shortfalls if one.rule != "two_staff"})
    real = Counter({(one.rule, one.subject): one.by for one in _missed(problem, plan)})
    for rule, subject in sorted(stated.keys() | real.keys()):
        if stated[rule, subject] != real[rule, subject]:
            yield Violation("unreported", subject, stated[rule, subject], real[rule, subject])


def _missed(problem: Problem, plan: Plan) -> Iterator[Shortfall]:
    met_together = {home for one in problem.gatherings for home in one.households}
    met_together |= {home.id for home in problem.households if home.families}
    names = {"principal": "principal_quota", "middle": "middle_quota"}
    for person in problem.people:
        joined = [outing for outing in plan.outings if person.id in outing.staff]
        seen = sum(len(problem.household_by_id[s.household].students) for o in joined for s in o.stops)
        short = 0 if person.exempt else problem.quotas.of(person) - person.done - seen
        if short > 0:
            yield Shortfall(names.get(person.role, "teacher_quota"), person.id, short)
    for team in problem.classes:
        own = sum(
            class_id == team.id
            for outing in plan.outings
            if team.teacher in outing.staff
            for stop in outing.stops
            for _, class_id in problem.household_by_id[stop.household].students
            if stop.household not in met_together
        )
        hundredths = problem.quotas.class_teacher_percent * problem.class_sizes[team.id] - 100 * own
        if hundredths > 0:
            yield Shortfall("class_teacher_share", team.id, (hundredths + 99) // 100)
    for home in problem.households:
        outing = plan.outing_of.get(home.id)
        unmet = 0 if outing is None else sum(not _has(problem, outing, wish) for wish in home.asks)
        if unmet:
            yield Shortfall("companion", home.id, unmet)
        if home.key and home.id not in plan.outing_of:
            yield Shortfall("key_in_person", home.id, 1)
    for lock in problem.locked:
        if lock.household not in plan.outing_of:
            yield Shortfall("locked", lock.household, 1)


def _has(problem: Problem, outing: Outing, wish: str) -> bool:
    """Whether somebody on the outing is what a family asks for."""
    kind, _, value = wish.partition(":")
    staff = [problem.person_by_id[one] for one in outing.staff]
    return any(one.gender == value if kind == "gender" else value in one.languages for one in staff)


def _figures(problem: Problem, plan: Plan) -> Iterator[Violation]:
    weights, travel, cost = problem.weights, 0, 0
    for outing in plan.outings:
        slot = problem.slot_by_id[outing.slot]
        travel += outing.back_travel + sum(stop.travel for stop in outing.stops)
        cost += weights.evening if slot.kind == "evening" else weights.day
        cost += weights.without_teacher * (outing.lead != problem.class_by_id[outing.class_id].teacher)
        for stop in outing.stops:
            cost += weights.key_week * slot.week * problem.household_by_id[stop.household].key
    left = [problem.household_by_id[one.household] for one in plan.unplanned if one.code not in UNREACHABLE]
    cost += travel + weights.left_out * sum(home.families or 1 for home in left)
    visits = sum(len(outing.stops) for outing in plan.outings)
    real, stated = Totals(travel, len(plan.outings), cost, visits), plan.figures.plan
    for name in ("travel", "outings", "cost", "planned"):
        if getattr(real, name) != getattr(stated, name):
            yield Violation("figures", name, getattr(stated, name), getattr(real, name))
    if not 0 <= plan.figures.bound <= cost:
        yield Violation("figures", "bound", plan.figures.bound, cost)
