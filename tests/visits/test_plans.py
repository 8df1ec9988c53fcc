"""Plans: computed in the background, checked, adopted, kept in line with visits; nobody in two places."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from koumen.core import clock, jobs, scope
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, Job, OutboxMessage
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Guardianship, Household, Role, SchoolClass, Student
from koumen.visits.models import Campaign, Outing, OutingStaff, Plan, Visit
from koumen.visits.planning import draw, join, task_of
from koumen.visits.planning import outings as rows
from koumen.visits.queries.plans import why_left_out
from koumen.visits.services import plans as services
from koumen.visits.services.campaigns import choose, tick_free
from tests.cast import Cast
from tests.visits import season, town

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def office(hill: Cast, actor: Actors) -> Actor:
    return actor("office")


@pytest.fixture
def plan(office: Actor) -> Plan:
    return season.planned(office)


def again(plan: Plan) -> Plan:
    return Plan.objects.select_related("campaign", "job").get(pk=plan.pk)


def test_every_household_once_siblings_once_two_staff(plan: Plan) -> None:
    """Five households of six children: 阿梅 and 阿乐 of two classes are visited together, by at least two people."""
    assert plan.state == Plan.State.DRAFT
    outings = list(plan.outings.prefetch_related("team", "stops"))
    homes = [stop.household_id for outing in outings for stop in outing.stops.all()]
    assert sorted(homes) == sorted(Household.objects.values_list("pk", flat=True))
    assert all(len(outing.team.all()) >= 2 for outing in outings)
    assert all(sum(member.leads for member in outing.team.all()) == 1 for outing in outings)
    assert plan.figures["plan"]["cost"] <= plan.figures["greedy"]["cost"]


def test_times_are_of_the_clock(plan: Plan) -> None:
    """Families are told times in steps of five minutes, inside the visiting time."""
    for outing in plan.outings.select_related("slot").prefetch_related("stops"):
        for stop in outing.stops.all():
            assert clock.local(stop.starts_at).minute % 5 == 0
            assert outing.slot.opens_at <= stop.starts_at < stop.ends_at <= outing.slot.closes_at
        assert outing.slot.starts_at <= outing.leaves_at < outing.back_at <= outing.slot.ends_at


def test_same_data_and_seed_give_the_same_bytes(plan: Plan, office: Actor) -> None:
    second = services.compute(plan.campaign, by=office)
    assert second.job is not None
    season.run(second.job)
    assert again(second).digest == plan.digest != ""


def test_rows_are_the_plan(plan: Plan) -> None:
    """What was written, read back, is the same plan to the byte."""
    assert rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == plan.digest


def test_adopting_makes_a_visit_per_household(plan: Plan, office: Actor, hill: Cast) -> None:
    services.adopt(plan, by=office)
    visits = Visit.objects.filter(campaign=plan.campaign)
    assert visits.count() == 5
    shared = visits.get(household=hill.student("阿梅").household)
    assert {row.student.name for row in shared.students.all()} == {"阿梅", "阿乐"}
    for visit in visits.select_related("stop__outing"):
        assert visit.stop is not None
        team = visit.stop.outing.team
        assert visit.lead_id == team.get(leads=True).staff_id
        assert {one.staff_id for one in visit.companions.all()} == set(
            team.filter(leads=False).values_list("staff_id", flat=True)
        )
        assert visit.starts_at == visit.stop.starts_at
    assert not OutingStaff.objects.filter(outing__plan=plan, is_live=False).exists()
    assert again(plan).campaign.state == Campaign.State.OPEN
    told = OutboxMessage.objects.filter(once_key__startswith=f"plan:{plan.pk}:")
    staff = OutingStaff.objects.filter(outing__plan=plan).values_list("staff__account_id", flat=True)
    assert {one.account_id for one in told} == set(staff)
    assert OutboxMessage.objects.filter(account_id=office.account_id, body__contains="计划排好了").count() == 1
    assert AuditEntry.objects.filter(verb="plan.adopt", target=f"visits.plan:{plan.pk}").exists()


def test_the_database_itself_keeps_people_in_one_place(plan: Plan, office: Actor) -> None:
    services.adopt(plan, by=office)
    live = OutingStaff.objects.filter(is_live=True).select_related("outing", "staff").first()
    assert live is not None
    other = Outing.objects.get(pk=plan.outings.exclude(pk=live.outing_id).values("pk")[:1])
    OutingStaff.objects.filter(outing=other, staff=live.staff).delete()
    with pytest.raises(IntegrityError, match="nobody_in_two_places"), transaction.atomic():
        OutingStaff.objects.create(
            outing=other, staff=live.staff, starts_at=live.starts_at, ends_at=live.ends_at, is_live=True
        )


def test_a_clash_with_another_campaign_is_named(plan: Plan, office: Actor) -> None:
    """Two drafts of two campaigns send the same people at the same time: the second adoption says who and when."""
    second = season.planned(office, name="重点家访")
    services.adopt(plan, by=office)
    with pytest.raises(Conflict, match=r"老师在09-1\d .*“秋季大家访”.*两处|主任在09-1\d .*“秋季大家访”.*两处"):
        services.adopt(second, by=office)
    assert again(second).state == Plan.State.DRAFT


def test_planning_avoids_people_who_are_out_for_another_campaign(plan: Plan, office: Actor) -> None:
    services.adopt(plan, by=office)
    second = season.planned(office, name="重点家访")
    services.adopt(second, by=office)
    assert again(second).is_live


def test_a_new_plan_replaces_the_old_for_what_is_not_recorded(plan: Plan, office: Actor) -> None:
    """The recorded visit stays as it was; the others move to the new plan and are the same visits still."""
    services.adopt(plan, by=office)
    first = Visit.objects.filter(campaign=plan.campaign).order_by("starts_at").first()
    assert first is not None
    Visit.objects.filter(pk=first.pk).update(state=Visit.State.RECORDED)
    before = set(Visit.objects.values_list("pk", flat=True))
    second = services.compute(plan.campaign, by=office, seed=5)
    assert second.job is not None
    season.run(second.job)
    services.adopt(again(second), by=office)
    assert again(plan).state == Plan.State.REPLACED
    assert set(Visit.objects.values_list("pk", flat=True)) == before
    kept = Visit.objects.select_related("stop__outing").get(pk=first.pk)
    assert kept.stop is not None
    assert kept.stop.outing.plan_id == plan.pk
    others = Visit.objects.exclude(pk=first.pk).select_related("stop__outing")
    assert {visit.stop.outing.plan_id for visit in others if visit.stop} == {second.pk}


def test_what_begins_within_a_day_stays(plan: Plan, office: Actor) -> None:
    """Replanned on the eve of an outing: its families and its team keep their evening."""
    services.adopt(plan, by=office)
    soon = plan.outings.order_by("leaves_at")[0]
    homes = set(soon.stops.values_list("household_id", flat=True))
    with clock.at(soon.slot.starts_at - timedelta(hours=5)):
        second = services.compute(plan.campaign, by=office)
        assert second.job is not None
        season.run(second.job)
        services.adopt(again(second), by=office)
    assert not homes & {stop.household_id for o in again(second).outings.all() for stop in o.stops.all()}
    assert soon.team.filter(is_live=True).count() == soon.team.count()
    assert {v.stop.outing_id for v in Visit.objects.filter(household__in=homes) if v.stop} == {soon.pk}


def test_only_drafts_are_adopted_and_not_when_begun(plan: Plan, office: Actor) -> None:
    with clock.at(datetime(2026, 10, 20, 8, 0)), pytest.raises(Conflict, match="已经过去"):
        services.adopt(plan, by=office)
    services.adopt(plan, by=office)
    with pytest.raises(Conflict, match="只有草案"):
        services.adopt(plan, by=office)


def test_one_computing_at_a_time(hill: Cast, office: Actor) -> None:
    campaign = season.campaign(office)
    services.compute(campaign, by=office)
    with pytest.raises(Conflict, match="正在排程"):
        services.compute(campaign, by=office)


def test_teachers_start_no_plan(hill: Cast, office: Actor, actor: Actors) -> None:
    with pytest.raises(Forbidden):
        services.compute(season.campaign(office), by=actor("teacher1"))


def test_a_cancelled_job_leaves_nothing(hill: Cast, office: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled while waiting, and cancelled while running: no outing, and the plan is shown as not made."""
    plan = services.compute(season.campaign(office), by=office)
    services.cancel(plan, by=office)
    assert again(plan).standing == Plan.State.FAILED
    second = services.compute(plan.campaign, by=office)
    assert second.job is not None
    monkeypatch.setattr(jobs.Run, "cancelled", lambda _run: True)
    season.run(second.job)
    assert again(second).job.state == Job.State.CANCELLED  # type: ignore[union-attr]
    assert again(second).standing == Plan.State.FAILED
    assert not Outing.objects.exists()


