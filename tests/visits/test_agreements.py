"""The agreement: drafted without reasons, read by link, confirmed or corrected by the family, kept (J3.4)."""

import re
from collections.abc import Callable
from datetime import UTC, date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage, PersonalLink
from koumen.registry.models import Guardian, Guardianship
from koumen.visits.models import Agreement, VisitRecord
from koumen.visits.services.agreements import drafted, make_agreement
from tests.cast import Cast
from tests.visits.families import Phone, link_of
from tests.visits.stories import LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R11", "R14")]
Actors = Callable[..., Actor]
Clients = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


@pytest.fixture
def record(hill: Cast, actor: Actors) -> VisitRecord:
    return recorded(
        hill,
        actor("teacher1"),
        "阿宝",
        problem_categories=("D11",),
        problem="爸爸喝酒",
        measures=("study",),
        next_step="每天读书十分钟",
        follow_up_on=date(2026, 10, 10),
    )


@pytest.fixture
def agreed(actor: Actors, record: VisitRecord) -> Agreement:
    return make_agreement(record, by=actor("teacher1"), items=drafted(record), follow_up_on=record.follow_up_on)


def url(name: str, record: VisitRecord) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", "pk": record.visit_id})


def shown(agreed: Agreement) -> dict[str, str]:
    return {"shown": agreed.made_at.astimezone(UTC).isoformat()}


def test_it_works(hill: Cast, client_of: Clients, record: VisitRecord) -> None:
    """Teacher: draft, links; father: opens, reads no reason, confirms, keeps; teacher sees it."""
    browser = client_of("teacher1")
    draft = browser.get(url("agreement", record)).content.decode()
    assert "每天读书十分钟" in draft
    assert "喝酒" not in draft
    items = "\n".join(drafted(record))
    assert browser.post(url("agreement", record), {"items": items, "follow_up_on": "2026-10-10"}).status_code == 302
    letters = browser.post(url("agreement_letters", record)).content.decode()
    secret = re.search(r"/l/([\w-]+)/", letters)
    assert secret is not None
    phone = Phone()
    page = phone.open(secret[1]).content.decode()
    assert "每天读书十分钟" in page
    assert "10月10日" in page
    for hidden in ("喝酒", "D11", "困难"):
        assert hidden not in page
    row = Agreement.objects.get()
    assert phone.send(secret[1], did="confirm", **shown(row)).status_code == 302
    assert "说好了" in phone.open(secret[1]).content.decode()
    phone.send(secret[1], did="keep", **shown(row))
    row.refresh_from_db()
    assert (row.state, row.answered_by and row.answered_by.name, row.keep) == ("confirmed", "阿宝爸爸", True)
    assert "家长已确认" in browser.get(reverse("visits:visit", args=["hill", record.visit_id])).content.decode()
    assert AuditEntry.objects.filter(kind="read", verb="agreement.open", actor_name="阿宝爸爸").exists()


def test_a_correction_stands_beside_the_record_and_the_teacher_is_told(
    hill: Cast, client_of: Clients, agreed: Agreement
) -> None:
    phone, secret = Phone(), link_of("阿宝爸爸", "agreement", agreed.pk)
    phone.open(secret)
    phone.send(secret, did="correct", text="说的是周三", **shown(agreed))
    note = OutboxMessage.objects.get()
    assert note.account_id == hill.account("teacher1").pk
    assert "阿宝" not in note.subject + note.body
    page = reverse("visits:visit", args=["hill", agreed.record.visit_id])
    assert "说的是周三" in client_of("teacher1").get(page).content.decode()
    browser = client_of("teacher1")
    browser.post(url("agreement", agreed.record), {"items": "周三读书十分钟"})
    assert "周三读书十分钟" in phone.open(secret).content.decode()
    row = Agreement.objects.get()
    assert (row.state, row.correction) == ("asked", "说的是周三")


