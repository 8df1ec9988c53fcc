"""Why a plan is as it is: a family's page, the advice on the lists, and who may read them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from string import Formatter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.planner.explain import SENTENCES as PLANNERS
from koumen.planner.parts import INELIGIBLE
from koumen.registry.models import Household
from koumen.visits.models import Plan, Slot, StaffSlot
from koumen.visits.presets.why import CLEARANCE, SENTENCES
from koumen.visits.services import moves, plans
from koumen.visits.services import why as services
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def plan(cast: Cast, actor: Actors) -> Plan:
    """An adopted plan of the cast's school."""
    with scope.enter(cast.hill.pk):
        made = season.planned(actor("office"))
        plans.adopt(made, by=actor("office"))
        return Plan.objects.select_related("campaign").get(pk=made.pk)


def home_of(cast: Cast, child: str) -> Household:
    home = cast.student(child).household
    assert home is not None
    return home


def taken_out(cast: Cast, actor: Actor, plan: Plan, child: str) -> Household:
    """This child's family, taken out of the plan by hand."""
    home = home_of(cast, child)
    moves.move_visit(plan, by=actor, household=home, to="", seen=plan.digest)
    plan.refresh_from_db()
    return home


def test_it_works(cast: Cast, client_of: Clients, plan: Plan) -> None:
    """The page says when and by whom, what else was possible, and leads to the move."""
    with scope.enter(cast.hill.pk):
        home = home_of(cast, "阿虎")
        stop = plan.outings.get(stops__household=home).stops.get(household=home)
    page = client_of("office").get(f"/s/hill/plans/{plan.pk}/why/{home.pk}/").content.decode()
    at = clock.local(stop.starts_at)
    assert f"{at.month}月{at.day}日" in page
    assert f"{at:%H:%M} 开始，由" in page
    assert "为什么这样安排" in page
    assert f"/plans/{plan.pk}/move/{home.pk}/" in page


def test_the_sentences_are_the_planners_own_with_the_same_facts() -> None:
    """Each code has a sentence for the site; it names what the planner's sentence names."""
    assert set(SENTENCES) == set(PLANNERS)
    assert set(CLEARANCE) == set(INELIGIBLE)
    for code, text in PLANNERS.items():
        wanted = {name for _text, name, _spec, _conv in Formatter().parse(text) if name}
        assert str(SENTENCES[code]) % dict.fromkeys(wanted, "·") == text.format_map(dict.fromkeys(wanted, "·"))


def test_a_family_taken_out_can_be_put_back_as_it_says(cast: Cast, actor: Actors, plan: Plan) -> None:
    with scope.enter(cast.hill.pk):
        home = taken_out(cast, actor("office"), plan, "阿虎")
        why = services.family_why(plan, home.pk)
        assert why.sentences[0] == "已由老师移出计划。"
        assert why.advice[0].steps[0].startswith("现在就可以排进")


def test_nobody_free_is_named_and_the_slot_asked_for_mends_it(cast: Cast, actor: Actors, plan: Plan) -> None:
    """With no outing and no free slot left a family is unreachable: two people are asked for a slot."""
    with scope.enter(cast.hill.pk):
        for home in Household.objects.filter(stops__outing__plan=plan):
            moves.move_visit(plan, by=actor("office"), household=home, to="", seen=plan.digest)
            plan.refresh_from_db()
        home = home_of(cast, "阿虎")
        StaffSlot.objects.all().delete()
        why = services.family_why(plan, home.pk)
        assert any("班级老师都不能外出" in one for one in why.sentences)
        assert "班级老师还没有登记任何能外出的时段。" in why.sentences
        assert why.advice
        assert all("增加外出时段" in step for step in why.advice[0].steps)


def test_what_is_too_soon_is_not_offered(cast: Cast, plan: Plan) -> None:
    """Slots that begin within a day or are over are no choice any more."""
    with scope.enter(cast.hill.pk):
        home = home_of(cast, "阿虎")
        late = plan.campaign.slots.order_by("starts_at").last()
        assert late is not None
        with clock.at(late.starts_at - timedelta(hours=30)):
            options = services.family_why(plan, home.pk).options
            soon = clock.now() + timedelta(hours=24)
            slots = Slot.objects.in_bulk([int(one.to.partition("@")[2]) for one in options])
            assert all(slot.starts_at >= soon for slot in slots.values())


