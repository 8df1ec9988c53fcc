"""A generated school with every option in use, for tests and measurements; the school itself stays as it was made."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from koumen.planner.parts import Gathering, Household, Locked, Person, Point
from koumen.planner.problem import Problem
from koumen.planner.propose import propose_pairs

MOST_TOGETHER = 5  # families of one group visit
GROUP_SECONDS = 60 * 60
LANGUAGES = ("苗语", "壮语")


def with_options(problem: Problem, seed: int = 1) -> Problem:
    """The school with group visits, proposed pairs, wishes, people not cleared or exempt, and notified visits.

    Same arguments, same problem. Raises `ProblemError` for what `Problem` refuses.
    """
    rng = np.random.default_rng(seed)
    asking = replace(
        problem,
        households=tuple(_asking(rng, home) for home in problem.households),
        people=tuple(_person(rng, person) for person in problem.people),
    )
    together = _gatherings(rng, asking)
    return replace(asking, gatherings=together, locked=_locked(rng, asking, together), pairs=propose_pairs(asking))


def _asking(rng: Generator, home: Household) -> Household:
    """One family in twelve asks for a woman, one in twenty for somebody who speaks its language."""
    asks = {"gender:female"} if rng.random() < 1 / 12 else set()
    if rng.random() < 1 / 20:
        asks.add(f"language:{LANGUAGES[int(rng.integers(len(LANGUAGES)))]}")
    return replace(home, asks=home.asks | asks)


def _person(rng: Generator, person: Person) -> Person:
    gender = str(rng.choice(["female", "male", ""], p=[0.55, 0.40, 0.05]))
    spoken = frozenset(one for one in LANGUAGES if rng.random() < 0.10)
    # Class teachers are cleared first: a campaign would not begin without them.
    uncleared = rng.random() < 0.08 and person.role != "class_teacher"
    reason = str(rng.choice(["training", "commitment"]))
    exempt = bool(rng.random() < 0.04)
    return replace(
        person,
        gender=gender,
        languages=person.languages | spoken,
        barred=reason if uncleared else person.barred,
        exempt="产假" if exempt else person.exempt,
        quota=None if exempt else person.quota,
    )


def _gatherings(rng: Generator, problem: Problem) -> tuple[Gathering, ...]:
    """In half of the places where a class has several ordinary families, some of them are met together."""
    groups: dict[tuple[str, str], list[Household]] = {}
    for home in problem.households:
        if home.place and home.point is not None and home.in_person and not home.key:
            groups.setdefault((home.lead_class, home.place), []).append(home)
    made: list[Gathering] = []
    for (class_id, place), homes in sorted(groups.items()):
        if len(homes) < 2 or rng.random() < 0.5:
            continue
        some = homes[: int(rng.integers(2, MOST_TOGETHER + 1))]
        ids = tuple(home.id for home in some)
        made.append(Gathering(f"g{len(made):03}", ids, class_id, GROUP_SECONDS, _middle(some), place))
    return tuple(made)


def _middle(homes: Sequence[Household]) -> Point:
    points = [home.point for home in homes if home.point is not None]
    lng, lat = (sum(values) / len(points) for values in zip(*((one.lng, one.lat) for one in points), strict=True))
    return Point(round(lng, 6), round(lat, 6))


def _locked(rng: Generator, problem: Problem, together: Sequence[Gathering]) -> tuple[Locked, ...]:
    """One family of some outings has been told its time, an hour after the outing's start or when it can receive."""
    met = {home for one in together for home in one.households}
    taken: set[tuple[str, str]] = set()
    found = []
    for home in problem.households:
        if home.id in met or not home.in_person or rng.random() >= 1 / 20:
            continue
        teacher = problem.person_by_id[problem.class_by_id[home.lead_class].teacher]
        for slot in problem.slots:
            spans = problem.start_windows(home, slot)
            start = max(3600, spans[0][0]) if spans else 0
            if spans and start <= spans[0][1] and teacher.can_go(slot.id) and (home.lead_class, slot.id) not in taken:
                taken.add((home.lead_class, slot.id))
                found.append(Locked(home.id, slot.id, start))
                break
    return tuple(found)
