"""The planner of home visits: plain Python, knows nothing of the site.

`solve` makes a plan from a problem, `draw_class` and `join` do the same in pieces, `check` reads a plan independently,
`try_move` moves one visit by hand.
"""

from koumen.planner.better import improve
from koumen.planner.chain import Chain, Effort, chain_of
from koumen.planner.changes import Change, DayLost, FamilyChanged, FamilyGone, LookAgain, TeacherAway, after
from koumen.planner.check import BROKEN, Violation, check
from koumen.planner.draw import ClassRoutes
from koumen.planner.effects import Effects, Restaffed, Shift, Switch
from koumen.planner.explain import suggest, why_here, why_left_out, why_short
from koumen.planner.gatherings import common_windows, fold, fold_plan, unfold
from koumen.planner.generate import make_school
from koumen.planner.generate_options import with_options
from koumen.planner.move import Moved, Refused, try_move
from koumen.planner.parts import INELIGIBLE
from koumen.planner.plan import (
    REASONS,
    RULES,
    UNREACHABLE,
    Figures,
    Outing,
    Plan,
    Shortfall,
    Stop,
    Totals,
    Unplanned,
    outing_key,
)
from koumen.planner.problem import (
    ClassTeam,
    Gathering,
    Household,
    Locked,
    Pair,
    Person,
    Point,
    Problem,
    ProblemError,
    Quotas,
    Slot,
    Weights,
    Window,
)
from koumen.planner.propose import propose_pairs
from koumen.planner.replan import Replanned, repair
from koumen.planner.screen import screen
from koumen.planner.solve import ITERATIONS, Progress, draw_class, join, solve
from koumen.planner.standing import Standing
from koumen.planner.tally import Line, tally
from koumen.planner.travel import GreatCircle, Legs, Travel
from koumen.planner.whole import replan
from koumen.planner.wire import dump_class, dump_plan, dump_problem, load_class, load_plan, load_problem

__all__ = [
    "BROKEN",
    "INELIGIBLE",
    "ITERATIONS",
    "REASONS",
    "RULES",
    "UNREACHABLE",
    "Chain",
    "Change",
    "ClassRoutes",
    "ClassTeam",
    "DayLost",
    "Effects",
    "Effort",
    "FamilyChanged",
    "FamilyGone",
    "Figures",
    "Gathering",
    "GreatCircle",
    "Household",
    "Legs",
    "Line",
    "Locked",
    "LookAgain",
    "Moved",
    "Outing",
    "Pair",
    "Person",
    "Plan",
    "Point",
    "Problem",
    "ProblemError",
    "Progress",
    "Quotas",
    "Refused",
    "Replanned",
    "Restaffed",
    "Shift",
    "Shortfall",
    "Slot",
    "Standing",
    "Stop",
    "Switch",
    "TeacherAway",
    "Totals",
    "Travel",
    "Unplanned",
    "Violation",
    "Weights",
    "Window",
    "after",
    "chain_of",
    "check",
    "common_windows",
    "draw_class",
    "dump_class",
    "dump_plan",
    "dump_problem",
    "fold",
    "fold_plan",
    "improve",
    "join",
    "load_class",
    "load_plan",
    "load_problem",
    "make_school",
    "outing_key",
    "propose_pairs",
    "repair",
    "replan",
    "screen",
    "solve",
    "suggest",
    "tally",
    "try_move",
    "unfold",
    "why_here",
    "why_left_out",
    "why_short",
    "with_options",
]
