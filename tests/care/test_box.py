"""R30: the public door: words or a voice, names kept as promised, a code that follows, nothing kept in the browser."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from koumen.care.models import Opinion
from koumen.care.presets.promises import PROMISES
from koumen.care.services.opinion_work import answer
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, StoredFile, Tally
from tests.care.opinion_stories import VOICE, WAYS
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R30")]
Actors = Callable[..., Actor]
BOX = reverse("box:write", args=["hill"])
FOLLOW = reverse("box:follow", args=["hill"])
NOON = datetime(2026, 11, 23, 12, 34)


@pytest.fixture(autouse=True)
def _a_monday() -> object:
    with clock.at(NOON):
        yield


def words(**more: object) -> dict[str, object]:
    return {"token": str(uuid4()), "text": "食堂的菜凉了", "topic": "meals", "identity": "anonymous"} | more


def code_in(page: str) -> str:
    return page.split('opinion-number">')[2].split("<")[0]


def test_it_works(hill: Cast) -> None:
    browser = Client()
    form = browser.get(BOX).content.decode()
    assert all(str(long) in form for _short, long in PROMISES.values())
    page = browser.post(BOX, words()).content.decode()
    assert "2026-0001" in page
    assert "2 0 2 6 年第 1 号" in page  # as it is read aloud
    row = Opinion.objects.get()
    assert (row.channel, row.identity, row.topic) == ("box", "anonymous", "meals")
    found = browser.post(FOLLOW, {"code": code_in(page)}).content.decode()
    assert "食堂的菜凉了" in found
    assert "最晚 11月30日 答复您" in found


def test_nothing_personal_is_kept_in_the_browser_or_beside_it(hill: Cast) -> None:
    """No session, no device: the one cookie guards the form. Of an anonymous one there is the day and no minute."""
    browser = Client()
    browser.get(BOX)
    response = browser.post(BOX, words(text="", voice=SimpleUploadedFile("x", VOICE), sender_name="", sender_phone=""))
    assert set(browser.cookies) <= {"csrftoken"}
    assert response["Cache-Control"] == "no-store"
    row = Opinion.objects.get()
    assert clock.local(row.received_at).hour == clock.local(row.received_at).minute == 0
    assert {clock.local(step.at).hour for step in row.steps.all()} == {0}
    assert clock.local(StoredFile.objects.get().created_at).hour == 0
    assert AuditEntry.objects.values_list("actor_name", "target").get() == ("匿名", "")
    assert all(b"127.0.0.1" not in bytes(one.key) for one in Tally.objects.all())


def test_a_name_typed_by_somebody_who_wants_none_is_not_kept(hill: Cast) -> None:
    Client().post(BOX, words(sender_name="王女士", sender_phone="10000000099"))
    row = Opinion.objects.get()
    assert (row.sender_name, row.sender_phone, row.guardian, row.household) == ("", "", None, None)


def test_a_named_one_keeps_name_and_phone_sealed(hill: Cast) -> None:
    missing = Client().post(BOX, words(identity="named"))
    assert missing.status_code == 422
    assert "怎么称呼您" in missing.content.decode()
    Client().post(BOX, words(identity="named", sender_name="王女士", sender_phone="10000000099"))
    assert Opinion.objects.get().sender_name == "王女士"


def test_sent_twice_it_is_there_once_with_the_same_code(hill: Cast) -> None:
    same = words()
    pages = [Client().post(BOX, same).content.decode() for _time in range(2)]
    assert Opinion.objects.count() == 1
    assert code_in(pages[0]) == code_in(pages[1])


def test_20_000_characters_are_refused_and_none_is_lost(hill: Cast) -> None:
    long = "字" * 20_000
    response = Client().post(BOX, words(text=long))
    page = response.content.decode()
    assert response.status_code == 422
    assert "最多写 2000 字，现在有 20000 字" in page
    assert long in page
    assert not Opinion.objects.exists()


def test_a_script_is_words(hill: Cast, actor: Actors, client_of: Callable[[str], Client]) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    page = Client().post(BOX, words(text=evil)).content.decode()
    followed = Client().post(FOLLOW, {"code": code_in(page)}).content.decode()
    shown = client_of("office").get(reverse("care:opinion", args=["hill", Opinion.objects.get().pk])).content.decode()
    for one in (followed, shown):
        assert "<script>alert" not in one
        assert "&lt;script&gt;alert(1)" in one
    assert Opinion.objects.get().text == evil


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"MZ" + b"\0" * 5000, "格式不认识"),
        (b"<html><script>alert(1)</script>", "格式不认识"),
        (VOICE + b"\0" * 4_000_000, "最多 60 秒、3 MB"),
    ],
)
def test_what_is_no_voice_note_is_refused_and_the_words_stay(hill: Cast, content: bytes, sentence: str) -> None:
    response = Client().post(BOX, words(text="写好的话", voice=SimpleUploadedFile("a.webm", content)))
    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "写好的话" in page
    assert not StoredFile.objects.exists()


def test_30_mb_are_refused_before_a_byte_is_read(hill: Cast) -> None:
    response = Client().post(BOX, words(voice=SimpleUploadedFile("a.webm", VOICE)), CONTENT_LENGTH=str(30 * 1_048_576))
    assert response.status_code == 413
    assert "一次最多上传 20 MB" in response.content.decode()


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_nothing_is_refused(hill: Cast, text: str) -> None:
    response = Client().post(BOX, words(text=text))
    assert response.status_code == 422
    assert "请写几句，或者录一段语音" in response.content.decode()


@pytest.mark.parametrize("bad", [{"topic": "x"}, {"identity": "x"}, {"token": "x"}, {"about_words": "长" * 61}])
def test_bad_fields_are_refused(hill: Cast, bad: dict[str, str]) -> None:
    assert Client().post(BOX, words(**bad)).status_code == 422
    assert not Opinion.objects.exists()


def test_without_the_forms_token_nothing_is_taken(hill: Cast) -> None:
    assert Client(enforce_csrf_checks=True).post(BOX, words()).status_code == 403


def test_too_many_from_one_address(hill: Cast) -> None:
    browser = Client()
    statuses = [browser.post(BOX, words()).status_code for _time in range(61)]
    assert statuses == [200] * 60 + [429]
    with clock.at(datetime(2026, 11, 23, 14)):
        assert browser.post(BOX, words()).status_code == 200


def test_codes_cannot_be_guessed(hill: Cast) -> None:
    browser = Client()
    for _time in range(30):
        assert browser.post(FOLLOW, {"code": f"{uuid4().int % 10**12:012d}"}).status_code == 422
    assert browser.post(FOLLOW, {"code": "1" * 12}).status_code == 429


def test_a_code_is_read_however_it_is_written(hill: Cast) -> None:
    code = code_in(Client().post(BOX, words()).content.decode())
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in code)
    for typed in (code.replace(" ", ""), code.replace(" ", "-"), wide):
        assert Client().post(FOLLOW, {"code": typed}).status_code == 200


def test_by_code_the_answer_is_judged_and_published(hill: Cast, actor: Actors) -> None:
    browser = Client()
    code = code_in(browser.post(BOX, words()).content.decode())
    answer(Opinion.objects.get(), by=actor("office"), text="换了保温餐箱", gist="食堂菜凉", ways=WAYS)
    assert "换了保温餐箱" in browser.post(FOLLOW, {"code": code}).content.decode()
    assert "不写您和孩子的名字" in browser.post(FOLLOW, {"code": code, "did": "3"}).content.decode()
    again = browser.post(FOLLOW, {"code": code, "did": "1"})
    assert again.status_code == 422
    assert "没有等您评价的答复" in again.content.decode()
    browser.post(FOLLOW, {"code": code, "did": "agree"})
    Opinion.objects.update(
        publishing="published", public_text="菜凉", public_answer="换了餐箱", published_at=clock.now()
    )
    assert "换了餐箱" in browser.get(reverse("box:done", args=["hill"])).content.decode()
    browser.post(FOLLOW, {"code": code, "did": "disagree"})
    assert "换了餐箱" not in browser.get(reverse("box:done", args=["hill"])).content.decode()
    browser.post(FOLLOW, {"code": code, "did": "nonsense"})


def test_a_code_of_one_school_opens_nothing_in_another(hill: Cast) -> None:
    code = code_in(Client().post(BOX, words()).content.decode())
    there = reverse("box:follow", args=["river"])
    assert Client().post(there, {"code": code}).status_code == 422
