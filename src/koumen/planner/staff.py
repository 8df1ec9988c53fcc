"""Who goes along: one assignment model for a whole school, solved by HiGHS.

Hard: nobody in two outings of a slot, at least two people and one of the class team on every outing that is
kept. With named slack: quotas, and families' wishes for a companion. Then: companions who teach the class, few outings
for anybody, an even load.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from koumen.planner.interrupt import GivenUp, never
from koumen.planner.milp import INFINITE, Model
from koumen.planner.parts import Person
from koumen.planner.problem import Problem

STAFF_PER_OUTING = 2
MOST_COMPANIONS = 2

# Prices of the model; only their order of size matters: cover an outing ≫ meet a quota ≫ even load ≫ who it
# is.
UNCOVERED = 100_000
WISH = 2_000  # one family's wish for a companion not met
QUOTA_STUDENT = 1_000
BUSIEST = 30
LIGHTEST = 0.5  # what an outing of the busiest weighs against misses alone: less than the smallest of them
ROUNDING = 1e-6
LOAD_STEPS = ((2, 8), (4, 8), (6, 8))
COMPANION = 25
STRANGER = 60
LEADER = 5
ROTATION = 4  # leaders and strangers offered to each outing in turn; offering everybody only slows the model


@dataclass(frozen=True)
class Draft:
    """An outing without its companions: `led` when the class teacher leads it, `students` seen on it.

    `second` is the other class of a pair whose teacher goes too; `wishes` are those of its families, as often as made.
    """

    class_id: str
    slot: str
    led: bool
    students: int
    second: str = ""
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Teams:
    """`people[i]` are the staff of draft i, the lead first; () when no two people could be found for it."""

    people: tuple[tuple[str, ...], ...]
    proved: bool


def assign(problem: Problem, drafts: Sequence[Draft], cancelled: Callable[[], bool] = never) -> Teams:
    """Staff for every draft: a short list of candidates first; then everybody in slots where an outing stays
    uncovered, and those still short of their quota wherever they can go. Once `cancelled`, whoever is free, first
    come, first served.
    """
    if not drafts:
        return Teams((), proved=True)
    if cancelled():
        return _whoever_is_free(problem, drafts)
    try:
        teams = _solve(problem, drafts, _candidates(problem, drafts), cancelled)
        tight = frozenset(draft.slot for draft, people in zip(drafts, teams.people, strict=True) if not people)
        needy = _short_of_quota(problem, drafts, teams)
        if not tight and not needy:
            return teams
        return _solve(problem, drafts, _candidates(problem, drafts, tight, needy), cancelled)
    except GivenUp:
        return _whoever_is_free(problem, drafts)


def _short_of_quota(problem: Problem, drafts: Sequence[Draft], teams: Teams) -> frozenset[str]:
    """Who sees fewer students than the own quota asks."""
    seen: Counter[str] = Counter()
    for draft, people in zip(drafts, teams.people, strict=True):
        seen.update(dict.fromkeys(people, draft.students))
    return frozenset(one.id for one in problem.people if seen[one.id] + one.done < problem.quotas.of(one))


def _whoever_is_free(problem: Problem, drafts: Sequence[Draft]) -> Teams:
    """One outing after the other takes the first who can go, the class team before others."""
    able = {slot: [p.id for p in problem.people if p.can_go(slot)] for slot in {draft.slot for draft in drafts}}
    busy = {(person, draft.slot) for draft in drafts for person in _fixed(problem, draft)}
    people = []
    for draft in drafts:
        team, staff = problem.team_of[draft.class_id], _fixed(problem, draft)
        here = able[draft.slot]
        first = chain((one for one in here if one in team), (one for one in here if one not in team))
        free = (one for one in first if (one, draft.slot) not in busy)
        staff = (*staff, *islice(free, STAFF_PER_OUTING - len(staff)))
        complete = len(staff) >= STAFF_PER_OUTING and staff[0] in team
        people.append(staff if complete else ())
        busy.update((person, draft.slot) for person in people[-1])
    return Teams(tuple(people), proved=False)


def _fixed(problem: Problem, draft: Draft) -> tuple[str, ...]:
    """Who goes whatever the model says: the class teacher who leads, and the other teacher of a pair."""
    classes = (draft.class_id, draft.second) if draft.second else (draft.class_id,)
    return tuple(problem.class_by_id[one].teacher for one in classes) if draft.led else ()


def _candidates(
    problem: Problem,
    drafts: Sequence[Draft],
    tight: frozenset[str] = frozenset(),
    needy: frozenset[str] = frozenset(),
) -> list[list[str]]:
    """Who may come along on each draft: the free class team, then leaders and others taking turns, then those whom
    a family asks for and the `needy`.

    In `tight` slots everybody who is free may.
    """
    leading = {(person, draft.slot) for draft in drafts for person in _fixed(problem, draft)}
    result = []
    for turn, draft in enumerate(drafts):
        free = [p for p in problem.people if p.can_go(draft.slot) and (p.id, draft.slot) not in leading]
        team = problem.team_of[draft.class_id]
        home = [person.id for person in free if person.id in team]
        leaders = [p.id for p in free if p.id not in team and p.role in ("principal", "middle")]
        others = [p.id for p in free if p.id not in team and p.role not in ("principal", "middle")]
        count = len(free) if draft.slot in tight else ROTATION
        asked = (p.id for p in free if p.id in needy or p.traits.intersection(draft.wishes))
        result.append(
            list(dict.fromkeys([*home, *_turns(leaders, turn, count), *_turns(others, 7 * turn, count), *asked]))
        )
    return result


def _turns(people: list[str], turn: int, count: int) -> list[str]:
    return [people[(turn + step) % len(people)] for step in range(min(count, len(people)))]


@dataclass
class _Columns:
    """Columns of the model: who goes on which draft, what is missed, and the outings of the busiest."""

    model: Model
    goes: dict[tuple[int, str], int]
    missed: list[int] = field(default_factory=list)
    busiest: int = 0

    def miss(self, price: float, most: float) -> int:
        """A column for a rule that may be missed up to `most` times."""
        self.missed.append(self.model.column(price, most))
        return self.missed[-1]


def _solve(
    problem: Problem, drafts: Sequence[Draft], candidates: list[list[str]], cancelled: Callable[[], bool]
) -> Teams:
    found = _settle(_columns(problem, drafts, candidates, Model(cancelled)))
    people = []
    for index, draft in enumerate(drafts):
        team = problem.team_of[draft.class_id]
        chosen = [person for person in candidates[index] if found.goes[index, person]]
        chosen.sort(key=lambda person: person not in team)
        staff = (*_fixed(problem, draft), *chosen)
        people.append(staff if len(staff) >= STAFF_PER_OUTING and staff[0] in team else ())
    return Teams(tuple(people), found.proved)


def _columns(problem: Problem, drafts: Sequence[Draft], candidates: list[list[str]], model: Model) -> _Columns:
    goes = {
        (index, person): model.column(_price(problem, draft, problem.person_by_id[person]), 1, whole=True)
        for index, draft in enumerate(drafts)
        for person in candidates[index]
    }
    columns = _Columns(model, goes)
    for index, draft in enumerate(drafts):
        _cover(problem, draft, {person: goes[index, person] for person in candidates[index]}, columns)
    _one_place(drafts, columns)
    _quotas_and_load(problem, drafts, columns)
    return columns


@dataclass(frozen=True)
class _Settled:
    goes: dict[tuple[int, str], bool]
    proved: bool


def _settle(columns: _Columns) -> _Settled:
    """Fewest misses first, then the least work for the busiest, then the rest of the prices.

    Without whole numbers the first two are known within a moment, and nothing does better. As a rule whole numbers
    do as well; then the rest is chosen under that load. Else one outing more is granted, at last any number.
    """
    model = columns.model
    missed = {column: model.cost[column] for column in columns.missed}
    bound = model.relaxed(missed | {columns.busiest: LIGHTEST})
    least = sum(price * bound.values[column] for column, price in missed.items())
    # One outing each is no load: nobody from elsewhere goes only to spare a teacher of the class a single one.
    load = max(1, math.ceil(bound.values[columns.busiest] - ROUNDING))
    for most in (load, load + 1, model.upper[columns.busiest]):
        model.upper[columns.busiest] = most
        found = model.solve()
        cost = sum(price * found.values[column] for column, price in missed.items())
        if found.found and cost <= least + LIGHTEST:
            break
    return _Settled({key: found.values[column] > 0.5 for key, column in columns.goes.items()}, found.proved)


def _price(problem: Problem, draft: Draft, person: Person) -> float:
    if person.id in problem.team_of[draft.class_id]:
        return COMPANION
    return COMPANION + (LEADER if person.role in ("principal", "middle") else STRANGER)


def _cover(problem: Problem, draft: Draft, joins: dict[str, int], to: _Columns) -> None:
    """Two people on an outing, one of them of the class team, or the outing counts as uncovered; and somebody for
    every wish of its families.
    """
    fixed, columns, model = _fixed(problem, draft), list(joins.values()), to.model
    need = STAFF_PER_OUTING - len(fixed)
    slack = to.miss(UNCOVERED, need) if need else None
    if slack is not None:
        model.row(need, INFINITE, [*columns, slack])
    if columns:
        model.row(-INFINITE, MOST_COMPANIONS + 1 - len(fixed), columns)
    if slack is not None and not draft.led:
        team = problem.team_of[draft.class_id]
        model.row(1, INFINITE, [*(column for person, column in joins.items() if person in team), slack])
    for wish, families in sorted(Counter(draft.wishes).items()):
        if not any(wish in problem.person_by_id[person].traits for person in fixed):
            able = [column for person, column in joins.items() if wish in problem.person_by_id[person].traits]
            model.row(1, INFINITE, [*able, to.miss(WISH * families, 1)])


def _one_place(drafts: Sequence[Draft], to: _Columns) -> None:
    """Nobody in two outings of a slot (those who lead one are no candidates there at all)."""
    together: dict[tuple[str, str], list[int]] = {}
    for (index, person), column in to.goes.items():
        together.setdefault((drafts[index].slot, person), []).append(column)
    for columns in together.values():
        if len(columns) > 1:
            to.model.row(-INFINITE, 1, columns)


def _quotas_and_load(problem: Problem, drafts: Sequence[Draft], to: _Columns) -> None:
    """Slack for each missed quota; a rising price for each person's outings and one for the busiest of
    all.
    """
    joins: dict[str, list[tuple[int, int]]] = {}
    for (index, person_id), column in to.goes.items():
        joins.setdefault(person_id, []).append((index, column))
    leads = [(teacher, draft.students) for draft in drafts for teacher in _fixed(problem, draft)]
    model = to.model
    to.busiest = busiest = model.column(BUSIEST, len(drafts))
    for person in problem.people:
        own = [students for teacher, students in leads if teacher == person.id]
        columns = [column for _, column in joins.get(person.id, [])]
        missing = problem.quotas.of(person) - person.done - sum(own)
        if missing > 0 and columns:
            slack = to.miss(QUOTA_STUDENT, missing)
            seen = [float(drafts[index].students) for index, _ in joins[person.id]]
            model.row(missing, INFINITE, [*columns, slack], [*seen, 1.0])
        # Class teachers lead their own class whatever happens: evening out their load would only starve
        # others.
        if columns and person.role != "class_teacher":
            minus = [1.0] * len(columns) + [-1.0]
            model.row(-INFINITE, -len(own), [*columns, busiest], minus)
            for step, price in LOAD_STEPS:
                over = model.column(price, len(drafts))
                model.row(-INFINITE, step - len(own), [*columns, over], minus)
