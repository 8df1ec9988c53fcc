"""Column generation for one class: prices every slot against the master until nothing cheaper is left.

What it gives is a proven bound: the value of the relaxed problem plus what the cheapest route of every slot could still
save (Lasdon 1970). All limits count labels and comparisons, never seconds, so every machine does the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from koumen.planner.cuts import add_cuts
from koumen.planner.labels import HOME
from koumen.planner.master import Bounds, Duals, Master
from koumen.planner.pricing import Ground, Ints, Prices, Records, cheapest, make_labels, route_of
from koumen.planner.task import ClassTask, Route

NEIGHBOURS = 5  # families a family is remembered at; more cost time and raised no bound
LABELS = 150_000  # most labels of one slot; beyond, the bound of that round is given up
KEPT = 6  # routes taken per slot and round
ENOUGH = 20  # new routes for new prices
REMEMBERED = 1_500  # routes kept from branch to branch
LONG = 4 * 3600  # seconds; slots from here on are priced from both ends
BUCKET = 120  # seconds; small buckets keep labels in order of time
BITS = 64  # families and cuts beyond are not remembered: the bound stays true, only weaker
NEAR = 2e-3  # a bound this close to the value of the programme is good enough
SMALL = 1e-3  # a reduced cost above this is noise
LABEL_WORK = 100  # comparisons that take as long as one label
SOLVE_WORK = 300_000  # the same for one solution of the master


class Spent(Exception):
    """The work allowed is used up, or the caller gave up."""


@dataclass(frozen=True)
class _Field:
    """What of a slot stays the same whatever the prices: its families (rows of the task), their records, its ground."""

    rows: Ints
    homes: Records
    ground: Ground
    back: Ground | None


class Columns:
    """The master of one class and the pricing that feeds it."""

    def __init__(self, task: ClassTask, work: int, cancelled: Callable[[], bool]) -> None:
        self.task, self.master = task, Master(task)
        self.left, self.cancelled = work, cancelled
        self._next = 0  # the slot priced next
        self._room = make_labels(LABELS), make_labels(LABELS)
        self._fields = [_field(task, option) for option in range(len(task.options))]
        homes = range(len(task.homes))
        self._late = np.array(
            [[task.lateness(row, option) for row in homes] for option in range(len(task.options))], dtype=float
        )
        self._members = self._memory = np.zeros((0, len(task.homes)), np.uint64)
        self._fixed = [task.price(Route(option, ())) for option in range(len(task.options))]

    def add_cuts(self) -> int:
        """Adds the cuts the last solution breaks; returns how many."""
        added = add_cuts(self.master)
        self._members, self._memory = (
            np.array([[row in kept for row in range(self.master.homes)] for kept in sets], dtype=np.uint64)
            for sets in ([cut.members for cut in self.master.cuts], [cut.memory for cut in self.master.cuts])
        )
        return added

    def converge(self, bounds: Bounds, enough: float = math.inf, *, prove: bool = True) -> float:
        """The bound of a branch; ends early once it is above `enough`. -inf when it could not be proved.

        Good routes first, proofs after. Without `prove` only good routes are sought. Raises `Spent`.
        """
        self.master.enter(bounds)
        best, exact = -math.inf, False
        if prove:
            self.master.solve()
            self.master.forget(REMEMBERED)
        while True:
            duals = self.master.solve()
            self.left -= SOLVE_WORK
            saved, added = self._round(duals, bounds, exact)
            if exact and saved is not None:
                best = max(best, duals.value + saved)
            if best > enough or (exact and best >= duals.value * (1 - NEAR)):
                return best
            if not added and (exact or not prove):
                return best
            # A proof costs twenty times a search for good routes: search again after each proof that failed.
            exact = not added and not exact

    def _round(self, duals: Duals, bounds: Bounds, exact: bool) -> tuple[float | None, int]:
        """What the best routes of all slots save at most (None when unknown), and how many are new.

        Not `exact`, it starts after the slot where it last ended and stops when it has found enough: new prices are
        worth more than more routes for the old.
        """
        saved: float | None = 0.0
        added, count = 0, len(self._fields)
        for option in [(self._next + number) % count for number in range(count)]:
            if not exact and added >= ENOUGH:
                return None, added
            self._next = (option + 1) % count
            least, routes = self._price(option, duals, bounds, exact)
            saved = saved + least if saved is not None and least is not None else None
            added += sum(self.master.add(route) for route in routes)
        return saved, added

    def _price(self, option: int, duals: Duals, bounds: Bounds, exact: bool) -> tuple[float | None, list[Route]]:
        if self.left <= 0 or self.cancelled():
            raise Spent
        field, prices = self._fields[option], self._prices(option, duals, bounds, exact)
        if not len(prices.active):
            return 0.0, []
        found = cheapest(field.ground, field.back, prices, self._room, exact)
        if found is None:
            self.left -= len(self._room[0]) * LABEL_WORK * 4
            return None, []
        self.left -= int(found.counts[0]) * LABEL_WORK + int(found.counts[1])
        routes = []
        for index in np.argsort(found.costs, kind="stable")[:KEPT]:
            if found.costs[index] > -SMALL:
                break
            rows = route_of(self._room, int(found.ends[index]), int(found.others[index]))
            routes.append(Route(option, tuple(int(field.rows[row]) for row in rows)))
        return min(0.0, float(found.costs.min())), routes

    def _prices(self, option: int, duals: Duals, bounds: Bounds, exact: bool) -> Prices:
        field, led = self._fields[option], self.task.options[option].led
        gain = duals.home - self._late[option] + (duals.share * self.master.own if led else 0.0)
        profit = gain[field.rows]
        # A family not worth a visit may still be on the cheapest route: roads need not keep the triangle inequality.
        open_ = np.full(len(profit), True) if exact else profit > SMALL
        if bounds.barred:
            open_ &= np.array([(int(row), option) not in bounds.barred for row in field.rows], dtype=bool)
        homes = field.homes.copy()
        homes["profit"] = profit
        if not exact:
            homes["remember"] = np.iinfo(np.uint64).max
        priced = [index for index in np.argsort(-duals.cut, kind="stable") if duals.cut[index] > SMALL][:BITS]
        if priced:
            bits = np.array([1 << bit for bit in range(len(priced))], np.uint64)
            homes["flips"] = bits @ self._members[np.ix_(priced, field.rows)]
            homes["keep"] = bits @ self._memory[np.ix_(priced, field.rows)]
        fines = np.array([duals.cut[index] for index in priced], dtype=float)
        return Prices(homes, np.flatnonzero(open_), float(self._fixed[option] - duals.option[option]), fines)


def _field(task: ClassTask, option: int) -> _Field:
    """The families that can be seen in the slot, and what each of them remembers."""
    rows = [row for row in range(len(task.homes)) if task.starts[option][row]]
    places = np.array([0, *(row + 1 for row in rows)])
    seconds = np.ascontiguousarray(task.legs.seconds[np.ix_(places, places)])
    count = max((len(task.starts[option][row]) for row in rows), default=1)
    spans = np.full((len(rows), count, 2), -1, np.int64)
    homes = np.zeros(len(rows), HOME)
    own = [1 << index if index < BITS else 0 for index in range(len(rows))]
    near = np.argsort(seconds[1:, 1:], axis=1, kind="stable")[:, : NEIGHBOURS + 1]
    for index, row in enumerate(rows):
        spans[index, : len(task.starts[option][row])] = task.starts[option][row]
        homes[index]["service"] = task.homes[row].service
        homes[index]["own"] = own[index]
        homes[index]["remember"] = sum(own[other] for other in near[index].tolist())
    bucket = min(BUCKET, *(task.homes[row].service for row in rows)) if rows else BUCKET
    ground = Ground(seconds, spans, task.options[option].slot.length, bucket)
    back = ground.reversed(homes["service"]) if ground.length >= LONG else None
    return _Field(np.array(rows, dtype=np.int64), homes, ground, back)