@pytest.mark.parametrize("text", ["", "   ", "长" * 501])
def test_an_empty_or_endless_correction_is_refused_and_kept_on_the_page(agreed: Agreement, text: str) -> None:
    phone, secret = Phone(), link_of("阿宝爸爸", "agreement", agreed.pk)
    phone.open(secret)
    answer = phone.send(secret, did="correct", text=text, **shown(agreed))
    assert answer.status_code == 422
    assert text[:500] in answer.content.decode()
    agreed.refresh_from_db()
    assert agreed.state == "asked"


def test_who_may_not_sign_can_only_say_it_was_read(hill: Cast, agreed: Agreement) -> None:
    grandmother = Guardian.objects.create(name="阿宝奶奶", phone="10000000099")
    Guardianship.objects.create(
        student=hill.student("阿宝"), guardian=grandmother, relation="62", may_sign=False, starts=date(2026, 9, 1)
    )
    phone, secret = Phone(), link_of("阿宝奶奶", "agreement", agreed.pk)
    assert "对，就这样" not in phone.open(secret).content.decode()
    assert phone.send(secret, did="confirm", **shown(agreed)).status_code == 403
    assert phone.send(secret, did="read", **shown(agreed)).status_code == 302
    agreed.refresh_from_db()
    assert (agreed.state, agreed.read_by, agreed.answered_by) == ("asked", grandmother, None)


def test_changed_words_are_not_confirmed_unseen(actor: Actors, agreed: Agreement) -> None:
    """The family's page shows yesterday's words: its yes does not count for today's."""
    phone, secret = Phone(), link_of("阿宝爸爸", "agreement", agreed.pk)
    phone.open(secret)
    with clock.at(LATER + timedelta(hours=1)):
        make_agreement(agreed.record, by=actor("teacher1"), items=["另一件事"], follow_up_on=None)
        assert phone.send(secret, did="confirm", **shown(agreed)).status_code == 409
    agreed.refresh_from_db()
    assert agreed.state == "asked"


def test_only_a_confirmed_agreement_is_kept(client_of: Clients, agreed: Agreement) -> None:
    assert client_of("teacher1").post(url("agreement_keep", agreed.record), {"keep": "yes"}).status_code == 409
    agreed.refresh_from_db()
    assert not agreed.keep


@pytest.mark.parametrize("change", ["ended", "blind"])
def test_the_link_dies_with_the_right(hill: Cast, agreed: Agreement, change: str) -> None:
    phone, secret = Phone(), link_of("阿宝爸爸", "agreement", agreed.pk)
    phone.open(secret)
    tie = Guardianship.objects.filter(guardian__name="阿宝爸爸")
    tie.update(**({"ends": date(2026, 9, 12)} if change == "ended" else {"sees_data": False}))
    answer = phone.open(secret)
    assert answer.status_code == 404
    assert "阿宝" not in answer.content.decode()


def test_a_strangers_adult_and_another_phone_see_nothing(hill: Cast, agreed: Agreement) -> None:
    other = link_of("阿虎爷爷", "agreement", agreed.pk)
    assert Phone().open(other).status_code == 404
    secret = link_of("阿宝爸爸", "agreement", agreed.pk)
    Phone().open(secret)
    assert Phone().open(secret).status_code == 404
    assert Phone().open(link_of("阿宝爸爸", "agreement", "x")).status_code == 404


def test_new_links_end_the_old_ones(client_of: Clients, agreed: Agreement) -> None:
    browser = client_of("teacher1")
    for _time in range(2):
        browser.post(url("agreement_letters", agreed.record), {"send": "on"})
    assert PersonalLink.objects.filter(purpose="agreement", ended_at=None).count() == 1
    assert OutboxMessage.objects.filter(channel="sms").count() == 2


@pytest.mark.parametrize("items", ["", "  \n ", "一\n" * 11, "长" * 201])
def test_bad_words_are_named_and_kept(client_of: Clients, record: VisitRecord, items: str) -> None:
    answer = client_of("teacher1").post(url("agreement", record), {"items": items})
    assert answer.status_code == 422
    assert not Agreement.objects.exists()
