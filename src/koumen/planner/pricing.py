"""The cheapest outings of one slot under given prices: labels over routes that come back only to forgotten families.

This is the pricing problem of column generation. Routes are relaxed to ng-routes (Baldacci, Mingozzi, Roberti 2011):
a label forgets a family once it reaches one that does not remember it, and may then come back to it. Every true route
is among them, so the cheapest ng-route bounds the cheapest route from below. Labels also carry the state of
subset-row cuts with limited memory (Pecin et al. 2017): each second visit among a cut's three families pays its price.

In long slots labels grow from both ends of the slot to its middle and are joined there (Righini, Salani 2006): routes
of few visits are far fewer than routes of many. Growing from the end is growing from the start with time reversed.

The compiled part is `labels.py`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from koumen.planner.labels import LABEL, extend_all, fill_hope, join

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Records = NDArray[np.void]


@dataclass(frozen=True)
class Ground:
    """Travel seconds (row 0 the school, row i+1 family i), and `spans[i]`: (first, last) starts of the visit.

    `bucket` is at most the shortest visit, so that no label extends within its own bucket of time.
    """

    seconds: Ints
    spans: Ints
    length: int
    bucket: int

    def reversed(self, service: Ints) -> "Ground":
        """The same with time running backwards."""
        spans = np.full_like(self.spans, -1)
        for row, found in enumerate(self.spans):
            turned = [self.length - span[::-1] - service[row] for span in found[::-1] if span[1] >= 0]
            for number, span in enumerate(span for span in turned if span[1] >= 0):
                spans[row, number] = np.maximum(span, 0)
        return Ground(np.ascontiguousarray(self.seconds.T), spans, self.length, self.bucket)


@dataclass(frozen=True)
class Prices:
    """What the master offers: a `HOME` record per family, those worth a visit, the cost at the start, fines of cuts."""

    homes: Records
    active: Ints
    base: float
    fines: Floats


@dataclass(frozen=True)
class Found:
    """Routes as two labels, one from each end (the second -1 for none), and their whole costs; by the last family of
    the first label. Labels used and comparisons.
    """

    ends: Ints
    others: Ints
    costs: Floats
    counts: Ints


def make_labels(size: int) -> Records:
    """Room for `size` labels, used again by every call."""
    return np.empty(size, LABEL)


def cheapest(
    ground: Ground, back: Ground | None, prices: Prices, room: tuple[Records, Records], exact: bool
) -> Found | None:
    """The cheapest routes; None when there was no room for the labels. With `back` they are sought from both ends.

    `exact` compares labels with all they remember, which proves the minimum; without it the answer is only good.
    """
    count = len(prices.homes)
    found = Found(
        np.full(count, -1, np.int64), np.full(count, -1, np.int64), np.full(count, np.inf), np.zeros(2, np.int64)
    )
    middle = ground.length // 2 if back else ground.length
    first = _grow(ground, prices, room[0], exact, middle, ground.length, found)
    if first is None or back is None:
        return found if first is not None else None
    turned = Found(found.ends.copy(), found.others, np.full(count, np.inf), np.zeros(2, np.int64))
    last = _grow(back, prices, room[1], exact, ground.length, ground.length - middle, turned)
    if last is None:
        return None
    join(
        ground.seconds,
        ground.length,
        prices.homes,
        prices.active,
        prices.base,
        prices.fines,
        room[0][: found.counts[0]],
        room[1],
        last,
        found.ends,
        found.others,
        found.costs,
        found.counts,
    )
    found.counts[:] += turned.counts
    return found


def _grow(
    ground: Ground, prices: Prices, labels: Records, exact: bool, until: int, latest: int, found: Found
) -> Ints | None:
    """Labels that end by `latest`, grown from those up to `until`: each family's first; None for no room."""
    heads = np.full(ground.length // ground.bucket + 2, -1, np.int64)
    first = np.full(len(prices.homes) + 1, -1, np.int64)
    labels[0] = (0, 0, prices.base, 0, 0, -1, -1, -1, 1)
    heads[0], found.counts[0] = 0, 1
    hope = np.zeros(len(heads))
    fill_hope(ground.seconds, ground.spans, ground.length, ground.bucket, prices.homes, hope)
    complete = extend_all(
        ground.seconds,
        ground.spans,
        ground.length,
        latest,
        until // ground.bucket + 1,
        ground.bucket,
        prices.homes,
        prices.active,
        prices.fines,
        labels,
        exact,
        hope,
        heads,
        first,
        found.ends,
        found.costs,
        found.counts,
    )
    return first if complete else None


def route_of(room: tuple[Records, Records], end: int, other: int) -> tuple[int, ...]:
    """The families of the route made of these two labels, in order."""
    rows = []
    while end > 0:
        rows.append(int(room[0][end]["node"]) - 1)
        end = int(room[0][end]["back"])
    rows.reverse()
    while other > 0:
        rows.append(int(room[1][other]["node"]) - 1)
        other = int(room[1][other]["back"])
    return tuple(rows)
