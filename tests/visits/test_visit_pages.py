"""My visits, the choice of a child, one visit's page: what they show, and in how few queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.registry.models import Household, Student
from koumen.registry.services.people import open_file
from koumen.visits.models import Visit, VisitStaff, VisitStudent
from tests.cast import Cast
from tests.visits.stories import EVENING, LATER, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def url(name: str, pk: object = None, **query: str) -> str:
    kwargs = {"org": "hill"} | ({"pk": pk} if pk else {})
    return reverse(f"visits:{name}", kwargs=kwargs, query=query or None)


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Four tabs count and list one's own visits; the fifth lists the families nobody has been to."""
    planned(hill, "阿虎", at=LATER + timedelta(hours=8))
    planned(hill, "阿宝")
    recorded(hill, actor("teacher1"), "阿梅", at=EVENING - timedelta(days=9))
    planned(hill, "阿南", lead="teacher2")
    browser = client_of("teacher1")
    page = browser.get(url("mine"))
    assert [t["count"] for t in page.context["tabs"]] == [1, 2, 1, 1, 2]
    for show, expected in [("today", "阿虎"), ("due", "阿宝"), ("recorded", "阿梅")]:
        assert [v.names for v in browser.get(url("mine", show=show)).context["page"]] == [expected]
    families = browser.get(url("mine", show="families")).context["page"]
    assert [(c.name, c.planned_at is not None) for c in families] == [("阿虎", True), ("阿宝", True)]


def test_a_companion_has_the_visit_among_their_own(hill: Cast, client_of: Clients) -> None:
    planned(hill, "阿虎", along=("subject1",))
    assert len(client_of("subject1").get(url("mine", show="due")).context["page"]) == 1


def test_administrators_have_no_visits(client_of: Clients) -> None:
    assert client_of("sysadmin").get(url("mine")).status_code == 403
    assert client_of("sysadmin").get(url("new")).status_code == 403


@pytest.mark.parametrize("query", [{"show": "x"}, {"show": "families", "page": "999"}, {"page": "-1"}, {"page": "a"}])
def test_any_query_is_answered(hill: Cast, client_of: Clients, query: dict[str, str]) -> None:
    assert client_of("teacher1").get(url("mine", **query)).status_code == 200


def test_only_own_children_can_be_chosen(hill: Cast, client_of: Clients) -> None:
    page = client_of("teacher1").get(url("new"))
    assert {c.name for c in page.context["page"]} == {"阿梅", "阿虎", "阿宝"}
    found = client_of("teacher1").get(url("new", q="虎"))
    assert [c.name for c in found.context["page"]] == ["阿虎"]
    assert "没有找到学生" in client_of("teacher1").get(url("new", q="阿南")).content.decode()


def test_the_visit_page_hides_the_address_two_days_away(hill: Cast, client_of: Clients) -> None:
    """From the day before to the day after, and for those who go."""
    visit = planned(hill, "阿虎")
    browser = client_of("teacher1")
    assert "柳树村2号" in browser.get(url("visit", visit.pk)).content.decode()
    assert "柳树村2号" not in client_of("office").get(url("visit", visit.pk)).content.decode()
    with clock.at(EVENING + timedelta(days=2)):
        assert "柳树村2号" not in browser.get(url("visit", visit.pk)).content.decode()


def test_reading_a_record_from_outside_is_noted(hill: Cast, actor: Actors, client_of: Clients) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", content="爷爷很欢迎")
    client_of("teacher1").get(url("visit", record.visit_id))
    assert not AuditEntry.objects.filter(kind="read").exists()
    assert "爷爷很欢迎" in client_of("office").get(url("visit", record.visit_id)).content.decode()
    assert AuditEntry.objects.get(kind="read").verb == "visit.read"


def test_a_leader_reads_a_record_only_after_opening_the_childs_file(
    hill: Cast, actor: Actors, client_of: Clients
) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", content="爷爷很欢迎")
    browser = client_of("principal")
    page = browser.get(url("visit", record.visit_id)).content.decode()
    assert "爷爷很欢迎" not in page
    assert "家访内容在孩子的档案里" in page
    assert browser.get(url("paper", record.visit_id)).status_code == 403
    open_file(hill.student("阿虎"), by=actor("principal"), because="处理家长来电")
    assert "爷爷很欢迎" in browser.get(url("visit", record.visit_id)).content.decode()
    assert browser.get(url("paper", record.visit_id)).status_code == 200


def test_a_subject_teacher_who_did_not_go_sees_no_record(hill: Cast, actor: Actors, client_of: Clients) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎")
    assert client_of("subject1").get(url("visit", record.visit_id)).status_code == 404


def many(cast: Cast, n: int) -> None:
    """`n` more recorded visits and `n` more families in class 1."""
    lead, other, c1 = cast.staff("teacher1"), cast.staff("subject1"), cast.school_class("三年级1班")
    homes = Household.objects.bulk_create([Household(address=f"柳树村{i}号") for i in range(100, 100 + 2 * n)])
    children = [Student(name=f"童{i}", school_class=c1, household=h) for i, h in enumerate(homes)]
    Student.objects.bulk_create(children)
    visits = [Visit(household=h, school_class=c1, lead=lead, state="recorded", starts_at=EVENING) for h in homes[:n]]
    Visit.objects.bulk_create(visits)
    VisitStudent.objects.bulk_create([VisitStudent(visit=v, student=s) for v, s in zip(visits, children, strict=False)])
    VisitStaff.objects.bulk_create([VisitStaff(visit=v, staff=other) for v in visits])


@pytest.mark.parametrize("name", ["mine", "new", "mine-families", "mine-recorded", "records"])
def test_lists_take_few_queries_whatever_their_length(hill: Cast, client_of: Clients, name: str) -> None:
    many(hill, 60)
    browser = client_of("teacher1")
    leaf, _dash, show = name.partition("-")
    pk = hill.school_class("三年级1班").pk if leaf == "records" else None
    with CaptureQueriesContext(
        connection,
    ) as taken:
        answer = browser.get(url(leaf, pk, **({"show": show} if show else {})))
    assert answer.status_code == 200
    # what every signed-in request costs (session, account, membership, posts, entering scopes) is counted as well
    asked = [q["sql"] for q in taken if "set_config" not in q["sql"] and "SAVEPOINT" not in q["sql"]]
    assert len(asked) <= MOST_QUERIES, "\n".join(asked)
