"""Ways in whole five minutes, so that families are told times of the clock: 19:05, not 19:03:42."""

from collections.abc import Sequence

import numpy as np

from koumen import planner

STEP = 300  # seconds


class ClockTravel:
    """The planner's great-circle ways, rounded up. Visits take whole minutes and slots begin on the clock already."""

    def __init__(self, problem: planner.Problem) -> None:
        self._ways = planner.GreatCircle(problem)

    @property
    def estimated(self) -> tuple[str, ...]:
        return self._ways.estimated

    def legs(self, homes: Sequence[planner.Household]) -> planner.Legs:
        """Seconds in steps of five minutes; metres as they are."""
        found = self._ways.legs(homes)
        return planner.Legs(-(-found.seconds // STEP) * np.int64(STEP), found.metres)
