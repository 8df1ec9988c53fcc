"""The parts of a planning problem: slots, families, staff, classes, weights and quotas.

Every part is frozen and checks itself when it is made. All durations and times of day are whole seconds
relative to the start of the slot unless a name says otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

DAY_SECONDS = 24 * 3600
DAY_MINUTES = 24 * 60
SLOT_KINDS = ("evening", "day")
ROLES = ("class_teacher", "subject", "middle", "principal")
GENDERS = ("female", "male")
# Why somebody may not go out at all, with the sentence shown for it; the site may translate by code.
INELIGIBLE: dict[str, str] = {
    "training": "还没有完成家访培训。",
    "commitment": "还没有签家访承诺书。",
    "other": "目前不安排外出家访。",
}

SlotKind = Literal["evening", "day"]
Role = Literal["class_teacher", "subject", "middle", "principal"]


class ProblemError(ValueError):
    """The input cannot be planned. `str()` is a short Chinese sentence for people, `code` is stable for
    programs.
    """

    def __init__(self, message_zh: str, code: str = "invalid") -> None:
        super().__init__(message_zh)
        self.code = code


@dataclass(frozen=True)
class Point:
    """A WGS-84 point: longitude and latitude in degrees.

    Raises `ProblemError` (`swapped`, `outside`) through `require_china`, which knows whose point it is.
    """

    lng: float
    lat: float

    def require_china(self, owner: str) -> None:
        """Refuse a point outside China's bounding box (73–136 °E, 3–54 °N), naming `owner`."""
        if 73 <= self.lng <= 136 and 3 <= self.lat <= 54:
            return
        if 73 <= self.lat <= 136 and 3 <= self.lng <= 54:
            raise ProblemError(f"{owner}的经度和纬度写反了：经度 {self.lng}，纬度 {self.lat}。", "swapped")
        raise ProblemError(f"{owner}的坐标不在中国范围内：经度 {self.lng}，纬度 {self.lat}。", "outside")


@dataclass(frozen=True, order=True)
class Window:
    """When a family can receive guests in one slot: the whole visit lies in [opens, closes], seconds from the
    slot start.

    `closes` may lie beyond the slot; the slot's own end still holds. Raises `ProblemError` (`window`).
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if self.opens < 0 or self.closes <= self.opens:
            raise ProblemError(f"可接待时间不正确：从 {self.opens} 秒到 {self.closes} 秒。", "window")


@dataclass(frozen=True)
class Slot:
    """A stretch of one day in which a team may be out: leaves school at the start, is back by the end.

    `start` is the minute of the day, `length` in seconds, `week` the number of the week in the campaign from
    0. Raises `ProblemError` (`slot`).
    """

    id: str
    date: date
    start: int
    length: int
    kind: SlotKind
    week: int = 0

    def __post_init__(self) -> None:
        if not self.id:
            raise ProblemError("有一个时段没有编号。", "slot")
        if self.kind not in SLOT_KINDS:
            raise ProblemError(f"时段 {self.id} 的类别“{self.kind}”不认识，应为 evening 或 day。", "slot")
        if self.length <= 0:
            raise ProblemError(f"时段 {self.id} 的时长必须大于零。", "slot")
        if not 0 <= self.start < DAY_MINUTES or self.start * 60 + self.length > DAY_SECONDS:
            raise ProblemError(f"时段 {self.id} 的起止时间超出了当天。", "slot")
        if self.week < 0:
            raise ProblemError(f"时段 {self.id} 的周次不能为负。", "slot")


@dataclass(frozen=True)
class Household:
    """One family, siblings merged. It gets one visit, made by `lead_class`.

    `students` are (student id, class id). `point` may be unknown; then `place` (a village key, "" if unknown)
    is used. `remote` marks a remote or risky address. `in_person` is False when the family asked for a phone
    or video visit. `service` is the length of the visit in seconds. `windows` maps slot ids to the times the
    family can receive. Raises `ProblemError` (`household`, `service`, `swapped`, `outside`).
    """

    id: str
    students: tuple[tuple[str, str], ...]
    lead_class: str
    service: int
    windows: Mapping[str, tuple[Window, ...]] = field(default_factory=dict)
    point: Point | None = None
    place: str = ""
    key: bool = False
    remote: bool = False
    in_person: bool = True
    asks: frozenset[str] = frozenset()
    families: int = 0

    def __post_init__(self) -> None:
        if not self.id:
            raise ProblemError("有一个家庭没有编号。", "household")
        if not self.students:
            raise ProblemError(f"家庭 {self.id} 没有学生。", "household")
        if self.lead_class not in self.classes:
            raise ProblemError(f"家庭 {self.id} 由班级 {self.lead_class} 家访，但没有孩子在这个班。", "household")
        if self.service <= 0:
            raise ProblemError(f"家庭 {self.id} 的家访时长必须大于零。", "service")
        if self.families < 0:
            raise ProblemError(f"家庭 {self.id} 的户数不能为负。", "household")
        if self.point is not None:
            self.point.require_china(f"家庭 {self.id} ")
        for wish in self.asks:
            kind, _, value = wish.partition(":")
            if kind not in ("gender", "language") or not value or (kind == "gender" and value not in GENDERS):
                raise ProblemError(f"家庭 {self.id} 对同行老师的希望“{wish}”不认识。", "asks")

    @property
    def classes(self) -> frozenset[str]:
        """The classes of the family's children."""
        return frozenset(class_id for _, class_id in self.students)


