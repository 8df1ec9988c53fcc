"""A finished plan: who goes where and when, who is left out and why, which rules fall short."""

from dataclasses import dataclass, field
from functools import cached_property

# Stable reason codes and the sentence shown for each; the site may translate by code.
REASONS: dict[str, str] = {
    "no_window": "这个家庭还没有填写可以接待的时间。",
    "no_common_slot": "家庭方便的时段里，班级老师都不能出访。",
    "too_far": "在家庭方便的时间内，路程加家访的时间超过了时段长度。",
    "no_room": "老师能出访的时段已经排满，没有排上。",
    "no_companion": "家庭方便的时段里，找不到第二位同行老师。",
    "no_common_time": "集中家访的几个家庭没有共同方便的时间。",
    "taken_out": "已由老师移出计划，等待重新安排。",
}
# Nothing a planner does can place these families; they are named but not priced.
UNREACHABLE = frozenset({"no_window", "no_common_slot", "too_far", "no_common_time"})

# Rules with named slack; `Shortfall.rule` is one of these keys.
RULES: dict[str, str] = {
    "two_staff": "这次出访找不到两位老师同行，已撤下。",
    "class_teacher_share": "班主任亲自入户的学生数没有达到规定比例。",
    "teacher_quota": "这位老师家访的学生数没有达到要求。",
    "principal_quota": "这位校级领导家访的学生数没有达到要求。",
    "middle_quota": "这位中层干部家访的学生数没有达到要求。",
    "companion": "家庭希望的同行老师（性别或语言）没有安排上。",
    "key_in_person": "重点学生家庭没有排上入户家访。",
    "locked": "已通知家庭的家访没能保留。",
}


def outing_key(class_id: str, slot: str) -> str:
    """The name of a class's outing in a slot; a class has at most one outing in a slot."""
    return f"{class_id}@{slot}"


@dataclass(frozen=True)
class Stop:
    """One visit. Times are seconds from the slot start; `travel` seconds and `metres` are from the stop
    before. Families met together stand one after another with the same times and the group visit's id.
    """

    household: str
    arrive: int
    start: int
    end: int
    travel: int
    metres: int
    gathering: str = ""


@dataclass(frozen=True)
class Outing:
    """A team out in one slot: leaves school at `leave_at`, makes the stops in order, is back at `back_at`.

    `back_travel` and `back_metres` are the way home after the last stop. `second_class` is the other class when two
    paired classes go together: its teacher is among the companions.
    """

    slot: str
    class_id: str
    lead: str
    companions: tuple[str, ...]
    stops: tuple[Stop, ...]
    leave_at: int
    back_at: int
    back_travel: int
    back_metres: int
    second_class: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """The class whose outing it is, and the other of a pair."""
        return (self.class_id, self.second_class) if self.second_class else (self.class_id,)

    @property
    def key(self) -> str:
        return outing_key(self.class_id, self.slot)

    @property
    def staff(self) -> tuple[str, ...]:
        """Everybody on the outing, the lead first."""
        return (self.lead, *self.companions)

    @property
    def travel(self) -> int:
        """Seconds on the way, the way home included."""
        return sum(stop.travel for stop in self.stops) + self.back_travel


@dataclass(frozen=True)
class Unplanned:
    """A family without a visit: `code` is a key of `REASONS`, `sentence` its Chinese text."""

    household: str
    code: str
    sentence: str


@dataclass(frozen=True)
class Shortfall:
    """A rule that could not be kept: `subject` is a person, class, household or outing key; `by` counts what
    is missing.
    """

    rule: str
    subject: str
    by: int

    @property
    def sentence(self) -> str:
        return RULES[self.rule]


@dataclass(frozen=True)
class Totals:
    """What a plan costs. `cost` follows the weights; families in `UNREACHABLE` are not priced."""

    travel: int = 0
    outings: int = 0
    cost: int = 0
    planned: int = 0


@dataclass(frozen=True)
class Figures:
    """The plan's totals beside those of the greedy baseline (nearest next, what a person does).

    No plan that misses the classes' rules as little costs less than `bound`; 0 when nothing is proved.
    """

    plan: Totals = field(default_factory=Totals)
    greedy: Totals = field(default_factory=Totals)
    bound: int = 0

    @property
    def gap(self) -> float | None:
        """How far above the bound the plan is, as a share of the bound; None without a bound."""
        return self.plan.cost / self.bound - 1 if self.bound else None


@dataclass(frozen=True)
class Plan:
    """`outings` by date and class, `remote` families that need no outing, `estimated` families without a
    known point.
    """

    outings: tuple[Outing, ...] = ()
    remote: tuple[str, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    estimated: tuple[str, ...] = ()
    figures: Figures = field(default_factory=Figures)

    @cached_property
    def outing_by_key(self) -> dict[str, Outing]:
        return {outing.key: outing for outing in self.outings}

    @cached_property
    def outing_of(self) -> dict[str, Outing]:
        """The outing each planned household is in."""
        return {stop.household: outing for outing in self.outings for stop in outing.stops}
