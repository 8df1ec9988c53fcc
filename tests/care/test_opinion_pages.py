"""R30: lists, one opinion's page, what staff enter, letters, numbers, the table, and the family's own page."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from koumen.care.models import Opinion, Task
from koumen.care.models.findings import Source
from koumen.care.services.opinion_family import judge
from koumen.care.services.opinion_work import answer, extend, forward
from koumen.care.services.opinions import receive
from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage, StoredFile
from tests.care.opinion_stories import VOICE, WAYS, said, sender_of
from tests.cast import Cast
from tests.visits.families import Phone

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R30")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]
NOON = datetime(2026, 11, 23, 12, 34)


@pytest.fixture(autouse=True)
def _a_monday() -> object:
    with clock.at(NOON):
        yield


def url(name: str, *args: object, **query: str) -> str:
    return reverse(f"care:{name}", args=["hill", *args], query=query)


def page(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(url(name, *args, **query))
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_list_asks_the_database_no_more_for_more_rows(hill: Cast, actor: Actors, client_of: Clients) -> None:
    office = client_of("office")
    said(hill)
    for count in (0, 40):
        for n in range(count):
            row, _sent = said(hill, f"第{n}条")
            forward(row, by=actor("office"), to=hill.staff("subject1"))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            office.get(url("opinions", tab="open"))
        statements = [q for q in asked.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(statements) <= 12, [q["sql"][:120] for q in statements]


def test_one_page_asks_little(hill: Cast, actor: Actors, client_of: Clients) -> None:
    row, _sent = said(hill)
    for _n in range(20):
        said(hill)
    office = client_of("office")
    with CaptureQueriesContext(connection) as asked:
        office.get(url("opinion", row.pk))
    statements = [q for q in asked.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(statements) <= 14, [q["sql"][:120] for q in statements]


def test_tabs_and_filters(hill: Cast, actor: Actors, client_of: Clients) -> None:
    first, _a = said(hill, "菜凉", topic="meals")
    said(hill, "作业多", topic="teaching")
    forward(first, by=actor("office"), to=hill.staff("subject1"))
    office, subject = client_of("office"), client_of("subject1")
    assert "作业多" in page(office, "opinions")
    assert "菜凉" not in page(office, "opinions")
    assert "菜凉" in page(office, "opinions", tab="open", topic="meals")
    assert "作业多" not in page(office, "opinions", tab="open", topic="meals")
    mine = page(subject, "opinions")
    assert "菜凉" in mine
    assert "作业多" not in mine
    with clock.at(NOON + timedelta(days=30)):
        assert "逾期" in page(office, "opinions", tab="open", late="on")
    assert page(office, "opinions", tab="nonsense", topic="x", level="y", page="999")


def test_a_handler_who_left_is_said_so(hill: Cast, actor: Actors, client_of: Clients) -> None:
    row, _sent = said(hill)
    forward(row, by=actor("office"), to=hill.staff("subject1"))
    gone = hill.staff("subject1")
    gone.is_active = False
    gone.save()
    assert "已离任" in page(client_of("office"), "opinions", tab="mine")
    assert "请另交一位同事办理" in page(client_of("office"), "opinion", row.pk)


@pytest.mark.parametrize(
    ("identity", "office", "handler"), [("named", True, True), ("hidden", True, False), ("anonymous", False, False)]
)
def test_names_are_seen_exactly_as_promised(
    hill: Cast, actor: Actors, client_of: Clients, identity: str, office: bool, handler: bool
) -> None:
    row, _sent = said(hill, identity=Opinion.Identity(identity), sender_name="王女士", sender_phone="10000000099")
    forward(row, by=actor("office"), to=hill.staff("subject1"))
    for who, sees in (("office", office), ("subject1", handler)):
        shown = page(client_of(who), "opinion", row.pk)
        assert ("王女士" in shown) is sees
        assert ("10000000099" in shown) is sees
    assert AuditEntry.objects.filter(verb="opinion.read", kind="read").count() == 2


def test_deeds_keep_what_was_typed(hill: Cast, client_of: Clients) -> None:
    row, _sent = said(hill)
    office = client_of("office")
    response = office.post(url("opinion_deed", row.pk, "answer"), {"text": "", "gist": "写好的概括"})
    assert response.status_code == 422
    assert "写好的概括" in response.content.decode()
    long = "长" * 20_000
    response = office.post(url("opinion_deed", row.pk, "answer"), {"text": long, "gist": "菜凉"})
    assert (response.status_code, long in response.content.decode()) == (422, True)
    response = office.post(url("opinion_deed", row.pk, "forward"), {"to": hill.staff("teacher1").pk, "words": "请办"})
    assert response.status_code == 302
    assert Opinion.objects.get().handler == hill.staff("teacher1")
    assert office.post(url("opinion_deed", row.pk, "forward"), {"to": "999999"}).status_code == 422


def test_the_office_hears_and_writes_down_the_voice(hill: Cast, actor: Actors, client_of: Clients) -> None:
    row, _sent = said(hill, "", voice=VOICE)
    office = client_of("office")
    assert "audio" in page(office, "opinion", row.pk)
    heard = office.get(url("opinion_voice", row.pk))
    assert (heard.content, heard["Content-Type"], heard["X-Content-Type-Options"]) == (VOICE, "audio/webm", "nosniff")
    assert AuditEntry.objects.filter(verb="opinion.listen").exists()
    office.post(url("opinion_deed", row.pk, "write"), {"text": "菜凉了"})
    assert Opinion.objects.get().text == "菜凉了"
    assert office.get(url("opinion_voice", row.pk)).status_code == 404


def test_what_was_told_by_phone_gets_a_number_and_a_code(hill: Cast, client_of: Clients) -> None:
    told = {
        "token": str(uuid4()), "channel": "phone", "text": "校车总晚点", "topic": "bus", "identity": "hidden",
        "sender_name": "王女士", "sender_phone": "10000000099",
    }  # fmt: skip
    shown = client_of("teacher2").post(url("opinion_new"), told).content.decode()
    assert "2026-0001" in shown
    assert reverse("box:follow", args=["hill"]) in shown
    row = Opinion.objects.get()
    assert (row.channel, row.taken_by, row.sender_name) == ("phone", hill.staff("teacher2"), "王女士")
    about = told | {"token": str(uuid4()), "about": hill.staff("office").pk}
    client_of("teacher2").post(url("opinion_new"), about)
    assert Opinion.objects.get(number=2).level == "above"


def test_numbers_and_the_table_without_names(hill: Cast, actor: Actors, client_of: Clients) -> None:
    named: dict[str, object] = {"identity": Opinion.Identity.NAMED, "sender_name": "王女士", "topic": "meals"}
    for face in (3, 2):
        row, _sent = said(hill, "阿虎家的菜凉了", **named)
        answer(row, by=actor("office"), text="换了", gist="食堂菜凉", ways=WAYS)
        judge(row, by=sender_of(hill, row), face=face)
    said(hill, "=1+1", topic="bus")
    said(hill, "收红包")
    shown = page(client_of("office"), "opinion_figures", first="2026-11-01", last="2026-11-30")
    assert "基本满意" in shown
    assert client_of("office").get(url("opinion_figures", first="x")).status_code == 422
    content = client_of("office").get(url("opinion_export", first="2026-11-01", last="2026-11-30")).content
    rows = [row for row in load_workbook(BytesIO(content)).active.iter_rows(values_only=True)]  # type: ignore[union-attr]
    cells = " ".join(str(cell) for row in rows for cell in row if cell)
    assert ("餐饮", "食堂菜凉", 2, "德育处") in [row[1:5] for row in rows]
    assert ("合计", 3) in [(row[1], row[3]) for row in rows]  # what went above is not the office's to count
    assert not re.search("王女士|阿虎|红包|1\\+1", cells)
    assert "不写姓名" in cells
    assert AuditEntry.objects.filter(verb="opinion.export").exists()


def test_the_poster_leads_to_the_box(hill: Cast, client_of: Clients) -> None:
    shown = page(client_of("office"), "opinion_poster")
    assert f"http://testserver{reverse('box:write', args=['hill'])}" in shown
    assert "<svg" in shown


def own(hill: Cast, client: Client, child: str = "阿虎") -> str:
    """The secret of a fresh link a class teacher makes."""
    response = client.post(url("opinion_invite_child", hill.student(child).pk))
    found = re.search(r"/l/([\w-]+)/", response.content.decode())
    assert found is not None
    return found[1]


def test_a_guardian_speaks_by_link_and_reads_the_answer_there(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """J4.4 without the browser: a voice note by link, a number, the answer, three faces."""
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    assert "您想对学校说什么" in phone.open(secret).content.decode()
    voice = SimpleUploadedFile("voice", VOICE)
    sent = {"token": str(uuid4()), "topic": "meals", "identity": "named", "voice": voice}
    shown = phone.browser.post(f"/l/{secret}/?write=1", sent).content.decode()
    assert "2026-0001" in shown
    row = Opinion.objects.get()
    assert (str(row.guardian), row.household, row.voice is not None) == (
        "阿虎爷爷", hill.student("阿虎").household, True,
    )  # fmt: skip
    answer(row, by=actor("office"), text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)
    sms = OutboxMessage.objects.get(channel="sms")
    assert sms.address == "10000000002"
    follow = sms.body.rsplit("/l/", 1)[1].rstrip("/")
    other = Phone()
    assert "换了保温餐箱" in other.open(follow).content.decode()
    other.browser.post(f"/l/{follow}/", {"opinion": row.pk, "did": "1", "words": "还是凉"})
    row.refresh_from_db()
    assert (row.state, row.times_reopened) == ("reopened", 1)


def test_an_anonymous_one_by_link_knows_nothing_of_the_link(hill: Cast, client_of: Clients) -> None:
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    phone.open(secret)
    sent = {"token": str(uuid4()), "topic": "meals", "identity": "anonymous", "text": "菜凉"}
    shown = phone.browser.post(f"/l/{secret}/?write=1", sent).content.decode()
    assert "查询码" in shown
    row = Opinion.objects.get()
    assert (row.guardian, row.household, row.sender_name) == (None, None, "")
    assert "菜凉" not in phone.open(secret).content.decode()
    assert {"阿虎爷爷"} & set(AuditEntry.objects.values_list("actor_name", flat=True)) == set()


def test_no_log_tells_who_spoke_in_confidence(hill: Cast, client_of: Clients) -> None:
    """Whatever the family does behind its link, whoever reads the log reads no name."""
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    phone.open(secret)
    sent = {"token": str(uuid4()), "topic": "meals", "identity": "hidden", "text": "菜凉"}
    phone.browser.post(f"/l/{secret}/?write=1", sent)
    row = Opinion.objects.get()
    phone.browser.post(f"/l/{secret}/", {"opinion": row.pk, "did": "withdraw"})
    log = AuditEntry.objects.filter(verb__in=("opinion.send", "opinion.withdraw"))
    assert set(log.values_list("verb", "actor_name")) == {("opinion.send", "家长"), ("opinion.withdraw", "家长")}


def test_a_link_shows_its_own_home_only(hill: Cast, actor: Actors, client_of: Clients) -> None:
    home = hill.student("阿宝").household
    assert home is not None
    other = receive(home, by=actor("teacher1"), source=Source.VISIT, source_id=uuid4(), text="阿宝家的话")
    guardian = hill.student("阿虎").guardianships.get().guardian
    for object_id in (other.pk, "999999", "x"):
        secret = links.issue("opinion", person_id=guardian.pk, object_id=object_id)
        phone = Phone()
        assert "阿宝家的话" not in phone.open(secret).content.decode()
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    phone.open(secret)
    assert phone.browser.post(f"/l/{secret}/", {"opinion": other.pk, "did": "withdraw"}).status_code == 404
    other.refresh_from_db()
    assert other.state == "received"


def test_an_expired_link_shows_nothing_and_offers_a_new_one(hill: Cast, client_of: Clients) -> None:
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    phone.open(secret)
    with clock.at(NOON + timedelta(days=31)):
        response = phone.open(secret)
        assert response.status_code == 404
        assert "把新链接发给我" in response.content.decode()
        assert "阿虎" not in response.content.decode()
        phone.browser.post(reverse("renew_link", args=[secret]))
        assert OutboxMessage.objects.get(channel="sms").address == "10000000002"


def test_a_guardianship_that_ends_ends_the_link(hill: Cast, client_of: Clients) -> None:
    secret = own(hill, client_of("teacher1"))
    phone = Phone()
    phone.open(secret)
    hill.student("阿虎").guardianships.update(ends=clock.today())
    assert phone.open(secret).status_code == 404


def test_letters_for_a_family_are_shown_once_to_those_who_may_know_it(
    hill: Cast, actor: Actors, client_of: Clients
) -> None:
    home = hill.student("阿虎").household
    assert home is not None
    row = receive(home, by=actor("teacher1"), source=Source.VISIT, source_id=uuid4(), text="多些课外书")
    shown = client_of("teacher1").post(url("opinion_letters", row.pk)).content.decode()
    assert "阿虎爷爷" in shown
    hidden, _sent = said(hill, identity=Opinion.Identity.HIDDEN, sender_name="王女士", sender_phone="10000000099")
    forward(hidden, by=actor("office"), to=hill.staff("subject1"))
    assert client_of("subject1").post(url("opinion_letters", hidden.pk)).status_code == 403


def test_more_time_moves_the_task_too(hill: Cast, actor: Actors) -> None:
    row, _sent = said(hill)
    forward(row, by=actor("office"), to=hill.staff("subject1"))
    row.refresh_from_db()
    extend(row, by=actor("subject1"), because="等货", ways=WAYS)
    row.refresh_from_db()
    assert Task.objects.get().due == row.due_on
    assert not StoredFile.objects.exists()
