"""An independent reading of a plan: replays every outing and names every rule that is broken.

It shares no code with the search, the staff model or the counting of figures, so a fault there shows here.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from koumen.planner.parts import Household, Slot
from koumen.planner.plan import UNREACHABLE, Outing, Plan, Shortfall, Stop, Totals
from koumen.planner.problem import Problem
from koumen.planner.travel import GreatCircle, Travel

BROKEN: dict[str, str] = {
    "unknown": "计划里有不认识的编号。",
    "twice": "同一个家庭被安排了不止一次。",
    "lost": "这个家庭既没有安排，也没有列为未安排。",
    "mode": "这个家庭选择了其他方式，不应安排入户。",
    "class": "这个家庭没有孩子在该班，不应由该班家访。",
    "window": "家访时间不在家庭方便的时间内。",
    "locked": "已通知家庭的时间被改动了。",
    "service": "家访时长不够。",
    "travel": "两站之间的时间不够路上用，或路程与实际不符。",
    "slot_end": "出访超出了时段的起止时间。",
    "empty": "出访里没有家庭。",
    "two_staff": "出访不足两位老师。",
    "two_places": "同一时段有老师被安排在两处。",
    "not_free": "有老师在这个时段不能出访。",
    "lead": "班主任有空却没有带队，或带队的不是本班老师。",
    "same_slot": "同一个班在同一时段有两次出访。",
    "unreported": "没有达到的要求没有如实列出。",
    "figures": "计划的合计数与明细不符。",
}


@dataclass(frozen=True)
class Violation:
    """A broken rule: `code` is a key of `BROKEN`, `value` what was found and `limit` what the rule asks."""

    code: str
    subject: str
    value: int
    limit: int

    @property
    def sentence(self) -> str:
        return BROKEN[self.code]


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


def check_outing(problem: Problem, outing: Outing, travel: Travel) -> tuple[Violation, ...]:
    """The rules one outing breaks by itself; its ids must be known."""
    return (*_visits(problem, outing, travel), *_team(problem, outing))


def _unknown(problem: Problem, plan: Plan) -> Iterator[Violation]:
    homes = [stop.household for outing in plan.outings for stop in outing.stops]
    homes += [*plan.remote, *(one.household for one in plan.unplanned)]
    people = [person for outing in plan.outings for person in outing.staff]
    for ids, known in (
        (homes, problem.household_by_id.keys()),
        (people, problem.person_by_id.keys()),
        ([outing.slot for outing in plan.outings], problem.slot_by_id.keys()),
        ([outing.class_id for outing in plan.outings], problem.class_by_id.keys()),
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
        if (home.id in visited and not home.in_person) or (home.id in remote and home.in_person):
            yield Violation("mode", home.id, int(home.id in visited), int(home.in_person))


def _visits(problem: Problem, outing: Outing, roads: Travel) -> Iterator[Violation]:
    """Replays one outing on the clock."""
    slot = problem.slot_by_id[outing.slot]
    if not outing.stops:
        yield Violation("empty", outing.key, 0, 1)
        return
    homes = [problem.household_by_id[stop.household] for stop in outing.stops]
    seconds = roads.legs(homes).seconds
    if outing.leave_at < 0:
        yield Violation("slot_end", outing.key, outing.leave_at, 0)
    clock = outing.leave_at
    for at, (stop, home) in enumerate(zip(outing.stops, homes, strict=True)):
        way = int(seconds[at, at + 1])
        if stop.travel != way:
            yield Violation("travel", home.id, stop.travel, way)
        if stop.arrive < clock + way:
            yield Violation("travel", home.id, stop.arrive, clock + way)
        yield from _visit(problem, slot, outing, stop, home)
        clock = stop.end
    way = int(seconds[len(homes), 0])
    if outing.back_travel != way or outing.back_at < clock + way:
        yield Violation("travel", outing.key, outing.back_at, clock + way)
    if outing.back_at > slot.length:
        yield Violation("slot_end", outing.key, outing.back_at, slot.length)


def _visit(problem: Problem, slot: Slot, outing: Outing, stop: Stop, home: Household) -> Iterator[Violation]:
    if stop.start < stop.arrive:
        yield Violation("travel", home.id, stop.start, stop.arrive)
    if stop.end - stop.start < home.service:
        yield Violation("service", home.id, stop.end - stop.start, home.service)
    if outing.class_id not in home.classes:
        yield Violation("class", home.id, 0, 1)
    lock = next((one for one in problem.locked if one.household == home.id), None)
    if lock is not None:
        if (outing.slot, stop.start) != (lock.slot, lock.start):
            yield Violation("locked", home.id, stop.start, lock.start)
        return
    spans = home.windows.get(slot.id, ())
    if not any(span.opens <= stop.start and stop.end <= span.closes for span in spans):
        nearest = min(spans, key=lambda span: abs(span.opens - stop.start), default=None)
        yield Violation("window", home.id, stop.start, nearest.opens if nearest else -1)


def _team(problem: Problem, outing: Outing) -> Iterator[Violation]:
    """Two people, all free, led by the class teacher or, when the teacher is not free, by another of the
    class team.
    """
    staff = set(outing.staff)
    if len(staff) < 2:
        yield Violation("two_staff", outing.key, len(staff), 2)
    for person in sorted(staff):
        if outing.slot not in problem.person_by_id[person].slots:
            yield Violation("not_free", person, 0, 1)
    teacher = problem.class_by_id[outing.class_id].teacher
    available = outing.slot in problem.person_by_id[teacher].slots
    if outing.lead != teacher and (available or outing.lead not in problem.team_of[outing.class_id]):
        yield Violation("lead", outing.key, 0, 1)


def _places(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Nobody twice in a slot: neither a person over all outings, nor within one, nor a class."""
    people = Counter((outing.slot, person) for outing in plan.outings for person in outing.staff)
    for (_, person), times in people.items():
        if times > 1:
            yield Violation("two_places", person, times, 1)
    keys = Counter(outing.key for outing in plan.outings)
    for key, times in keys.items():
        if times > 1:
            yield Violation("same_slot", key, times, 1)


