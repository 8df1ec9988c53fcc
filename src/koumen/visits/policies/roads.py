"""Who may arrange how travel times are found."""

from typing import Any

from koumen.core.actor import Actor
from koumen.visits.models.plans import MANAGERS


def may_arrange_roads(actor: Actor, target: Any = None) -> bool:
    """Those who plan visits, and the system's administrator: villages and minutes, no child is on these pages."""
    return actor.member_id is not None and actor.holds(*MANAGERS, "system_admin")
