"""Where the site meets the planner: the only room that imports `koumen.planner`."""

from koumen.visits.planning.asking import learn_roads
from koumen.visits.planning.moves import Broken, Preview, apply_move, preview_move
from koumen.visits.planning.outings import store_plan
from koumen.visits.planning.parts import Headway, drawn_parts, forget_parts, hand_out, keep, task_under_way
from koumen.visits.planning.places import PlaceWay, Trial, try_service, ways_to
from koumen.visits.planning.problem import Task, task_of
from koumen.visits.planning.proposals import proposed_pairs
from koumen.visits.planning.search import Answer, Unsound, draw, join

__all__ = [
    "Answer",
    "Broken",
    "Headway",
    "PlaceWay",
    "Preview",
    "Task",
    "Trial",
    "Unsound",
    "apply_move",
    "draw",
    "drawn_parts",
    "forget_parts",
    "hand_out",
    "join",
    "keep",
    "learn_roads",
    "preview_move",
    "proposed_pairs",
    "store_plan",
    "task_of",
    "task_under_way",
    "try_service",
    "ways_to",
]
