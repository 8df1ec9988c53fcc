"""Two plans of a campaign beside each other: figures, outings, and the families whose time is another."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count
from django.utils.translation import gettext as _

from koumen.visits.models import OutingStaff, Plan, Stop
from koumen.visits.queries import figures
from koumen.visits.queries.plans import families

Key = tuple[int, int]  # class and slot of an outing


@dataclass(frozen=True)
class Pair:
    """One figure of both plans; `state` says whether the second is better ("ok"), worse ("warn") or neither."""

    label: str
    before: str
    after: str
    change: str
    state: str


def pairs(before: Plan, after: Plan) -> list[Pair]:
    """The figures a principal asks for; one query."""
    loads: dict[int, list[int]] = defaultdict(list)
    rows = OutingStaff.objects.filter(outing__plan__in=(before, after)).order_by()
    for plan, n in rows.values("outing__plan", "staff").annotate(n=Count("pk")).values_list("outing__plan", "n"):
        loads[plan].append(n)

    def total(plan: Plan, name: str, size: float = 1) -> float:
        return float(plan.figures.get("plan", {}).get(name, 0)) / size

    def most(plan: Plan) -> float:
        found = figures.load(loads[plan.pk])
        return found.most if found else 0

    rows_of = (
        (_("已安排家庭"), _("户"), figures.families, True),
        (_("没排上"), _("户"), lambda plan: len(plan.unplanned), False),
        (_("路上时间"), _("小时"), lambda plan: total(plan, "travel", 3_600), False),
        (_("外出次数"), _("次"), lambda plan: total(plan, "outings"), False),
        (_("一人最多外出"), _("次"), most, False),
        (_("没达到的要求"), _("项"), lambda plan: len(plan.shortfalls), False),
        (_("与理论最优的差距"), "%", figures.gap, False),
    )
    return [_pair(label, unit, value(before), value(after), up) for label, unit, value, up in rows_of]


def _pair(label: str, unit: str, before: float | None, after: float | None, more_is_better: bool) -> Pair:
    def said(value: float | None) -> str:
        return "–" if value is None else f"{value:.1f} {unit}" if value % 1 else f"{value:.0f} {unit}"

    if before is None or after is None:
        return Pair(label, said(before), said(after), "", "plain")
    change = round(after - before, 1)
    state = "plain" if not change else "ok" if (change > 0) == more_is_better else "warn"
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return Pair(label, said(before), said(after), sign + said(abs(change)) if change else _("不变"), state)


@dataclass(frozen=True)
class Place:
    """Where a family stands in a plan."""

    key: Key
    starts_at: datetime


class Difference:
    """What differs between the outings of two plans; one query."""

    def __init__(self, before: Plan, after: Plan) -> None:
        self.before: dict[int, Place] = {}
        self.after: dict[int, Place] = {}
        rows = Stop.objects.filter(outing__plan__in=(before, after)).order_by()
        names = ("outing__plan_id", "household_id", "outing__school_class_id", "outing__slot_id", "starts_at")
        for plan, home, school_class, slot, starts_at in rows.values_list(*names):
            for side, there in ((before, self.before), (after, self.after)):
                if plan == side.pk:
                    there[home] = Place((school_class, slot), starts_at)

    @cached_property
    def homes(self) -> list[int]:
        """The families whose time is another, or who come or go; by their time in the second plan."""
        known = self.before.keys() | self.after.keys()
        moved = [home for home in known if self._time(self.before, home) != self._time(self.after, home)]
        return sorted(moved, key=lambda home: ((self.after.get(home) or self.before[home]).starts_at, home))

    @staticmethod
    def _time(there: Mapping[int, Place], home: int) -> datetime | None:
        return there[home].starts_at if home in there else None

    @property
    def came(self) -> int:
        """Families with a time in the second plan alone."""
        return len(self.after.keys() - self.before.keys())

    @property
    def went(self) -> int:
        """Families with a time in the first plan alone."""
        return len(self.before.keys() - self.after.keys())

    @cached_property
    def outings(self) -> tuple[int, int, int]:
        """How many outings are new, are gone, and go to other families than before."""
        old, new = _by_outing(self.before), _by_outing(self.after)
        other = sum(old[key] != new[key] for key in old.keys() & new.keys())
        return len(new.keys() - old.keys()), len(old.keys() - new.keys()), other


def _by_outing(there: Mapping[int, Place]) -> dict[Key, set[int]]:
    found: dict[Key, set[int]] = defaultdict(set)
    for home, place in there.items():
        found[place.key].add(home)
    return found


@dataclass(frozen=True)
class Change:
    """A family with its stop in the first plan and in the second; None where it has none."""

    household: int
    names: str
    before: Stop | None
    after: Stop | None


def changes(before: Plan, after: Plan, homes: Iterable[int]) -> list[Change]:
    """Names and stops for a page of `Difference.homes`; two queries."""
    homes = list(homes)
    rows = Stop.objects.filter(outing__plan__in=(before, after), household__in=homes)
    stops = {
        (stop.outing.plan_id, stop.household_id): stop
        for stop in rows.select_related("outing__slot", "outing__school_class")
    }
    names = families(homes)
    return [
        Change(home, names.get(home, ""), stops.get((before.pk, home)), stops.get((after.pk, home))) for home in homes
    ]
