"""What the pages of plans and outings read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum

from koumen.core.actor import Actor
from koumen.core.words import listed
from koumen.registry.models import Household, SchoolClass, Staff, Student
from koumen.visits.models import Outing, OutingStaff, Plan, Slot, Stop
from koumen.visits.policies.campaigns import manages
from koumen.visits.presets.rules import OTHER_HABIT, REASONS, RULES
from koumen.visits.queries.narrow import EVERYTHING, Narrow


def _with_everything(rows: Any, *also: str) -> "QuerySet[Outing]":
    """Team, stops, families and children of outings, in a fixed number of queries; `also` comes with the stops."""
    children: Any = Student.objects.enrolled().order_by("pk")
    children = children.only("id", "org_id", "name", "class_no", "household_id", "school_class_id")
    where = ("household__place", "group_visit__place")
    stops: Any = Stop.objects.order_by("order").select_related(*where, *also).defer("household__address")
    stops = stops.prefetch_related(Prefetch("household__students", children))
    team: Any = OutingStaff.objects.select_related("staff").order_by("-leads", "pk")
    found: QuerySet[Outing] = (
        rows.select_related("slot", "school_class", "second_class", "plan__campaign")
        .prefetch_related(Prefetch("team", team), Prefetch("stops", stops))
        .order_by("leaves_at", "pk")
    )
    return found


def outings(plan: Plan, actor: Actor, narrow: Narrow = EVERYTHING, day: date | None = None) -> Any:
    """The plan's outings that this actor sees, narrowed, and to a day when one is given."""
    rows = narrow.of(plan.outings.visible_to(actor))
    return _with_everything(rows.filter(slot__date=day) if day is not None else rows)


def outings_of_staff(staff_id: int | None, *, since: datetime | None = None, until: datetime | None = None) -> Any:
    """The outings of adopted plans that somebody goes on, all that take place from `since` on or before `until`.

    Every stop comes with its visit.
    """
    live = Q(team__staff_id=staff_id or 0, team__is_live=True)
    rows = Outing.objects.filter(live)
    rows = rows.filter(back_at__gte=since) if since else rows
    rows = rows.filter(back_at__lt=until) if until else rows
    return _with_everything(rows, "visit")


def full(rows: Any) -> Any:
    """One outing's page reads as much as a list of them."""
    return _with_everything(rows)


def addresses(outing: Outing) -> dict[int, str]:
    """The addresses of an outing's families, for those who may see them."""
    homes = Household.objects.filter(stops__outing=outing).only("id", "org_id", "address")
    return {home.pk: home.address for home in homes}


def days(plan: Plan, actor: Actor, narrow: Narrow = EVERYTHING) -> list[dict[str, Any]]:
    """The days with outings, and how many there are on each."""
    rows = narrow.of(plan.outings.visible_to(actor)).order_by("slot__date").values(day=F("slot__date"))
    return [dict(row) for row in rows.annotate(n=Count("pk", distinct=True))]


def by_staff(plan: Plan, actor: Actor, narrow: Narrow = EVERYTHING) -> Any:
    """Everybody who goes, most outings first: number of outings, of those led, of families met."""
    seen = narrow.of(plan.outings.visible_to(actor))
    rows = OutingStaff.objects.filter(outing__in=seen).values("staff_id", name=F("staff__name"))
    rows = rows.filter(staff_id=narrow.staff) if narrow.staff else rows
    return rows.annotate(
        outings=Count("outing", distinct=True),
        led=Count("outing", filter=Q(leads=True), distinct=True),
        families=Count("outing__stops", distinct=True),
    ).order_by("-outings", "name", "staff_id")


def by_class(plan: Plan, actor: Actor, narrow: Narrow = EVERYTHING) -> Any:
    """Every class with outings: their number, their families, their way in kilometres."""
    rows = narrow.of(plan.outings.visible_to(actor))
    stops = Stop.objects.filter(outing__in=rows, outing__school_class=OuterRef("pk")).order_by()
    count = stops.values("outing__school_class").annotate(n=Count("pk")).values("n")
    mine = Q(outings__in=rows)
    return (
        SchoolClass.objects.filter(mine)
        .annotate(
            n=Count("outings", filter=mine),
            kilometres=Sum("outings__travel_metres", filter=mine) / 1000.0,
            families=Subquery(count, output_field=IntegerField()),
        )
        .order_by("grade__stage", "grade__level", "number")
    )


