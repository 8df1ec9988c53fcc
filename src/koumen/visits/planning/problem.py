"""The planner's problem, read from the database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from koumen import planner
from koumen.core import clock
from koumen.core.refusals import Invalid
from koumen.registry.models import Household, Org
from koumen.visits.models import Campaign, Mode, Outing, Plan, Slot, Stop, Visit
from koumen.visits.planning.groups import Group, gatherings, groups_in, groups_of, pairs_of
from koumen.visits.planning.homes import Family, families, planned_homes, point_of
from koumen.visits.planning.people import Team, people, posts_today, teams, threshold
from koumen.visits.planning.promises import settled_by_answer
from koumen.visits.planning.roads import NO_ROADS, Roads
from koumen.visits.presets.rules import REASONS, UNFIT, UNPLANNABLE

AHEAD = timedelta(hours=24)  # a family is asked at least this long before
NOWHERE = planner.Point(105.0, 35.0)  # a school without a point and without any known home: all distances are 0
# Visits that a new plan leaves as they are.
SETTLED = (Visit.State.RECORDED, Visit.State.DECLINED, Visit.State.CANCELLED)


@dataclass(frozen=True)
class Task:
    """A problem, the families that could not even enter it: [{household | student, code, sentence}], and its ways."""

    problem: planner.Problem
    seed: int
    left_out: list[dict[str, object]] = field(default_factory=list)
    patterns: Mapping[str, str] = field(default_factory=dict)
    roads: Roads = NO_ROADS


def task_of(plan: Plan) -> Task:
    """What is still to be planned in a campaign: slots at least a day ahead, families not yet met.

    Raises Invalid with the sentence of what is missing.
    """
    campaign = plan.campaign
    if Mode.DOOR not in campaign.modes:
        raise Invalid(_("这次活动没有选“入户家访”，不需要排程。"))
    now = clock.now()
    slots = list(campaign.slots.open().from_on(now + AHEAD))
    if not slots:
        raise Invalid(_("一天之后没有可用的时段了，请先调整活动的日期或时间。"))
    wanted, homeless = families(campaign)
    for settled in settled_homes(campaign):
        wanted.pop(settled, None)
    if not wanted:
        raise Invalid(_("没有需要安排的家庭：目标学生都已家访，或还没有家庭信息。"))
    try:
        problem, without_teacher = problem_of(campaign, slots, wanted)
    except planner.ProblemError as error:
        raise Invalid(unplannable(error)) from error
    left_out = [_left("student", one, [school_class], "no_household") for one, school_class in homeless]
    left_out += [_left("household", one, wanted[one].classes, "no_teacher") for one in without_teacher]
    patterns = dict(Household.objects.filter(pk__in=wanted).values_list("pk", "pattern"))
    return Task(problem, plan.seed, left_out, {str(pk): pattern for pk, pattern in patterns.items()})


def unplannable(error: planner.ProblemError) -> str:
    """The planner's refusal of a whole problem, in the reader's language."""
    return str(UNPLANNABLE[error.code]) if error.code in UNPLANNABLE else UNFIT % {"detail": error}


def settled_homes(campaign: Campaign) -> set[int]:
    """Households that are done, that agreed to a time, or whose visit begins within a day and stays as it is."""
    now = clock.now()
    soon = Q(state="planned", stop__outing__slot__starts_at__range=(now, now + AHEAD))
    found = campaign.visits.filter(Q(state__in=SETTLED) | soon)
    return set(found.values_list("household_id", flat=True)) | settled_by_answer(campaign)


def problem_of(campaign: Campaign, slots: list[Slot], wanted: dict[int, Family]) -> tuple[planner.Problem, list[int]]:
    """The problem of these families in these slots, and the families no class in scope can visit. Raises Invalid."""
    posts = posts_today()
    in_scope = frozenset(campaign.scope.values_list("school_class_id", flat=True))
    crews = {one: team for one, team in teams(posts).items() if one in in_scope and team.teacher is not None}
    if not crews:
        raise Invalid(_("所选班级都还没有班主任，请先登记任课信息。"))
    classes = frozenset(crews)
    groups = groups_of(campaign, wanted)
    homes = planned_homes(campaign, wanted, slots, classes, _told(groups))
    crew = class_teams(crews)
    problem = planner.Problem(
        school_point(campaign, homes),
        planner_slots(campaign.starts, slots),
        homes,
        people(campaign, posts, slots, classes, frozenset(), afresh=True),
        crew,
        quotas=quotas_of(campaign),
        gatherings=gatherings(groups, homes),
        pairs=pairs_of(campaign, crew),
    )
    return problem, sorted(wanted.keys() - {int(home.id) for home in homes})


def problem_around(plan: Plan, outings: Iterable[Outing], stops: Iterable[Stop]) -> planner.Problem:
    """The problem as it is now with everything a stored plan speaks of, so that one visit can be moved in it.

    Unlike `task_of` it also holds what is over or no longer open: the moved visit alone must keep the rules.
    """
    campaign, outings, stops = plan.campaign, list(outings), list(stops)
    slots = list(campaign.slots.filter(Q(is_open=True) | Q(pk__in=[o.slot_id for o in outings])))
    wanted, _homeless = families(campaign)
    class_of = {outing.pk: outing.school_class_id for outing in outings}
    going = {outing.pk: {outing.school_class_id, outing.second_class_id} for outing in outings}
    groups = groups_in(stops)
    for stop in stops:
        here = class_of[stop.outing_id]
        family = wanted.setdefault(stop.household_id, Family())
        if not stop.group_visit_id and going[stop.outing_id].isdisjoint(family.classes):
            family.children.append((-stop.household_id, here))  # the child has left since: the visit still stands
    posts = posts_today()
    crews = teams(posts)
    for outing in outings:
        if crews[outing.school_class_id].teacher is None:
            crews[outing.school_class_id].teacher = outing.team.all()[0].staff_id
    in_scope = frozenset(campaign.scope.values_list("school_class_id", flat=True)) | frozenset(class_of.values())
    crews = {one: team for one, team in crews.items() if one in in_scope and team.teacher is not None}
    homes = planned_homes(campaign, wanted, slots, frozenset(crews), _told(groups))
    crew = class_teams(crews)
    staff = frozenset(member.staff_id for outing in outings for member in outing.team.all())
    return planner.Problem(
        school_point(campaign, homes),
        planner_slots(campaign.starts, slots),
        homes,
        people(campaign, posts, slots, frozenset(crews), staff),
        crew,
        quotas=quotas_of(campaign),
        gatherings=gatherings(groups, homes),
        pairs=pairs_of(campaign, crew, outings),
    )


def _told(groups: Iterable[Group]) -> dict[int, Slot | None]:
    """The families met together, and the slot they were told to come in."""
    return {home: group.row.slot for group in groups for home in group.homes}


def school_point(campaign: Campaign, homes: Iterable[planner.Household]) -> planner.Point:
    """Where teams leave from: the school's own point, else the middle of the homes known."""
    org = Org.objects.get(pk=campaign.org_id)
    own = point_of(org.lng, org.lat)
    known = [home.point for home in homes if home.point]
    if own is not None:
        return own
    if not known:
        return NOWHERE
    return planner.Point(sum(p.lng for p in known) / len(known), sum(p.lat for p in known) / len(known))


