"""What a change of a plan means: who is seen when, who goes, what it costs, which rules are newly missed or kept."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from koumen.planner.plan import Outing, Plan, Shortfall


@dataclass(frozen=True)
class Shift:
    """A family whose visit begins at another time of the same slot (seconds from the slot start)."""

    household: str
    before: int
    after: int


@dataclass(frozen=True)
class Switch:
    """A family that changes to another outing: its key and start before and after; None when it has no visit."""

    household: str
    before: tuple[str, int] | None
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Restaffed:
    """An outing that stays but with other people."""

    outing: str
    left: tuple[str, ...]
    joined: tuple[str, ...]


@dataclass(frozen=True)
class Effects:
    """What a change does to a plan: seconds of travel and of cost, other families' times, outings opened and closed,
    rules newly missed or missed by more, rules kept again or missed by less (`by` is how much less), families that
    change outings, outings with other people.
    """

    travel: int
    cost: int
    shifts: tuple[Shift, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    missed: tuple[Shortfall, ...]
    mended: tuple[Shortfall, ...] = ()
    switches: tuple[Switch, ...] = ()
    restaffed: tuple[Restaffed, ...] = ()

    @property
    def outings(self) -> int:
        """How many outings more (or fewer)."""
        return len(self.opened) - len(self.closed)


def effects(old: Plan, new: Plan, pairs: Iterable[tuple[Outing | None, Outing | None]] | None = None) -> Effects:
    """The difference between two plans. `pairs` are the outings that differ, before and after; None: look for them."""
    differ = list(_differing(old, new) if pairs is None else pairs)
    before, after = _starts(a for a, _ in differ), _starts(b for _, b in differ)
    shifts, switches = [], []
    for one in sorted(before.keys() | after.keys()):
        was, now = before.get(one), after.get(one)
        if was == now:
            continue
        if was is not None and now is not None and was[0] == now[0]:
            shifts.append(Shift(one, was[1], now[1]))
        else:
            switches.append(Switch(one, was, now))
    missed = {(one.rule, one.subject): one.by for one in old.shortfalls}
    misses = {(one.rule, one.subject): one.by for one in new.shortfalls}
    return Effects(
        new.figures.plan.travel - old.figures.plan.travel,
        new.figures.plan.cost - old.figures.plan.cost,
        tuple(shifts),
        tuple(sorted(b.key for a, b in differ if b is not None and a is None)),
        tuple(sorted(a.key for a, b in differ if a is not None and b is None)),
        tuple(one for one in new.shortfalls if one.by > missed.get((one.rule, one.subject), 0)),
        tuple(
            Shortfall(one.rule, one.subject, one.by - misses.get((one.rule, one.subject), 0))
            for one in old.shortfalls
            if one.by > misses.get((one.rule, one.subject), 0)
        ),
        tuple(switches),
        tuple(_restaffed(a, b) for a, b in differ if a is not None and b is not None and set(a.staff) != set(b.staff)),
    )


def _differing(old: Plan, new: Plan) -> Iterator[tuple[Outing | None, Outing | None]]:
    was, now = old.outing_by_key, new.outing_by_key
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) is not now.get(key) and was.get(key) != now.get(key):
            yield was.get(key), now.get(key)


def _starts(outings: Iterable[Outing | None]) -> dict[str, tuple[str, int]]:
    return {stop.household: (one.key, stop.start) for one in outings if one is not None for stop in one.stops}


def _restaffed(was: Outing, now: Outing) -> Restaffed:
    return Restaffed(
        now.key,
        tuple(one for one in was.staff if one not in now.staff),
        tuple(one for one in now.staff if one not in was.staff),
    )
