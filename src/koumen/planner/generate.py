"""Synthetic schools for tests and benchmarks: realistic sizes, nothing tuned to a seed.

The shapes follow the project's domain notes: classes of about 45, families of a town and its villages,
siblings in one household, two evenings and one weekend day a week for a class teacher.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.random import Generator

from koumen.planner.parts import ClassTeam, Household, Person, Point, ProblemError, Role, Slot, Window
from koumen.planner.problem import Problem

SchoolKind = Literal["urban", "town", "mountain"]
EVENING, DAY = 3 * 3600, 8 * 3600
FIRST_DAY = date(2026, 3, 2)  # a Monday
SCHOOL = Point(112.47, 23.05)
KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class Shape:
    """How families lie around a school: number and share of quarters near it, of villages farther off
    (km).
    """

    quarters: int
    villages: int
    near_share: float
    near_km: tuple[float, float]
    far_km: tuple[float, float]
    unknown_point: float
    wish_remote: float


SHAPES: dict[str, Shape] = {
    "urban": Shape(20, 4, 0.92, (0.3, 2.5), (2.5, 6.0), 0.01, 0.06),
    "town": Shape(12, 28, 0.60, (0.3, 2.5), (3.0, 25.0), 0.02, 0.03),
    "mountain": Shape(6, 34, 0.30, (0.2, 1.5), (2.0, 25.0), 0.05, 0.08),
}


def make_school(kind: SchoolKind = "town", classes: int = 40, seed: int = 1, size: int = 45, weeks: int = 6) -> Problem:
    """A school of `classes` × `size` students with a campaign of `weeks`. Same arguments, same problem.

    Raises `ProblemError` (`generator`) for sizes no school has.
    """
    if kind not in SHAPES or not 1 <= classes <= 120 or not 1 <= size <= 80 or not 1 <= weeks <= 20:
        raise ProblemError("生成的学校应有 1–120 个班，每班 1–80 人，1–20 周。", "generator")
    rng = np.random.default_rng(seed)
    slots = _slots(weeks)
    people, teams = _staff(rng, classes, slots, weeks)
    homes = _households(rng, SHAPES[kind], classes, size, slots)
    return Problem(SCHOOL, slots, homes, people, teams)


def _slots(weeks: int) -> tuple[Slot, ...]:
    made = []
    for day in range(weeks * 7):
        weekday = day % 7 < 5
        made.append(
            Slot(
                f"d{day:03}",
                FIRST_DAY + timedelta(days=day),
                18 * 60 + 30 if weekday else 9 * 60,
                EVENING if weekday else DAY,
                "evening" if weekday else "day",
                day // 7,
            )
        )
    return tuple(made)


def _staff(
    rng: Generator, classes: int, slots: tuple[Slot, ...], weeks: int
) -> tuple[tuple[Person, ...], tuple[ClassTeam, ...]]:
    """3.25 staff per class: class teachers, subject teachers of several classes, middle leaders and
    principals.
    """
    principals, middles = max(1, round(classes * 0.075)), max(1, round(classes * 0.3))
    total = max(principals + middles + classes + 4, round(classes * 3.25))
    counts: dict[Role, int] = {"principal": principals, "middle": middles, "class_teacher": classes}
    counts["subject"] = total - sum(counts.values())
    roles = [role for role, count in counts.items() for _ in range(count)]
    ids = [f"t{number:03}" for number in range(total)]
    others = [number for number, role in enumerate(roles) if role in ("subject", "middle")]
    taught: dict[int, set[str]] = {number: set() for number in range(total)}
    teams = []
    for number in range(classes):
        class_id, teacher = f"c{number:03}", principals + middles + number
        order = sorted(others, key=lambda other: len(taught[other]) + rng.random())
        members = order[:4]
        if classes > 1:
            members.append(principals + middles + (number + 1 + int(rng.integers(classes - 1))) % classes)
        for member in (teacher, *members):
            taught[member].add(class_id)
        teams.append(ClassTeam(class_id, ids[teacher], tuple(ids[member] for member in members)))
    people = [
        Person(ids[number], role, frozenset(taught[number]), _free_slots(rng, role, slots, weeks))
        for number, role in enumerate(roles)
    ]
    return tuple(people), tuple(teams)


def _free_slots(rng: Generator, role: Role, slots: tuple[Slot, ...], weeks: int) -> frozenset[str]:
    share = {"principal": 0.35, "middle": 0.45, "class_teacher": 0.55, "subject": 0.50}[role]
    free = [slot for slot in slots if rng.random() < (share if slot.kind == "evening" else share * 0.85)]
    if role != "class_teacher":
        return frozenset(slot.id for slot in free)
    given: list[str] = []
    for week in range(weeks):
        evenings = [slot.id for slot in free if slot.week == week and slot.kind == "evening"]
        days = [slot.id for slot in free if slot.week == week and slot.kind == "day"]
        given += [str(one) for one in rng.permutation(evenings)[:2]] + [str(one) for one in rng.permutation(days)[:1]]
    return frozenset(given)


def _households(
    rng: Generator, shape: Shape, classes: int, size: int, slots: tuple[Slot, ...]
) -> tuple[Household, ...]:
    """15 % of the students have a sibling at the school; one tenth of the families are key."""
    count = classes * size
    order = [int(one) for one in rng.permutation(count)]
    pairs = int(0.15 * count / 2)
    groups = [[a, b] for a, b in zip(order[:pairs], order[pairs : 2 * pairs], strict=True)]
    groups += [[one] for one in order[2 * pairs :]]
    centres = _centres(rng, shape)
    led = dict.fromkeys((f"c{number:03}" for number in range(classes)), 0)
    homes = []
    for number, group in enumerate(groups):
        students = tuple((f"s{one:05}", f"c{one // size:03}") for one in group)
        lead = min(sorted({class_id for _, class_id in students}), key=lambda class_id: led[class_id])
        led[lead] += 1
        homes.append(_household(rng, shape, f"h{number:05}", students, lead, centres, slots))
    return tuple(homes)


def _centres(rng: Generator, shape: Shape) -> list[tuple[float, float, float, float]]:
    """(east km, north km, spread km, share of the families) of each quarter and village."""
    near, far = shape.quarters, shape.villages
    angle = rng.uniform(0, 2 * math.pi, near + far)
    low, high = shape.far_km
    radius = np.concatenate([rng.uniform(*shape.near_km, near), low + (high - low) * rng.beta(1.2, 2.2, far)])
    weight_near, weight_far = rng.uniform(0.5, 1.5, near), rng.uniform(0.3, 1.7, far)
    share = np.concatenate(
        [
            weight_near / weight_near.sum() * shape.near_share,
            weight_far / weight_far.sum() * (1 - shape.near_share),
        ]
    )
    return [
        (float(r * math.cos(a)), float(r * math.sin(a)), 0.18 if index < near else 0.30, float(s))
        for index, (r, a, s) in enumerate(zip(radius, angle, share, strict=True))
    ]


def _household(
    rng: Generator,
    shape: Shape,
    home_id: str,
    students: tuple[tuple[str, str], ...],
    lead: str,
    centres: list[tuple[float, float, float, float]],
    slots: tuple[Slot, ...],
) -> Household:
    place = int(rng.choice(len(centres), p=[share for *_, share in centres]))
    east, north, spread, _ = centres[place]
    east, north = east + float(rng.normal(0, spread)), north + float(rng.normal(0, spread))
    point = Point(
        round(SCHOOL.lng + east / (KM_PER_DEGREE * math.cos(math.radians(SCHOOL.lat))), 6),
        round(SCHOOL.lat + north / KM_PER_DEGREE, 6),
    )
    service = (int(rng.choice([30, 35, 40, 45])) + (10 if len(students) > 1 else 0)) * 60
    key = bool(rng.random() < 0.10)
    return Household(
        home_id,
        students,
        lead,
        service,
        _windows(rng, slots),
        None if rng.random() < shape.unknown_point else point,
        f"v{place:02}",
        key,
        remote=math.hypot(east, north) > 15,
        in_person=bool(key or rng.random() >= shape.wish_remote),
    )


def _windows(rng: Generator, slots: tuple[Slot, ...]) -> dict[str, tuple[Window, ...]]:
    """A family's habit: evenings (all, from 19:30, until 20:45, none), weekends (all, morning, afternoon,
    both, none).
    """
    habit_evening, habit_day = (
        int(rng.choice(4, p=[0.40, 0.25, 0.15, 0.20])),
        int(rng.choice(5, p=[0.35, 0.20, 0.15, 0.15, 0.15])),
    )
    if habit_evening == 3 and habit_day == 4:
        habit_day = 0
    evenings = {
        0: (Window(0, EVENING),),
        1: (Window(3600, EVENING),),
        2: (Window(0, 8100),),
        3: (),
    }[habit_evening]
    days = {
        0: (Window(0, DAY),),
        1: (Window(0, 3 * 3600 + 1800),),
        2: (Window(5 * 3600, DAY),),
        3: (Window(0, 3 * 3600 + 1800), Window(5 * 3600, DAY)),
        4: (),
    }[habit_day]
    open_days = rng.random(7) < np.array([0.65] * 5 + [0.75] * 2)
    open_days[int(rng.integers(5))] = True
    open_days[5 + int(rng.integers(2))] = True
    found = {}
    for number, slot in enumerate(slots):
        spans = evenings if slot.kind == "evening" else days
        if spans and open_days[number % 7] and rng.random() >= 0.08:
            found[slot.id] = spans
    return found