@dataclass(frozen=True)
class Person:
    """A member of staff: `classes` are those they teach, `slots` those they can go out in.

    `done` is the number of students already visited in the quota's period. `quota` replaces the role's quota
    when given. `exempt` is the reason, in words, of somebody who has no quota. `barred` is a key of `INELIGIBLE`
    for somebody who may not go out whatever the slots say. `gender` and `languages` may be unknown.
    Raises `ProblemError` (`person`).
    """

    id: str
    role: Role
    classes: frozenset[str] = frozenset()
    slots: frozenset[str] = frozenset()
    done: int = 0
    quota: int | None = None
    exempt: str = ""
    barred: str = ""
    gender: str = ""
    languages: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.id:
            raise ProblemError("有一位老师没有编号。", "person")
        if self.barred and self.barred not in INELIGIBLE:
            raise ProblemError(f"老师 {self.id} 不能外出的原因“{self.barred}”不认识。", "person")
        if self.gender and self.gender not in GENDERS:
            raise ProblemError(f"老师 {self.id} 的性别“{self.gender}”不认识，应为 female 或 male。", "person")
        if self.exempt and self.quota:
            raise ProblemError(f"老师 {self.id} 已免除任务，不应再有任务数。", "person")
        if self.role not in ROLES:
            raise ProblemError(f"老师 {self.id} 的岗位“{self.role}”不认识。", "person")
        if self.done < 0 or (self.quota is not None and self.quota < 0):
            raise ProblemError(f"老师 {self.id} 的已访人数和任务数不能为负。", "person")

    def can_go(self, slot: str) -> bool:
        """Whether this person may go out in the slot: free then, and not barred."""
        return not self.barred and slot in self.slots

    @property
    def traits(self) -> frozenset[str]:
        """What a family may ask of a companion: "gender:…" and "language:…"."""
        spoken = {f"language:{one}" for one in self.languages}
        return frozenset(spoken | {f"gender:{self.gender}"} if self.gender else spoken)


@dataclass(frozen=True)
class ClassTeam:
    """A class, its class teacher and the other teachers of the class (person ids)."""

    id: str
    teacher: str
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id or not self.teacher:
            raise ProblemError(f"班级 {self.id or '(无编号)'} 没有班主任。", "class")


@dataclass(frozen=True)
class Weights:
    """What the plan tries to make small, all in seconds of travel. Raises `ProblemError` (`weights`)."""

    evening: int = 1_800
    day: int = 3_600
    key_week: int = 300
    left_out: int = 100_000
    without_teacher: int = 1_800

    def __post_init__(self) -> None:
        if min(self.evening, self.day, self.key_week, self.left_out, self.without_teacher) < 0:
            raise ProblemError("权重不能为负。", "weights")

    def outing(self, kind: SlotKind) -> int:
        """The price of one more outing in a slot of this kind."""
        return self.evening if kind == "evening" else self.day


@dataclass(frozen=True)
class Quotas:
    """Rules with named slack: students each person sees, and the class teacher's share of the own class in
    percent.

    Raises `ProblemError` (`quotas`).
    """

    teacher: int = 5
    principal: int = 5
    middle: int = 10
    class_teacher_percent: int = 60

    def __post_init__(self) -> None:
        if min(self.teacher, self.principal, self.middle) < 0 or not 0 <= self.class_teacher_percent <= 100:
            raise ProblemError("家访任务数不能为负，班主任入户比例应在 0 到 100 之间。", "quotas")

    def of(self, person: Person) -> int:
        """How many students this person should see."""
        if person.exempt:
            return 0
        if person.quota is not None:
            return person.quota
        return {"principal": self.principal, "middle": self.middle}.get(person.role, self.teacher)


@dataclass(frozen=True)
class Locked:
    """A visit the family already knows of: it stays in this slot at this start (seconds from the slot
    start).
    """

    household: str
    slot: str
    start: int


@dataclass(frozen=True)
class Gathering:
    """A group visit: these families are met together at one place, in one stop of `lead_class`.

    It takes `service` seconds, at a time when every one of the families can come. It is no door visit: families that
    are key or wish another mode may not be in one. `name` is what the place is called.
    Raises `ProblemError` (`gathering`, `swapped`, `outside`).
    """

    id: str
    households: tuple[str, ...]
    lead_class: str
    service: int
    point: Point
    place: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        if not self.id:
            raise ProblemError("有一次集中家访没有编号。", "gathering")
        if len(self.households) < 2:
            raise ProblemError(f"集中家访 {self.id} 至少要有两个家庭。", "gathering")
        if self.service <= 0:
            raise ProblemError(f"集中家访 {self.id} 的时长必须大于零。", "gathering")
        self.point.require_china(f"集中家访 {self.id} ")


@dataclass(frozen=True)
class Pair:
    """Two classes whose teachers may go together and see both classes' families on one outing."""

    first: str
    second: str

    def __post_init__(self) -> None:
        if not self.first or not self.second or self.first == self.second:
            raise ProblemError("结对要有两个不同的班级。", "pair")