def _named(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Every missed rule is named with its number, and none is named that is kept."""
    stated = Counter({(one.rule, one.subject): one.by for one in plan.shortfalls if one.rule != "two_staff"})
    real = Counter({(one.rule, one.subject): one.by for one in _missed(problem, plan)})
    for rule, subject in sorted(stated.keys() | real.keys()):
        if stated[rule, subject] != real[rule, subject]:
            yield Violation("unreported", subject, stated[rule, subject], real[rule, subject])


def _missed(problem: Problem, plan: Plan) -> Iterator[Shortfall]:
    names = {"principal": "principal_quota", "middle": "middle_quota"}
    for person in problem.people:
        joined = [outing for outing in plan.outings if person.id in outing.staff]
        seen = sum(len(problem.household_by_id[s.household].students) for o in joined for s in o.stops)
        if seen + person.done < problem.quotas.of(person):
            short = problem.quotas.of(person) - person.done - seen
            yield Shortfall(names.get(person.role, "teacher_quota"), person.id, short)
    for team in problem.classes:
        own = sum(
            class_id == team.id
            for outing in plan.outings
            if team.teacher in outing.staff
            for stop in outing.stops
            for _, class_id in problem.household_by_id[stop.household].students
        )
        hundredths = problem.quotas.class_teacher_percent * problem.class_sizes[team.id] - 100 * own
        if hundredths > 0:
            yield Shortfall("class_teacher_share", team.id, (hundredths + 99) // 100)
    for home in problem.households:
        if home.key and home.id not in plan.outing_of:
            yield Shortfall("key_in_person", home.id, 1)
    for lock in problem.locked:
        if lock.household not in plan.outing_of:
            yield Shortfall("locked", lock.household, 1)


def _figures(problem: Problem, plan: Plan) -> Iterator[Violation]:
    weights, travel, cost = problem.weights, 0, 0
    for outing in plan.outings:
        slot = problem.slot_by_id[outing.slot]
        travel += outing.back_travel + sum(stop.travel for stop in outing.stops)
        cost += weights.evening if slot.kind == "evening" else weights.day
        cost += weights.without_teacher * (outing.lead != problem.class_by_id[outing.class_id].teacher)
        for stop in outing.stops:
            cost += weights.key_week * slot.week * problem.household_by_id[stop.household].key
    cost += travel + weights.left_out * sum(one.code not in UNREACHABLE for one in plan.unplanned)
    visits = sum(len(outing.stops) for outing in plan.outings)
    real, stated = Totals(travel, len(plan.outings), cost, visits), plan.figures.plan
    for name in ("travel", "outings", "cost", "planned"):
        if getattr(real, name) != getattr(stated, name):
            yield Violation("figures", name, getattr(stated, name), getattr(real, name))
    if not 0 <= plan.figures.bound <= cost:
        yield Violation("figures", "bound", plan.figures.bound, cost)
