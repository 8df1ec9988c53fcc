"""Plans that explain themselves: why here and then, why left out, what falls short, and what would mend it."""

from koumen.planner.explain.advice import suggest
from koumen.planner.explain.changes import Change, apply_changes
from koumen.planner.explain.ground import STAGES, Ground, View
from koumen.planner.explain.here import Alternative, Here, why_here
from koumen.planner.explain.left import LeftOut, why_left_out
from koumen.planner.explain.mends import Mend
from koumen.planner.explain.short import Short, why_short
from koumen.planner.explain.words import SENTENCES, Said, sentence

__all__ = [
    "SENTENCES",
    "STAGES",
    "Alternative",
    "Change",
    "Ground",
    "Here",
    "LeftOut",
    "Mend",
    "Said",
    "Short",
    "View",
    "apply_changes",
    "sentence",
    "suggest",
    "why_here",
    "why_left_out",
    "why_short",
]
