"""Why a family has no visit in a plan: the true cause, slot by slot, and what would mend it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from koumen.planner.explain.changes import Change, changed, effort
from koumen.planner.explain.ground import RANK, Ground, View
from koumen.planner.explain.mends import Mend, Tried, mend_of, mended
from koumen.planner.explain.words import Said, said
from koumen.planner.parts import Household
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel

MOST_MENDS = 3
MOST_RIVALS = 3  # full outings whose families are named
MOST_SWAPPED = 3  # full outings in which another family is asked to make room


@dataclass(frozen=True)
class LeftOut:
    """Why a family has no visit. `code` is the cause: one of `STAGES`, `no_window`, `no_common_time` or
    `wishes_remote`.

    No slot gets further than that stage, and at least one gets there. `views` tells it slot by slot, `mends` are tried
    on the plan, the easiest first.
    """

    household: str
    code: str
    said: tuple[Said, ...]
    views: tuple[View, ...]
    mends: tuple[Mend, ...]


def why_left_out(
    problem: Problem, plan: Plan, household: str, *, travel: Travel | None = None, ground: Ground | None = None
) -> LeftOut:
    """Explain a family without a visit. `ground` saves time when many are asked for. Raises `ProblemError` (`unknown`)
    for families that do not exist.
    """
    ground = ground or Ground.of(problem, plan, travel)
    home = ground.home(household)
    views = tuple(ground.view(home, slot) for slot in ground.open_slots())
    code = cause(ground, home, views)
    words = (*_before(plan, household, code), *said_of(ground, home, code, views))
    return LeftOut(household, code, words, views, tuple(mends_for(ground, home, views)))


def _before(plan: Plan, household: str, code: str) -> tuple[Said, ...]:
    """What happened to the family while the plan was made, when that explains what the slots do not."""
    told = next((one.code for one in plan.unplanned if one.household == household), "")
    if told == "no_companion" and code == "possible":
        return (said("taken_back"),)
    return (said(told),) if told == "taken_out" else ()


def cause(ground: Ground, home: Household, views: Iterable[View]) -> str:
    """The furthest any slot gets."""
    if not home.in_person:
        return "wishes_remote"
    code = max((view.code for view in views), key=lambda one: RANK[one], default="away")
    if code != "away":
        return code
    members = (ground.whole.household_by_id[one] for one in ground.families((home.id,)))
    return "no_common_time" if home.families and all(any(one.windows.values()) for one in members) else "no_window"


def said_of(ground: Ground, home: Household, code: str, views: Iterable[View]) -> Iterator[Said]:
    """The cause first, then what stands in the way in the other slots."""
    if code in ("no_window", "wishes_remote"):
        yield said(code)
        return
    if code == "no_common_time":
        yield said(code, households=ground.families((home.id,)))
        return
    by_code: dict[str, list[View]] = {}
    for view in views:
        by_code.setdefault(view.code, []).append(view)
    by_code.pop("away", None)
    if code == "possible":
        by_code = {code: by_code[code]}  # that there is room is all there is to say
    for stage in sorted(by_code, key=lambda one: -RANK[one]):
        yield from _stage(ground, home, stage, by_code[stage])


def _stage(ground: Ground, home: Household, stage: str, views: list[View]) -> Iterator[Said]:
    slots = tuple(view.slot for view in views)
    visit = -(-home.service // 60)
    match stage:
        case "promised_elsewhere":
            yield said(stage, slots=(ground.locks[home.id].slot,))
        case "window_short":
            yield said(stage, slots=slots, minutes=visit)
        case "too_far":
            legs = ground.alone(home).seconds
            yield said(stage, slots=slots, minutes=-(-int(legs[0, 1] + legs[1, 0]) // 60), visit=visit)
        case "no_team":
            yield said(stage, slots=slots)
            yield from _team_slots(ground, views[0].class_id)
        case "locked_in_way" | "full":
            yield from _no_room(ground, stage, views)
        case "possible":
            yield said(stage, slots=slots)
        case _:
            for people in dict.fromkeys(view.people for view in views):
                yield said(stage, slots=tuple(view.slot for view in views if view.people == people), people=people)


def _no_room(ground: Ground, stage: str, views: list[View]) -> Iterator[Said]:
    if stage == "full":
        for code, proved in (("full", True), ("unproved", False)):
            if some := tuple(view.slot for view in views if view.proved is proved):
                yield said(code, slots=some)
    code = "rivals" if stage == "full" else stage
    for view in [one for one in views if one.rivals][:MOST_RIVALS]:
        yield said(code, slots=(view.slot,), households=ground.families(view.rivals))


def _team_slots(ground: Ground, class_id: str) -> Iterator[Said]:
    """When the class teacher and the others of the class are free."""
    teacher = ground.problem.class_by_id[class_id].teacher
    team = sorted(ground.problem.team_of[class_id], key=lambda one: (one != teacher, one))
    free = {one: tuple(slot.id for slot in ground.open_slots() if one in ground.free[slot.id]) for one in team}
    if not any(free.values()):
        yield said("team_never")
    for person in [one for one in team if free[one]][:MOST_RIVALS]:
        yield said("team_free", people=(person,), slots=free[person])


def mends_for(ground: Ground, home: Household, views: Iterable[View]) -> Iterator[Mend]:
    """The easiest mends, each tried. Slots the family did not offer are asked for only when nothing else helps."""
    start: tuple[Change, ...] = () if home.in_person else (Change("in_person", home.id),)
    views = tuple(views)
    ready = [view for view in views if view.fit is not None]
    offered = [view for view in views if view.code != "away"]
    for some in (ready, offered, [view for view in views if view.code == "away"]):
        found = list(_tried(changed(ground, start), home, some)) if some else []
        found.sort(key=lambda one: (effort(one.changes), one.cost))
        made = (mend_of(ground, Tried((*start, *one.changes), one.ground, one.cost), (home.id,)) for one in found)
        sure = list(islice((one for one in made if one is not None), MOST_MENDS))
        if sure:
            yield from sure
            return


def _tried(ground: Ground, home: Household, views: Iterable[View]) -> Iterator[Tried]:
    swaps = MOST_SWAPPED
    for view in views:
        swaps -= view.code == "full"
        one = mended(ground, home.id, view.slot, swap=swaps >= 0)
        if one is not None:
            yield one if one.changes else Tried((Change("place", home.id, view.slot),), one.ground, one.cost)
