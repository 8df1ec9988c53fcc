"""Several families written down at once: who came has a record, who did not stays open; all or none, once."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.care.models import Finding
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Household, Place
from koumen.visits.models import (
    Campaign,
    Clearance,
    GroupVisit,
    GroupVisitHome,
    RecordVersion,
    Stop,
    Visit,
    VisitRecord,
    VisitStudent,
)
from koumen.visits.queries import coverage
from koumen.visits.queries.coverage import Window
from koumen.visits.services import gatherings, together
from koumen.visits.services.campaigns import start_campaign
from koumen.visits.services.gatherings import Part
from koumen.visits.services.plans import adopt
from koumen.visits.services.visits import record
from tests.cast import Cast
from tests.visits import season
from tests.visits.stories import EVENING, LATER, entry, planned, recorded, typed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R6", "R8", "R2")]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> Iterator[None]:
    with clock.at(LATER):
        yield


def home(cast: Cast, child: str) -> Household:
    found = cast.student(child).household
    assert found is not None
    return found


@pytest.fixture
def campaign(hill: Cast, actor: Callable[..., Actor]) -> Campaign:
    by = actor("office")
    return start_campaign(by.org, by=by, name="秋季大家访", theme="", starts=EVENING.date(), ends=date(2026, 10, 11))


@pytest.fixture
def group(hill: Cast, campaign: Campaign) -> GroupVisit:
    """阿虎's, 阿宝's, and the siblings' home, at the village office; nobody has planned a visit yet."""
    row = GroupVisit.objects.create(
        campaign=campaign,
        name="柳树村村委会",
        place=Place.objects.get(name="柳树村"),
        school_class=hill.school_class("三年级1班"),
    )
    for child in ("阿虎", "阿宝", "阿梅"):
        GroupVisitHome.objects.create(group_visit=row, household=home(hill, child))
    return row


def url(group: GroupVisit) -> str:
    return reverse("visits:gathering", kwargs={"org": "hill", "pk": group.pk})


def sent(cast: Cast, *came: str, **more: Any) -> dict[str, Any]:
    """What a browser sends: the common part, and a part for each of these children's homes."""
    data: dict[str, Any] = {
        "topics": ["study", "safety"],
        "content": "讲了防溺水和作业",
        "met_at": "村委会二楼",
        "visit_date": "2026-09-12",
        "starts": "19:00",
        "ends": "20:00",
        "came": [],
    }
    for child in came:
        pk = home(cast, child).pk
        data["came"].append(str(pk))
        data[f"h{pk}-record_id"] = str(uuid4())
        data[f"h{pk}-met_relation"] = ["52"]
        data[f"h{pk}-students"] = [str(one.pk) for one in home(cast, child).students.all()]
    return data | more


def of(child: str) -> Visit:
    return Visit.objects.select_related("record").get(students__student__name=child)


