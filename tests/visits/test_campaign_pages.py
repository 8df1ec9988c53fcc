"""The pages on which a campaign is set up and looked at."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.visits.forms.campaigns import TimesForm
from koumen.visits.models import Availability, Campaign
from tests.cast import Cast
from tests.visits import season

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R1", "R2")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
ABOUT = {"name": "冬季家访", "theme": "温暖过冬", "starts": "2026-11-30", "ends": "2026-12-20"}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.at(season.TODAY):
        yield


@pytest.fixture
def campaign(cast: Cast, actor: Actors) -> Campaign:
    with scope.enter(cast.hill.pk):
        return season.campaign(actor("office"))


def test_it_works(cast: Cast, client_of: Clients) -> None:
    """The office walks the five steps and ends on the campaign's page."""
    office = client_of("office")
    answer = office.post("/s/hill/campaigns/new/", ABOUT)
    with scope.enter(cast.hill.pk):
        made = Campaign.objects.get()
        classes = list(made.scope.values_list("school_class_id", flat=True))
    here = f"/s/hill/campaigns/{made.pk}/"
    assert answer["Location"] == f"{here}edit/scope/"
    answer = office.post(f"{here}edit/scope/", {"classes": classes[:1], "modes": ["01", "03"], "next": "1"})
    assert answer["Location"] == f"{here}edit/tasks/"
    answer = office.post(f"{here}edit/tasks/", {f"rule_{n}": "3" for n in range(8)} | {"next": "1"})
    assert answer["Location"] == f"{here}edit/times/"
    values = {name: str(value) for name, value in TimesForm.initial_of(made).items()}
    answer = office.post(f"{here}edit/times/", values | {"minutes": "30", "next": "1"})
    assert answer["Location"] == f"{here}edit/days/"
    with scope.enter(cast.hill.pk):
        slots = list(made.slots.values_list("pk", flat=True))
    assert office.post(f"{here}edit/days/", {"slots": slots[1:]})["Location"] == here
    page = office.get(here).content.decode()
    assert "冬季家访" in page
    with scope.enter(cast.hill.pk):
        made.refresh_from_db()
        assert (made.minutes, made.targets.count(), made.slots.filter(is_open=False).count()) == (30, 3, 1)
        assert {int(q.threshold) for q in made.quotas.all()} == {3}


def test_what_was_typed_stays_on_a_refusal(client_of: Clients) -> None:
    answer = client_of("office").post("/s/hill/campaigns/new/", ABOUT | {"ends": "2026-11-01"})
    assert answer.status_code == 422
    assert "结束日期不能早于开始日期" in answer.content.decode()
    assert "温暖过冬" in answer.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"starts": "昨天"},
        {"name": ""},
        {"name": "名" * 81},
        {"starts": "0001-01-01", "ends": "9999-12-31"},
        {"ends": "2029-01-01"},
        {"theme": "题" * 201},
        {"name": "\x00"},
    ],
)
def test_bad_input_is_told(client_of: Clients, cast: Cast, typed: dict[str, str]) -> None:
    assert client_of("office").post("/s/hill/campaigns/new/", ABOUT | typed).status_code == 422
    with scope.enter(cast.hill.pk):
        assert not Campaign.objects.exists()


def test_a_category_set_fills_the_form_and_saves_nothing(client_of: Clients, campaign: Campaign, cast: Cast) -> None:
    office = client_of("office")
    here = f"/s/hill/campaigns/{campaign.pk}/edit/scope/"
    page = office.post(here, {"preset": "dropout", "modes": ["01"]}).content.decode()
    ticked = [line for line in page.split("<input") if 'name="door_only"' in line and "checked" in line]
    assert len(ticked) == 4
    with scope.enter(cast.hill.pk):
        assert Campaign.objects.get().door_only == []


def test_a_task_preset_fills_the_form(client_of: Clients, campaign: Campaign) -> None:
    page = client_of("office").post(f"/s/hill/campaigns/{campaign.pk}/edit/tasks/", {"preset": "none"})
    assert page.content.decode().count('value="0"') == 8


def test_unknown_steps_and_choices(client_of: Clients, campaign: Campaign) -> None:
    office = client_of("office")
    assert office.get(f"/s/hill/campaigns/{campaign.pk}/edit/nothing/").status_code == 404
    assert office.get("/s/hill/campaigns/99999999999999999999/").status_code == 404
    assert office.post(f"/s/hill/campaigns/{campaign.pk}/state/", {"to": "draft"}).status_code == 422
    answer = office.post(f"/s/hill/campaigns/{campaign.pk}/edit/scope/", {"classes": ["-1"], "modes": ["01"]})
    assert answer.status_code == 422
    assert office.post(f"/s/hill/campaigns/{campaign.pk}/").status_code == 405


def test_a_teacher_ticks_own_slots(client_of: Clients, campaign: Campaign, cast: Cast) -> None:
    teacher = client_of("teacher1")
    with scope.enter(cast.hill.pk):
        mine, other = cast.staff("teacher1").pk, cast.staff("teacher2").pk
        slots = [str(pk) for pk in campaign.slots.values_list("pk", flat=True)[:3]]
    here = f"/s/hill/campaigns/{campaign.pk}/free/"
    assert teacher.get(here)["Location"] == f"{here}{mine}/"
    assert teacher.post(f"{here}{mine}/", {"slots": slots}).status_code == 302
    assert teacher.get(f"{here}{mine}/").content.decode().count("checked") == 3
    assert teacher.post(f"{here}{other}/", {"slots": slots}).status_code == 403
    assert teacher.post(f"{here}{mine}/", {"slots": ["0"]}).status_code == 422
    with scope.enter(cast.hill.pk):
        assert Availability.objects.get().ticked_by == "陈老师"


def test_a_class_teacher_sees_the_own_class_alone(client_of: Clients, campaign: Campaign) -> None:
    page = client_of("teacher1").get(f"/s/hill/campaigns/{campaign.pk}/").content.decode()
    assert "三年级1班" in page
    assert "三年级2班" not in page
    assert "重新排程" not in page
