"""The plan as a board: weeks, in them classes × parts of days, in the cells the outings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, Value
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Place, SchoolClass, Staff
from koumen.visits.models import Outing, Plan, Slot, Stop
from koumen.visits.models.campaigns import PARTS_OF_DAY, WEEKDAYS, CampaignClass
from koumen.visits.policies.campaigns import manages
from koumen.visits.queries.moves import AHEAD
from koumen.visits.queries.narrow import monday


@dataclass(frozen=True)
class Choices:
    """What the filters offer: (id, name)."""

    classes: list[tuple[int, str]]
    staff: list[tuple[int, str]]
    places: list[tuple[int, str]]
    loads: list[int]  # how many outings each of `staff` goes on


def choices(plan: Plan, actor: Actor) -> Choices:
    """Classes of the campaign's scope, people and places of the plan's outings, as far as the actor sees; one query."""
    seen = plan.outings.visible_to(actor)
    scope = CampaignClass.objects.filter(campaign=plan.campaign_id)
    ours = SchoolClass.objects.filter(pk__in=scope.values("school_class_id"))
    if not manages(actor):
        ours = SchoolClass.objects.filter(outings__in=seen).distinct()
    there = Place.objects.filter(pk__in=Stop.objects.filter(outing__in=seen).values("household__place_id"))
    goes = Staff.objects.filter(outings__outing__in=seen).annotate(n=Count("outings"))
    kinds: tuple[tuple[str, Any, Any], ...] = (
        ("c", ours, F("grade__stage") * 10_000 + F("grade__level") * 100 + F("number")),
        ("s", goes, F("n")),
        ("p", there, Value(0)),
    )
    first, *others = (
        rows.order_by().values_list(Value(kind, CharField()), "pk", "name", order) for kind, rows, order in kinds
    )
    found: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
    for kind, pk, name, number in first.union(*others):
        found[kind].append((pk, name, number))
    by_name = sorted(found["s"], key=lambda row: (row[1], row[0]))
    return Choices(
        [row[:2] for row in sorted(found["c"], key=lambda row: row[2])],
        [row[:2] for row in by_name],
        sorted((row[:2] for row in found["p"]), key=lambda row: row[1]),
        [row[2] for row in by_name],
    )


@dataclass(frozen=True)
class Cell:
    """A class's place in a slot. `key` is where a family may be put down; "" where it is too late."""

    slot: Slot
    key: str
    outings: list[Outing]


@dataclass(frozen=True)
class Row:
    """A class in a week."""

    pk: int
    name: str
    cells: list[Cell]

    @property
    def outings(self) -> int:
        """How many there are in this week."""
        return sum(len(cell.outings) for cell in self.cells)


@dataclass(frozen=True)
class Week:
    """A campaign's week: `number` counts from 1, `slots` are its columns."""

    monday: date
    number: int
    slots: list[Slot]
    rows: list[Row] = field(default_factory=list)

    @property
    def is_used(self) -> bool:
        """Somebody goes out in it. Known of weeks that come from `weeks`."""
        return any(getattr(slot, "is_used", False) for slot in self.slots)

    @property
    def label(self) -> str:
        """第2周 9月14日–9月20日."""
        form = _("n月j日")
        span = f"{date_format(self.slots[0].date, form)}–{date_format(self.slots[-1].date, form)}"
        return _("第%(n)d周 %(span)s") % {"n": self.number, "span": span}

    @property
    def span(self) -> str:
        """9/14–9/20, where there is little room."""
        return f"{date_format(self.slots[0].date, 'n/j')}–{date_format(self.slots[-1].date, 'n/j')}"

    @property
    def heads(self) -> list[tuple[str, str]]:
        """For every column the day and the part of it."""
        form = _("n月j日")
        return [
            (f"{date_format(slot.date, form)} {WEEKDAYS[slot.date.weekday()]}", str(PARTS_OF_DAY[slot.kind]))
            for slot in self.slots
        ]


def weeks(plan: Plan) -> list[Week]:
    """The campaign's weeks with the slots in which people go out, in order; one query."""
    by_week: dict[date, list[Slot]] = defaultdict(list)
    used = Exists(Outing.objects.filter(plan=plan, slot=OuterRef("pk")))
    slots = plan.campaign.slots.annotate(is_used=used).filter(Q(is_open=True) | Q(is_used=True))
    for slot in slots.order_by("starts_at"):
        by_week[monday(slot.date)].append(slot)
    start = min(by_week, default=None)
    return [Week(at, (at - start).days // 7 + 1, slots) for at, slots in sorted(by_week.items()) if start]


def this_week(known: list[Week]) -> date | None:
    """The week to begin with: the first with outings that is not over, else the last with outings, else the first."""
    used = [week.monday for week in known if week.is_used] or [week.monday for week in known[:1]]
    now = monday(clock.today())
    return next((at for at in used if at >= now), used[-1] if used else None)


def fill(known: Iterable[Week], classes: Iterable[tuple[int, str]], outings: Iterable[Outing], may_move: bool) -> None:
    """Put the outings into the weeks, a row for every class given."""
    there: Mapping[tuple[int, int], list[Outing]] = defaultdict(list)
    for outing in outings:
        there[outing.school_class_id, outing.slot_id].append(outing)
    soon = clock.now() + AHEAD
    rooms = list(classes)
    for week in known:
        for pk, name in rooms:
            cells = [
                Cell(slot, f"{pk}@{slot.pk}" if may_move and slot.starts_at >= soon else "", there[pk, slot.pk])
                for slot in week.slots
            ]
            week.rows.append(Row(pk, name, cells))
