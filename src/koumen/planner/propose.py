"""Which classes to pair: where both have families in the same far village, one way there serves both."""

import itertools
from collections import Counter

from koumen.planner.milp import Model
from koumen.planner.parts import Pair
from koumen.planner.problem import Problem
from koumen.planner.task import free_people
from koumen.planner.travel import GreatCircle, Travel

FAR = 600  # seconds from school; nearer places are passed on many ways and save nothing
ENOUGH = 3  # families of a class in a place, or slots in which both can go there, that make the saving whole
STAY = 2 * 3600  # an outing is worth the way to a far place when it leaves this much time there


def propose_pairs(problem: Problem, *, travel: Travel | None = None) -> tuple[Pair, ...]:
    """Pairs with the greatest estimated saving of travel, each class in one pair at most.

    The estimate: there and back to each far place where both have families, less when they are few or when the two
    teachers share few slots long enough for it. Classes with nothing to save stay alone.
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
    count: Counter[tuple[str, str]] = Counter()
    far: dict[str, int] = {}
    # Class by class: the ways between families of different classes are of no interest here.
    for team in problem.classes:
        homes = [home for home in problem.households if home.lead_class == team.id and home.in_person and home.place]
        for home, way in zip(homes, travel.legs(homes).seconds[0, 1:], strict=True):
            count[team.id, home.place] += 1
            far[home.place] = max(far.get(home.place, 0), int(way))
    free, found = free_people(problem), {}
    for one, other in itertools.combinations(problem.classes, 2):
        if one.teacher == other.teacher:
            continue
        shared = [slot.length for slot in problem.slots if {one.teacher, other.teacher} <= free[slot.id]]
        saved = 0.0
        for place, way in sorted(far.items()):
            if way > FAR:
                slots = sum(length >= 2 * way + STAY for length in shared)
                share = min(ENOUGH, count[one.id, place], count[other.id, place], slots) / ENOUGH
                saved += 2 * way * share
        if saved:
            found[one.id, other.id] = saved
    return found
