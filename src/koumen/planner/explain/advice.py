"""Which one extra slot, person or longer slot would bring the most families into a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from koumen.planner.explain.changes import Change, changed, effort
from koumen.planner.explain.ground import Ground
from koumen.planner.explain.mends import Mend, Tried, mend_of, mended
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel

MOST_FAMILIES = 150  # families left out that are asked what would help them; the rest are only counted as saved
MOST_LOOKS = 2_500  # slots of families looked at
MOST_TRIES = 1_500  # visits tried for candidates
MOST_FULL = 60  # full outings in which another family is asked to make room


def suggest(
    problem: Problem, plan: Plan, *, most: int = 5, travel: Travel | None = None, ground: Ground | None = None
) -> tuple[Mend, ...]:
    """The changes that save most families, best first, each placed on the plan and read by the independent check.

    Families that need no change come first, all together; the others are tried on the plan with those. A suggestion
    whose families are all saved by one before it is left out.
    """
    # Many places are tried: none asks whether a full outing could go round in another order.
    here = replace(ground or Ground.of(problem, plan, travel), reorders=False)
    left = list(dict.fromkeys(here.home(one.household).id for one in plan.unplanned))
    homes = here.homes
    left.sort(key=lambda one: (not homes[one].key, one))
    found: list[Mend] = []
    after, saves, cost = placed(here, left, [slot.id for slot in here.open_slots()])
    if saves:
        places = tuple(Change("place", home, after.trips.outings[after.trips.place[home]].slot) for home in saves)
        found += filter(None, [mend_of(here, Tried(places, after, cost), saves)])
        here, left = after, [home for home in left if home not in saves]
    for tried, saves in _ranked(here, left):
        if len(found) >= most:
            break
        if not set(here.families(saves)).issubset(home for mend in found for home in mend.saves):
            found += filter(None, [mend_of(here, tried, saves)])
    return tuple(found)


def placed(ground: Ground, homes: Iterable[str], slots: Sequence[str]) -> tuple[Ground, tuple[str, ...], int]:
    """These families put, one after another, where it costs least among these slots; who had room, and the cost."""
    saves, cost = [], 0
    for one in homes:
        home = ground.home(one)
        fits = [view.fit for view in (ground.view(home, ground.slots[slot]) for slot in slots) if view.fit is not None]
        best = min(fits, key=lambda fit: (fit.cost, fit.outing.key), default=None)
        if best is not None and home.id not in saves and home.id not in ground.trips.place:
            ground, cost = ground.with_outing(best.outing), cost + best.cost
            saves.append(home.id)
    return ground, tuple(saves), cost


@dataclass(frozen=True)
class Asked:
    """A family that some changes would help, in which slot, and the trial of it alone."""

    home: str
    slot: str
    tried: Tried


Pool = dict[tuple[Change, ...], list[Asked]]


def _ranked(ground: Ground, left: Sequence[str]) -> list[tuple[Tried, tuple[str, ...]]]:
    """Every candidate with the families it saves when all of them are put on the plan one after another."""
    pool = _pool(ground, left)
    tries = MOST_TRIES
    found: list[tuple[Tried, tuple[str, ...]]] = []
    for changes in sorted(pool, key=lambda one: (-len(pool[one]), effort(one))):
        asked = pool[changes]
        tries -= len(asked)
        if tries < 0:
            break
        if len(asked) == 1:
            found.append((asked[0].tried, (asked[0].home,)))
            continue
        homes, slots = dict.fromkeys(one.home for one in asked), dict.fromkeys(one.slot for one in asked)
        after, saves, cost = placed(changed(ground, changes), homes, tuple(slots))
        found.append((Tried(changes, after, cost), saves))
    return sorted(found, key=lambda one: (-len(one[1]), effort(one[0].changes), one[0].cost))


def _pool(ground: Ground, left: Sequence[str]) -> Pool:
    """What would help each family in each slot it offered; what helps several alike stands once."""
    pool: Pool = {}
    looks, full = MOST_LOOKS, MOST_FULL
    for home_id in left[:MOST_FAMILIES]:
        home = ground.homes[home_id]
        for slot in ground.open_slots():
            if not home.windows.get(slot.id):
                continue
            looks -= 1
            if looks < 0:
                return pool
            full -= ground.view(home, slot).code == "full"
            tried = mended(ground, home_id, slot.id, swap=full >= 0)
            if tried is not None:
                changes = tried.changes or (Change("place", home_id, slot.id),)
                pool.setdefault(changes, []).append(Asked(home_id, slot.id, Tried(changes, tried.ground, tried.cost)))
    longer = [changes for changes in pool if [one.kind for one in changes] == ["longer"]]
    alone = {changes: list(pool[changes]) for changes in longer}
    for changes, other in permutations(longer, 2):
        if changes[0].slot == other[0].slot and changes[0].closes > other[0].closes:
            pool[changes] += alone[other]  # who needs less is helped too
    return pool
