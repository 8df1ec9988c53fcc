"""Ways between families, worked out once for a whole class: explanations ask for the same few again and again."""

from collections.abc import Iterable, Sequence

import numpy as np

from koumen.planner.parts import Household
from koumen.planner.travel import Legs, Travel


class ClassWays:
    """The same ways as `travel`, kept by the classes of the families asked for."""

    def __init__(self, travel: Travel, homes: Iterable[Household]) -> None:
        self._travel = travel
        self._by_class: dict[str, list[Household]] = {}
        for home in homes:
            self._by_class.setdefault(home.lead_class, []).append(home)
        self._kept: dict[frozenset[str], tuple[Legs, dict[str, int]]] = {}

    @property
    def estimated(self) -> tuple[str, ...]:
        return self._travel.estimated

    def legs(self, homes: Sequence[Household]) -> Legs:
        """Seconds and metres between the school and these families, in this order."""
        whole, row = self._whole(frozenset(home.lead_class for home in homes))
        at = np.array([0, *(row[home.id] for home in homes)])
        square = np.ix_(at, at)
        return Legs(whole.seconds[square], whole.metres[square])

    def _whole(self, classes: frozenset[str]) -> tuple[Legs, dict[str, int]]:
        """All families of some classes, and the row of each."""
        if classes not in self._kept:
            homes = [home for class_id in sorted(classes) for home in self._by_class[class_id]]
            rows = {home.id: at for at, home in enumerate(homes, start=1)}
            self._kept[classes] = self._travel.legs(homes), rows
        return self._kept[classes]
