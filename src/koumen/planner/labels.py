"""Labels of the pricing problem: partial routes of one slot, grown in order of time, compared, joined in the middle.

Compiled by numba and cached on disk. Importing numba takes half a second: only the deep search imports this module.
"""

import numpy as np
from numba import njit

FULL = -2  # no room for another label
BEATEN = -1  # another label is at least as good in every way
ONE, NONE = np.uint64(1), np.uint64(0)

# A family in one slot: length of the visit, what it is worth, its own bit, the families it does not forget, the cuts
# whose memory it is in and those it is a member of.
HOME = np.dtype(
    [("service", "i8"), ("profit", "f8"), ("own", "u8"), ("remember", "u8"), ("keep", "u8"), ("flips", "u8")]
)
# A partial route: where, when, at what cost, what is remembered, the label before. `later` links the labels of one
# bucket of time, `listed` those of one family by rising cost. One record in one cache line makes comparing quick.
LABEL = np.dtype(
    [
        ("node", "i4"),
        ("time", "i4"),
        ("cost", "f8"),
        ("seen", "u8"),
        ("cut", "u8"),
        ("back", "i4"),
        ("later", "i4"),
        ("listed", "i4"),
        ("alive", "i4"),
    ]
)


@njit(cache=True, inline="always")
def _fine(cuts, fines, enough):  # type: ignore[no-untyped-def]
    """The prices of these cuts together, counted until they are more than `enough`."""
    total, index = 0.0, 0
    while cuts != NONE and total <= enough:
        if cuts & ONE:
            total += fines[index]
        cuts >>= ONE
        index += 1
    return total


@njit(cache=True, inline="always")
def _beats(fines, exact, one, other):  # type: ignore[no-untyped-def]
    """Whether whatever can follow `other` can follow `one` at no higher cost."""
    if one.time > other.time or (exact and one.seen & ~other.seen):
        return False
    ahead = one.cut & ~other.cut
    return ahead == NONE or one.cost + _fine(ahead, fines, other.cost - one.cost) <= other.cost


@njit(cache=True, inline="always")
def _insert(fines, labels, exact, counts, first, new):  # type: ignore[no-untyped-def]
    """Puts the label among those of its family unless one is as good; strikes out those it is as good as.

    The list rises by cost: whoever can beat the new label stands before it, whoever it can beat after it.
    """
    label = labels[new]
    previous, at = -1, first[label.node]
    while at >= 0 and labels[at].cost <= label.cost:
        counts[1] += 1
        if _beats(fines, exact, labels[at], label):
            return False
        previous, at = at, labels[at].listed
    if previous < 0:
        first[label.node] = new
    else:
        labels[previous].listed = new
    label.listed = at
    previous = new
    while at >= 0:
        counts[1] += 1
        other = labels[at]
        if _beats(fines, exact, label, other):
            other.alive = 0
            labels[previous].listed = other.listed
        else:
            previous = at
        at = other.listed
    return True


@njit(cache=True, inline="always")
def _extend(  # type: ignore[no-untyped-def]
    seconds, spans, length, latest, bucket, home, row, fines, labels, exact, hope, counts, first, label
):
    """The label that visits `row` after `label`, BEATEN when it cannot be or is dominated, or FULL."""
    before, new = labels[label], counts[0]
    if row + 1 == before.node or before.seen & home.own:
        return BEATEN
    way = seconds[before.node, row + 1]
    arrive, begin = before.time + way, -1
    for span in range(spans.shape[1]):
        if arrive <= spans[row, span, 1]:
            begin = max(arrive, spans[row, span, 0])
            break
    end = begin + home.service
    if begin < 0 or end > latest or end + seconds[row + 1, 0] > length:
        return BEATEN
    kept = before.cut & home.keep
    cost = before.cost + way - home.profit + _fine(kept & home.flips, fines, np.inf)
    if cost + hope[end // bucket] > 0:
        return BEATEN
    if new >= len(labels):
        return FULL
    after = labels[new]
    after.node, after.time, after.back, after.alive = row + 1, end, label, 1
    after.cost = cost
    after.seen = (before.seen & home.remember) | home.own
    after.cut = kept ^ home.flips
    if not _insert(fines, labels, exact, counts, first, new):
        return BEATEN
    counts[0] += 1
    return new


@njit(cache=True)
def fill_hope(seconds, spans, length, bucket, homes, hope):  # type: ignore[no-untyped-def]
    """`hope[b]`: what a route must still cost at least from bucket `b` of time on, mostly below zero.

    A knapsack in which each family open late enough is visited once, in part if need be, from its nearest neighbour.
    Routes without hope of a negative cost are dropped, with them ng-routes that only pay by coming back.
    """
    count = len(homes)
    gains, takes = np.zeros(count), np.ones(count)
    nearest_home = seconds[1:, 0].min() if count else 0
    for row in range(count):
        way = length
        for other in range(count + 1):
            if other != row + 1:
                way = min(way, seconds[other, row + 1])
        gains[row], takes[row] = homes[row].profit - way, homes[row].service + way
    order = np.argsort(-gains / takes)
    for at in range(len(hope)):
        left, total = float(length - nearest_home - at * bucket), float(nearest_home)
        for row in order:
            if gains[row] <= 0 or left <= 0:
                break
            if spans[row, :, 1].max() >= at * bucket:
                part = min(1.0, left / takes[row])
                total -= part * gains[row]
                left -= part * takes[row]
        hope[at] = total


@njit(cache=True)
def extend_all(  # type: ignore[no-untyped-def]
    seconds,
    spans,
    length,
    latest,
    stop,
    bucket,
    homes,
    active,
    fines,
    labels,
    exact,
    hope,
    heads,
    first,
    ends,
    costs,
    counts,
):
    """Extends every label of the first `stop` buckets in order of time; False when the room is used up."""
    for at in range(min(stop, len(heads))):
        label = heads[at]
        while label >= 0:
            for row in active:
                if not labels[label].alive:
                    break
                home = homes[row]
                new = _extend(
                    seconds, spans, length, latest, bucket, home, row, fines, labels, exact, hope, counts, first, label
                )
                if new == FULL:
                    return False
                if new >= 0:
                    place = labels[new].time // bucket
                    labels[new].later, heads[place] = heads[place], new
                    whole = labels[new].cost + seconds[row + 1, 0]
                    if whole < costs[row]:
                        costs[row], ends[row] = whole, new
            label = labels[label].later
    return True


@njit(cache=True)
def join(  # type: ignore[no-untyped-def]
    seconds, length, homes, active, base, fines, labels, backward, last, ends, others, costs, counts
):
    """Joins labels from both ends that fit together, wherever that makes the cheapest route over a family."""
    for label in range(1, len(labels)):
        one = labels[label]
        if not one.alive:
            continue
        for row in active:
            if one.node == row + 1 or one.seen & homes[row].own:
                continue
            way, other = seconds[one.node, row + 1], last[row + 1]
            cost, most = one.cost + way - base, min(0.0, costs[one.node - 1])
            while other >= 0 and cost + backward[other].cost < most:
                two = backward[other]
                counts[1] += 1
                if one.time + way + two.time <= length and not one.seen & two.seen:
                    total = cost + two.cost + _fine(one.cut & two.cut, fines, np.inf)
                    if total < most:
                        most = total
                        costs[one.node - 1], ends[one.node - 1], others[one.node - 1] = total, label, other
                other = two.listed
