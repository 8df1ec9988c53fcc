"""A plan as rows, and rows as a plan."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from koumen import planner
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models import Outing, OutingStaff, Plan, Slot, Stop
from koumen.visits.planning.groups import group_key
from koumen.visits.planning.problem import Task
from koumen.visits.planning.search import Answer, digest_of


def store_plan(plan: Plan, task: Task, answer: Answer) -> bool:
    """Write a computed plan in one transaction. False when the row no longer waits for one."""
    locked = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if locked.state != Plan.State.COMPUTING:
        return False
    found = answer.plan
    slots = {str(slot.pk): slot for slot in Slot.objects.filter(campaign=locked.campaign_id)}
    classes = {str(one.pk): one for one in SchoolClass.objects.all()}
    staff = {str(one.pk): one for one in Staff.objects.all()}
    homes = {str(pk): one for pk, one in Household.objects.defer("address").in_bulk().items()}
    outings = [_outing(locked, slots[one.slot], classes, one) for one in found.outings]
    Outing.objects.bulk_create(outings, batch_size=1_000)
    pairs = list(zip(outings, found.outings, strict=True))
    OutingStaff.objects.bulk_create((row for pair in pairs for row in _team(*pair, staff)), batch_size=2_000)
    Stop.objects.bulk_create(
        (_stop(row, one, homes[one.household], at) for row, o in pairs for at, one in enumerate(o.stops, 1)),
        batch_size=2_000,
    )
    set_summary(locked, found, answer.digest, task.problem, task)
    locked.state = Plan.State.DRAFT
    locked.save()
    return True


def set_summary(
    plan: Plan, found: planner.Plan, digest: str, problem: planner.Problem, task: Task | None = None
) -> None:
    """Everything of a plan that is not an outing. Families that never entered the problem stay named."""
    before = task.left_out if task else [row for row in plan.unplanned if row["code"] in ("no_household", "no_teacher")]
    patterns = task.patterns if task else {str(r["household"]): r["pattern"] for r in plan.unplanned if "pattern" in r}
    plan.figures = {name: vars(getattr(found.figures, name)) for name in ("plan", "greedy")}
    if found.figures.bound:
        plan.figures["bound"] = found.figures.bound
    plan.unplanned = [
        *before,
        *(
            _unplanned(one, problem.household_by_id[one.household], patterns.get(one.household, ""))
            for one in found.unplanned
        ),
    ]
    plan.shortfalls = [{"rule": one.rule, "subject": one.subject, "by": one.by} for one in found.shortfalls]
    plan.remote, plan.estimated = list(map(int, found.remote)), list(map(int, found.estimated))
    plan.digest = digest


def _unplanned(one: planner.Unplanned, home: planner.Household, pattern: str) -> dict[str, object]:
    row = {
        "household": int(one.household),
        "classes": sorted(map(int, home.classes)),
        "code": one.code,
        "sentence": one.sentence,
    }
    return row | {"pattern": pattern} if one.code == "no_window" and pattern else row


def fill(row: Outing, one: planner.Outing) -> None:
    """The outing's times and ways."""
    row.leaves_at, row.back_at = moment(row.slot, one.leave_at), moment(row.slot, one.back_at)
    row.travel_seconds, row.back_seconds = one.travel, one.back_travel
    row.back_metres = one.back_metres
    row.travel_metres = one.back_metres + sum(stop.metres for stop in one.stops)


def fill_stop(row: Stop, slot: Slot, one: planner.Stop, order: int) -> None:
    """The stop's times and way."""
    row.order, row.travel_seconds, row.travel_metres = order, one.travel, one.metres
    row.group_visit_id = group_key(one.gathering)
    row.arrives_at = moment(slot, one.arrive)
    row.starts_at, row.ends_at = moment(slot, one.start), moment(slot, one.end)


def moment(slot: Slot, seconds: int) -> datetime:
    """Seconds from a slot's start as a time."""
    return slot.starts_at + timedelta(seconds=seconds)


def _outing(plan: Plan, slot: Slot, classes: dict[str, SchoolClass], one: planner.Outing) -> Outing:
    row = Outing(plan=plan, slot=slot, school_class=classes[one.class_id], second_class=classes.get(one.second_class))
    fill(row, one)
    return row


def _team(row: Outing, one: planner.Outing, staff: dict[str, Staff]) -> Iterable[OutingStaff]:
    for person in one.staff:
        yield OutingStaff(
            outing=row,
            staff=staff[person],
            leads=person == one.lead,
            starts_at=row.leaves_at,
            ends_at=row.back_at,
        )


def _stop(row: Outing, one: planner.Stop, home: Household, order: int) -> Stop:
    stop = Stop(outing=row, household=home)
    fill_stop(stop, row.slot, one, order)
    return stop


def outings_of(plan: Plan) -> list[Outing]:
    """The plan's outings with slot, team and stops, in four queries."""
    stops = Prefetch("stops", Stop.objects.order_by("order"))
    return list(plan.outings.select_related("slot").prefetch_related("team", stops).order_by("pk"))


def read_plan(plan: Plan, outings: Iterable[Outing]) -> planner.Plan:
    """The planner's plan again, from its rows."""
    here: Any = plan.figures
    return planner.Plan(
        tuple(_read(row) for row in sorted(outings, key=_by_time)),
        tuple(map(str, plan.remote)),
        tuple(
            planner.Unplanned(str(one["household"]), one["code"], one["sentence"])
            for one in plan.unplanned
            if one["code"] in planner.REASONS
        ),
        tuple(planner.Shortfall(one["rule"], one["subject"], one["by"]) for one in plan.shortfalls),
        tuple(map(str, plan.estimated)),
        planner.Figures(planner.Totals(**here["plan"]), planner.Totals(**here["greedy"]), here.get("bound", 0)),
    )


def _by_time(row: Outing) -> tuple[datetime, str, str]:
    """As the planner orders outings."""
    return (row.slot.starts_at, str(row.slot_id), str(row.school_class_id))


def _read(row: Outing) -> planner.Outing:
    def second(at: datetime) -> int:
        return int((at - row.slot.starts_at).total_seconds())

    team = list(row.team.all())
    stops = tuple(
        planner.Stop(
            str(s.household_id), second(s.arrives_at), second(s.starts_at), second(s.ends_at),
            s.travel_seconds, s.travel_metres, f"g{s.group_visit_id}" if s.group_visit_id else "",
        )
        for s in row.stops.all()
    )  # fmt: skip
    return planner.Outing(
        str(row.slot_id),
        str(row.school_class_id),
        next(str(m.staff_id) for m in team if m.leads),
        tuple(str(m.staff_id) for m in team if not m.leads),
        stops,
        second(row.leaves_at),
        second(row.back_at),
        row.back_seconds,
        row.back_metres,
        str(row.second_class_id or ""),
    )


__all__ = ["digest_of", "fill", "fill_stop", "outings_of", "read_plan", "set_summary", "store_plan"]
