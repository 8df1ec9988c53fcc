"""Who can go out when, as the planner knows people: roles, classes, free slots, students already met."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q

from koumen import planner
from koumen.core import clock
from koumen.planner.problem import Role as PlannerRole
from koumen.registry.models import Gender, Role, SchoolYear, Staff
from koumen.visits.models import Campaign, Clearance, OutingStaff, Quota, Slot, StaffSlot, VisitStaff, VisitStudent
from koumen.visits.models.campaigns import TEACHING
from koumen.visits.planning.promises import promised_homes

GENDERS: dict[str, str] = {Gender.FEMALE: "female", Gender.MALE: "male"}
TEACHES = ("class_teacher", "subject_teacher", "counsellor")


@dataclass
class Team:
    """The people of a class, as posts tell."""

    teacher: int | None = None
    members: list[int] = field(default_factory=list)


def posts_today() -> list[Role]:
    """Posts that go on visits, held today by staff at work, in a settled order."""
    found = Role.objects.current(clock.today()).filter(post__in=TEACHING, staff__is_active=True)
    return list(found.order_by("staff_id", "pk"))


def teams(posts: Iterable[Role]) -> dict[int, Team]:
    """By class: its class teacher (the first, when there are two) and the other teachers."""
    found: dict[int, Team] = defaultdict(Team)
    for post in posts:
        if post.school_class_id is None or post.post not in TEACHES:
            continue
        team = found[post.school_class_id]
        if post.post == "class_teacher" and team.teacher is None:
            team.teacher = post.staff_id
        elif post.staff_id not in team.members:
            team.members.append(post.staff_id)
    return found


def role_of(codes: set[str]) -> PlannerRole:
    """The planner's role: leaders by their post, then class teachers, then everybody else."""
    if codes & {"principal", "vice_principal"}:
        return "principal"
    if "middle_leader" in codes:
        return "middle"
    return "class_teacher" if "class_teacher" in codes else "subject"


def people(
    campaign: Campaign,
    posts: Iterable[Role],
    slots: Iterable[Slot],
    classes: frozenset[int],
    also: frozenset[int],
    *,
    afresh: bool = False,
) -> tuple[planner.Person, ...]:
    """Everybody who can be sent, and those in `also` whatever their posts are today.

    `afresh`: for a new plan, beside which outings to families that agreed to their time still stand.
    """
    codes: dict[int, set[str]] = defaultdict(set)
    taught: dict[int, set[int]] = defaultdict(set)
    for post in posts:
        codes[post.staff_id].add(post.post)
        if post.school_class_id in classes and post.post in TEACHES:
            taught[post.staff_id].add(post.school_class_id)
    slots = list(slots)
    free = free_slots(campaign, slots, afresh=afresh)
    who = codes.keys() | also
    about = Staff.objects.in_bulk(who)
    cleared = clearances(campaign, who)
    exempt = dict(campaign.exemptions.values_list("staff_id", "reason"))
    quotas = list(campaign.quotas.all())
    done = {role: students_met(since(campaign, period_of(quotas, role))) for role in ("teacher", "principal", "middle")}
    return tuple(
        planner.Person(
            str(one),
            role := role_of(codes[one]),
            frozenset(map(str, taught[one])),
            frozenset(str(slot.pk) for slot in slots if slot.pk in free.get(one, ()) and cleared[one].on(slot.date)),
            done[role if role in done else "teacher"][one],
            exempt=exempt.get(one, ""),
            barred=cleared[one].lacks,
            gender=GENDERS.get(about[one].gender, ""),
            languages=frozenset(about[one].languages),
        )
        for one in sorted(who)
    )


@dataclass(frozen=True)
class Cleared:
    """Whether somebody may go out in a campaign: what is lacking, else until when it lasts."""

    lacks: str = ""
    until: date | None = None

    def on(self, day: date) -> bool:
        return self.until is None or day <= self.until


