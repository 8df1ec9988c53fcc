"""The autumn's campaign: started, planned by the planner, adopted three days before it begins."""

from datetime import datetime, timedelta
from random import Random

from koumen.cli.county.bring import run_here
from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.registry.models import Flag, Household, Role, SchoolClass, Student, Term
from koumen.visits import jobs as visits_jobs
from koumen.visits.models import Mode, Plan
from koumen.visits.services.campaigns import choose, open_campaign, start_campaign
from koumen.visits.services.plans import adopt, compute

assert visits_jobs  # importing it tells the engine its jobs
MUST_VISIT = ("A11", "A12", "A21", "B19", "C11", "C12", "D11", "D21", "E11")
DOOR_ONLY = ("A12", "C11")
# what class teachers know and no roster tells: category, share of the children, sensitivity, reason
_KNOWN = (
    ("A21", 0.05, 2, "班主任了解"), ("A22", 0.03, 2, "班主任了解"), ("A24", 0.03, 2, "家长会了解"),
    ("D11", 0.06, 1, "上学期期末情况"), ("D12", 0.03, 1, "单元练习情况"), ("D21", 0.02, 2, "日常观察"),
    ("D23", 0.03, 2, "家长反映"), ("C21", 0.006, 3, "心理教师建议"), ("B11", 0.02, 2, "民政部门名单"),
    ("F61", 0.02, 1, "近期进步明显"),
)  # fmt: skip
_HABITS = (("any", 60), ("evenings", 15), ("weekends", 15), ("late", 10))


def know_families(rng: Random) -> int:
    """What teachers noted and families said at the start of the year: categories, when somebody is at home, wishes.

    There is no file for these; they are written as the pages for them would. Returns how many flags were set.
    """
    today = clock.today()
    term = Term.objects.filter(starts__lte=today, ends__gte=today).first()
    until = term.ends if term else today + timedelta(days=150)
    teachers = dict(
        Role.objects.current(today).filter(post="class_teacher").values_list("school_class_id", "staff__name")
    )
    flags = [
        Flag(student=child, category=code, sensitivity=sensitivity, source=Flag.Source.TEACHER, reason=reason,
             confirmed_by=teachers.get(child.school_class_id or 0, ""), starts=today, valid_until=until)
        for child in Student.objects.enrolled().only("id", "school_class_id", "org_id").order_by("pk")
        for code, share, sensitivity, reason in _KNOWN
        if rng.random() < share
    ]  # fmt: skip
    Flag.objects.bulk_create(flags, batch_size=1_000)
    homes = list(Household.objects.only("id", "org_id").order_by("pk"))
    for home in homes:
        home.pattern = rng.choices([h for h, _w in _HABITS], [w for _h, w in _HABITS])[0]
        home.prefers_remote = rng.random() < 0.05
        home.is_risky = rng.random() < 0.004
    Household.objects.bulk_update(homes, ["pattern", "prefers_remote", "is_risky"], batch_size=500)
    return len(flags)


def plan_campaign(office: Actor, *, today: datetime, weeks_before: int, weeks_after: int) -> Plan:
    """From the Monday some weeks ago on. Everything lies ahead when it is planned: the clock says three days before."""
    monday = clock.local(today).date() - timedelta(days=clock.local(today).weekday())
    starts, ends = monday - timedelta(weeks=weeks_before), monday + timedelta(weeks=weeks_after, days=-1)
    before = datetime(starts.year, starts.month, starts.day, 10, 0, tzinfo=clock.ZONE) - timedelta(days=3)
    season = "秋季" if starts.month >= 8 else "春季"
    with clock.at(before), scope.enter(office.org.id):
        campaign = start_campaign(
            office.org, by=office, name=f"{starts.year}年{season}大家访",
            theme="走进千家万户，共育时代新人", starts=starts, ends=ends,
        )  # fmt: skip
        campaign = choose(
            campaign, by=office, classes=list(SchoolClass.objects.open()), modes=[Mode.DOOR, Mode.PHONE, Mode.VIDEO],
            must_visit=MUST_VISIT, door_only=DOOR_ONLY,
        )  # fmt: skip
        campaign = open_campaign(campaign, by=office)
        plan = compute(campaign, by=office)
        run_here(plan.job)
        return adopt(Plan.objects.get(pk=plan.pk), by=office)
