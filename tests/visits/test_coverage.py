"""Coverage of classes, teachers and the school, and the task numbers held against it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koumen.core import clock, scope
from koumen.registry.models import Household, Role, Student
from koumen.visits.models import Campaign, Quota, Target, Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.queries import coverage, rules
from koumen.visits.queries.coverage import Coverage, StaffCoverage, Window
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2")]
YEAR = Window(date(2026, 9, 1), date(2027, 8, 31))
PERIODS = {"campaign": Window(date(2026, 10, 1), date(2026, 10, 31)), "year": YEAR}


def visit(
    cast: Cast, lead: str, *names: str, mode: str = "01", day: date = date(2026, 10, 8), state: str = "recorded",
    companions: tuple[str, ...] = (), not_visited: str = "", fallback: str = "",
) -> Visit:  # fmt: skip
    children = [cast.student(name) for name in names]
    home, school_class = children[0].household, children[0].school_class
    assert isinstance(home, Household)
    assert school_class is not None
    begins = datetime(day.year, day.month, day.day, 19, tzinfo=clock.ZONE)
    row = Visit.objects.create(
        household=home, school_class=school_class, lead=cast.staff(lead), state=state, mode=mode,
        not_visited=not_visited, starts_at=begins, ends_at=begins + timedelta(minutes=40),
    )  # fmt: skip
    for child in children:
        VisitStudent.objects.create(visit=row, student=child)
    for name in companions:
        VisitStaff.objects.create(visit=row, staff=cast.staff(name))
    if fallback:
        VisitRecord.objects.create(
            id=uuid4(), visit=row, met_relation="52", fallback_reason=fallback, content_hash="x",
            recorded_by=cast.staff(lead), recorded_at=begins,
        )  # fmt: skip
    return row


def of(cast: Cast, name: str, period: str = "campaign", campaign: Campaign | None = None) -> Coverage:
    return coverage.by_class(PERIODS, campaign=campaign)[period][cast.school_class(name).pk]


def campaign() -> Campaign:
    return Campaign.objects.create(name="秋季大家访", starts=date(2026, 10, 1), ends=date(2026, 10, 31), state="open")


def test_it_counts_children_once_and_siblings_by_one_visit(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅", "阿乐")
    visit(hill, "teacher1", "阿梅", mode="03")
    visit(hill, "subject1", "阿虎", mode="03")
    assert of(hill, "三年级1班") == Coverage(on_roll=3, visited=2, door=1, own_door=1)
    assert of(hill, "三年级2班") == Coverage(on_roll=3, visited=1, door=1, own_door=0)
    everybody = coverage.total(coverage.by_class(PERIODS)["campaign"])
    assert (everybody.on_roll, everybody.visited, everybody.door) == (6, 3, 2)


def test_only_what_was_recorded_in_the_window_counts(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅", state="planned")
    visit(hill, "teacher1", "阿虎", day=date(2026, 9, 30))
    visit(hill, "teacher1", "阿宝", day=date(2026, 10, 31))
    assert of(hill, "三年级1班").visited == 1
    assert of(hill, "三年级1班", "year").visited == 2


def test_other_contact_is_no_visit(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅", mode="99")
    assert of(hill, "三年级1班").visited == 0
    assert coverage.by_staff(PERIODS)["campaign"][hill.staff("teacher1").pk] == StaffCoverage()


def test_a_class_teacher_who_goes_along_has_been_there(hill: Cast) -> None:
    visit(hill, "middle", "阿梅", companions=("teacher1",))
    visit(hill, "subject1", "阿虎", companions=("middle",))
    assert of(hill, "三年级1班").own_door == 1


def test_a_former_class_teachers_visits_stay_own(hill: Cast) -> None:
    """Who was class teacher on the day of the visit counts, not who is today."""
    visit(hill, "teacher1", "阿梅")
    Role.objects.filter(staff=hill.staff("teacher1"), post="class_teacher").update(ends=date(2026, 10, 20))
    visit(hill, "teacher1", "阿虎", day=date(2026, 10, 25))
    assert of(hill, "三年级1班").own_door == 1


def test_children_who_left_count_nowhere(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅")
    Student.objects.filter(name="阿梅").update(state="moved")
    assert of(hill, "三年级1班") == Coverage(on_roll=2)


def test_a_family_that_wished_otherwise_is_apart_and_hurts_nobody(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅", mode="03", fallback="wish")
    visit(hill, "teacher1", "阿虎", state="declined", not_visited="declined")
    visit(hill, "teacher1", "阿虎", mode="04", day=date(2026, 10, 9))
    visit(hill, "teacher1", "阿宝", mode="03", fallback="weather")
    found = of(hill, "三年级1班")
    assert (found.visited, found.door, found.exempt) == (3, 0, 2)
    checks = {c.indicator: c for c in rules.class_checks(rules.rules_of(None), {"campaign": found, "year": found})}
    assert (checks["own_door_rate"].needed, checks["own_door_rate"].exempt) == (1, 2)
    assert checks["all_mode_rate"].is_met


def test_a_family_that_declined_and_was_not_met_still_counts(hill: Cast) -> None:
    visit(hill, "teacher1", "阿虎", state="declined", not_visited="declined")
    assert of(hill, "三年级1班").exempt == 0


def test_key_children_come_from_the_campaign(hill: Cast) -> None:
    now = campaign()
    Target.objects.create(campaign=now, student=hill.student("阿梅"), is_key=True)
    Target.objects.create(campaign=now, student=hill.student("阿虎"), is_key=True, door_only=True)
    Target.objects.create(campaign=now, student=hill.student("阿宝"))
    visit(hill, "teacher1", "阿梅", mode="03", fallback="wish")
    visit(hill, "teacher1", "阿虎", mode="03", fallback="wish")
    found = of(hill, "三年级1班", campaign=now)
    assert (found.key, found.key_door, found.key_exempt) == (2, 0, 1), "a door-only child is never exempt"


def test_staff_as_lead_and_companion(hill: Cast) -> None:
    visit(hill, "teacher1", "阿梅", "阿乐", companions=("subject1",))
    visit(hill, "subject1", "阿梅", mode="03")
    found = coverage.by_staff(PERIODS, staff_ids=[hill.staff("subject1").pk])["campaign"]
    assert dict(found) == {hill.staff("subject1").pk: StaffCoverage(students=2, door=2, visits=2)}


def test_whatever_the_size_it_is_one_statement(hill: Cast, django_assert_num_queries: object) -> None:
    visit(hill, "teacher1", "阿梅")
    with django_assert_num_queries(2):  # type: ignore[operator]
        coverage.by_class(PERIODS)
        coverage.by_staff(PERIODS)


def test_another_school_is_not_counted(cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        visit(cast, "teacher1", "阿梅")
    with scope.enter(cast.river.pk):
        assert coverage.total(coverage.by_class(PERIODS)["year"]) == Coverage(on_roll=1)
        assert not coverage.by_staff(PERIODS)["year"]
    with pytest.raises(scope.NoScope):
        coverage.by_class(PERIODS)


def test_the_open_campaign_of_the_day_is_the_one(hill: Cast) -> None:
    assert coverage.campaign_now(date(2026, 10, 8)) is None
    now = campaign()
    Campaign.objects.create(name="冬季", starts=date(2027, 1, 1), ends=date(2027, 1, 31), state="open")
    Campaign.objects.create(name="草稿", starts=date(2026, 10, 2), ends=date(2026, 10, 31))
    assert coverage.campaign_now(date(2026, 10, 8)) == now
    assert coverage.windows(now, date(2026, 10, 8))["campaign"] == Window(now.starts, now.ends)
    assert coverage.windows(None, date(2026, 10, 8))["campaign"] == YEAR
    assert coverage.windows(None, date(2027, 3, 1))["term"].first == date(2027, 2, 1)


def test_a_campaigns_own_numbers_replace_the_usual_ones(hill: Cast) -> None:
    now = campaign()
    Quota.objects.create(campaign=now, scope="class", indicator="all_mode_rate", threshold=50)
    Quota.objects.create(campaign=now, scope="class", indicator="own_door_rate", threshold=0)
    visit(hill, "teacher1", "阿梅")
    visit(hill, "teacher1", "阿虎")
    [check] = rules.class_checks(rules.rules_of(now), {"campaign": of(hill, "三年级1班")})
    assert (check.done, check.needed, check.is_met, check.missing) == (2, 2, True, 0)
    assert check.label == "每班家访率"


def test_somebody_with_two_posts_owes_the_higher_number_once() -> None:
    found = {"campaign": StaffCoverage(students=4), "year": StaffCoverage(students=7)}
    check = rules.staff_check(rules.rules_of(None), {"middle_leader", "subject_teacher"}, found)
    assert check is not None
    assert (check.scope, check.done, check.needed, check.missing) == ("staff:middle", 7, 10, 3)
    assert rules.staff_check(rules.rules_of(None), {"system_admin"}, found) is None


@given(of_children=st.integers(0, 2000), percent=st.integers(0, 100))
def test_a_share_is_rounded_up_and_never_more_than_there_are(of_children: int, percent: int) -> None:
    needed = rules.share(of_children, Decimal(percent))
    assert needed <= of_children
    assert needed * 100 >= of_children * percent > (needed - 1) * 100 or needed == 0


def test_task_numbers_come_along_with_the_campaign_of_the_day(hill: Cast) -> None:
    """`campaign_now` reads the numbers in the same statement; they say the same as the rows."""
    now = campaign()
    Quota.objects.create(campaign=now, scope="class", indicator="all_mode_rate", threshold="92.50", period="term")
    found = coverage.campaign_now(date(2026, 10, 8))
    assert found is not None
    [along], [row] = rules.rules_of(found), rules.rules_of(Campaign.objects.get(pk=now.pk))
    assert (along.scope, along.indicator, along.threshold, along.period) == (
        row.scope,
        row.indicator,
        row.threshold,
        row.period,
    )
