"""The links a run is made of, each replaceable by another function of the same face."""

import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from koumen.planner.fill import fill
from koumen.planner.first import first_plan
from koumen.planner.greedy import nearest_next
from koumen.planner.parts import ProblemError
from koumen.planner.plan import Plan
from koumen.planner.problem import Problem
from koumen.planner.screen import screen
from koumen.planner.staff import Draft, Teams, assign
from koumen.planner.task import ClassTask, Route
from koumen.planner.travel import Travel

Effort = Literal["first", "deep"]
# The deep link is loaded by name when it is asked for: numba takes half a second and 60 MB, which a web server and a
# small plan should not pay.
DEEP = "koumen.planner.deep:improve"


class First(Protocol):
    """Finds a plan of one class, never dearer than `baseline` by `ClassTask.worth`."""

    def __call__(
        self, task: ClassTask, baseline: tuple[Route, ...], *, seed: int, iterations: int, cancelled: Callable[[], bool]
    ) -> tuple[Route, ...]: ...


class Proved(Protocol):
    """Routes, and what no routes of the class can be worth less than; 0 when nothing was proved."""

    @property
    def routes(self) -> tuple[Route, ...]: ...

    @property
    def bound(self) -> int: ...


class Deep(Protocol):
    """Improves a plan of one class, never for the worse, and proves a bound where it can."""

    def __call__(
        self, task: ClassTask, start: tuple[Route, ...], *, seed: int, cancelled: Callable[[], bool]
    ) -> Proved: ...


class Staff(Protocol):
    """Finds people for every draft of a school; hurries once `cancelled`."""

    def __call__(self, problem: Problem, drafts: Sequence[Draft], cancelled: Callable[[], bool]) -> Teams: ...


@dataclass(frozen=True)
class Chain:
    """The links in their order. The same problem and links give the same plan as long as every link does."""

    screen: Callable[[Problem, Travel], None] = screen
    baseline: Callable[[ClassTask], tuple[Route, ...]] = nearest_next
    first: First = first_plan
    deep: Deep | None = None
    staff: Staff = assign
    fill: Callable[[Problem, Plan, Travel, Callable[[], bool]], Plan] = fill


def chain_of(effort: Effort) -> Chain:
    """The usual links for this effort. Raises `ProblemError` (`effort`)."""
    if effort not in get_args(Effort):
        raise ProblemError("搜索深度应为 first 或 deep。", "effort")
    return Chain(deep=pkgutil.resolve_name(DEEP)) if effort == "deep" else Chain()