def test_a_dead_worker_leaves_no_half_plan(
    hill: Cast, office: Actor, monkeypatch: pytest.MonkeyPatch, expects_errors: None
) -> None:
    """Died while writing: all rows of the plan are undone; run again it is whole, and a third run changes nothing."""
    plan = services.compute(season.campaign(office), by=office)
    assert plan.job is not None

    def dies(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rows, "set_summary", dies)
        with pytest.raises(KeyboardInterrupt):
            season.run(plan.job)
    assert not Outing.objects.exists()
    assert again(plan).standing == Plan.State.COMPUTING
    season.run(plan.job)
    found = again(plan)
    assert (found.state, found.outings.count()) == (Plan.State.DRAFT, 2)
    Job.objects.filter(pk=plan.job.pk).update(state=Job.State.WAITING)
    season.run(plan.job)
    assert again(plan).outings.count() == 2


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda _c: Role.objects.filter(post="class_teacher").delete(), "班主任"),
        (lambda c: c.slots.all().update(is_open=False), "没有可用的时段"),
        (lambda c: Campaign.objects.filter(pk=c.pk).update(modes=["03"]), "入户家访"),
        (lambda _c: Student.objects.update(state="moved"), "没有需要安排的家庭"),
    ],
)
def test_what_is_missing_is_said(
    hill: Cast, office: Actor, break_it: Callable[[Campaign], object], sentence: str
) -> None:
    campaign = season.campaign(office)
    break_it(campaign)
    plan = services.compute(campaign, by=office)
    assert plan.job is not None
    job = season.run(plan.job)
    assert (job.state, sentence in job.text) == (Job.State.FAILED, True)
    assert again(plan).standing == Plan.State.FAILED


