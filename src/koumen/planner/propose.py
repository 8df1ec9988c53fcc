"""Which classes to pair: where both have families in the same far village, one way there serves both."""

import itertools
from collections import Counter

import numpy as np

from koumen.planner.milp import Model
from koumen.planner.parts import Pair
from koumen.planner.problem import Problem
from koumen.planner.task import free_people
from koumen.planner.travel import GreatCircle, Travel

FAR = 600  # seconds from school; nearer places are passed on many ways and save nothing
ENOUGH = 3  # families of a class in a place, or shared days, that make the saving whole


def propose_pairs(problem: Problem, *, travel: Travel | None = None) -> tuple[Pair, ...]:
    """Pairs with the greatest estimated saving of travel, each class in one pair at most.

    The estimate: there and back to each far place where both have families, less when they are few or when the two
    teachers share few days. Classes with nothing to save stay alone.
    """
    savings = _savings(problem, travel or GreatCircle(problem))
    model = Model()
    columns = {pair: model.column(-saved, 1, whole=True) for pair, saved in savings.items()}
    for team in problem.classes:
        own = [column for pair, column in columns.items() if team.id in pair]
        if own:
            model.row(0, 1, own)
    found = model.solve() if columns else None
    return tuple(Pair(*pair) for pair, column in columns.items() if found and found.values[column] > 0.5)


def _savings(problem: Problem, travel: Travel) -> dict[tuple[str, str], float]:
    """Seconds saved by each pair of classes that saves anything."""
    homes = [home for home in problem.households if home.in_person and home.place]
    ways = travel.legs(homes).seconds[0, 1:] if homes else np.zeros(0, dtype=np.int64)
    count: Counter[tuple[str, str]] = Counter()
    far: dict[str, int] = {}
    for home, way in zip(homes, ways, strict=True):
        count[home.lead_class, home.place] += 1
        far[home.place] = max(far.get(home.place, 0), int(way))
    free, days = free_people(problem), {slot.id for slot in problem.slots if slot.kind == "day"}
    found = {}
    for one, other in itertools.combinations(problem.classes, 2):
        if one.teacher == other.teacher:
            continue
        shared = sum({one.teacher, other.teacher} <= free[slot] for slot in sorted(days))
        saved = sum(
            2 * way * min(1.0, count[one.id, place] / ENOUGH, count[other.id, place] / ENOUGH)
            for place, way in sorted(far.items())
            if way > FAR
        )
        if saved * shared:
            found[one.id, other.id] = saved * min(1.0, shared / ENOUGH)
    return found
