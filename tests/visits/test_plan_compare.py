"""Two plans of a campaign compared: figures, outings, the families whose time is another."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.test import Client

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.visits.models import Outing, OutingStaff, Plan, Stop
from koumen.visits.queries.compare import Difference
from koumen.visits.services import plans as services
from tests.cast import Cast
from tests.visits import season
from tests.visits.test_plan_pages import MOST_QUERIES, queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def first(cast: Cast, actor: Actors) -> Plan:
    with scope.enter(cast.hill.pk):
        return season.planned(actor("office"))


@pytest.fixture
def second(cast: Cast, first: Plan) -> Plan:
    """A copy of the first plan in which 阿虎 comes an hour later, 阿宝 has no outing, and all else is the same."""
    with scope.enter(cast.hill.pk):
        tiger, bao = cast.student("阿虎").household, cast.student("阿宝").household
        assert tiger is not None
        assert bao is not None
        left = [{"household": bao.pk, "classes": [], "code": "taken_out", "sentence": "x"}]
        totals = {**first.figures["plan"], "travel": first.figures["plan"]["travel"] + 7_200}
        copy = Plan.objects.create(
            campaign=first.campaign, seed=2, state="draft", figures={"plan": totals, "greedy": totals}, unplanned=left
        )
        for outing in Outing.objects.filter(plan=first).prefetch_related("stops__household", "team__staff"):
            stops, team = list(outing.stops.all()), list(outing.team.all())
            outing.pk, outing.plan, outing._state.adding = None, copy, True
            outing.save()
            for member in team:
                OutingStaff.objects.create(
                    outing=outing,
                    staff=member.staff,
                    leads=member.leads,
                    starts_at=member.starts_at,
                    ends_at=member.ends_at,
                )
            for stop in stops:
                later = timedelta(hours=1) if stop.household_id == tiger.pk else timedelta()
                if stop.household_id != bao.pk:
                    Stop.objects.create(
                        outing=outing,
                        household=stop.household,
                        order=stop.order,
                        arrives_at=stop.arrives_at,
                        starts_at=stop.starts_at + later,
                        ends_at=stop.ends_at + later,
                    )
        return copy


def test_it_works(client_of: Clients, first: Plan, second: Plan) -> None:
    """Who changed is named with both times, who did not is not; the figures say which way they went."""
    html = client_of("office").get(f"/s/hill/plans/{first.pk}/compare/{second.pk}/").content.decode()
    named = set(re.findall(r'<th scope="row">(阿.+?)</th>', html))
    assert named == {"阿虎", "阿宝"}
    assert "共 2 户，其中新安排 0 户，不再安排 1 户" in html
    assert "没有安排" in html
    assert "+2 小时" in html


def test_turned_round_it_says_the_opposite(client_of: Clients, first: Plan, second: Plan) -> None:
    html = client_of("office").get(f"/s/hill/plans/{second.pk}/compare/{first.pk}/").content.decode()
    assert "共 2 户，其中新安排 1 户，不再安排 0 户" in html
    assert "−2 小时" in html


def test_outings_that_are_new_gone_or_go_elsewhere(cast: Cast, first: Plan, second: Plan) -> None:
    with scope.enter(cast.hill.pk):
        found = Difference(first, second)
        bao = cast.student("阿宝").household
        was_alone = Outing.objects.get(plan=first, stops__household=bao).stops.count() == 1
        assert found.outings == ((0, 1, 0) if was_alone else (0, 0, 1))
        assert Difference(first, first).homes == []
        assert Difference(first, first).outings == (0, 0, 0)


def test_a_plan_with_itself_has_no_changes(client_of: Clients, first: Plan) -> None:
    html = client_of("office").get(f"/s/hill/plans/{first.pk}/compare/{first.pk}/").content.decode()
    assert "每个家庭的时间都没有变化" in html


def test_choosing_with_which(client_of: Clients, first: Plan, actor: Actors, cast: Cast) -> None:
    """Alone, it says so; with one other the way leads straight there; of several one is chosen."""
    office, here = client_of("office"), f"/s/hill/plans/{first.pk}/compare/"
    assert "还没有别的计划" in office.get(here).content.decode()
    with scope.enter(cast.hill.pk):
        second = Plan.objects.create(campaign=first.campaign, seed=2, state="draft")
    assert office.get(here)["Location"] == f"/s/hill/plans/{second.pk}/compare/{first.pk}/"
    with scope.enter(cast.hill.pk):
        third = Plan.objects.create(campaign=first.campaign, seed=3, state="replaced")
    html = office.get(here).content.decode()
    assert f"/plans/{second.pk}/compare/{first.pk}/" in html
    assert f"/plans/{third.pk}/compare/{first.pk}/" in html
    assert office.get(f"/s/hill/plans/{second.pk}/compare/{third.pk}/").status_code == 200  # plans without figures


def test_refusals(client_of: Clients, first: Plan, actor: Actors, cast: Cast) -> None:
    """A colleague may; teachers may not; a plan of another campaign or one being computed is none to compare with."""
    with scope.enter(cast.hill.pk):
        other = services.compute(season.campaign(actor("office"), name="另一次"), by=actor("office"))
    here = f"/s/hill/plans/{first.pk}/compare/"
    assert client_of("middle").get(f"{here}{first.pk}/").status_code == 200
    assert client_of("teacher1").get(f"{here}{first.pk}/").status_code == 404  # a draft is not theirs to know of
    assert client_of("office").get(f"{here}{other.pk}/").status_code == 404
    assert client_of("office").get(f"{here}987654/").status_code == 404
    assert client_of("office").post(f"{here}{first.pk}/").status_code == 405


def test_few_questions(client_of: Clients, first: Plan, second: Plan) -> None:
    assert queries_of(client_of("office"), f"/s/hill/plans/{first.pk}/compare/{second.pk}/") <= MOST_QUERIES
