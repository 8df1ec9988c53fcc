"""What is said and arranged before a campaign is planned, and that the plan follows it."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.planner import check
from koumen.registry.models import Flag, Household, Place, SchoolClass, Staff
from koumen.visits.models import Campaign, Clearance, GroupVisit, OutingStaff, Plan, Stop, Target, Visit
from koumen.visits.planning import outings as rows
from koumen.visits.planning import proposed_pairs, task_of
from koumen.visits.planning.roads import ClockTravel
from koumen.visits.services import clearances, families, together
from koumen.visits.services.campaigns import tick_free
from koumen.visits.services.plans import adopt, compute
from koumen.visits.services.slots import lay_out
from koumen.visits.services.targets import fit_targets
from tests.cast import Cast
from tests.visits import season, town

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2", "R3")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def office(hill: Cast, actor: Actors) -> Actor:
    return actor("office")


@pytest.fixture
def campaign(office: Actor) -> Campaign:
    return season.campaign(office)


def plan_of(campaign: Campaign, by: Actor) -> Plan:
    """A computed plan, which the checker has seen."""
    plan = compute(campaign, by=by)
    assert plan.job is not None
    season.run(plan.job)
    plan = Plan.objects.select_related("campaign", "job").get(pk=plan.pk)
    assert plan.state == Plan.State.DRAFT, plan.job and plan.job.text
    return plan


def home_of(cast: Cast, child: str) -> Household:
    found = cast.student(child).household
    assert found is not None
    return found


def meeting(cast: Cast, *children: str, **changes: object) -> together.Meeting:
    values: dict[str, object] = {
        "name": "柳树村村委会",
        "place": Place.objects.get(name="柳树村"),
        "school_class": cast.school_class("三年级1班"),
        "minutes": 60,
        "slot": None,
        "homes": [home_of(cast, child) for child in children],
    }
    return together.Meeting(**(values | changes))  # type: ignore[arg-type]


# --- a family's own times and wishes ----------------------------------------------------------------------------


def test_a_family_is_visited_when_it_said(campaign: Campaign, office: Actor, hill: Cast) -> None:
    """The usual habit no longer counts, until the answer is withdrawn."""
    home = home_of(hill, "阿虎")
    last = campaign.slots.open().order_by("-starts_at")[0]
    families.note_times(home, by=office, campaign=campaign, slots=[last])
    plan = plan_of(campaign, office)
    left = [one["household"] for one in plan.unplanned]
    seen = [stop.outing.slot_id for stop in Stop.objects.filter(outing__plan=plan, household=home)]
    assert seen == [last.pk] or home.pk in left
    (known,) = [one for one in task_of(plan).problem.households if one.id == str(home.pk)]
    assert set(known.windows) == {str(last.pk)}
    families.note_times(home, by=office, campaign=campaign, slots=None)
    (known,) = [one for one in task_of(plan).problem.households if one.id == str(home.pk)]
    assert len(known.windows) > 1


def test_an_answer_without_any_slot_is_refused(campaign: Campaign, office: Actor, hill: Cast) -> None:
    with pytest.raises(Invalid):
        families.note_times(home_of(hill, "阿虎"), by=office, campaign=campaign, slots=[])


def test_a_colleague_of_another_class_does_not_answer_for_a_family(
    campaign: Campaign, actor: Actors, hill: Cast
) -> None:
    with pytest.raises(Forbidden):
        families.note_times(home_of(hill, "阿虎"), by=actor("teacher2"), campaign=campaign, slots=None)


def test_somebody_the_family_asks_for_goes_along(campaign: Campaign, office: Actor, hill: Cast) -> None:
    home = home_of(hill, "阿虎")
    families.note_wishes(home, by=office, gender="", language="苗语")
    clearances.set_languages(hill.staff("principal"), by=office, languages=["苗语"])
    plan = plan_of(campaign, office)
    team = OutingStaff.objects.filter(outing__stops__household=home, outing__plan=plan)
    assert hill.staff("principal").pk in team.values_list("staff_id", flat=True)


def test_a_wish_nobody_can_meet_is_named(campaign: Campaign, office: Actor, hill: Cast) -> None:
    home = home_of(hill, "阿虎")
    families.note_wishes(home, by=office, gender="", language="壮语")
    plan = plan_of(campaign, office)
    assert {"rule": "companion", "subject": str(home.pk), "by": 1} in plan.shortfalls


# --- who may go at all ------------------------------------------------------------------------------------------


@pytest.mark.rows("R2", "R3", "R7")
def test_an_untrained_teacher_is_refused_until_trained(campaign: Campaign, office: Actor, hill: Cast) -> None:
    """J2.2: everybody is trained but 吴老师, who goes nowhere however free; trained, the planner takes them again."""
    clearances.ask_clearance(campaign, by=office, training=True, commitment=False)
    subject = hill.staff("subject1")
    for one in Staff.objects.exclude(pk=subject.pk):
        clearances.clear(one, by=office, kind=Clearance.Kind.TRAINING, has_it=True)
    plan = plan_of(campaign, office)
    assert not OutingStaff.objects.filter(outing__plan=plan, staff=subject).exists()
    (known,) = [one for one in task_of(plan).problem.people if one.id == str(subject.pk)]
    assert (known.barred, bool(known.slots)) == ("training", True)
    clearances.clear(subject, by=office, kind=Clearance.Kind.TRAINING, has_it=True)
    (known,) = [one for one in task_of(plan).problem.people if one.id == str(subject.pk)]
    assert known.barred == ""


@pytest.mark.rows("R7")
def test_a_plan_made_before_the_training_was_asked_for_is_refused_with_the_name(
    campaign: Campaign, office: Actor, hill: Cast
) -> None:
    """J2.2: an untrained teacher stands in the plan; it is adopted once everybody in it is trained."""
    plan = plan_of(campaign, office)
    clearances.ask_clearance(campaign, by=office, training=True, commitment=False)
    team = Staff.objects.filter(outings__outing__plan=plan).distinct().order_by("pk")
    first, *others = team
    for one in others:
        clearances.clear(one, by=office, kind=Clearance.Kind.TRAINING, has_it=True)
    with pytest.raises(Conflict, match=first.name):
        adopt(plan, by=office)
    clearances.clear(first, by=office, kind=Clearance.Kind.TRAINING, has_it=True, until=season.TODAY.date())
    with pytest.raises(Conflict, match="2026-09-07"):
        adopt(plan, by=office)
    clearances.clear(first, by=office, kind=Clearance.Kind.TRAINING, has_it=True)
    assert adopt(plan, by=office).state == Plan.State.ADOPTED


def test_clearance_that_ends_within_the_campaign_ends_the_slots(campaign: Campaign, office: Actor, hill: Cast) -> None:
    clearances.ask_clearance(campaign, by=office, training=False, commitment=True)
    subject, until = hill.staff("subject1"), date(2026, 9, 20)
    clearances.clear(subject, by=office, kind=Clearance.Kind.COMMITMENT, has_it=True, until=until)
    plan = compute(campaign, by=office)
    problem = task_of(plan).problem
    (known,) = [one for one in problem.people if one.id == str(subject.pk)]
    assert known.barred == ""
    assert len(known.slots) > 0
    assert max(problem.slot_by_id[slot].date for slot in known.slots) <= until
    with clock.at(season.TODAY + timedelta(days=14)):
        (known,) = [one for one in task_of(plan).problem.people if one.id == str(subject.pk)]
        assert known.barred == "commitment"


def test_a_day_that_is_past_is_refused(office: Actor, hill: Cast) -> None:
    with pytest.raises(Invalid):
        clearances.clear(
            hill.staff("subject1"), by=office, kind="training", has_it=True, until=clock.today() - timedelta(days=1)
        )


def test_somebody_exempt_misses_nothing_and_the_reason_is_kept(campaign: Campaign, office: Actor, hill: Cast) -> None:
    middle = hill.staff("middle")
    assert any(one["subject"] == str(middle.pk) for one in plan_of(campaign, office).shortfalls)
    clearances.exempt(middle, by=office, campaign=campaign, reason="产假")
    plan = plan_of(campaign, office)
    assert not any(one["subject"] == str(middle.pk) for one in plan.shortfalls)
    (known,) = [one for one in task_of(plan).problem.people if one.id == str(middle.pk)]
    assert known.exempt == "产假"


# --- families met together --------------------------------------------------------------------------------------


def test_families_met_together_are_one_stop_of_the_plan_and_a_group_visit_each(
    campaign: Campaign, office: Actor, hill: Cast
) -> None:
    group = together.arrange_group(campaign, by=office, meeting=meeting(hill, "阿梅", "阿虎"))
    plan = plan_of(campaign, office)
    stops = list(Stop.objects.filter(outing__plan=plan, group_visit=group).order_by("order"))
    assert {stop.household_id for stop in stops} == {home_of(hill, one).pk for one in ("阿梅", "阿虎")}
    assert len({(stop.outing_id, stop.arrives_at, stop.starts_at, stop.ends_at) for stop in stops}) == 1
    assert stops[0].ends_at - stops[0].starts_at == timedelta(minutes=60)
    assert stops[1].travel_seconds == 0
    adopt(plan, by=office)
    modes = dict(Visit.objects.values_list("household_id", "mode"))
    assert {modes[stop.household_id] for stop in stops} == {"06"}
    assert modes[home_of(hill, "阿宝").pk] == "01"


def test_a_plan_with_a_group_visit_comes_back_from_its_rows(campaign: Campaign, office: Actor, hill: Cast) -> None:
    together.arrange_group(campaign, by=office, meeting=meeting(hill, "阿梅", "阿虎"))
    plan = plan_of(campaign, office)
    again = rows.read_plan(plan, rows.outings_of(plan))
    assert rows.digest_of(again) == plan.digest
    problem = task_of(plan).problem
    assert check(problem, again, travel=ClockTravel(problem)) == ()


def test_an_outing_says_where_families_meet_and_keeps_their_addresses(
    cast: Cast, client_of: Clients, here: str, actor: Actors
) -> None:
    """The page of the outing names the meeting place; nobody goes to these doors, so no address is shown."""
    with scope.enter(cast.hill.pk):
        office = actor("office")
        together.arrange_group(Campaign.objects.get(), by=office, meeting=meeting(cast, "阿梅", "阿虎"))
        plan = plan_of(Campaign.objects.get(), office)
        adopt(plan, by=office)
        outing = Stop.objects.filter(outing__plan=plan, group_visit__isnull=False)[0].outing
    page = client_of("teacher1").get(f"/s/hill/outings/{outing.pk}/").content.decode()
    assert "柳树村村委会" in page
    assert "柳树村1号" not in page
    drawn = client_of("office").get(f"/s/hill/outings/{outing.pk}/map/").json()["routes"][0]["points"]
    with scope.enter(cast.hill.pk):
        place = Place.objects.get(name="柳树村")
    assert [place.lat, place.lng] in [point[:2] for point in drawn]


def test_families_told_a_slot_meet_in_it(campaign: Campaign, office: Actor, hill: Cast) -> None:
    slot = campaign.slots.open().filter(kind="morning").order_by("-starts_at")[0]
    group = together.arrange_group(campaign, by=office, meeting=meeting(hill, "阿梅", "阿虎", slot=slot))
    plan = plan_of(campaign, office)
    held = {stop.outing.slot_id for stop in Stop.objects.filter(outing__plan=plan, group_visit=group)}
    left = {one.get("code") for one in plan.unplanned}
    assert held == {slot.pk} or left == {"no_common_slot"}


def test_a_key_family_is_seen_at_home_although_it_was_invited(campaign: Campaign, office: Actor, hill: Cast) -> None:
    together.arrange_group(campaign, by=office, meeting=meeting(hill, "阿梅", "阿虎", "阿宝"))
    Campaign.objects.update(must_visit=["D32"])
    Flag.objects.create(student=hill.student("阿宝"), category="D32", starts=season.TODAY.date())
    fit_targets(Campaign.objects.get())
    plan = plan_of(campaign, office)
    assert Stop.objects.get(outing__plan=plan, household=home_of(hill, "阿宝")).group_visit is None
    assert Stop.objects.filter(outing__plan=plan, group_visit__isnull=False).count() == 2


def test_group_visits_that_cannot_be_are_refused(campaign: Campaign, office: Actor, hill: Cast) -> None:
    together.arrange_group(campaign, by=office, meeting=meeting(hill, "阿梅", "阿虎"))
    Target.objects.filter(campaign=campaign, student=hill.student("阿斗")).update(is_key=True)
    for refused in (
        meeting(hill, "阿宝"),
        meeting(hill, "阿虎", "阿宝"),
        meeting(hill, "阿斗", "阿南", school_class=hill.school_class("三年级2班")),
        meeting(hill, "阿宝", "阿南", school_class=SchoolClass(pk=0)),
    ):
        with pytest.raises(Invalid):
            together.arrange_group(campaign, by=office, meeting=refused)
    assert GroupVisit.objects.count() == 1


# --- classes that go together -----------------------------------------------------------------------------------


def test_two_paired_classes_go_together_and_both_teachers_see_the_outing(
    campaign: Campaign, office: Actor, hill: Cast, actor: Actors
) -> None:
    one, two = hill.school_class("三年级1班"), hill.school_class("三年级2班")
    Household.objects.update(lng=102.86, lat=25.12)
    Campaign.objects.update(weekend=Campaign.Weekend.WHOLE)
    campaign.refresh_from_db()
    lay_out(campaign)
    days = list(campaign.slots.filter(kind="day"))
    for teacher in ("teacher1", "teacher2"):
        tick_free(hill.staff(teacher), by=office, campaign=campaign, slots=days)
    together.set_pairs(campaign, by=office, pairs=[(one, two)])
    plan = plan_of(campaign, office)
    joint = list(plan.outings.filter(second_class__isnull=False))
    assert joint
    staff = set(joint[0].team.values_list("staff_id", flat=True))
    assert {hill.staff("teacher1").pk, hill.staff("teacher2").pk} <= staff
    assert rows.digest_of(rows.read_plan(plan, rows.outings_of(plan))) == plan.digest
    adopt(plan, by=office)
    assert joint[0] in type(joint[0]).objects.visible_to(actor("teacher2"))


def test_a_class_in_two_pairs_is_refused(campaign: Campaign, office: Actor, hill: Cast) -> None:
    one, two = hill.school_class("三年级1班"), hill.school_class("三年级2班")
    with pytest.raises(Invalid):
        together.set_pairs(campaign, by=office, pairs=[(one, two), (two, one)])


def test_pairs_are_proposed_in_a_town(office: Actor, hill: Cast) -> None:
    town.build(4, 30)
    found = proposed_pairs(season.campaign(office, name="全镇"))
    assert found
    assert len({one for pair in found for one in pair}) == 2 * len(found)


# --- the pages --------------------------------------------------------------------------------------------------


@pytest.fixture
def here(cast: Cast, actor: Actors) -> str:
    with scope.enter(cast.hill.pk):
        return f"/s/hill/campaigns/{season.campaign(actor('office')).pk}/"


def test_it_works(cast: Cast, client_of: Clients, here: str) -> None:
    """A class teacher notes what a family said; the office clears a teacher, arranges a group visit, pairs classes."""
    with scope.enter(cast.hill.pk):
        home, slot = home_of(cast, "阿虎").pk, Campaign.objects.get().slots.open()[0].pk
        both, place = [home_of(cast, one).pk for one in ("阿梅", "阿虎")], Place.objects.get(name="柳树村").pk
        room, other = cast.school_class("三年级1班").pk, cast.school_class("三年级2班").pk
        subject = cast.staff("subject1").pk
    teacher, office = client_of("teacher1"), client_of("office")
    assert "阿虎" in teacher.get(f"{here}families/").content.decode()
    told = {"by": "times", "slots": [slot], "gender": "female", "language": "苗语"}
    assert teacher.post(f"{here}families/{home}/", told)["Location"] == f"{here}families/"
    page = teacher.get(f"{here}families/").content.decode()
    assert "家长已告知" in page
    assert "苗语" in page
    assert office.post(f"{here}staff/", {"training": "on"}).status_code == 302
    cleared = {"training": "on", "training_until": "2027-08-31", "languages": "苗语，壮语", "exempt": "病假"}
    assert office.post(f"{here}staff/{subject}/", cleared).status_code == 302
    assert "已完成" in office.get(f"{here}staff/").content.decode()
    group = {"name": "村委会", "school_class": room, "minutes": 45, "slot": slot, "homes": both}
    assert office.get(f"{here}groups/new/").status_code == 200
    assert office.post(f"{here}groups/new/?place={place}", group)["Location"] == f"{here}groups/"
    assert "村委会" in office.get(f"{here}groups/").content.decode()
    assert office.post(f"{here}pairs/", {"first": room, "second": other}).status_code == 302
    with scope.enter(cast.hill.pk):
        found = Campaign.objects.get()
        assert [(one.first_id, one.second_id) for one in found.pairs.all()] == [(min(room, other), max(room, other))]
        row = GroupVisit.objects.get()
        assert (row.minutes, row.homes.count()) == (45, 2)
        assert Staff.objects.get(pk=subject).languages == ["苗语", "壮语"]
    assert office.get(f"/s/hill/groups/{row.pk}/").status_code == 200
    assert office.post(f"/s/hill/groups/{row.pk}/", group | {"minutes": 60}).status_code == 302
    assert office.post(f"/s/hill/groups/{row.pk}/off/").status_code == 302


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("staff/{staff}/", {"training": "on", "training_until": "2020-01-01"}),
        ("staff/{staff}/", {"languages": "，".join("甲乙丙丁戊己")}),
        ("staff/{staff}/", {"exempt": "病" * 61}),
        ("families/{home}/", {"by": "times"}),
        ("families/{home}/", {"by": "habit", "gender": "x"}),
        ("families/{home}/", {"by": "times", "slots": ["999999"]}),
        ("groups/new/?place={place}", {"name": "村委会", "minutes": "5"}),
        ("pairs/", {"pairs": ["1-1"]}),
        ("pairs/", {"first": "{room}", "second": "{room}"}),
    ],
)
def test_what_was_typed_wrongly_is_said_and_kept(
    cast: Cast, client_of: Clients, here: str, path: str, data: dict[str, str]
) -> None:
    with scope.enter(cast.hill.pk):
        ids = {
            "staff": cast.staff("subject1").pk,
            "home": home_of(cast, "阿虎").pk,
            "place": Place.objects.get(name="柳树村").pk,
            "room": cast.school_class("三年级1班").pk,
        }
    sent = {key: value.format(**ids) if isinstance(value, str) else value for key, value in data.items()}
    assert client_of("office").post(here + path.format(**ids), sent).status_code == 422


def test_a_bad_place_asks_for_the_place_again(client_of: Clients, here: str) -> None:
    answer = client_of("office").get(f"{here}groups/new/?place=999999")
    assert answer.status_code == 200


def test_lists_ask_few_questions_whatever_their_size(cast: Cast, client_of: Clients, here: str) -> None:
    with scope.enter(cast.hill.pk):
        town.build(3, 30)
        campaign = Campaign.objects.get()
        for room in SchoolClass.objects.all():
            campaign.scope.get_or_create(school_class=room)
        Target.objects.bulk_create(
            (
                Target(campaign=campaign, student=child)
                for home in Household.objects.prefetch_related("students")
                for child in home.students.all()
            ),
            ignore_conflicts=True,
        )
    office = client_of("office")
    for page in ("families/", "staff/", "groups/"):
        office.get(here + page)
        with CaptureQueriesContext(connection) as asked:
            assert office.get(here + page).status_code == 200
        own = [
            one for one in asked.captured_queries if "set_config" not in one["sql"] and "SAVEPOINT" not in one["sql"]
        ]
        assert len(own) <= 12, page
