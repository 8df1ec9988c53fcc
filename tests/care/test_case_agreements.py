"""共育约定 of a case: written without reasons, confirmed or corrected by link, over when the case is over."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from koumen.care.models import Case, CaseAgreement
from koumen.care.policies.cases import CASE_AGREEMENT
from koumen.care.services.agreements import confirm, drafted, letters, make_agreement
from koumen.care.services.closing import ask_close, confirm_close
from koumen.care.services.measures import finish_measure
from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, OutboxMessage
from koumen.core.refusals import Forbidden, Invalid
from koumen.registry.models import Guardian, Guardianship
from tests.care.stories import MONDAY, begun
from tests.cast import Cast
from tests.visits.families import Phone, link_of

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R12", "R14", "R45")]
ActorOf = Callable[..., Actor]
Clients = Callable[[str], Client]
ITEMS = ["老师每周二给孩子补一次课", "家里每天读书十分钟"]


@pytest.fixture(autouse=True)
def _a_monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


@pytest.fixture
def case(hill: Cast, actor: ActorOf) -> Case:
    return begun(hill, actor("teacher1"), why="爸爸喝酒")


def agreed(case: Case, by: Actor) -> CaseAgreement:
    return make_agreement(case, by=by, items=ITEMS)


def over(case: Case, actor: ActorOf) -> None:
    for row in case.measures.all():
        finish_measure(row, by=actor("teacher1"), result="跟上来了")
    ask_close(case, by=actor("teacher1"), because="成绩稳定，孩子开朗")
    confirm_close(case, by=actor("office"))


def test_it_works(hill: Cast, actor: ActorOf, client_of: Clients, case: Case) -> None:
    """The teacher writes, makes links; grandfather opens, reads no reason, says yes; the file shows it."""
    browser = client_of("teacher1")
    where = reverse("care:case_agreement", kwargs={"org": "hill", "pk": case.pk})
    assert "老师给孩子多一些学习上的帮助。" in browser.get(where).content.decode()
    assert browser.post(where, {"items": "\n".join(ITEMS)}).status_code == 302
    page = browser.post(reverse("care:case_agreement_letters", kwargs={"org": "hill", "pk": case.pk}))
    secret = re.search(r"/l/([\w-]+)/", page.content.decode())
    assert secret is not None
    phone = Phone()
    seen = phone.open(secret[1]).content.decode()
    assert all(item in seen for item in ITEMS)
    for hidden in ("喝酒", "学习困难", "A2026", "课后辅导"):
        assert hidden not in seen
    assert phone.send(secret[1], did="confirm").status_code == 302
    assert "说好了，谢谢您" in phone.open(secret[1]).content.decode()
    row = CaseAgreement.objects.get()
    assert (row.state, row.answered_by) == ("confirmed", Guardian.objects.get(name="阿虎爷爷"))
    said = AuditEntry.objects.get(verb="case_agreement.confirm")
    assert (said.actor_name, said.actor_id) == ("阿虎爷爷", None)
    file = browser.get(reverse("care:case", kwargs={"org": "hill", "pk": case.pk}) + "?tab=team").content.decode()
    assert "家长已确认" in file


def test_after_the_case_is_closed_the_link_says_so_and_nothing_else(hill: Cast, actor: ActorOf, case: Case) -> None:
    row = agreed(case, actor("teacher1"))
    secret, phone = link_of("阿虎爷爷", CASE_AGREEMENT, row.pk), Phone()
    assert "读书十分钟" in phone.open(secret).content.decode()
    over(case, actor)
    for answer in (phone.open(secret), phone.send(secret, did="confirm"), phone.send(secret, did="correct", text="不")):
        assert answer.status_code == 410
        page = answer.content.decode()
        assert "这份约定已经结束" in page
        assert "请直接联系班主任" in page
        for hidden in ("阿虎", "读书", "补一次课"):
            assert hidden not in page
    row.refresh_from_db()
    assert row.state == "asked"


def test_changed_words_are_asked_anew_and_the_old_link_is_dead(hill: Cast, actor: ActorOf, case: Case) -> None:
    by = actor("teacher1")
    first = agreed(case, by)
    assert agreed(case, by) == first
    secret, phone = link_of("阿虎爷爷", CASE_AGREEMENT, first.pk), Phone()
    phone.open(secret)
    second = make_agreement(case, by=by, items=[*ITEMS, "周末通电话"])
    assert second != first
    assert phone.open(secret).status_code == 404
    first.refresh_from_db()
    assert first.state == "withdrawn"


def test_a_correction_comes_to_the_lead_without_names(hill: Cast, actor: ActorOf, case: Case) -> None:
    row = agreed(case, actor("teacher1"))
    secret, phone = link_of("阿虎爷爷", CASE_AGREEMENT, row.pk), Phone()
    phone.open(secret)
    assert phone.send(secret, did="correct", text=" ").status_code == 422
    assert phone.send(secret, did="correct", text="长" * 501).status_code == 422
    assert phone.send(secret, did="shout").status_code == 403
    assert phone.send(secret, did="correct", text="说的是周三").status_code == 302
    told = OutboxMessage.objects.get(subject="有家长更正了共育约定")
    assert told.account_id == hill.account("teacher1").pk
    assert "阿虎" not in told.subject + told.body + told.url
    assert phone.send(secret, did="confirm").status_code == 409
    row.refresh_from_db()
    assert (row.state, row.correction) == ("corrected", "说的是周三")


def test_whoever_does_not_sign_may_read_and_correct_alone(hill: Cast, actor: ActorOf, case: Case) -> None:
    row = agreed(case, actor("teacher1"))
    Guardianship.objects.filter(student=hill.student("阿虎")).update(may_sign=False)
    secret, phone = link_of("阿虎爷爷", CASE_AGREEMENT, row.pk), Phone()
    assert "对，就这样" not in phone.open(secret).content.decode()
    assert phone.send(secret, did="confirm").status_code == 403


@pytest.mark.parametrize("change", [{"ends": MONDAY.date()}, {"sees_data": False}])
def test_a_guardian_who_lost_the_right_opens_nothing(
    hill: Cast, actor: ActorOf, case: Case, change: dict[str, object]
) -> None:
    row = agreed(case, actor("teacher1"))
    secret, phone = link_of("阿虎爷爷", CASE_AGREEMENT, row.pk), Phone()
    Guardianship.objects.filter(student=hill.student("阿虎")).update(**change)
    assert phone.open(secret).status_code == 404
    assert letters(row, by=actor("teacher1"), address=lambda s: s) == []


def test_another_familys_link_and_a_teacher_do_not_confirm(hill: Cast, actor: ActorOf, case: Case) -> None:
    row = agreed(case, actor("teacher1"))
    with pytest.raises(Forbidden):
        confirm(row, by=actor("teacher1"))
    other = Guardian.objects.get(name="阿宝爸爸")
    secret = links.issue(CASE_AGREEMENT, person_id=other.pk, object_id=row.pk)
    assert Phone().open(secret).status_code == 404


def test_limits(hill: Cast, actor: ActorOf, case: Case) -> None:
    assert drafted(case) == ["老师给孩子多一些学习上的帮助。"]
    for wrong in ([], [" "], ["长" * 201], ["一"] * 11):
        with pytest.raises(Invalid):
            make_agreement(case, by=actor("teacher1"), items=wrong)


def test_by_sms_each_adult_gets_an_own_link(hill: Cast, actor: ActorOf, case: Case) -> None:
    row = agreed(case, actor("teacher1"))
    found = letters(row, by=actor("teacher1"), address=lambda s: f"http://x/l/{s}/", send=True)
    sent = OutboxMessage.objects.get(channel="sms")
    assert (len(found), sent.address) == (1, "10000000002")
    assert "阿虎" not in sent.body.replace("阿虎爷爷", "")