def planner_slots(first: date, slots: Iterable[Slot]) -> tuple[planner.Slot, ...]:
    """A whole day costs what a day costs; half a weekend day what an evening does."""
    monday = first - timedelta(days=first.weekday())
    made = []
    for slot in slots:
        starts = clock.local(slot.starts_at)
        made.append(
            planner.Slot(
                str(slot.pk),
                slot.date,
                starts.hour * 60 + starts.minute,
                int((slot.ends_at - slot.starts_at).total_seconds()),
                "day" if slot.kind == Slot.Kind.DAY else "evening",
                max(0, (slot.date - monday).days // 7),
            )
        )
    return tuple(made)


def class_teams(crews: Mapping[int, Team]) -> tuple[planner.ClassTeam, ...]:
    return tuple(
        planner.ClassTeam(str(one), str(team.teacher), tuple(str(m) for m in team.members if m != team.teacher))
        for one, team in sorted(crews.items())
    )


def quotas_of(campaign: Campaign) -> planner.Quotas:
    """The campaign's own figures."""
    rows = list(campaign.quotas.all())
    return planner.Quotas(
        teacher=threshold(rows, "staff:teacher", "students_visited"),
        principal=threshold(rows, "staff:principal", "students_visited"),
        middle=threshold(rows, "staff:middle", "students_visited"),
        class_teacher_percent=threshold(rows, "class", "own_door_rate"),
    )


def _left(what: str, which: int, classes: list[int], code: str) -> dict[str, object]:
    return {what: which, "classes": classes, "code": code, "sentence": str(REASONS[code])}
