"""Calendar files, read back by an independent library."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from icalendar import Calendar
from openpyxl import load_workbook

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.files import on_disk
from koumen.core.models import Job, StoredFile
from koumen.registry.models import Grade, SchoolClass
from koumen.visits.models import Campaign, Outing, Plan, Slot
from koumen.visits.queries.plans import full
from koumen.visits.services import moves, plans
from koumen.visits.services.calendars import _folded, calendar
from tests.cast import CHILDREN, HOMES, Cast
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
    with scope.enter(cast.hill.pk):
        made = season.planned(actor("office"))
        plans.adopt(made, by=actor("office"))
        return Plan.objects.select_related("campaign").get(pk=made.pk)


def events(content: bytes) -> list[dict[str, object]]:
    """What a calendar program takes from the file."""
    return [
        {
            "uid": str(event["UID"]),
            "sequence": int(str(event["SEQUENCE"])),
            "starts": event.decoded("DTSTART"),
            "ends": event.decoded("DTEND"),
            "summary": str(event["SUMMARY"]),
            "text": f"{event['SUMMARY']}{event.get('LOCATION', '')}{event.get('DESCRIPTION', '')}",
        }
        for event in Calendar.from_ical(content).walk("VEVENT")
    ]


def test_it_works(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """The times, with their zone, are those of the outings; the class and the number of families stand in the title."""
    answer = client_of("teacher1").get("/s/hill/outings/calendar/")
    assert answer["Content-Type"] == "text/calendar"
    found = {(one["starts"], one["ends"], one["summary"]) for one in events(answer.content)}
    with scope.enter(cast.hill.pk):
        rows = Outing.objects.filter(team__staff=cast.staff("teacher1")).select_related("school_class")
        wanted = {
            (row.leaves_at, row.back_at, f"家访 · {row.school_class.name} · {row.stops.count()} 户") for row in rows
        }
    assert found == wanted
    assert len(found) > 0
    assert all(one["starts"].utcoffset() == timedelta(hours=8) for one in events(answer.content))  # type: ignore[attr-defined]


def test_no_child_and_no_address_stands_in_a_calendar(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        staff = cast.staff("teacher1").pk
    mine = client_of("teacher1").get("/s/hill/outings/calendar/").content
    theirs = client_of("office").get(f"/s/hill/plans/{plan.pk}/calendar/{staff}/").content
    for content in (mine, theirs):
        said = "".join(str(one["text"]) for one in events(content))
        assert "村" in said
        assert not [child[0] for child in CHILDREN if child[0] in said]
        assert not [home[0] for home in HOMES.values() if home[0] in said]


def test_the_same_outing_keeps_its_uid_and_a_change_counts_up(
    plan: Plan, cast: Cast, actor: Actors, client_of: Clients
) -> None:
    """A family taken out of the outing an hour later: same UID, higher SEQUENCE; read twice, nothing changes."""
    teacher = client_of("teacher1")
    first = {one["uid"]: one for one in events(teacher.get("/s/hill/outings/calendar/").content)}
    again = {one["uid"]: one for one in events(teacher.get("/s/hill/outings/calendar/").content)}
    assert again == first
    with scope.enter(cast.hill.pk):
        outing = Outing.objects.filter(plan=plan, school_class=cast.school_class("三年级1班")).latest("pk")
        home = outing.stops.earliest("order").household
        assert outing.stops.count() > 1
        Outing.objects.filter(pk=outing.pk).update(changed_at=outing.changed_at - timedelta(hours=1))
        before = {one["uid"]: one for one in events(teacher.get("/s/hill/outings/calendar/").content)}
        moves.move_visit(plan, by=actor("office"), household=home, to="", seen=plan.digest)
    after = {one["uid"]: one for one in events(teacher.get("/s/hill/outings/calendar/").content)}
    uid = f"outing-{outing.school_class_id}-{outing.slot_id}.hill@koumen"
    assert uid in before
    assert uid in after
    assert after[uid]["sequence"] > before[uid]["sequence"]  # type: ignore[operator]


def test_signs_of_the_format_and_long_names_survive(cast: Cast, actor: Actors) -> None:
    """Commas, semicolons, backslashes, line ends and 270 characters come back as they were."""
    name = "甲;乙,丙\\丁\n" + "长" * 22
    with scope.enter(cast.hill.pk):
        grade = Grade.objects.create(stage=2, level=1, entry_year=2026, name="一年级")
        odd = SchoolClass.objects.create(grade=grade, number=9, name=name)
        campaign = Campaign.objects.create(name="x", starts=date(2026, 9, 9), ends=date(2026, 9, 30))
        at = datetime(2026, 9, 12, 10, 30, tzinfo=UTC)
        slot = Slot.objects.create(
            campaign=campaign, date=at.date(), kind="evening", starts_at=at, ends_at=at, opens_at=at, closes_at=at
        )
        plan = Plan.objects.create(campaign=campaign, seed=1)
        row = Outing.objects.create(
            plan=plan, slot=slot, school_class=odd, leaves_at=at, back_at=at + timedelta(hours=2)
        )
        content = calendar(full(Outing.objects.filter(pk=row.pk)), name=name * 9, by=actor("office"))
    assert events(content)[0]["summary"] == f"家访 · {name} · 0 户"
    # The library leaves names outside the standard as they stand in the file.
    raw = str(Calendar.from_ical(content)["X-WR-CALNAME"])
    assert re.sub(r"\\(.)", lambda sign: "\n" if sign[1] == "n" else sign[1], raw) == name * 9
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")


@pytest.mark.parametrize("text", ["", "a", "a" * 75, "a" * 76, "家" * 25, "家" * 26, "x" + "家" * 60, "😀" * 40])
def test_folding_tears_no_character(text: str) -> None:
    parts = list(_folded(text))
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] + "".join(part.removeprefix(" ") for part in parts[1:]) == text


def test_everybodys_own_files_in_one_zip(client_of: Clients, plan: Plan, cast: Cast) -> None:
    """Made in the background: an Excel and a calendar file for each who goes, without addresses."""
    answer = client_of("office").post(f"/s/hill/plans/{plan.pk}/timetable/", {"form": "files"})
    assert answer.status_code == 302
    with scope.enter(cast.hill.pk):
        season.run(Job.objects.get(task="visits.timetable"))
        kept = StoredFile.objects.get(purpose="timetables")
        who = set(plan.outings.values_list("team__staff__name", flat=True))
        pack = ZipFile(BytesIO(on_disk(kept).read_bytes()))
    assert kept.label.endswith(".zip")
    assert set(pack.namelist()) == {f"{name}.{kind}" for name in who for kind in ("xlsx", "ics")}
    assert pack.testzip() is None
    assert events(pack.read("陈老师.ics"))
    sheet = load_workbook(BytesIO(pack.read("陈老师.xlsx"))).worksheets[0]
    said = str([cell.value for row in sheet.iter_rows() for cell in row])
    assert "阿虎" in said
    assert "青山镇" not in said


def test_an_unknown_form_is_no_page(client_of: Clients, plan: Plan) -> None:
    assert client_of("office").post(f"/s/hill/plans/{plan.pk}/timetable/", {"form": "x"}).status_code == 404


def test_who_goes_nowhere_gets_a_word(client_of: Clients, plan: Plan, cast: Cast) -> None:
    with scope.enter(cast.hill.pk):
        staff = cast.staff("sysadmin").pk
    answer = client_of("office").get(f"/s/hill/plans/{plan.pk}/calendar/{staff}/")
    assert answer.status_code == 422
    assert "没有外出" in answer.content.decode()
