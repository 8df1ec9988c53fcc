"""A plan in numbers, in words a principal knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from django.utils.translation import gettext as _

from koumen.visits.models import Plan


@dataclass(frozen=True)
class Figure:
    """One number of a plan beside what doing it by hand (nearest next) would cost."""

    label: str
    value: str
    unit: str
    by_hand: str
    saved: int  # percent


def figures(plan: Plan) -> list[Figure]:
    """Travel and outings, against the baseline."""
    ours, hand = plan.figures.get("plan"), plan.figures.get("greedy")
    if not ours or not hand:
        return []
    rows = ((_("路上时间"), "travel", 3_600), (_("外出次数"), "outings", 1))
    return [
        Figure(
            label,
            f"{ours[name] / size:.0f}",
            _("小时") if size > 1 else _("次"),
            f"{hand[name] / size:.0f}",
            round(100 * (hand[name] - ours[name]) / hand[name]) if hand[name] else 0,
        )
        for label, name, size in rows
    ]


def families(plan: Plan) -> int:
    """How many families have an outing coming to them."""
    return int(plan.figures.get("plan", {}).get("planned", 0))


def coverage(plan: Plan) -> float | None:
    """Percent of the families that are to be met at home and have an outing; None without any."""
    wanted = families(plan) + len(plan.unplanned)
    return 100 * families(plan) / wanted if wanted else None


def gap(plan: Plan) -> float | None:
    """At most so many percent could be saved by any other plan, rounded up to a tenth; None when nothing is proved."""
    bound, cost = plan.figures.get("bound", 0), plan.figures.get("plan", {}).get("cost", 0)
    return max(0, -(-1_000 * (cost - bound) // bound)) / 10 if bound and cost else None


@dataclass(frozen=True)
class Load:
    """How many outings a person goes on."""

    most: int
    middle: int  # half of the people have no more than this


def load(outings_each: Sequence[int]) -> Load | None:
    """The heaviest load and the middle one; None when nobody goes."""
    return Load(max(outings_each), median_low(outings_each)) if outings_each else None