def clearances(campaign: Campaign, staff: Iterable[int]) -> dict[int, Cleared]:
    """Who has what the campaign asks of everybody who goes: training, a signed commitment."""
    asked = [(Clearance.Kind.TRAINING, campaign.needs_training), (Clearance.Kind.COMMITMENT, campaign.needs_commitment)]
    kinds = [str(kind) for kind, is_asked in asked if is_asked]
    held: dict[tuple[int, str], date | None] = {}
    if kinds:
        rows = Clearance.objects.filter(kind__in=kinds)
        held = {(one, kind): until for one, kind, until in rows.values_list("staff_id", "kind", "valid_until")}
    found = {}
    for one in staff:
        lacking = [kind for kind in kinds if (one, kind) not in held or (held[one, kind] or date.max) < clock.today()]
        ends = [until for kind in kinds if (until := held.get((one, kind))) is not None]
        found[one] = Cleared(lacking[0] if lacking else "", min(ends, default=None))
    return found


def free_slots(campaign: Campaign, slots: list[Slot], *, afresh: bool = False) -> Mapping[int, set[int]]:
    """The slots each member of staff ticked (or was given), less those in which another campaign has them out; for a
    plan made `afresh`, less those in which they have promised to be with a family as well.
    """
    free: dict[int, set[int]] = defaultdict(set)
    for staff, slot in StaffSlot.objects.filter(slot__in=slots).values_list("staff_id", "slot_id"):
        free[staff].add(slot)
    for staff, starts, ends in busy_elsewhere(campaign, slots, afresh=afresh):
        free[staff] -= {slot.pk for slot in slots if slot.starts_at < ends and starts < slot.ends_at}
    return free


def busy_elsewhere(
    campaign: Campaign, slots: list[Slot], *, afresh: bool = False
) -> list[tuple[int, datetime, datetime]]:
    """(staff, from, to) of live outings of other campaigns, or to promised families, in the time of these slots."""
    if not slots:
        return []
    live = OutingStaff.objects.filter(
        is_live=True, starts_at__lt=max(s.ends_at for s in slots), ends_at__gt=min(s.starts_at for s in slots)
    )
    elsewhere = ~Q(outing__plan__campaign=campaign)
    if afresh:
        elsewhere |= Q(outing__stops__household__in=promised_homes(campaign))
    live = live.filter(elsewhere).distinct()
    return list(live.values_list("staff_id", "starts_at", "ends_at"))


def students_met(first: date) -> Counter[int]:
    """How many students each member of staff has met on recorded visits from this day on."""
    seen = VisitStudent.objects.filter(visit__state="recorded", visit__starts_at__date__gte=first)
    went = defaultdict(list)
    joined = VisitStaff.objects.filter(visit__state="recorded", visit__starts_at__date__gte=first)
    for visit, staff in joined.values_list("visit_id", "staff_id"):
        went[visit].append(staff)
    met: dict[int, set[int]] = defaultdict(set)
    for visit, lead, student in seen.values_list("visit_id", "visit__lead_id", "student_id"):
        for staff in (lead, *went[visit]):
            met[staff].add(student)
    return Counter({staff: len(students) for staff, students in met.items()})


def period_of(quotas: Iterable[Quota], who: str) -> str:
    """The period in which this role's number counts."""
    return next((q.period for q in quotas if q.scope == f"staff:{who}"), "campaign")


def since(campaign: Campaign, period: str) -> date:
    """The first day of the quota's period."""
    if period == "campaign":
        return campaign.starts
    year = SchoolYear.objects.filter(starts__lte=campaign.starts, ends__gte=campaign.starts).first()
    if year is None:
        return campaign.starts
    if period == "term":
        term = year.terms.filter(starts__lte=campaign.starts, ends__gte=campaign.starts).first()
        return term.starts if term else year.starts
    return year.starts


def threshold(quotas: Iterable[Quota], scope: str, indicator: str) -> int:
    """The campaign's own figure; 0 when it asks for nothing."""
    return next((int(q.threshold) for q in quotas if (q.scope, q.indicator) == (scope, indicator)), 0)


def names_of(ids: Iterable[int]) -> dict[int, str]:
    """Names of staff."""
    return dict(Staff.objects.filter(pk__in=set(ids)).values_list("pk", "name"))
