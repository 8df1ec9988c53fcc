"""Why a family is seen here and then: what else was possible, and what that would cost more."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from koumen.planner.explain.ground import Ground, View
from koumen.planner.explain.words import Said, clock_time, said
from koumen.planner.parts import Household, ProblemError
from koumen.planner.plan import Outing, Plan, Stop
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel


@dataclass(frozen=True)
class Alternative:
    """A slot the family could be moved to, nobody else changing the outing. `cost` and `way` are what it would add to
    the objective and to the travel, in seconds, compared with now; `weeks` how much later it is; `shifted` families
    whose visits would begin at another time; `joins` is True when the class goes out then already; `led` when the class
    teacher leads.
    """

    slot: str
    class_id: str
    cost: int
    way: int
    weeks: int
    shifted: tuple[str, ...]
    joins: bool
    led: bool


@dataclass(frozen=True)
class Here:
    """Why a family is seen here and then. `views` are all slots, `alternatives` those it could move to, cheapest first;
    `fixed` what holds it: `locked`, `only_slot`, `key_early`.
    """

    household: str
    outing: str
    said: tuple[Said, ...]
    fixed: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    views: tuple[View, ...]


def why_here(
    problem: Problem, plan: Plan, household: str, *, travel: Travel | None = None, ground: Ground | None = None
) -> Here:
    """Explain a planned visit. `ground` saves time when many are asked for.

    Raises `ProblemError` (`unknown`) for a family that does not exist or has no visit.
    """
    ground = ground or Ground.of(problem, plan, travel)
    home = ground.home(household)
    going = ground.trips.of_family(home.id)
    if going is None:
        raise ProblemError(f"家庭 {household} 没有安排家访。", "unknown")
    left, saved = replace(ground, reorders=False).without(home)
    views = tuple(left.view(home, slot) for slot in ground.open_slots())
    others = sorted(_alternatives(left, home, going, saved, views), key=lambda one: one.cost)
    words = tuple(_said(ground, home, going, left, others, views))
    fixed = tuple(one.code for one in words if one.code in ("locked", "only_slot", "key_early"))
    return Here(household, going.key, words, fixed, tuple(others), views)


def _alternatives(
    left: Ground, home: Household, going: Outing, saved: int, views: tuple[View, ...]
) -> Iterator[Alternative]:
    """Slots other than the present one in which a visit is possible."""
    way = going.travel - (left.trips.outings[going.key].travel if going.key in left.trips.outings else 0)
    for view in views:
        if view.fit is None or view.slot == going.slot:
            continue
        made, teacher = view.fit.outing, left.problem.class_by_id[view.class_id].teacher
        yield Alternative(
            view.slot,
            view.class_id,
            view.fit.cost - saved,
            view.fit.way - way,
            left.slots[view.slot].week - left.slots[going.slot].week,
            left.families(view.fit.shifted),
            not view.fit.opened,
            teacher in made.staff,
        )


def _said(
    ground: Ground, home: Household, going: Outing, left: Ground, others: list[Alternative], views: tuple[View, ...]
) -> Iterator[Said]:
    slot = ground.slots[going.slot]
    stop = next(one for one in going.stops if one.household == home.id)
    yield said("placed", days=(slot.id,), time=clock_time(slot, stop.start), people=going.staff)
    if len(home.students) > 1 and not home.families:
        yield said("siblings", n=len(home.students))
    if home.id in ground.locks:
        yield said("locked")
        return
    yield from _neighbours(ground, home, going, left)
    offered = sum(view.code != "away" for view in views)
    yield said("only_slot") if not others else said("choice", n=offered, m=len(others) + 1)
    if home.key:
        yield said("key_early", week=slot.week + 1)
    if others:
        minutes = round(others[0].cost / 60)
        code = "same" if not minutes else "next_best" if minutes > 0 else "cheaper"
        yield said(code, slots=(others[0].slot,), minutes=abs(minutes))
    if home.id in ground.roads.estimated:
        yield said("estimated")


def _neighbours(ground: Ground, home: Household, going: Outing, left: Ground) -> Iterator[Said]:
    """Who else is seen on the outing, and the way it saves."""
    rest = left.trips.outings.get(going.key)
    if rest is None:
        yield said("single")
        return
    legs = ground.alone(home).seconds
    yield said(
        "together",
        households=ground.families(_others(going, home)),
        minutes=max(0, round((going.travel - rest.travel) / 60)),
        alone=round(int(legs[0, 1] + legs[1, 0]) / 60),
    )


def _others(going: Outing, home: Household) -> list[str]:
    stops: tuple[Stop, ...] = going.stops
    return [stop.household for stop in stops if stop.household != home.id]
