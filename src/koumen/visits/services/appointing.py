"""From an adopted plan to visits: one per household and campaign, kept in line with the plan's outings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from koumen.registry.models import Household, Role, SchoolClass, Staff, Student
from koumen.visits.models import Campaign, Mode, OutingStaff, Plan, Stop, Visit, VisitStaff, VisitStudent
from koumen.visits.planning.homes import remote_mode
from koumen.visits.planning.promises import homes_met_afar

State = Visit.State
UNTOUCHED = (State.RECORDED, State.DECLINED, State.CANCELLED)


@dataclass
class Wanted:
    """A visit as the plan wants it."""

    household: Household
    school_class: SchoolClass
    lead: Staff
    companions: list[Staff]
    mode: str
    stop: Stop | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def settle_old(campaign: Campaign, new: Plan) -> None:
    """Retire the plan in force. Its outings end, but for those whose families the new plan does not speak of."""
    old = campaign.plans.adopted().exclude(pk=new.pk).first()
    if old is None:
        return
    spoken_of = households_of(new)
    kept = campaign.visits.exclude(household__in=spoken_of).filter(state=State.PLANNED, stop__outing__plan=old)
    keep = set(kept.values_list("stop__outing_id", flat=True))
    OutingStaff.objects.filter(outing__plan=old).exclude(outing__in=keep).update(is_live=False)
    left_out = [row["household"] for row in new.unplanned if "household" in row]
    campaign.visits.filter(household__in=left_out).exclude(state__in=UNTOUCHED).update(
        state=State.POSTPONED, stop=None, starts_at=None, ends_at=None
    )
    old.state = Plan.State.REPLACED
    old.save(update_fields=["state"])


def households_of(plan: Plan) -> set[int]:
    """Every household a plan decides about: visited, met otherwise, or left out."""
    named = {row["household"] for row in plan.unplanned if "household" in row}
    stops = Stop.objects.filter(outing__plan=plan).values_list("household_id", flat=True)
    return named | set(plan.remote) | set(stops)


def appoint(plan: Plan, only: frozenset[int] | None = None) -> int:
    """Make the campaign's open visits what the plan says; new families get a visit. Returns how many were fitted.

    `only` limits it to the households a change by hand has touched.
    """
    wanted = {one.household.pk: one for one in (*at_the_door(plan), *from_afar(plan))}
    if only is not None:
        wanted = {home: one for home, one in wanted.items() if home in only}
    visits = plan.campaign.visits.filter(household__in=wanted).order_by("created_at")
    known = {visit.household_id: visit for visit in visits if visit.state not in UNTOUCHED}
    done = {visit.household_id for visit in visits if visit.state in UNTOUCHED}
    # A family that chose its own way and time keeps both, whatever the plan says of those met from afar.
    done |= homes_met_afar(plan.campaign) - {home for home, one in wanted.items() if one.stop is not None}
    fresh: list[Visit] = []
    changed: list[Visit] = []
    for home, one in wanted.items():
        if home in done:
            continue
        visit = known.get(home)
        (changed if visit else fresh).append(_fit(visit or Visit(campaign=plan.campaign), one))
    keys = set(plan.campaign.targets.filter(is_key=True).values_list("student__household_id", flat=True))
    for visit in fresh:
        visit.kind = Visit.Kind.KEY if visit.household_id in keys else Visit.Kind.GENERAL
    Visit.objects.filter(pk__in=[visit.pk for visit in changed]).update(stop=None)  # a stop belongs to one visit
    Visit.objects.bulk_create(
        [*fresh, *changed], batch_size=1_000, update_conflicts=True, unique_fields=["id"], update_fields=FITTED
    )
    _people([*fresh, *changed], wanted)
    return len(fresh) + len(changed)


FITTED = ["school_class", "lead", "stop", "starts_at", "ends_at", "mode", "state"]


def _fit(visit: Visit, one: Wanted) -> Visit:
    visit.household, visit.school_class, visit.lead, visit.stop = (
        one.household,
        one.school_class,
        one.lead,
        one.stop,
    )
    visit.starts_at, visit.ends_at, visit.mode, visit.state = (
        one.starts_at,
        one.ends_at,
        one.mode,
        State.PLANNED,
    )
    return visit


def _people(visits: list[Visit], wanted: Mapping[int, Wanted]) -> None:
    """Children (siblings of any class) and companions of these visits."""
    VisitStudent.objects.filter(visit__in=visits).delete()
    VisitStaff.objects.filter(visit__in=visits).delete()
    children: dict[int | None, list[Student]] = defaultdict(list)
    at_home = Student.objects.enrolled().filter(household__in=wanted).only("id", "org_id", "household_id")
    for child in at_home:
        children[child.household_id].append(child)
    VisitStudent.objects.bulk_create(
        (VisitStudent(visit=visit, student=child) for visit in visits for child in children[visit.household_id]),
        batch_size=2_000,
    )
    VisitStaff.objects.bulk_create(
        (VisitStaff(visit=v, staff=one) for v in visits for one in wanted[v.household_id].companions),
        batch_size=2_000,
    )


def at_the_door(plan: Plan) -> Iterable[Wanted]:
    """The visits of the plan's outings, at the door or at a place where families meet."""
    stops = Stop.objects.filter(outing__plan=plan).select_related("household", "outing__school_class")
    teams: dict[int, list[OutingStaff]] = defaultdict(list)
    for member in OutingStaff.objects.filter(outing__plan=plan).select_related("staff"):
        teams[member.outing_id].append(member)
    for stop in stops.defer("household__address").order_by("starts_at", "pk"):
        team = teams[stop.outing_id]
        lead = next(member.staff for member in team if member.leads)
        others = [member.staff for member in team if not member.leads]
        yield Wanted(
            stop.household,
            stop.outing.school_class,
            lead,
            others,
            Mode.GROUP if stop.group_visit_id else Mode.DOOR,
            stop,
            stop.starts_at,
            stop.ends_at,
        )


def from_afar(plan: Plan) -> Iterable[Wanted]:
    """Families that wish no visit at home: the class teacher of the youngest child meets them in another way."""
    posts = Role.objects.filter(post="class_teacher", ends=None, school_class__isnull=False, staff__is_active=True)
    teacher = {post.school_class_id: post for post in posts.select_related("staff", "school_class").order_by("-pk")}
    mode = remote_mode(plan.campaign)
    homes = Household.objects.defer("address").filter(pk__in=plan.remote).order_by("pk")
    for home in homes.prefetch_related("students"):
        here = [teacher[s.school_class_id] for s in home.students.all() if s.school_class_id in teacher]
        if here and here[0].school_class is not None:
            yield Wanted(home, here[0].school_class, here[0].staff, [], mode)


def refit(plan: Plan, touched: frozenset[int]) -> None:
    """After a change by hand in the plan in force: its visits follow, those taken out wait for a new time."""
    appoint(plan, touched)
    gone = [row["household"] for row in plan.unplanned if row["code"] == "taken_out"]
    plan.campaign.visits.filter(household__in=gone, state=State.PLANNED).update(
        state=State.POSTPONED, stop=None, starts_at=None, ends_at=None
    )
