"""One visit moved by hand: what it would change, and the change itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import listed
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models import Plan, Slot, Visit
from koumen.visits.planning import Broken, Preview, apply_move, preview_move
from koumen.visits.planning.problem import AHEAD
from koumen.visits.planning.promises import promised_homes
from koumen.visits.policies.campaigns import may_manage_plan
from koumen.visits.queries.plans import families
from koumen.visits.services.appointing import refit


@dataclass(frozen=True)
class Effects:
    """What a move would change, in words. `broken` non-empty: it may not be done."""

    broken: tuple[str, ...]
    travel_minutes: int = 0
    arrives: datetime | None = None
    staff: str = ""
    shifts: tuple[tuple[str, datetime, datetime], ...] = ()
    opened: str = ""
    closed: str = ""
    missed: tuple[str, ...] = ()

    @property
    def is_longer(self) -> bool:
        return self.travel_minutes > 0

    @property
    def minutes(self) -> int:
        """How much the way changes, without its direction."""
        return abs(self.travel_minutes)


def look_at_move(plan: Plan, household: Household, to: str) -> Effects:
    """What moving a family to the outing `class@slot` (or out, "") would do; nothing is written. Raises Invalid."""
    require_movable(plan, household, to)
    seen = preview_move(plan, household, to or None)
    return _in_words(plan, seen)


@action("plan.move_visit", may=may_manage_plan)
def move_visit(plan: Plan, *, by: Actor, household: Household, to: str, seen: str, because: str = "") -> Plan:
    """Move a family to the outing `class@slot`, or out of the plan with "". `seen` is the digest the person saw.

    Raises Invalid for a visit already recorded or a time too soon; Conflict when the plan has changed since, a rule
    would be broken (each named), or somebody is out for another campaign then.
    """
    require_movable(plan, household, to)
    try:
        with transaction.atomic():
            done = apply_move(plan, household, to or None, seen=seen)
    except IntegrityError as error:
        raise Conflict(_("那个时间有老师已经在别的活动里外出，不能同时在两处。")) from error
    plan.refresh_from_db()
    if plan.is_live:
        refit(plan, done.touched)
    return plan


def require_movable(plan: Plan, household: Household, to: str) -> None:
    """Raise Invalid with the reason why this visit may not be moved there at all."""
    if plan.state not in (Plan.State.DRAFT, Plan.State.ADOPTED):
        raise Invalid(_("这份计划不能再调整。"))
    if plan.campaign.visits.filter(household=household, state=Visit.State.RECORDED).exists():
        raise Invalid(_("这次家访已经记录，不能再调整。"))
    if household.pk in promised_homes(plan.campaign):
        raise Invalid(_("这家已经和老师约定了时间，请先和家长商量，在班级预约里改约。"))
    if not to:
        return
    slot = _slot_of(plan, to)
    if slot is None:
        raise Invalid(_("没有这个时段，请重新选择。"))
    if slot.starts_at < clock.now() + AHEAD:
        raise Invalid(_("至少要提前一天告诉家长，请选择更晚的外出。"))


def _slot_of(plan: Plan, key: str) -> Slot | None:
    """The slot of an outing's name `class@slot`."""
    number = key.rpartition("@")[2]
    return plan.campaign.slots.filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None


def _in_words(plan: Plan, seen: Preview) -> Effects:
    named = [*(one.household for one in seen.broken), *(one.household for one in seen.shifts)]
    homes = families([home for home in named if home])
    people = dict(
        Staff.objects.filter(pk__in={*seen.staff, *(one.staff for one in seen.broken if one.staff)}).values_list(
            "pk", "name"
        )
    )
    return Effects(
        tuple(dict.fromkeys(_sentence(one, homes, people) for one in seen.broken)),
        round(seen.travel / 60),
        seen.arrives,
        listed(people[one] for one in seen.staff),
        tuple((homes.get(one.household, ""), one.before, one.after) for one in seen.shifts),
        listed(_outings(plan, seen.opened)),
        listed(_outings(plan, seen.closed)),
        seen.missed,
    )


def _sentence(broken: Broken, homes: dict[int, str], people: dict[int, str]) -> str:
    """The rule, with whom it concerns."""
    who = homes.get(broken.household or 0) or people.get(broken.staff or 0)
    return f"{who}:{broken.sentence}" if who else broken.sentence


def _outings(plan: Plan, keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        slot = _slot_of(plan, key)
        name = SchoolClass.objects.filter(pk=key.partition("@")[0]).values_list("name", flat=True).first()
        yield f"{name or ''} {slot.label if slot else ''}".strip()
