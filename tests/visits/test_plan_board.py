"""The plan's board: weeks × classes, what it is narrowed to, its figures, the sheet for the wall."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.visits.models import Outing, OutingStaff, Plan, Slot
from koumen.visits.queries import board, figures
from koumen.visits.queries.narrow import Narrow, monday
from koumen.visits.queries.routes import letters
from koumen.visits.services import plans as services
from tests.cast import CHILDREN, HOMES, Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R3")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def plan(cast: Cast, actor: Actors) -> Plan:
    with scope.enter(cast.hill.pk):
        made = season.planned(actor("office"))
        services.adopt(made, by=actor("office"))
        return Plan.objects.select_related("campaign").get(pk=made.pk)


def page(client: Client, plan: Plan, query: str) -> str:
    answer = client.get(f"/s/hill/plans/{plan.pk}/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def on_board(html: str) -> set[str]:
    """The children whose families stand on the board."""
    return {child[0] for child in CHILDREN if re.search(rf"<strong>[^<]*{child[0]}", html)}


def test_it_works(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """Over its weeks the board shows every family that has an outing; each week says where one may be put down."""
    office, seen, drops = client_of("office"), set[str](), set[str]()
    with scope.enter(cast.hill.pk):
        known = [week.monday for week in board.weeks(plan)]
        late = plan.campaign.slots.open().from_on(clock.now() + timedelta(hours=24)).count()
        homes = {name for row in plan.outings.all() for stop in row.stops.all() for name in stop.names.split("、")}
    for week in known:
        html = page(office, plan, f"?by=board&week={week}")
        seen |= on_board(html)
        drops |= set(re.findall(r'data-drop="(\d+@\d+)"', html))
    assert seen == homes
    assert len(drops) == 2 * late


def test_it_begins_with_the_first_week_of_outings_that_is_not_over(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        known = board.weeks(plan)
        assert [week.number for week in known] == list(range(1, len(known) + 1))
        used = sorted({monday(row.slot.date) for row in plan.outings.select_related("slot")})
        assert board.this_week(known) == used[0]
        assert on_board(page(client_of("office"), plan, "")) != set()
        with clock.at(season.TODAY + timedelta(days=300)):
            assert board.this_week(known) == used[-1]
        plan.outings.all().delete()
        assert board.this_week(board.weeks(plan)) == known[0].monday
    assert board.this_week([]) is None


def test_what_it_is_narrowed_to_stands_in_every_tab(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        room, staff = cast.school_class("三年级1班").pk, cast.staff("subject1").pk
    html = page(client_of("office"), plan, f"?by=day&class={room}&staff={staff}&week=2026-09-16&page=2")
    html = html[html.index('<nav class="tabs"') :]
    for way in ("board", "map", "staff", "class", "left"):
        query = next(found for found in re.findall(r'href="\?([^"]+)"', html) if f"by={way}" in found)
        assert f"class={room}" in query
        assert f"staff={staff}" in query
        assert "week=2026-09-16" in query
        assert "page" not in query


def test_narrowed_to_a_class_a_person_a_place_a_week(client_of: Clients, plan: Plan, cast: Cast) -> None:
    office = client_of("office")
    with scope.enter(cast.hill.pk):
        room = cast.school_class("三年级2班")
        outings = list(plan.outings.select_related("slot").prefetch_related("stops__household__place", "team"))
        place = next(s.household.place for row in outings for s in row.stops.all() if s.household.place)
        assert place is not None
    assert "阿虎" not in on_board(page(office, plan, f"?by=board&class={room.pk}"))
    assert "阿斗" in on_board(page(office, plan, f"?by=board&class={room.pk}"))

    def shown(query: str) -> set[int]:
        return set(map(int, re.findall(r"/outings/(\d+)/", page(office, plan, query))))

    for person in {member.staff_id for row in outings for member in row.team.all()}:
        wanted = {row.pk for row in outings if person in {member.staff_id for member in row.team.all()}}
        assert shown(f"?by=board&staff={person}") == shown(f"?by=day&staff={person}") == wanted
    week = monday(outings[0].slot.date)
    wanted = {
        row.pk for row in outings
        if monday(row.slot.date) == week and place.pk in {stop.household.place_id for stop in row.stops.all()}
    }  # fmt: skip
    assert shown(f"?by=board&place={place.pk}&week={week}") == wanted


def test_a_shared_address_shows_the_same_to_a_colleague(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        query = f"?by=board&class={cast.school_class('三年级1班').pk}"
    mine, theirs = page(client_of("office"), plan, query), page(client_of("middle"), plan, query)
    assert on_board(mine) == on_board(theirs) != set()


@pytest.mark.parametrize(
    "query",
    ["?by=board&week=2026-13-01", "?by=board&week=x", "?by=board&class=0&place=99999999999999", "?by=board&page=9",
     "?by=map&day=2026-99-99&staff=-1", "?by=tray", "?by=board&week=1900-01-01"],
)  # fmt: skip
def test_odd_queries_give_a_page(client_of: Clients, plan: Plan, query: str) -> None:
    page(client_of("office"), plan, query)


def test_class_teachers_look_and_drag_nothing(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        other = cast.school_class("三年级2班").pk
    html = page(client_of("teacher1"), plan, "?by=board&class=")
    assert "data-drop=" not in html
    assert 'class="family" draggable' not in html
    assert "阿斗" not in on_board(page(client_of("teacher1"), plan, f"?by=board&class={other}"))


def test_whats_recorded_or_too_soon_is_no_place(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """A cell whose slot begins within a day offers itself to nobody."""
    with scope.enter(cast.hill.pk):
        slot = Slot.objects.filter(campaign=plan.campaign).order_by("starts_at")[0]
    query = f"?by=board&week={monday(slot.date)}"
    with clock.at(slot.starts_at - timedelta(hours=25)):
        assert f'@{slot.pk}"' in page(client_of("office"), plan, query)
    with clock.at(slot.starts_at - timedelta(hours=23)):
        assert f'@{slot.pk}"' not in page(client_of("office"), plan, query)


def test_the_tray_holds_who_is_left_out(client_of: Clients, plan: Plan, cast: Cast) -> None:
    office, here = client_of("office"), f"/s/hill/plans/{plan.pk}/tray/"
    home = cast.student
    assert "先移出计划" in office.get(here).content.decode()
    with scope.enter(cast.hill.pk):
        tiger = home("阿虎")
        assert tiger.household is not None
        row = {"household": tiger.household.pk, "classes": [tiger.school_class_id], "code": "no_room", "sentence": "x"}
        Plan.objects.filter(pk=plan.pk).update(unplanned=[row])
    part = office.get(here, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "阿虎" in part
    assert f'data-classes="{tiger.school_class_id}"' in part
    assert "阿虎" not in office.get(f"{here}?class={(tiger.school_class_id or 0) + 1}").content.decode()


def test_the_list_beside_the_map_has_the_maps_signs(client_of: Clients, plan: Plan) -> None:
    office = client_of("office")
    html = page(office, plan, "?by=map")
    found = re.search(r'data-map="(map/[^"]*)"', html)
    assert found is not None
    drawn = office.get(f"/s/hill/plans/{plan.pk}/{found[1].replace('&amp;', '&')}").json()
    signs = [route["sign"] for route in drawn["routes"]]
    assert signs == re.findall(r'data-route="([A-Z]+)"', html)
    assert len(signs) > 0


def test_signs_are_letters_and_never_the_same() -> None:
    signs = [letters(number) for number in range(700)]
    assert signs[:2] + signs[23:26] == ["A", "B", "Z", "AA", "AB"]
    assert len(set(signs)) == 700
    assert not any("I" in sign or "O" in sign for sign in signs)


def test_figures_a_principal_understands(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """Coverage, the gap rounded up, and the load; the gap only when a bound was proved."""
    with scope.enter(cast.hill.pk):
        loads = sorted(
            OutingStaff.objects.filter(outing__plan=plan, staff=one).count()
            for one in set(OutingStaff.objects.filter(outing__plan=plan).values_list("staff", flat=True))
        )
    html = page(client_of("office"), plan, "")
    assert "占应入户家庭的 100.0%" in html
    assert "理论最优" not in html
    assert f"半数老师不超过 {loads[(len(loads) - 1) // 2]} 次" in html
    cost = plan.figures["plan"]["cost"]
    plan.figures["bound"] = round(cost / 1.0151)
    with scope.enter(cast.hill.pk):
        plan.save()
    assert "差距不超过 1.6%" in page(client_of("office"), plan, "")
    assert "理论最优" not in page(client_of("teacher1"), plan, "")


def test_the_gap_is_never_said_smaller_than_it_is() -> None:
    for cost, bound, said in ((1_000, 1_000, 0.0), (1_001, 1_000, 0.1), (10_001, 10_000, 0.1), (1_016, 1_000, 1.6)):
        assert figures.gap(Plan(figures={"plan": {"cost": cost}, "bound": bound})) == said
    assert figures.gap(Plan(figures={"plan": {"cost": 5}})) is None
    assert figures.gap(Plan(figures={})) is None


def test_load_of_nobody_one_and_many() -> None:
    assert figures.load([]) is None
    assert figures.load([4]) == figures.Load(4, 4)
    assert figures.load([1, 9, 2, 3]) == figures.Load(9, 2)


def test_the_sheet_for_the_wall_names_no_family(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """Class numbers and villages stand for families, on either paper, for all weeks or one."""
    office, here = client_of("office"), f"/s/hill/plans/{plan.pk}/wall/"
    for query in ("", "?paper=a4", "?paper=x", "?week=2026-09-16"):
        html = office.get(here + query).content.decode()
        assert ("wall-a4" in html) == (query == "?paper=a4")
        assert not [child[0] for child in CHILDREN if child[0] in html]
        assert not [home[0] for home in HOMES.values() if home[0] in html]
    html = office.get(here).content.decode()
    with scope.enter(cast.hill.pk):
        rows = list(Outing.objects.filter(plan=plan).select_related("slot"))
        numbers = {
            child.class_no for row in rows for stop in row.stops.all() for child in stop.household.students.all()
        }
    assert html.count("<strong>") == len(rows)
    assert all(number in html for number in numbers)
    assert "村" in html


def test_narrow_is_whole_by_itself() -> None:
    everything = Narrow()
    assert not everything.is_any
    assert replace(everything, place=3).is_any
    assert not replace(everything, place=3, week=date(2026, 9, 14)).is_narrow
    assert replace(everything, staff=3).is_narrow
