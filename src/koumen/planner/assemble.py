"""Puts routes and staff together into a plan, and counts what it costs and where it falls short."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from koumen.planner.plan import (
    REASONS,
    UNREACHABLE,
    Figures,
    Outing,
    Plan,
    Shortfall,
    Totals,
    Unplanned,
)
from koumen.planner.problem import Problem
from koumen.planner.staff import Draft, Teams
from koumen.planner.task import ClassTask, Route, teacher_share
from koumen.planner.travel import Travel

QUOTA_RULES = {"principal": "principal_quota", "middle": "middle_quota"}


@dataclass(frozen=True)
class Drawn:
    """The routes drawn for one class."""

    task: ClassTask
    routes: tuple[Route, ...]

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """The routes as the staff model sees them, in the same order."""
        return tuple(
            Draft(
                crew[0],
                self.task.options[route.option].slot.id,
                self.task.options[route.option].led,
                sum(len(self.task.homes[row].students) for row in route.rows),
                "".join(crew[1:]),
                tuple(sorted(wish for row in route.rows for wish in self.task.homes[row].asks)),
            )
            for route in self.routes
            for crew in (self.task.crew(route),)
        )


def assemble(
    problem: Problem,
    travel: Travel,
    drawn: Mapping[str, Drawn],
    greedy: Mapping[str, Drawn],
    teams: Teams,
    bound: int = 0,
) -> Plan:
    """The plan of a whole school; `teams` follows the drafts of `drawn` in order. Outings without two people
    go.
    """
    outings: list[Outing] = []
    withdrawn: list[Outing] = []
    staff = iter(teams.people)
    for one in drawn.values():
        for route in one.routes:
            people = next(staff)
            (outings if people else withdrawn).append(_outing(one.task, route, people))
    alone = {stop.household for outing in withdrawn for stop in outing.stops}
    placed = {stop.household for outing in outings for stop in outing.stops}
    unplanned = tuple(
        left_out(home.id, one.task.barred.get(home.id, "no_companion" if home.id in alone else "no_room"))
        for one in drawn.values()
        for home in one.task.homes
        if home.id not in placed
    )
    lost = [Shortfall("two_staff", outing.key, 1) for outing in withdrawn]
    return finish(problem, travel, outings, unplanned, lost, greedy_totals(greedy), bound)


def finish(
    problem: Problem,
    travel: Travel,
    outings: Iterable[Outing],
    unplanned: Iterable[Unplanned],
    withdrawn: Iterable[Shortfall],
    greedy: Totals,
    bound: int = 0,
) -> Plan:
    """A plan in its settled order, with shortfalls and figures counted. `withdrawn` are `two_staff`
    shortfalls; `bound` is 0 when none is proved.
    """
    by_time = {slot.id: (slot.date, slot.start, slot.id) for slot in problem.slots}
    ordered = tuple(sorted(outings, key=lambda outing: (by_time[outing.slot], outing.class_id)))
    missed = tuple(sorted(unplanned, key=lambda one: one.household))
    return Plan(
        outings=ordered,
        remote=tuple(sorted(home.id for home in problem.households if not home.in_person)),
        unplanned=missed,
        shortfalls=(*sorted(withdrawn, key=lambda one: one.subject), *shortfalls(problem, ordered)),
        estimated=tuple(sorted(travel.estimated)),
        figures=Figures(totals(problem, ordered, missed), greedy, bound),
    )


def left_out(household: str, code: str) -> Unplanned:
    """A family without a visit, with the sentence of its reason."""
    return Unplanned(household, code, REASONS[code])


def _outing(task: ClassTask, route: Route, people: Sequence[str]) -> Outing:
    table = task.timetable(route)
    lead, companions = (people[0], tuple(people[1:])) if people else ("", ())
    crew = task.crew(route)
    return Outing(
        task.options[route.option].slot.id,
        crew[0],
        lead,
        companions,
        table.stops,
        table.leave_at,
        table.back_at,
        table.back_travel,
        table.back_metres,
        "".join(crew[1:]),
    )


def shortfalls(problem: Problem, outings: Sequence[Outing]) -> tuple[Shortfall, ...]:
    """Every rule with slack that these outings miss: class teachers' shares, quotas, wishes for a companion, key
    families not visited.
    """
    own = dict.fromkeys(problem.class_by_id, 0)
    seen = dict.fromkeys(problem.person_by_id, 0)
    unmet: list[Shortfall] = []
    for outing in outings:
        traits = frozenset().union(*(problem.person_by_id[one].traits for one in outing.staff))
        for stop in outing.stops:
            home = problem.household_by_id[stop.household]
            for person_id in outing.staff:
                seen[person_id] += len(home.students)
            for _, class_id in home.students if problem.is_at_door(home.id) else ():
                own[class_id] += problem.class_by_id[class_id].teacher in outing.staff
            unmet.append(Shortfall("companion", home.id, len(home.asks - traits)))
    found = [
        Shortfall("class_teacher_share", team.id, teacher_share(problem, team.id) - own[team.id])
        for team in problem.classes
    ]
    for person in problem.people:
        rule = QUOTA_RULES.get(person.role, "teacher_quota")
        found.append(Shortfall(rule, person.id, problem.quotas.of(person) - person.done - seen[person.id]))
    found += sorted(unmet, key=lambda one: one.subject)
    visited = {stop.household for outing in outings for stop in outing.stops}
    found += [
        Shortfall("key_in_person", home.id, 1) for home in problem.households if home.key and home.id not in visited
    ]
    found += [Shortfall("locked", lock.household, 1) for lock in problem.locked if lock.household not in visited]
    return tuple(one for one in found if one.by > 0)


def totals(problem: Problem, outings: Sequence[Outing], unplanned: Iterable[Unplanned]) -> Totals:
    """Travel, outings, cost by the weights, families planned."""
    weights = problem.weights
    cost = weights.left_out * sum(one.code not in UNREACHABLE for one in unplanned)
    for outing in outings:
        slot = problem.slot_by_id[outing.slot]
        cost += outing.travel + weights.outing(slot.kind)
        if problem.class_by_id[outing.class_id].teacher != outing.lead:
            cost += weights.without_teacher
        late = sum(problem.household_by_id[stop.household].key for stop in outing.stops)
        cost += weights.key_week * slot.week * late
    return Totals(
        sum(outing.travel for outing in outings),
        len(outings),
        cost,
        sum(len(outing.stops) for outing in outings),
    )


def greedy_totals(drawn: Mapping[str, Drawn]) -> Totals:
    """The baseline's totals; it is not charged for companions it might not find."""
    routes = [(one.task, route) for one in drawn.values() for route in one.routes]
    return Totals(
        sum(task.route_travel(route.rows) for task, route in routes),
        len(routes),
        sum(one.task.cost(one.routes) for one in drawn.values()),
        sum(max(1, task.homes[row].families) for task, route in routes for row in route.rows),
    )
