"""Who goes along: one assignment model for a whole school, solved by HiGHS.

Hard: nobody in two outings of a slot, at least two people and one of the class team on every outing that is
kept. With named slack: quotas, and families' wishes for a companion. Then: companions who teach the class, few outings
for anybody, an even load.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """Staff for every draft: a short list of candidates first, everybody in slots where an outing stays
    uncovered. Once `cancelled`, whoever is free, first come, first served.
    """
    if not drafts:
        return Teams((), proved=True)
    try:
        teams = _solve(problem, drafts, _candidates(problem, drafts, frozenset()), cancelled)
        tight = frozenset(draft.slot for draft, people in zip(drafts, teams.people, strict=True) if not people)
        return _solve(problem, drafts, _candidates(problem, drafts, tight), cancelled) if tight else teams
    except GivenUp:
        return _whoever_is_free(problem, drafts)


def _whoever_is_free(problem: Problem, drafts: Sequence[Draft]) -> Teams:
    """One outing after the other takes the first who can go, the class team before others."""
    slots = frozenset(draft.slot for draft in drafts)
    busy = {(person, draft.slot) for draft in drafts for person in _fixed(problem, draft)}
    people = []
    for draft, able in zip(drafts, _candidates(problem, drafts, slots), strict=True):
        team, staff = problem.team_of[draft.class_id], _fixed(problem, draft)
        free = [person for person in able if (person, draft.slot) not in busy]
        staff = (*staff, *free[: STAFF_PER_OUTING - len(staff)])
        complete = len(staff) >= STAFF_PER_OUTING and staff[0] in team
        people.append(staff if complete else ())
        busy.update((person, draft.slot) for person in people[-1])
    return Teams(tuple(people), proved=False)


def _fixed(problem: Problem, draft: Draft) -> tuple[str, ...]:
    """Who goes whatever the model says: the class teacher who leads, and the other teacher of a pair."""
    classes = (draft.class_id, draft.second) if draft.second else (draft.class_id,)
    return tuple(problem.class_by_id[one].teacher for one in classes) if draft.led else ()


def _candidates(problem: Problem, drafts: Sequence[Draft], tight: frozenset[str]) -> list[list[str]]:
    """Who may come along on each draft: the free class team, then leaders and others taking turns, then those whom
    a family asks for.

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
        asked = (p.id for p in free if p.traits.intersection(draft.wishes))
        result.append(
            list(dict.fromkeys([*home, *_turns(leaders, turn, count), *_turns(others, 7 * turn, count), *asked]))
        )
    return result


def _turns(people: list[str], turn: int, count: int) -> list[str]:
    return [people[(turn + step) % len(people)] for step in range(min(count, len(people)))]


def _solve(
    problem: Problem, drafts: Sequence[Draft], candidates: list[list[str]], cancelled: Callable[[], bool]
) -> Teams:
    model = Model(cancelled)
    goes = {
        (index, person): model.column(_price(problem, draft, problem.person_by_id[person]), 1, whole=True)
        for index, draft in enumerate(drafts)
        for person in candidates[index]
    }
    for index, draft in enumerate(drafts):
        _cover(problem, draft, {person: goes[index, person] for person in candidates[index]}, model)
    _one_place(drafts, model, goes)
    _quotas_and_load(problem, drafts, model, goes)
    found = model.solve()
    people = []
    for index, draft in enumerate(drafts):
        team = problem.team_of[draft.class_id]
        chosen = [person for person in candidates[index] if found.values[goes[index, person]] > 0.5]
        chosen.sort(key=lambda person: person not in team)
        staff = (*_fixed(problem, draft), *chosen)
        people.append(staff if len(staff) >= STAFF_PER_OUTING and staff[0] in team else ())
    return Teams(tuple(people), found.proved)


def _price(problem: Problem, draft: Draft, person: Person) -> float:
    if person.id in problem.team_of[draft.class_id]:
        return COMPANION
    return COMPANION + (LEADER if person.role in ("principal", "middle") else STRANGER)


def _cover(problem: Problem, draft: Draft, joins: dict[str, int], model: Model) -> None:
    """Two people on an outing, one of them of the class team, or the outing counts as uncovered; and somebody for
    every wish of its families.
    """
    fixed, columns = _fixed(problem, draft), list(joins.values())
    need = STAFF_PER_OUTING - len(fixed)
    slack = model.column(UNCOVERED, need) if need else None
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
            model.row(1, INFINITE, [*able, model.column(WISH * families, 1)])


def _one_place(drafts: Sequence[Draft], model: Model, goes: dict[tuple[int, str], int]) -> None:
    """Nobody in two outings of a slot (those who lead one are no candidates there at all)."""
    together: dict[tuple[str, str], list[int]] = {}
    for (index, person), column in goes.items():
        together.setdefault((drafts[index].slot, person), []).append(column)
    for columns in together.values():
        if len(columns) > 1:
            model.row(-INFINITE, 1, columns)


def _quotas_and_load(problem: Problem, drafts: Sequence[Draft], model: Model, goes: dict[tuple[int, str], int]) -> None:
    """Slack for each missed quota; a rising price for each person's outings and one for the busiest of
    all.
    """
    joins: dict[str, list[tuple[int, int]]] = {}
    for (index, person_id), column in goes.items():
        joins.setdefault(person_id, []).append((index, column))
    leads = [(teacher, draft.students) for draft in drafts for teacher in _fixed(problem, draft)]
    busiest = model.column(BUSIEST, len(drafts))
    for person in problem.people:
        own = [students for teacher, students in leads if teacher == person.id]
        columns = [column for _, column in joins.get(person.id, [])]
        missing = problem.quotas.of(person) - person.done - sum(own)
        if missing > 0 and columns:
            slack = model.column(QUOTA_STUDENT, missing)
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