def test_every_option_is_a_move_that_is_allowed(cast: Cast, actor: Actors, plan: Plan) -> None:
    with scope.enter(cast.hill.pk):
        home = home_of(cast, "阿虎")
        options = services.family_why(plan, home.pk).options
        assert options
        for one in options:
            assert moves.look_at_move(plan, home, one.to).broken == ()


def test_the_list_of_the_left_fills_in_reasons_and_advice(
    cast: Cast, client_of: Clients, actor: Actors, plan: Plan
) -> None:
    with scope.enter(cast.hill.pk):
        home = taken_out(cast, actor("office"), plan, "阿虎")
    office = client_of("office")
    page = office.get(f"/s/hill/plans/{plan.pk}/?by=left").content.decode()
    assert f'id="why-{home.pk}"' in page
    assert f"/plans/{plan.pk}/advice/?of=left" in page
    with CaptureQueriesContext(connection) as asked:
        part = office.get(f"/s/hill/plans/{plan.pk}/advice/?of=left", headers={"HX-Request": "true"})
    text = part.content.decode()
    assert f'id="why-{home.pk}" hx-swap-oob="true"' in text
    assert "怎样排得更全" in text
    assert "阿虎" in text
    assert "<html" not in text
    assert len([one for one in asked if one["sql"].startswith("SELECT")]) <= 44


def test_what_falls_short_says_why(cast: Cast, client_of: Clients, plan: Plan) -> None:
    """One fragment gives every row its cause."""
    with scope.enter(cast.hill.pk):
        assert plan.shortfalls
    part = client_of("office").get(f"/s/hill/plans/{plan.pk}/advice/?of=short", headers={"HX-Request": "true"})
    text = part.content.decode()
    assert 'id="short-1" hx-swap-oob="true"' in text
    assert text.count("<div>") >= len(plan.shortfalls)


def test_a_class_teacher_reads_the_own_class_alone(cast: Cast, client_of: Clients, actor: Actors, plan: Plan) -> None:
    teacher = client_of("teacher1")
    with scope.enter(cast.hill.pk):
        own, other = home_of(cast, "阿虎"), home_of(cast, "阿斗")
        assert not other.students.filter(school_class=cast.school_class("三年级1班")).exists()
    assert teacher.get(f"/s/hill/plans/{plan.pk}/why/{own.pk}/").status_code == 200
    assert teacher.get(f"/s/hill/plans/{plan.pk}/why/{other.pk}/").status_code == 404
    assert client_of("subject1").get(f"/s/hill/plans/{plan.pk}/why/{own.pk}/").status_code == 403


def test_children_of_other_classes_stay_unnamed(cast: Cast, plan: Plan) -> None:
    """The office reads a neighbour's name that a class teacher of another class does not."""
    with scope.enter(cast.hill.pk):
        home = home_of(cast, "阿虎")
        everything = services.family_why(plan, home.pk)
        nothing = services.family_why(plan, home.pk, classes=())
        assert "阿" not in "".join(nothing.sentences).replace("阿姨", "") or "别的班的家庭" in "".join(
            nothing.sentences
        )
        assert len(everything.sentences) == len(nothing.sentences)


@pytest.mark.parametrize("path", ["why/999999/", "why/0/"])
def test_families_the_plan_does_not_speak_of_are_not_found(client_of: Clients, plan: Plan, path: str) -> None:
    assert client_of("office").get(f"/s/hill/plans/{plan.pk}/{path}").status_code == 404


def test_a_plan_still_computing_has_nothing_to_explain(cast: Cast, client_of: Clients, plan: Plan) -> None:
    with scope.enter(cast.hill.pk):
        home = home_of(cast, "阿虎")
        Plan.objects.filter(pk=plan.pk).update(state=Plan.State.FAILED)
    office = client_of("office")
    assert office.get(f"/s/hill/plans/{plan.pk}/why/{home.pk}/").status_code == 404
    assert office.get(f"/s/hill/plans/{plan.pk}/advice/").status_code == 404


@pytest.mark.parametrize("path", ["why/1/", "advice/"])
def test_only_reading_is_possible(client_of: Clients, plan: Plan, path: str) -> None:
    assert client_of("office").post(f"/s/hill/plans/{plan.pk}/{path}").status_code == 405


@pytest.mark.parametrize("query", ["of=x", "of=short&page=99", "class=abc", "page=-1&class=999999"])
def test_odd_queries_give_a_page(client_of: Clients, plan: Plan, query: str) -> None:
    assert client_of("office").get(f"/s/hill/plans/{plan.pk}/advice/?{query}").status_code == 200
