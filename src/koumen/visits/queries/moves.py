"""What the page of moving one visit reads."""

from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.registry.models import Household, SchoolClass
from koumen.visits.models import Outing, Plan, Slot, Stop
from koumen.visits.queries.plans import families

AHEAD = timedelta(hours=24)  # a family is asked at least this long before
OUT = "out"  # the choice of taking a family out of the plan


def homes_in(plan: Plan) -> "QuerySet[Household]":
    """The households a plan speaks of, visited or left out."""
    left = [row["household"] for row in plan.unplanned if "household" in row]
    placed = Stop.objects.filter(outing__plan=plan)
    return Household.objects.filter(Q(pk__in=left) | Q(pk__in=placed.values("household_id"))).defer("address")


def stop_of(plan: Plan, home: Household) -> Stop | None:
    """Where the family stands in the plan now."""
    rows = Stop.objects.filter(outing__plan=plan, household=home)
    return rows.select_related("outing__slot", "outing__school_class").first()


def name_of(home: Household) -> str:
    """The family, by its children's names."""
    return families([home.pk]).get(home.pk, "")


def targets_for(plan: Plan, home: Household, stop: Stop | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where the family could go: outings of its children's classes, then days on which a new one could begin."""
    classes = list(SchoolClass.objects.filter(students__household=home, students__state="enrolled").distinct())
    soon = clock.now() + AHEAD
    rows = Outing.objects.filter(plan=plan, school_class__in=classes, slot__starts_at__gte=soon)
    outings = list(rows.select_related("slot", "school_class").prefetch_related("team__staff", "stops"))
    used = {(row.school_class_id, row.slot_id) for row in outings}
    slots = list(plan.campaign.slots.open().from_on(soon))
    there: dict[int, list[tuple[str, str]]] = {one.pk: [] for one in classes}
    for row in outings:
        if stop is None or stop.outing_id != row.pk:
            there[row.school_class_id].append((key(row.school_class, row.slot), _label(row)))
    groups = [(_("%(name)s已有的外出") % {"name": one.name}, there[one.pk]) for one in classes]
    for one in classes:
        unused = [(key(one, slot), slot.label) for slot in slots if (one.pk, slot.pk) not in used]
        groups.append((_("%(name)s新增一次外出") % {"name": one.name}, unused))
    out = [(_("其他"), [(OUT, _("先移出计划"))])] if stop else []
    return [group for group in groups if group[1]] + out


def key(school_class: SchoolClass, slot: Slot) -> str:
    """The name of a class's outing in a slot."""
    return f"{school_class.pk}@{slot.pk}"


def _label(row: Outing) -> str:
    return _("%(day)s · %(team)s · 已有 %(n)d 户") % {
        "day": row.slot.label,
        "team": row.names,
        "n": len(row.stops.all()),
    }
