"""Why a rule falls short: the true cause, and what would mend it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from koumen.planner.explain.advice import placed
from koumen.planner.explain.changes import Change, changed
from koumen.planner.explain.ground import Ground
from koumen.planner.explain.left import why_left_out
from koumen.planner.explain.mends import Mend, freed
from koumen.planner.explain.quota import SHORTAGES, quota_mend, quota_words
from koumen.planner.explain.share import Share, share_mend, share_words
from koumen.planner.explain.words import Said, said
from koumen.planner.plan import Plan, Shortfall
from koumen.planner.problem import Problem
from koumen.planner.travel import Travel


@dataclass(frozen=True)
class Short:
    """Why a rule falls short: `code` is the cause, the code of the first statement of `said`."""

    rule: str
    subject: str
    by: int
    code: str
    said: tuple[Said, ...]
    mends: tuple[Mend, ...]


def why_short(
    problem: Problem,
    plan: Plan,
    shortfalls: Iterable[Shortfall] | None = None,
    *,
    travel: Travel | None = None,
    ground: Ground | None = None,
) -> tuple[Short, ...]:
    """Explain these shortfalls of the plan, or all of them, in their order."""
    ground = ground or Ground.of(problem, plan, travel)
    return tuple(
        _explain(problem, plan, ground, one) for one in (plan.shortfalls if shortfalls is None else shortfalls)
    )


def _explain(problem: Problem, plan: Plan, ground: Ground, one: Shortfall) -> Short:
    if one.rule in SHORTAGES:
        person = ground.problem.person_by_id[one.subject]
        return _short(one, quota_words(ground, person, one.by), quota_mend(ground, person, one.by))
    if one.rule == "class_teacher_share":
        share = Share(replace(ground, reorders=False), one.subject, one.by)
        return _short(one, share_words(share), share_mend(share))
    if one.rule == "two_staff":
        return _nobody_second(plan, ground, one)
    if one.rule == "companion" and one.subject in plan.outing_of:
        return _wish(ground, one)
    if one.subject in problem.household_by_id:
        left = why_left_out(problem, plan, one.subject, ground=ground)
        return Short(one.rule, one.subject, one.by, left.code, left.said, left.mends)
    return _short(one, (), None)


def _short(one: Shortfall, words: Iterable[Said], mend: Mend | None) -> Short:
    words = tuple(words)
    return Short(one.rule, one.subject, one.by, words[0].code if words else "", words, (mend,) if mend else ())


def _nobody_second(plan: Plan, ground: Ground, one: Shortfall) -> Short:
    """An outing that was taken back: who is free then, and who could give the time."""
    class_id, _, slot = one.subject.rpartition("@")
    here = tuple(sorted(ground.free[slot]))
    code = "none_free" if not here else "alone_then" if len(here) == 1 else "all_out"
    word = said(code, slots=(slot,)) if not here else said(code, slots=(slot,), people=here)
    homes = [home.household for home in plan.unplanned if class_id in ground.home(home.household).classes]
    missing: list[Change] = []
    teacher = ground.problem.class_by_id[class_id].teacher
    if not ground.problem.team_of[class_id] & ground.free[slot]:
        missing += list(freed(ground, slot, (teacher,), class_id))
    missing += list(freed(changed(ground, missing), slot, ground.problem.person_by_id, class_id))
    missing = missing or [Change("extra", class_id, slot)]
    _after, saves, cost = placed(changed(ground, missing), homes, (slot,))
    return _short(one, (word,), Mend(tuple(missing), ground.families(saves), cost) if saves else None)


def _wish(ground: Ground, one: Shortfall) -> Short:
    """A family's wish for a companion: whether anybody answers it, and whether they could come."""
    home = ground.home(one.subject)
    going = ground.trips.outings[ground.trips.place[home.id]]
    here = {trait for person in going.staff for trait in ground.problem.person_by_id[person].traits}
    wanted = home.asks - here
    able = [person for person in ground.problem.people if wanted & person.traits and not person.barred]
    if not able:
        return _short(one, (said("wish_nobody"),), None)
    out = ground.trips.out.get(going.slot, {})
    free = [person for person in able if person.id in ground.free[going.slot] and person.id not in out]
    if not free:
        people = tuple(person.id for person in able)
        others = [person for person in able if person.id not in out]
        mend = [Change("free", others[0].id, going.slot)] if others and len(wanted) == 1 else []
        word = said("wish_busy", people=people, slots=(going.slot,))
        return _short(one, (word,), Mend(tuple(mend), (), 0) if mend else None)
    join = Change("join", f"{free[0].id}@{going.class_id}", going.slot)
    word = said("wish_free", people=tuple(person.id for person in free), slots=(going.slot,))
    return _short(one, (word,), Mend((join,), (), 0))