@dataclass(frozen=True)
class LeftOut:
    """A family or child without a visit, and why."""

    children: str
    classes: str
    sentence: str
    household: int | None = None
    class_ids: str = ""


def unplanned(plan: Plan, actor: Actor) -> list[dict[str, Any]]:
    """Who is left out: of the school for those who manage, of the own class for others. Not yet named."""
    if manages(actor):
        return list(plan.unplanned)
    own = actor.units("class", "class_teacher")
    return [row for row in plan.unplanned if own & set(row["classes"])]


def why_left_out(row: dict[str, Any]) -> str:
    """The reason of a row of `unplanned`, in the reader's language."""
    if row["code"] == "no_window" and row.get("pattern"):
        return OTHER_HABIT % {"habit": Household.Pattern(row["pattern"]).label}
    return str(REASONS.get(row["code"], row["sentence"]))


def name_left_out(rows: Iterable[dict[str, Any]]) -> list[LeftOut]:
    """Names for a page of `unplanned`: one query."""
    rows = list(rows)
    homes = [row["household"] for row in rows if "household" in row]
    alone = [row["student"] for row in rows if "student" in row]
    found = Student.objects.enrolled().filter(Q(household__in=homes) | Q(pk__in=alone)).select_related("school_class")
    children = list(found.only("name", "org_id", "household_id", "school_class__name", "school_class__org_id"))
    named = []
    for row in rows:
        here = [c for c in children if c.pk == row.get("student") or c.household_id == row.get("household", -1)]
        classes = {c.school_class.pk: c.school_class.name for c in here if c.school_class}
        named.append(
            LeftOut(
                listed(c.name for c in here),
                listed(classes.values()),
                why_left_out(row),
                row.get("household"),
                " ".join(map(str, classes)),
            )
        )
    return named


@dataclass(frozen=True)
class Missed:
    """A rule that falls short, of whom, by how much."""

    rule: str
    subject: str
    by: int


def shortfalls(rows: Iterable[dict[str, Any]]) -> list[Missed]:
    """Shortfalls with the names of those concerned: three queries at most."""
    rows = list(rows)
    people = _names(Staff, rows, "teacher_quota", "principal_quota", "middle_quota")
    classes = _names(SchoolClass, rows, "class_teacher_share")
    homes = families([int(r["subject"]) for r in rows if r["rule"] in ("key_in_person", "locked")])
    found = []
    for row in rows:
        known = {**people, **classes, **{str(pk): name for pk, name in homes.items()}}
        rule, unit = RULES[row["rule"]]
        subject = known.get(row["subject"], "") if row["rule"] != "two_staff" else _outing_name(row["subject"])
        found.append(Missed(f"{rule}", subject, row["by"] if unit else 0))
    return found


def _names(model: Any, rows: list[dict[str, Any]], *rules: str) -> dict[str, str]:
    ids = {int(row["subject"]) for row in rows if row["rule"] in rules}
    return {str(pk): name for pk, name in model.objects.filter(pk__in=ids).values_list("pk", "name")} if ids else {}


def _outing_name(key: str) -> str:
    school_class, _at, slot = key.rpartition("@")
    names = SchoolClass.objects.filter(pk=school_class).values_list("name", flat=True)
    days_of = Slot.objects.filter(pk=slot).values_list("date", flat=True)
    return " ".join(map(str, (*names, *days_of)))


def families(homes: Iterable[int]) -> dict[int, str]:
    """What a family is called on pages: its children's names."""
    found: dict[int, list[str]] = {}
    children = Student.objects.enrolled().filter(household__in=set(homes)).order_by("pk")
    for home, name in children.values_list("household_id", "name"):
        found.setdefault(home, []).append(name)
    return {home: listed(names) for home, names in found.items()}
