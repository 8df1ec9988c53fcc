"""Changing a plan because something has happened."""

from typing import Any

from tests.cast import Cast
from tests.walls.permissions.visits_plans import MANAGERS, plan

from koumen.core import clock


def kind(cast: Cast) -> dict[str, Any]:
    return {**plan(cast), "kind": "lost"}


def away(cast: Cast) -> dict[str, Any]:
    return {**plan(cast), "kind": "away"}


def _facts(cast: Cast, kwargs: dict[str, Any]) -> dict[str, Any]:
    """teacher1 is away for a month."""
    last = clock.today().replace(year=clock.today().year + 1)
    return {"staff": cast.staff("teacher1").pk, "first": clock.today().isoformat(), "last": last.isoformat()}


TABLE: dict[str, tuple[Any, ...]] = {
    "visits:replan_choices": (plan, MANAGERS),
    "visits:replan": (kind, MANAGERS),
    "visits:replan POST": (away, MANAGERS, _facts),
    "visits:replan_better POST": (away, MANAGERS, _facts),
}