def test_families_that_cannot_be_planned_are_named_with_a_reason(hill: Cast, office: Actor) -> None:
    """No household, no class teacher, no time in common: each says so, and the rest is planned."""
    campaign = season.campaign(office)
    lonely = hill.student("阿宝")
    Guardianship.objects.filter(student=lonely).delete()
    Student.objects.filter(pk=lonely.pk).update(household=None)
    Household.objects.filter(pk=hill.student("阿斗").household_id or 0).update(pattern="weekends")
    campaign.slots.exclude(kind="evening").update(is_open=False)
    plan = services.compute(campaign, by=office)
    assert plan.job is not None
    season.run(plan.job)
    found = again(plan)
    assert found.state == Plan.State.DRAFT
    reasons = {row.get("student") or row["household"]: why_left_out(row) for row in found.unplanned}
    assert "还没有登记家庭" in reasons[lonely.pk]
    assert "周末" in reasons[hill.student("阿斗").household_id]


def test_families_that_prefer_a_call_get_a_visit_without_an_outing(hill: Cast, office: Actor) -> None:
    home = hill.student("阿虎").household
    Household.objects.filter(pk=home.pk if home else 0).update(prefers_remote=True)
    plan = season.planned(office)
    assert plan.remote == [home.pk if home else 0]
    services.adopt(plan, by=office)
    visit = Visit.objects.get(household=home)
    assert (visit.mode, visit.lead.name, visit.stop) == ("03", "陈老师", None)


def test_only_ticked_slots_are_used(hill: Cast, office: Actor) -> None:
    campaign = season.campaign(office)
    only = list(campaign.slots.filter(date=date(2026, 9, 19)))
    for name in ("teacher1", "teacher2", "subject1", "office", "principal", "middle"):
        tick_free(hill.staff(name), by=office, campaign=campaign, slots=only)
    plan = services.compute(campaign, by=office)
    assert plan.job is not None
    season.run(plan.job)
    assert {outing.slot.date for outing in again(plan).outings.select_related("slot")} == {date(2026, 9, 19)}


@pytest.mark.rows("R2", "R3")
def test_a_school_of_ten_classes(hill: Cast, office: Actor) -> None:
    """450 students at once: sound by the independent checker, cheaper than by hand, adopted without a clash."""
    school = town.build(10, 20)
    hill.hill.lng, hill.hill.lat = school.school.lng, school.school.lat
    hill.hill.save()
    campaign = season.campaign(office)
    in_town = SchoolClass.objects.exclude(name__startswith="三年级")
    choose(campaign, by=office, classes=list(in_town), modes=["01", "03"], must_visit=[], door_only=[])
    plan = Plan.objects.create(campaign=campaign, seed=3)
    task = task_of(plan)
    routes = [draw(task, team.id, "first", cancelled=lambda: False, iterations=150) for team in task.problem.classes]
    answer = join(task, routes, "first", cancelled=lambda: False, iterations=150)
    assert rows.store_plan(plan, task, answer)
    found = again(plan)
    assert found.figures["plan"]["cost"] < found.figures["greedy"]["cost"]
    seen = [stop.household_id for outing in found.outings.all() for stop in outing.stops.all()]
    named = [row["household"] for row in found.unplanned]
    assert sorted([*seen, *named, *found.remote]) == sorted(int(home.id) for home in task.problem.households)
    services.adopt(found, by=office)
    assert Visit.objects.count() == len(seen) + len(found.remote)


def test_another_school_sees_no_plan(plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.river.pk):
        assert not Plan.objects.exists()
        assert not Outing.objects.exists()


def test_the_task_is_read_in_few_queries(plan: Plan, django_assert_max_num_queries: Callable[..., object]) -> None:
    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]
        task_of(plan)


def test_a_campaign_that_may_not_be_planned(plan: Plan, office: Actor) -> None:
    Campaign.objects.filter(pk=plan.campaign_id).update(state="closed")
    with pytest.raises(Conflict, match="已结束"):
        services.compute(plan.campaign, by=office)
    with pytest.raises(Invalid, match="没有可用的时段"), clock.at(datetime(2026, 10, 12, 8, 0)):
        task_of(plan)
