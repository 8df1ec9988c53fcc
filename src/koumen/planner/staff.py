"""Who goes along: one assignment model for a whole school, solved by HiGHS.

Hard: nobody in two outings of a slot, at least two people and one of the class team on every outing that is
kept. With named slack: quotas. Then: companions who teach the class, few outings for anybody, an even load.
The search ends at a gap or a number of nodes, never after a time, so the same input gives the same teams.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np

from koumen.planner.parts import Person
from koumen.planner.problem import Problem

STAFF_PER_OUTING = 2
MOST_COMPANIONS = 2
MAX_NODES = 500
GAP = 1e-4

# Prices of the model; only their order of size matters: cover an outing ≫ meet a quota ≫ even load ≫ who it
# is.
UNCOVERED = 100_000
QUOTA_STUDENT = 1_000
BUSIEST = 30
LOAD_STEPS = ((2, 8), (4, 8), (6, 8))
COMPANION = 25
STRANGER = 60
LEADER = 5
ROTATION = 4  # leaders and strangers offered to each outing in turn; offering everybody only slows the model


@dataclass(frozen=True)
class Draft:
    """An outing without its companions: `led` when the class teacher leads it, `students` seen on it."""

    class_id: str
    slot: str
    led: bool
    students: int


@dataclass(frozen=True)
class Teams:
    """`people[i]` are the staff of draft i, the lead first; () when no two people could be found for it."""

    people: tuple[tuple[str, ...], ...]
    proved: bool


@dataclass
class _Model:
    """Columns and rows gathered before they are handed over."""

    cost: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[float, float, list[int], list[float]]] = field(default_factory=list)

    def column(self, cost: float, upper: float, *, whole: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(whole)
        return len(self.cost) - 1

    def row(self, low: float, high: float, columns: Sequence[int], values: Sequence[float] | None = None) -> None:
        self.rows.append((low, high, list(columns), list(values or [1.0] * len(columns))))


def assign(problem: Problem, drafts: Sequence[Draft]) -> Teams:
    """Staff for every draft: a short list of candidates first, everybody in slots where an outing stays
    uncovered.
    """
    if not drafts:
        return Teams((), proved=True)
    teams = _solve(problem, drafts, _candidates(problem, drafts, frozenset()))
    tight = frozenset(draft.slot for draft, people in zip(drafts, teams.people, strict=True) if not people)
    return _solve(problem, drafts, _candidates(problem, drafts, tight)) if tight else teams


def _candidates(problem: Problem, drafts: Sequence[Draft], tight: frozenset[str]) -> list[list[str]]:
    """Who may come along on each draft: the free class team, then leaders and others taking turns.

    In `tight` slots everybody who is free may.
    """
    leading = {(problem.class_by_id[draft.class_id].teacher, draft.slot) for draft in drafts if draft.led}
    result = []
    for turn, draft in enumerate(drafts):
        free = [p for p in problem.people if draft.slot in p.slots and (p.id, draft.slot) not in leading]
        team = problem.team_of[draft.class_id]
        home = [person.id for person in free if person.id in team]
        leaders = [p.id for p in free if p.id not in team and p.role in ("principal", "middle")]
        others = [p.id for p in free if p.id not in team and p.role not in ("principal", "middle")]
        count = len(free) if draft.slot in tight else ROTATION
        result.append([*home, *_turns(leaders, turn, count), *_turns(others, 7 * turn, count)])
    return result


def _turns(people: list[str], turn: int, count: int) -> list[str]:
    return [people[(turn + step) % len(people)] for step in range(min(count, len(people)))]


def _solve(problem: Problem, drafts: Sequence[Draft], candidates: list[list[str]]) -> Teams:
    model = _Model()
    goes = {
        (index, person): model.column(_price(problem, draft, problem.person_by_id[person]), 1, whole=True)
        for index, draft in enumerate(drafts)
        for person in candidates[index]
    }
    _cover(problem, drafts, candidates, model, goes)
    _one_place(drafts, model, goes)
    _quotas_and_load(problem, drafts, model, goes)
    values, proved = _run(model)
    people = []
    for index, draft in enumerate(drafts):
        teacher = problem.class_by_id[draft.class_id].teacher
        team = problem.team_of[draft.class_id]
        chosen = [person for person in candidates[index] if values[goes[index, person]] > 0.5]
        chosen.sort(key=lambda person: person not in team)
        staff = (teacher, *chosen) if draft.led else tuple(chosen)
        people.append(staff if len(staff) >= STAFF_PER_OUTING and staff[0] in team else ())
    return Teams(tuple(people), proved)


def _price(problem: Problem, draft: Draft, person: Person) -> float:
    if person.id in problem.team_of[draft.class_id]:
        return COMPANION
    return COMPANION + (LEADER if person.role in ("principal", "middle") else STRANGER)


def _cover(
    problem: Problem,
    drafts: Sequence[Draft],
    candidates: list[list[str]],
    model: _Model,
    goes: dict[tuple[int, str], int],
) -> None:
    """Two people on an outing, one of them of the class team, or the outing counts as uncovered."""
    for index, draft in enumerate(drafts):
        need = STAFF_PER_OUTING - int(draft.led)
        columns = [goes[index, person] for person in candidates[index]]
        slack = model.column(UNCOVERED, need)
        model.row(need, highspy.kHighsInf, [*columns, slack])
        if columns:
            model.row(-highspy.kHighsInf, MOST_COMPANIONS + 1 - int(draft.led), columns)
        if not draft.led:
            team = problem.team_of[draft.class_id]
            home = [goes[index, person] for person in candidates[index] if person in team]
            model.row(1, highspy.kHighsInf, [*home, slack])


def _one_place(drafts: Sequence[Draft], model: _Model, goes: dict[tuple[int, str], int]) -> None:
    """Nobody in two outings of a slot (those who lead one are no candidates there at all)."""
    together: dict[tuple[str, str], list[int]] = {}
    for (index, person), column in goes.items():
        together.setdefault((drafts[index].slot, person), []).append(column)
    for columns in together.values():
        if len(columns) > 1:
            model.row(-highspy.kHighsInf, 1, columns)


def _quotas_and_load(
    problem: Problem, drafts: Sequence[Draft], model: _Model, goes: dict[tuple[int, str], int]
) -> None:
    """Slack for each missed quota; a rising price for each person's outings and one for the busiest of
    all.
    """
    joins: dict[str, list[tuple[int, int]]] = {}
    for (index, person_id), column in goes.items():
        joins.setdefault(person_id, []).append((index, column))
    leads = [(problem.class_by_id[d.class_id].teacher, d.students) for d in drafts if d.led]
    busiest = model.column(BUSIEST, len(drafts))
    for person in problem.people:
        own = [students for teacher, students in leads if teacher == person.id]
        columns = [column for _, column in joins.get(person.id, [])]
        missing = problem.quotas.of(person) - person.done - sum(own)
        if missing > 0 and columns:
            slack = model.column(QUOTA_STUDENT, missing)
            seen = [float(drafts[index].students) for index, _ in joins[person.id]]
            model.row(missing, highspy.kHighsInf, [*columns, slack], [*seen, 1.0])
        # Class teachers lead their own class whatever happens: evening out their load would only starve
        # others.
        if columns and person.role != "class_teacher":
            minus = [1.0] * len(columns) + [-1.0]
            model.row(-highspy.kHighsInf, -len(own), [*columns, busiest], minus)
            for step, price in LOAD_STEPS:
                over = model.column(price, len(drafts))
                model.row(-highspy.kHighsInf, step - len(own), [*columns, over], minus)


def _run(model: _Model) -> tuple[list[float], bool]:
    """The best values found and whether they are proved optimal; all zero when HiGHS found nothing."""
    solver = highspy.Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 1),
        ("mip_rel_gap", GAP),
        ("mip_max_nodes", MAX_NODES),
    ):
        solver.setOptionValue(option, value)
    count = len(model.cost)
    every = np.arange(count, dtype=np.int32)
    solver.addVars(count, np.zeros(count), np.array(model.upper, dtype=float))
    solver.changeColsCost(count, every, np.array(model.cost, dtype=float))
    kinds = [highspy.HighsVarType.kInteger if one else highspy.HighsVarType.kContinuous for one in model.whole]
    solver.changeColsIntegrality(count, every, np.array(kinds))
    for low, high, columns, values in model.rows:
        solver.addRow(low, high, len(columns), np.array(columns, dtype=np.int32), np.array(values))
    solver.run()
    proved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    values = list(solver.getSolution().col_value)
    return (values if len(values) == count else [0.0] * count), proved