def test_it_works(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """The common part stands in each record, what differs in its own; who did not come has none."""
    pk = home(hill, "阿虎").pk
    data = sent(hill, "阿虎", "阿梅")
    data |= {
        f"h{pk}-family_words": "爷爷说路灯坏了",
        f"h{pk}-problem_categories": ["D11"],
        f"h{pk}-problem": "作业没人看",
    }
    answer = client_of("teacher1").post(url(group), data, follow=True)
    assert "已记录 2 家" in answer.content.decode()
    one, two = of("阿虎"), of("阿梅")
    for visit in (one, two):
        assert (visit.mode, visit.state, visit.group_visit, visit.met_at) == ("06", "recorded", group, "村委会二楼")
        assert visit.campaign == group.campaign
        assert visit.record.content == "讲了防溺水和作业"
        assert sorted(visit.record.topics) == ["safety", "study"]
    assert (one.record.family_words, two.record.family_words) == ("爷爷说路灯坏了", "")
    assert [row.student.name for row in Finding.objects.all()] == ["阿虎"]
    assert not VisitStudent.objects.filter(student__name="阿宝").exists()
    assert [part.children[0].name for part in answer.context["parts"]] == ["阿宝"]
    assert {name for row in answer.context["recorded"] for name in row.names} == {"阿虎", "阿梅", "阿乐"}


def test_every_child_is_covered_once_and_not_at_the_door(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """Siblings of another class count as well; a group visit is no door visit."""
    client_of("teacher1").post(url(group), sent(hill, "阿虎", "阿梅"))
    names = VisitStudent.objects.values_list("student__name", flat=True)
    assert sorted(names) == sorted(["阿虎", "阿梅", "阿乐"])
    window = Window(date(2026, 9, 1), date(2026, 9, 30))
    found = coverage.total(coverage.by_class({"term": window})["term"])
    assert (found.visited, found.door) == (3, 0)


def test_sent_twice_it_is_kept_once(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    data = sent(hill, "阿虎", "阿宝")
    for _twin in range(2):
        assert client_of("teacher1").post(url(group), data).status_code == 302
    assert (Visit.objects.count(), VisitRecord.objects.count(), RecordVersion.objects.count()) == (2, 2, 0)


def test_all_or_none(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """A mistake in one family's part writes nothing, and keeps what was typed about the others."""
    pk, other = home(hill, "阿虎").pk, home(hill, "阿宝").pk
    data = sent(hill, "阿虎", "阿宝") | {f"h{pk}-met_relation": [], f"h{other}-family_words": "爸爸写的话"}
    answer = client_of("teacher1").post(url(group), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请点一下见到了谁" in page
    assert "爸爸写的话" in page
    assert data[f"h{pk}-record_id"] in page
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("came", [], "请至少勾选一家"),
        ("came", ["999999"], "999999"),
        ("topics", [], "请至少点一项交流内容"),
        ("ends", "18:00", "结束时间要晚于开始时间"),
        ("visit_date", "2026-09-20", "这个时间还没有到"),
        ("content", "长" * 2001, "2000"),
        ("met_at", "", "必填"),
    ],
)
def test_bad_common_answers_are_named(
    hill: Cast, group: GroupVisit, client_of: Clients, name: str, value: object, sentence: str
) -> None:
    answer = client_of("teacher1").post(url(group), sent(hill, "阿虎") | {name: value})
    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert not Visit.objects.exists()


def test_who_did_not_come_is_not_asked_for_anything(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """A half-filled part without its tick is kept on the page and refused for nothing."""
    pk = home(hill, "阿宝").pk
    data = sent(hill, "阿虎") | {f"h{pk}-follow_up_on": "2020-01-01", f"h{pk}-family_words": "没来"}
    assert client_of("teacher1").post(url(group), data).status_code == 302
    assert VisitRecord.objects.count() == 1


def test_the_planned_visit_of_the_campaign_is_the_one_recorded(
    hill: Cast, group: GroupVisit, client_of: Clients
) -> None:
    """Whoever came needs no second visit; whoever did not keeps the planned one."""
    came, away = planned(hill, "阿虎"), planned(hill, "阿宝")
    Visit.objects.update(campaign=group.campaign)
    client_of("teacher1").post(url(group), sent(hill, "阿虎"))
    came.refresh_from_db()
    away.refresh_from_db()
    assert (came.state, came.mode, away.state, away.mode) == ("recorded", "06", "planned", "01")
    assert Visit.objects.count() == 2
    page = client_of("teacher1").get(reverse("visits:record", kwargs={"org": "hill", "pk": away.pk}))
    assert page.status_code == 200


def test_two_colleagues_write_down_the_same_meeting(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """The second one's words about a family are kept beside the first's; the rest waits on the page, and is saved."""
    client_of("teacher1").post(url(group), sent(hill, "阿梅", content="陈老师写的"))
    slow = sent(hill, "阿梅", content="李老师写的")
    answer = client_of("teacher2").post(url(group), slow)
    assert answer.status_code == 409
    assert "您写的也留着" in answer.content.decode()
    assert [part.family.names for part in answer.context["parts"]] == []
    assert VisitRecord.objects.get().content == "陈老师写的"
    assert [row.entry["content"] for row in RecordVersion.objects.all()] == ["李老师写的"]
    assert Visit.objects.count() == 1


def test_a_colleague_was_quicker_between_page_and_save(
    hill: Cast, group: GroupVisit, client_of: Clients, actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was read before the colleague saved: nothing is written over, nothing typed is lost."""
    planned(hill, "阿虎", along=("subject1",))
    Visit.objects.update(campaign=group.campaign)
    genuine = gatherings.record_group

    def after_a_colleague(target: GroupVisit, **named: Any) -> Any:
        visit = Visit.objects.get(students__student__name="阿虎")
        if not hasattr(visit, "record"):
            said = entry([hill.student("阿虎")], content="吴老师写的")
            record(visit, by=actor("subject1"), record_id=uuid4(), entry=said)
        return genuine(target, **named)

    monkeypatch.setattr(gatherings, "record_group", after_a_colleague)
    data = sent(hill, "阿虎", "阿宝") | {f"h{home(hill, '阿虎').pk}-visit": str(Visit.objects.get().pk)}
    answer = client_of("teacher1").post(url(group), data)
    assert answer.status_code == 409
    assert "您写的也留着" in answer.content.decode()
    assert VisitRecord.objects.get().content == "吴老师写的"
    assert RecordVersion.objects.get().entry["content"] == "讲了防溺水和作业"
    again = data | {"came": [str(home(hill, "阿宝").pk)]}
    assert client_of("teacher1").post(url(group), again).status_code == 302
    assert of("阿宝").record.content == "讲了防溺水和作业"


def test_the_page_warns_of_a_visit_lately(hill: Cast, group: GroupVisit, client_of: Clients, actor: Any) -> None:
    """The date alone: who it was is not told."""
    recorded(hill, actor("teacher1"), "阿虎", lead="subject1", at=EVENING - timedelta(days=5))
    page = client_of("teacher1").get(url(group)).content.decode()
    assert page.count("刚有老师家访过") == 1
    assert "这家 9月7日 刚有老师家访过" in page
    assert "吴老师 刚有" not in page


def test_other_peoples_families_are_counted_not_shown(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """teacher2 has one child of the siblings' home there: that family alone is on the page."""
    page = client_of("teacher2").get(url(group)).content.decode()
    assert "阿乐" in page
    assert "阿虎" not in page
    assert "还有 2 家由别的老师记录" in page


def test_a_family_of_others_cannot_be_slipped_in(
    hill: Cast, group: GroupVisit, client_of: Clients, actor: Callable[..., Actor]
) -> None:
    assert client_of("teacher2").post(url(group), sent(hill, "阿虎")).status_code == 422
    said = entry([hill.student("阿虎")], mode="06")
    for part in (Part(home(hill, "阿虎").pk, uuid4(), said), Part(home(hill, "阿南").pk, uuid4(), said)):
        with pytest.raises(Invalid):
            gatherings.record_group(group, by=actor("teacher2"), met_at="", parts=[part])
    assert not VisitRecord.objects.exists()


def test_the_mode_is_that_of_a_group_visit(hill: Cast, group: GroupVisit, client_of: Clients, actor: Any) -> None:
    """Whatever a browser sends, and whatever a caller says, it never counts as a door visit."""
    data = sent(hill, "阿虎") | {"mode": "01", f"h{home(hill, '阿虎').pk}-mode": "01"}
    client_of("teacher1").post(url(group), data)
    assert of("阿虎").mode == "06"
    part = Part(home(hill, "阿宝").pk, uuid4(), entry([hill.student("阿宝")], mode="01"))
    with pytest.raises(Invalid):
        gatherings.record_group(group, by=actor("teacher1"), met_at="", parts=[part])


def test_a_teacher_who_has_nothing_to_do_with_it_is_refused(
    hill: Cast, group: GroupVisit, client_of: Clients, actor: Callable[..., Actor]
) -> None:
    assert client_of("subject1").get(url(group)).status_code == 403
    with pytest.raises(Forbidden):
        gatherings.record_group(group, by=actor("office"), met_at="", parts=[])
    assert client_of("teacher1").get("/s/hill/groups/999999/record/").status_code == 404
    assert client_of("teacher1").delete(url(group)).status_code == 405


def test_the_commitment_comes_first(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    Campaign.objects.update(needs_commitment=True, state="open")
    browser = client_of("teacher1")
    assert "/commitment/" in browser.get(url(group))["Location"]
    answer = browser.post(url(group), sent(hill, "阿虎"))
    assert answer.status_code == 422
    assert "廉洁承诺" in answer.content.decode()
    assert not VisitRecord.objects.exists()
    Clearance.objects.create(staff=hill.staff("teacher1"), kind="commitment", noted_by="周主任")
    assert browser.post(url(group), sent(hill, "阿虎")).status_code == 302


def test_each_record_is_a_line_of_the_log_and_so_is_the_reading(
    hill: Cast, group: GroupVisit, client_of: Clients
) -> None:
    browser = client_of("teacher1")
    browser.get(url(group))
    browser.post(url(group), sent(hill, "阿虎", "阿宝"))
    verbs = list(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs.count("visit.record") == 2
    assert (verbs.count("group.record"), verbs.count("group.read_families")) == (1, 1)


def test_a_record_of_a_group_visit_says_where(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    client_of("teacher1").post(url(group), sent(hill, "阿虎"))
    where = reverse("visits:visit", kwargs={"org": "hill", "pk": of("阿虎").pk})
    assert "村委会二楼" in client_of("teacher1").get(where).content.decode()


def test_corrected_to_a_door_visit_it_leaves_the_group(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    client_of("teacher1").post(url(group), sent(hill, "阿虎"))
    visit = of("阿虎")
    where = reverse("visits:revise", kwargs={"org": "hill", "pk": visit.pk})
    assert client_of("teacher1").post(where, typed(visit) | {"mode": "01", "version": "1"}).status_code == 302
    visit.refresh_from_db()
    assert (visit.group_visit, visit.met_at, visit.mode) == (None, "", "01")


def test_from_the_plan_to_the_record(hill: Cast, actor: Callable[..., Actor], client_of: Clients) -> None:
    """A planned group visit: the outing's page and one's own list lead to it, and it takes its planned visits."""
    office = actor("office")
    with clock.at(season.TODAY):
        campaign = season.campaign(office)
        homes = [home(hill, "阿虎"), home(hill, "阿宝")]
        Household.objects.filter(pk__in=[one.pk for one in homes]).update(place=Place.objects.get(name="柳树村"))
        meeting = together.Meeting(
            "村委会", Place.objects.get(name="柳树村"), hill.school_class("三年级1班"), 60, None, homes
        )
        group = together.arrange_group(campaign, by=office, meeting=meeting)
        adopt(season.planned_in(campaign, office), by=office)
    stop = Stop.objects.filter(group_visit=group, outing__plan__state="adopted").select_related("outing__slot")[0]
    before = {visit.pk for visit in Visit.objects.filter(stop__group_visit=group)}
    assert len(before) == 2
    browser = client_of("teacher1")
    outing = reverse("visits:outing", kwargs={"org": "hill", "pk": stop.outing_id})
    with clock.at(stop.starts_at - timedelta(days=2)):
        assert url(group) not in browser.get(outing).content.decode()
    with clock.at(stop.ends_at + timedelta(hours=1)):
        assert url(group) in browser.get(outing).content.decode()
        assert url(group) in browser.get(reverse("visits:outings", kwargs={"org": "hill"})).content.decode()
        page = browser.get(url(group))
        begins = page.context["form"].initial
        assert (begins["visit_date"], begins["starts"]) == (
            clock.local(stop.starts_at).date(), clock.local(stop.starts_at).time(),
        )  # fmt: skip
        start: datetime = clock.local(stop.starts_at)
        when = {
            "visit_date": f"{start:%Y-%m-%d}",
            "starts": f"{start:%H:%M}",
            "ends": f"{start + timedelta(hours=1):%H:%M}",
        }
        assert browser.post(url(group), sent(hill, "阿虎") | when).status_code == 302
    assert of("阿虎").pk in before
    assert of("阿虎").group_visit == group
    assert of("阿宝").state == "planned"


def test_my_group_visits(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    """Listed for whoever has families there; offered from 我的家访 only then."""
    here, mine = reverse("visits:gatherings", args=["hill"]), reverse("visits:mine", args=["hill"])
    assert url(group) in client_of("teacher1").get(here).content.decode()
    assert here in client_of("teacher1").get(mine).content.decode()
    assert url(group) not in client_of("subject1").get(here).content.decode()
    assert here not in client_of("subject1").get(mine).content.decode()


def test_the_pages_ask_a_fixed_number_of_questions(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    browser = client_of("teacher1")
    browser.get(url(group))
    planned(hill, "阿虎", along=("subject1",))
    Visit.objects.update(campaign=group.campaign)
    for page in (url(group), reverse("visits:gatherings", args=["hill"])):
        with CaptureQueriesContext(connection) as taken:
            assert browser.get(page).status_code == 200
        asked = [q["sql"] for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
        assert len(asked) <= 12, "\n".join(asked)
    with CaptureQueriesContext(connection) as few:
        browser.get(url(group))
    for child in ("阿南", "阿斗"):
        GroupVisitHome.objects.create(group_visit=group, household=home(hill, child))
    for name in ("阿南", "阿斗"):
        one = hill.student(name)
        one.school_class = hill.school_class("三年级1班")
        one.save()
    with CaptureQueriesContext(connection) as many:
        assert browser.get(url(group)).status_code == 200
    assert len(many) == len(few)


def test_who_was_met_is_offered_once_for_siblings(hill: Cast, group: GroupVisit, client_of: Clients) -> None:
    page = client_of("teacher1").get(url(group))
    part = next(one for one in page.context["parts"] if "阿梅" in one.family.names)
    offered = [code for code, _word in part.form.fields["met_relation"].choices]
    assert offered[0] == "52"
    assert len(set(offered)) == len(offered)
