"""Whether some families fit into one slot, and when each would be seen."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

MOST_STATES = 4_000  # partial orders looked at before a question stays open; about 20 ms


@dataclass(frozen=True)
class Visits:
    """Families one outing might see, numbered from 0: spans in which each may begin, lengths, ways, the slot's length.

    `seconds` is a square matrix, row 0 the school and row i + 1 family i.
    """

    spans: Sequence[Sequence[tuple[int, int]]]
    service: Sequence[int]
    seconds: Sequence[Sequence[int]]
    length: int

    def start(self, family: int, ready: int) -> int | None:
        """The first start allowed from `ready` on, if any."""
        return next((max(ready, first) for first, last in self.spans[family] if ready <= last), None)

    def is_back(self, family: int, end: int) -> bool:
        """Whether the way from this family to the school still fits the slot."""
        return end + self.seconds[family + 1][0] <= self.length

    def starts(self, order: Sequence[int], kept: Sequence[int]) -> list[int] | None:
        """When each visit of `order` begins, none before its time in `kept`; None when they do not fit."""
        found, clock, at = [], 0, 0
        for family in order:
            start = self.start(family, max(clock + self.seconds[at][family + 1], kept[family]))
            if start is None:
                return None
            found.append(start)
            clock, at = start + self.service[family], family + 1
        return found if not order or self.is_back(order[-1], clock) else None

    def way(self, order: Sequence[int]) -> int:
        """Seconds on the road from the school through `order` and back."""
        path = [0, *(family + 1 for family in order), 0]
        return sum(self.seconds[a][b] for a, b in itertools.pairwise(path))

    def inserted(self, new: int, kept: Sequence[int]) -> tuple[int, ...] | None:
        """The present order 0, 1, … with `new` at the place that costs the least way; None when it fits nowhere."""
        others = [one for one in range(len(self.spans)) if one != new]
        tries = [(*others[:place], new, *others[place:]) for place in range(len(others) + 1)]
        fitting = [order for order in tries if self.starts(order, kept) is not None]
        return min(fitting, key=self.way, default=None)

    def any_order(self) -> tuple[tuple[int, ...] | None, bool]:
        """Some order in which all fit, by the earliest end of every set of families; and whether the answer is proved.

        An earlier end is never worse, so one end for every set and last family is enough.
        """
        everybody = range(len(self.spans))
        least = [self.service[one] + min(row[one + 1] for at, row in enumerate(self.seconds) if at != one + 1)
                 for one in everybody]  # fmt: skip
        back = min(row[0] for row in self.seconds[1:])
        layer: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {(0, -1): (0, ())}
        looked = 0
        for _step in everybody:
            following: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {}
            for (seen, at), (clock, order) in layer.items():
                looked += 1
                if looked > MOST_STATES:
                    return None, False
                left = [one for one in everybody if not seen >> one & 1]
                # Whatever the order, every family left takes its visit and the shortest way to it, and all go home.
                if clock + sum(least[one] for one in left) + back > self.length:
                    continue
                for family, end in self._ends(left, at, clock):
                    key = (seen | 1 << family, family)
                    if key not in following or end < following[key][0]:
                        following[key] = (end, (*order, family))
            layer = following
        best = min((one for (_, at), one in layer.items() if at < 0 or self.is_back(at, one[0])), default=None)
        return (best[1], True) if best else (None, True)

    def _ends(self, left: Sequence[int], at: int, clock: int) -> list[tuple[int, int]]:
        """Each family left with the end of its visit if it came next; none when one of them is too late already."""
        found = []
        for family in left:
            if not self.spans[family] or self.spans[family][-1][1] < clock:
                return []
            start = self.start(family, clock + self.seconds[at + 1][family + 1])
            if start is not None:
                found.append((family, start + self.service[family]))
        return found
