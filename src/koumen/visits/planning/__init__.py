"""Where the site meets the planner: the only room that imports `koumen.planner`."""

from koumen.visits.planning.moves import Broken, Preview, apply_move, preview_move
from koumen.visits.planning.outings import store_plan
from koumen.visits.planning.problem import Task, task_of
from koumen.visits.planning.search import Answer, Unsound, search

__all__ = [
    "Answer",
    "Broken",
    "Preview",
    "Task",
    "Unsound",
    "apply_move",
    "preview_move",
    "search",
    "store_plan",
    "task_of",
]
