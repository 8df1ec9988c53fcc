"""Whose families may be asked about."""

from typing import Any

from koumen.core.actor import Actor
from koumen.visits.models import Plan
from koumen.visits.policies.campaigns import manages
from koumen.visits.queries.moves import homes_in


def named_classes(actor: Actor) -> frozenset[int] | None:
    """The classes whose children are named to this actor; None for all."""
    return None if manages(actor) else actor.units("class", "class_teacher")


def homes_for(plan: Plan, actor: Actor) -> Any:
    """The plan's families this actor may ask about: managers all, class teachers those of the own class."""
    homes, own = homes_in(plan), named_classes(actor)
    if own is None:
        return homes
    return homes.filter(students__school_class_id__in=own, students__state="enrolled").distinct()
