"""The best whole choice among known outings: the master problem with whole numbers, solved by HiGHS.

Rows by name: every family once, every slot once, the class teacher's share. Families and students may be missed at the
prices of `ClassTask.worth`. The search ends at a number of nodes, never after a time.
"""

from collections.abc import Callable

import highspy
import numpy as np

from koumen.planner.interrupt import run_unless
from koumen.planner.master import INFINITE, Master, quiet_solver
from koumen.planner.task import MISSED_STUDENT, Route, teacher_share

MOST_COLUMNS = 500  # those of least reduced cost; more take longer and find nothing better
MOST_NODES = 30
GAP = 1e-3


def pick(master: Master, best: tuple[Route, ...], cancelled: Callable[[], bool]) -> tuple[tuple[Route, ...], int]:
    """The cheapest plan from the routes of least reduced cost and those of `best`; and the simplex steps it took.

    Raises `GivenUp` once `cancelled`.
    """
    routes = _candidates(master, best)
    model = quiet_solver(mip_max_nodes=MOST_NODES, mip_rel_gap=GAP)
    _add_rules(master, model)
    first = int(model.getNumCol())
    for route in routes:
        entries = {row: value for row, value in master.entries(route).items() if row <= master.share_row}
        rows, values = np.array(list(entries), dtype=np.int32), np.array(list(entries.values()))
        model.addCol(float(master.task.price(route)), 0.0, 1.0, len(rows), rows, values)
    whole = np.array([*range(master.homes), *range(first, first + len(routes))], dtype=np.int32)
    model.changeColsIntegrality(len(whole), whole, np.array([highspy.HighsVarType.kInteger] * len(whole)))
    run_unless(model, cancelled)
    made = list(model.getSolution().col_value)[first:]
    steps = int(model.getInfo().simplex_iteration_count)
    return tuple(route for route, value in zip(routes, made, strict=False) if value > 0.5), steps


def _candidates(master: Master, best: tuple[Route, ...]) -> list[Route]:
    reduced = master.reduced_costs
    able = [index for index, route in enumerate(master.routes) if len({*route.rows}) == len(route.rows)]
    able.sort(key=lambda index: (round(float(reduced[index]), 3), index))
    return list(dict.fromkeys([*best, *(master.routes[index] for index in able[:MOST_COLUMNS])]))


def _add_rules(master: Master, model: highspy.Highs) -> None:
    """The rows, and the columns that let a family or a student be missed."""
    task, nothing = master.task, (0, np.array([], np.int32), np.array([]))
    for home in task.homes:
        model.addRow(0.0 if home.id in task.barred else 1.0, 1.0, *nothing)
    for _ in task.options:
        model.addRow(-INFINITE, 1.0, *nothing)
    model.addRow(float(teacher_share(task.problem, task.class_id)), INFINITE, *nothing)
    for row, prize in enumerate(task.prizes):
        model.addCol(float(prize), 0.0, 1.0, 1, np.array([row], np.int32), np.array([1.0]))
    model.addCol(float(MISSED_STUDENT), 0.0, INFINITE, 1, np.array([master.share_row], np.int32), np.array([1.0]))
