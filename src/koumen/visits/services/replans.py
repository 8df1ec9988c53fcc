"""A plan changed because something has happened: what it would mean, in words, and the change itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import listed
from koumen.registry.models import SchoolClass, Staff
from koumen.visits.models import Plan, Slot
from koumen.visits.planning.outings import moment
from koumen.visits.planning.replans import (
    Effects,
    Happening,
    New,
    Outlook,
    Shortfall,
    look,
    problem_now,
)
from koumen.visits.policies.campaigns import may_manage_plan
from koumen.visits.presets.rules import BROKEN, REASONS, RULES
from koumen.visits.queries.plans import families
from koumen.visits.services.changing import change
from koumen.visits.services.targets import fit_targets


@dataclass(frozen=True)
class Switched:
    """A family with another time, or none: `reason` says why then."""

    family: str
    before: datetime | None
    after: datetime | None
    reason: str = ""
    is_other: bool = False  # not itself concerned by what happened


@dataclass(frozen=True)
class Restaffed:
    """An outing that stays, with other people."""

    outing: str
    left: str
    joined: str


@dataclass(frozen=True)
class Words:
    """An outlook in words and numbers; `broken` non-empty: it may not be done."""

    broken: tuple[str, ...]
    switched: tuple[Switched, ...]
    restaffed: tuple[Restaffed, ...]
    opened: str
    closed: str
    hours: tuple[float, float]
    outings: tuple[int, int]
    missed: tuple[str, ...]
    mended: tuple[str, ...]

    @property
    def left_out(self) -> int:
        return sum(one.after is None for one in self.switched)

    @property
    def others(self) -> int:
        """How many families move for others' sake."""
        return sum(one.is_other for one in self.switched)

    @property
    def is_nothing(self) -> bool:
        return not (self.switched or self.restaffed or self.opened or self.closed)


def new_homes(plan: Plan, households: Iterable[int]) -> New:
    """The chosen families as they will be planned once they are targets; nothing is written."""
    with transaction.atomic():
        fit_targets(plan.campaign)
        later = problem_now(plan)
        transaction.set_rollback(True)
    wanted = set(map(str, households))
    return New(tuple(home for home in later.households if home.id in wanted))


def look_ahead(plan: Plan, what: Happening, *, better: bool = False) -> Words | None:
    """What would become of the plan; None when there is no better one. Raises Invalid for plans that are over."""
    require_open(plan)
    found = look(plan, what, better=better)
    return None if found is None else _in_words(plan, found)


def require_open(plan: Plan) -> None:
    if plan.state not in (Plan.State.DRAFT, Plan.State.ADOPTED):
        raise Invalid(_("这份计划不能再调整。"))


@action("plan.replan", may=may_manage_plan)
def carry_out(plan: Plan, *, by: Actor, what: Happening, better: bool, seen: str, because: str = "") -> Plan:
    """Note what has happened and change the plan as it was shown. `seen` is the digest of the plan on that page.

    Visits of a plan in force follow, and everybody whose outings change is told. Raises Conflict when the plan has
    changed since, when it cannot be done within the rules, or when somebody is out for another campaign then.
    """
    require_open(plan)
    locked = Plan.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=plan.pk)
    if locked.digest != seen:
        raise Conflict(_("这份计划刚刚被别人改过。下面是按最新计划算的影响，请再核对一次。"))
    found = look(locked, what, better=better)
    if found is None or found.faults:
        raise Conflict(_("现在不能这样调整，请再看一次影响。"))
    change(locked, by=by, what=what, found=found)
    return locked


def _in_words(plan: Plan, found: Outlook) -> Words:
    told = found.found.effects
    slots = {str(slot.pk): slot for slot in plan.campaign.slots.all()}
    homes = families(
        {int(one.household) for one in told.switches}
        | {int(one.household) for one in told.shifts}
        | set(map(int, found.concerned))
    )
    people = dict(Staff.objects.filter(pk__in=_staff_in(found)).values_list("pk", "name"))
    rooms = dict(SchoolClass.objects.filter(pk__in=_classes_in(told)).values_list("pk", "name"))

    def label(key: str) -> str:
        room, _at, slot = key.rpartition("@")
        return f"{rooms.get(int(room), '')} {slots[slot].label}".strip()

    before, after = found.before.figures.plan, found.found.plan.figures.plan
    return Words(
        tuple(dict.fromkeys(str(BROKEN.get(one.code, one.sentence)) for one in found.faults)),
        tuple(_switched(found, slots, homes)),
        tuple(
            Restaffed(
                label(one.outing),
                listed(people.get(int(who), "") for who in one.left),
                listed(people.get(int(who), "") for who in one.joined),
            )
            for one in told.restaffed
        ),
        listed(map(label, told.opened)),
        listed(map(label, told.closed)),
        (before.travel / 3_600, after.travel / 3_600),
        (before.outings, after.outings),
        tuple(_rule(one, homes, people, rooms) for one in told.missed),
        tuple(_rule(one, homes, people, rooms) for one in told.mended),
    )


def _staff_in(found: Outlook) -> set[int]:
    told = found.found.effects
    named = {int(who) for one in told.restaffed for who in (*one.left, *one.joined)}
    return named | {int(one.subject) for one in (*told.missed, *told.mended) if one.rule.endswith("_quota")}


def _classes_in(told: Effects) -> set[int]:
    keys = [*told.opened, *told.closed, *(one.outing for one in told.restaffed)]
    named = {int(key.rpartition("@")[0]) for key in keys}
    return named | {int(one.subject) for one in (*told.missed, *told.mended) if one.rule == "class_teacher_share"}


def _switched(found: Outlook, slots: Mapping[str, Slot], homes: Mapping[int, str]) -> Iterable[Switched]:
    """Every family with another time, those concerned first, in order of the time they had."""
    reasons = {one.household: str(REASONS.get(one.code, one.sentence)) for one in found.found.plan.unplanned}

    def when(place: tuple[str, int] | None) -> datetime | None:
        return moment(slots[place[0].rpartition("@")[2]], place[1]) if place else None

    told = found.found.effects
    where = found.found.plan.outing_of
    rows = [(one.household, when(one.before), when(one.after)) for one in told.switches]
    rows += [
        (one.household, when((where[one.household].key, one.before)), when((where[one.household].key, one.after)))
        for one in told.shifts
    ]
    known = {home for home, _was, _now in rows}
    rows += [(home, None, None) for home in sorted(found.concerned) if home in reasons and home not in known]
    made = [
        Switched(homes.get(int(home), ""), was, now, "" if now else reasons.get(home, ""), home not in found.concerned)
        for home, was, now in rows
    ]
    return sorted(made, key=lambda one: (one.is_other, one.before is None, str(one.before), one.family))


def _rule(one: Shortfall, homes: Mapping[int, str], people: Mapping[int, str], rooms: Mapping[int, str]) -> str:
    """A rule that falls short, of whom, by how much."""
    rule, counts = RULES[one.rule]
    number = int(one.subject) if one.subject.isdigit() else 0
    known = people if one.rule.endswith("_quota") else rooms if one.rule == "class_teacher_share" else homes
    who = known.get(number, "")
    return _("%(who)s：%(rule)s（%(n)d 人）") % {"who": who, "rule": rule, "n": one.by} if counts else f"{who}：{rule}"
