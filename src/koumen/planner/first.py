"""The quick link of the chain: a first plan of one class, redrawn from the baseline."""

import pkgutil
from collections.abc import Callable

from koumen.planner.task import ClassTask, Route

# Loaded by name when it is asked for: numba takes half a second and 60 MB, which a web server should not pay.
SEARCH = "koumen.planner.redraw:redraw"


def first_plan(
    task: ClassTask, baseline: tuple[Route, ...], *, seed: int, iterations: int, cancelled: Callable[[], bool]
) -> tuple[Route, ...]:
    """The best plan found from `baseline` in so many steps, the class teacher's share counted in; 0 keeps it."""
    if not iterations:
        return baseline
    found: tuple[Route, ...] = pkgutil.resolve_name(SEARCH)(
        task, baseline, seed=seed, steps=iterations, cancelled=cancelled
    )
    return found
