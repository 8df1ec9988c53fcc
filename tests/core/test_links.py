"""Personal links: one purpose, one device, until they expire or are ended; nothing personal for anybody else."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from tests.cast import Cast

from koumen.core import clock, links, scope
from koumen.core.models import AuditEntry, OutboxMessage, PersonalLink
from koumen.core.refusals import NotFound, TooMany

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R45")]

PHONE = "10012345678"


class Rights:
    """What the purpose of these tests answers."""

    holds, phone, fact = True, PHONE, "0412"


@pytest.fixture(autouse=True)
def rights() -> Iterator[type[Rights]]:
    Rights.holds, Rights.phone = True, PHONE

    @links.purpose(
        "test",
        lasts=timedelta(days=3),
        holds=lambda _link: Rights.holds,
        reach=lambda _link: Rights.phone,
        fact=lambda _link: Rights.fact,
    )
    def page(request: HttpRequest, link: PersonalLink) -> HttpResponse:
        return HttpResponse(f"org {scope.org_id()} object {link.object_id}")

    yield Rights
    del links.PURPOSES["test"]


def _issue(**kwargs: Any) -> str:
    return links.issue("test", person_id=7, object_id="o1", **kwargs)


def test_a_link_opens_and_its_secret_is_not_stored(hill: Cast) -> None:
    secret = _issue()
    link = links.resolve(secret, "phone")
    assert (link.org_id, link.purpose, link.person_id, link.object_id) == (hill.hill.pk, "test", 7, "o1")
    assert len(secret) >= 22
    assert secret.encode() not in bytes(PersonalLink.objects.get().secret_hash)


def test_a_second_device_sees_nothing_and_its_try_is_logged(hill: Cast) -> None:
    secret = _issue()
    links.resolve(secret, "phone")
    assert links.resolve(secret, "phone")
    with pytest.raises(NotFound):
        links.resolve(secret, "another phone")
    assert AuditEntry.objects.filter(verb="link.opened_on_another_device").count() == 1


def test_a_wrong_secret_an_expired_and_an_ended_link_look_the_same(hill: Cast) -> None:
    with pytest.raises(NotFound):
        links.resolve("wrong", "phone")
    secret = _issue()
    with clock.at(clock.now() + timedelta(days=3, seconds=1)), pytest.raises(NotFound):
        links.resolve(secret, "phone")
    assert links.end("test", person_id=7) == 1
    with pytest.raises(NotFound):
        links.resolve(secret, "phone")
    assert AuditEntry.objects.filter(verb="link.opened_after_its_end").count() == 2


def test_every_link_of_a_person_ends_at_once(hill: Cast) -> None:
    _issue()
    links.issue("test", person_id=7, object_id="o2", lasts=timedelta(days=1))
    links.issue("test", person_id=8, object_id="o1", lasts=timedelta(days=1))
    assert links.end_all(7) == 2
    assert PersonalLink.objects.filter(ended_at=None).count() == 1


def test_a_link_whose_person_lost_the_right_is_dead_though_nobody_ended_it(hill: Cast, rights: type[Rights]) -> None:
    link = links.resolve(_issue(), "phone")
    rights.holds = False
    with pytest.raises(links.Dead):
        links.require_right(link)
    link.refresh_from_db()
    assert link.ended_at is not None


def test_a_second_fact_is_asked_once_and_five_wrong_answers_end_the_link(hill: Cast) -> None:
    link = links.resolve(_issue(), "phone")
    assert not links.prove(link, "")
    assert links.prove(link, " 0412 ")
    assert links.prove(link, "whatever follows")
    other = links.resolve(_issue(), "phone")
    for _try in range(5):
        assert not links.prove(other, "1111")
    assert not links.is_live(other)


class TestPage:
    """`/l/<secret>/`: no account, one device."""

    def _secret(self, cast: Cast) -> str:
        with scope.enter(cast.hill.pk):
            return _issue()

    def _opened(self, cast: Cast) -> tuple[str, Client]:
        url, phone = f"/l/{self._secret(cast)}/", Client()
        assert phone.post(f"{url}open/").headers["Location"] == url
        return url, phone

    def test_it_works_without_signing_in_and_again_on_the_same_phone(self, cast: Cast) -> None:
        url, phone = self._opened(cast)
        for _visit in range(2):
            response = phone.get(url)
            assert response.content.decode() == f"org {cast.hill.pk} object o1"
        assert phone.cookies["koumen_device"]["httponly"]
        assert response.headers["Referrer-Policy"] == "no-referrer"

    def test_a_chat_apps_preview_neither_reads_nor_binds_the_link(self, cast: Cast) -> None:
        url = f"/l/{self._secret(cast)}/"
        preview = Client().get(url)
        assert preview.status_code == 200
        assert "object" not in preview.content.decode()
        assert not PersonalLink.objects.get().device_hash

    def test_another_phone_an_ended_an_expired_and_a_wrong_link_get_the_same_page(self, cast: Cast) -> None:
        url, phone = self._opened(cast)
        phone.get(url)
        other = Client()
        other.post(f"{url}open/")
        seen = [other.get(url), Client().get(url), Client().get("/l/nonsense/")]
        with clock.at(clock.now() + timedelta(days=4)):
            seen.append(phone.get(url))
        PersonalLink.objects.update(ended_at=clock.now())
        seen.append(phone.get(url))
        told = {response.content.decode().split("<main")[1].split("csrfmiddlewaretoken")[0] for response in seen}
        assert {response.status_code for response in seen} == {404}
        assert len({page.replace(url, "").replace("/l/nonsense/", "") for page in told}) == 1
        assert "object" not in "".join(told)

    def test_guessing_is_throttled_and_a_good_link_from_elsewhere_still_opens(self, cast: Cast) -> None:
        url, phone = self._opened(cast)
        guesser = Client(REMOTE_ADDR="127.0.0.9")
        statuses = [guesser.get(f"/l/guess{n}/").status_code for n in range(62)]
        assert statuses == [404] * 60 + [429] * 2
        assert "Retry-After" in guesser.get("/l/more/").headers
        assert phone.get(url).status_code == 200

    def test_a_new_link_goes_to_the_phone_on_file_and_the_old_one_ends(self, cast: Cast) -> None:
        url, phone = self._opened(cast)
        phone.get(url)
        answer = Client().post(f"{url}new/")
        with scope.enter(cast.hill.pk):
            sent = OutboxMessage.objects.get()
        assert (sent.channel, sent.address) == ("sms", PHONE)
        assert PHONE not in answer.content.decode()
        assert phone.get(url).status_code == 404
        fresh = Client()
        fresh.post(f"{sent.url}open/")
        assert fresh.get(sent.url).status_code == 200

    @pytest.mark.parametrize("way", ["unknown", "right lost", "no phone"])
    def test_whoever_may_not_have_a_new_link_is_answered_alike(
        self, cast: Cast, way: str, rights: type[Rights]
    ) -> None:
        url = f"/l/{self._secret(cast)}/" if way != "unknown" else "/l/nonsense/"
        rights.holds, rights.phone = way != "right lost", "" if way == "no phone" else PHONE
        asked, known = Client().post(f"{url}new/"), Client().post(f"/l/{self._secret(cast)}/new/")
        assert asked.status_code == known.status_code == 200
        assert _body(asked) == _body(known)

    def test_new_links_are_asked_for_three_times_a_day_at_most(self, cast: Cast) -> None:
        url = f"/l/{self._secret(cast)}/new/"
        assert [Client().post(url).status_code for _time in range(4)] == [200, 200, 200, 429]

    @pytest.mark.parametrize(("call", "path"), [("put", ""), ("get", "open/"), ("get", "new/")])
    def test_other_methods_are_refused(self, cast: Cast, call: str, path: str) -> None:
        send: Callable[[str], HttpResponse] = getattr(Client(), call)
        assert send(f"/l/{self._secret(cast)}/{path}").status_code == 405


def _body(response: Any) -> str:
    return str(response.content.decode().split("<main")[1])


def test_a_refusal_says_when_to_come_back() -> None:
    assert TooMany().retry_after > 0
