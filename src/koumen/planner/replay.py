"""The checker's reading of one outing: replays it on the clock, visit by visit, and names every rule it breaks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from koumen.planner.parts import Gathering, Household, Slot
from koumen.planner.plan import Outing, Stop
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel

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
    "gathering": "集中家访的家庭没有在同一时间、同一地点一起见面。",
    "pair": "两个班没有结对，或结对出访时缺了一位班主任。",
    "two_staff": "出访不足两位老师。",
    "two_places": "同一时段有老师被安排在两处。",
    "not_free": "有老师在这个时段不能出访。",
    "not_eligible": "有老师还没有取得外出家访的资格。",
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


@dataclass(frozen=True)
class _Call:
    """One halt of the team: a family at its door, or several at one place. `place` is where, as the roads know it."""

    stops: tuple[Stop, ...]
    homes: tuple[Household, ...]
    place: Household
    service: int

    @property
    def name(self) -> str:
        return self.place.id


def check_outing(problem: Problem, outing: Outing, travel: Travel) -> tuple[Violation, ...]:
    """The rules one outing breaks by itself; its ids must be known."""
    return (*_visits(problem, outing, travel), *_team(problem, outing))


def _visits(problem: Problem, outing: Outing, roads: Travel) -> Iterator[Violation]:
    """Replays one outing on the clock."""
    slot = problem.slot_by_id[outing.slot]
    if not outing.stops:
        yield Violation("empty", outing.key, 0, 1)
        return
    yield from _gathered(problem, outing)
    calls = [
        _call(problem, tuple(group)) for _, group in groupby(outing.stops, key=lambda s: s.gathering or s.household)
    ]
    seconds = roads.legs([call.place for call in calls]).seconds
    if outing.leave_at < 0:
        yield Violation("slot_end", outing.key, outing.leave_at, 0)
    clock = outing.leave_at
    for at, call in enumerate(calls):
        yield from _halted(problem, outing, call, clock, int(seconds[at, at + 1]))
        clock = call.stops[0].end
    way = int(seconds[len(calls), 0])
    if outing.back_travel != way or outing.back_at < clock + way:
        yield Violation("travel", outing.key, outing.back_at, clock + way)
    if outing.back_at > slot.length:
        yield Violation("slot_end", outing.key, outing.back_at, slot.length)


def _halted(problem: Problem, outing: Outing, call: _Call, clock: int, way: int) -> Iterator[Violation]:
    """One halt: the way there from where the team was at `clock`, the length of the visit, class and times."""
    first = call.stops[0]
    if first.travel != way:
        yield Violation("travel", call.name, first.travel, way)
    if first.arrive < clock + way:
        yield Violation("travel", call.name, first.arrive, clock + way)
    if first.start < first.arrive:
        yield Violation("travel", call.name, first.start, first.arrive)
    if first.end - first.start < call.service:
        yield Violation("service", call.name, first.end - first.start, call.service)
    if not any(class_id in home.classes for class_id in outing.classes for home in call.homes):
        yield Violation("class", call.name, 0, 1)
    for stop, home in zip(call.stops, call.homes, strict=True):
        yield from _received(problem, problem.slot_by_id[outing.slot], stop, home)


def _call(problem: Problem, stops: tuple[Stop, ...]) -> _Call:
    homes = tuple(problem.household_by_id[stop.household] for stop in stops)
    one = _gathering(problem, stops[0].gathering)
    if one is None:
        return _Call(stops, homes, homes[0], homes[0].service)
    every = tuple(student for home in homes for student in home.students)
    place = Household(one.id, every, homes[0].lead_class, one.service, {}, one.point, one.place)
    return _Call(stops, homes, place, one.service)


def _gathering(problem: Problem, name: str) -> Gathering | None:
    return next((one for one in problem.gatherings if one.id == name), None)


def _gathered(problem: Problem, outing: Outing) -> Iterator[Violation]:
    """Families that are to be met together are: one after another, at the same times, without a way between them;
    and nobody else is.
    """
    for stop in outing.stops:
        due = next((one.id for one in problem.gatherings if stop.household in one.households), "")
        if stop.gathering != due:
            yield Violation("gathering", stop.household, int(bool(stop.gathering)), int(bool(due)))
    for name, group in groupby(outing.stops, key=lambda stop: stop.gathering):
        one, stops = _gathering(problem, name), list(group)
        if one is None:
            continue
        if sorted(stop.household for stop in stops) != sorted(one.households):
            yield Violation("gathering", name, len(stops), len(one.households))
        for stop in stops[1:]:
            if _times(stop) != _times(stops[0]) or stop.travel or stop.metres:
                yield Violation("gathering", stop.household, stop.start, stops[0].start)


def _times(stop: Stop) -> Sequence[int]:
    return (stop.arrive, stop.start, stop.end)


def _received(problem: Problem, slot: Slot, stop: Stop, home: Household) -> Iterator[Violation]:
    """The family was told this time, or can receive then."""
    lock = next((one for one in problem.locked if one.household == home.id), None)
    if lock is not None:
        if (slot.id, stop.start) != (lock.slot, lock.start):
            yield Violation("locked", home.id, stop.start, lock.start)
        return
    spans = home.windows.get(slot.id, ())
    if not any(span.opens <= stop.start and stop.end <= span.closes for span in spans):
        nearest = min(spans, key=lambda span: abs(span.opens - stop.start), default=None)
        yield Violation("window", home.id, stop.start, nearest.opens if nearest else -1)


def _team(problem: Problem, outing: Outing) -> Iterator[Violation]:
    """Two people, all free and cleared, led by the class teacher or, when the teacher cannot go, by another of the
    class team; two paired classes by both class teachers.
    """
    staff = set(outing.staff)
    if len(staff) < 2:
        yield Violation("two_staff", outing.key, len(staff), 2)
    for name in sorted(staff):
        person = problem.person_by_id[name]
        if outing.slot not in person.slots:
            yield Violation("not_free", name, 0, 1)
        if person.barred:
            yield Violation("not_eligible", name, 0, 1)
    teacher = problem.person_by_id[problem.class_by_id[outing.class_id].teacher]
    available = outing.slot in teacher.slots and not teacher.barred
    if outing.lead != teacher.id and (available or outing.lead not in problem.team_of[outing.class_id]):
        yield Violation("lead", outing.key, 0, 1)
    if outing.second_class:
        paired = any({one.first, one.second} == set(outing.classes) for one in problem.pairs)
        both = {problem.class_by_id[class_id].teacher for class_id in outing.classes}
        if not paired or not both <= staff:
            yield Violation("pair", outing.key, len(both & staff) if paired else 0, 2)
