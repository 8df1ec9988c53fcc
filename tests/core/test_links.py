"""Personal links: one purpose, one device, until they expire or are ended."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from tests.cast import Cast

from koumen.core import clock, links, scope
from koumen.core.models import PersonalLink
from koumen.core.refusals import NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R5", "R45")]


def _issue() -> str:
    return links.issue("test", person_id=7, object_id="o1", lasts=timedelta(days=3))


def test_a_link_opens_and_its_secret_is_not_stored(hill: Cast) -> None:
    secret = _issue()
    link = links.resolve(secret, "phone")
    assert (link.org_id, link.purpose, link.person_id, link.object_id) == (hill.hill.pk, "test", 7, "o1")
    assert len(secret) >= 22
    assert secret.encode() not in bytes(PersonalLink.objects.get().secret_hash)


def test_a_second_device_sees_nothing(hill: Cast) -> None:
    secret = _issue()
    links.resolve(secret, "phone")
    assert links.resolve(secret, "phone")
    with pytest.raises(NotFound):
        links.resolve(secret, "another phone")


def test_a_wrong_secret_an_expired_and_an_ended_link_look_the_same(hill: Cast) -> None:
    with pytest.raises(NotFound):
        links.resolve("wrong", "phone")
    secret = _issue()
    with clock.at(clock.now() + timedelta(days=3, seconds=1)), pytest.raises(NotFound):
        links.resolve(secret, "phone")
    assert links.end("test", person_id=7) == 1
    with pytest.raises(NotFound):
        links.resolve(secret, "phone")


class TestPage:
    """`/l/<secret>/`: no account, one device, nothing personal for anybody else."""

    @pytest.fixture(autouse=True)
    def _purpose(self) -> Iterator[None]:
        @links.purpose("test")
        def page(request: HttpRequest, link: PersonalLink) -> HttpResponse:
            return HttpResponse(f"org {scope.org_id()} object {link.object_id}")

        yield
        del links.PURPOSES["test"]

    def _secret(self, cast: Cast) -> str:
        with scope.enter(cast.hill.pk):
            return _issue()

    def test_it_works_without_signing_in_and_again_on_the_same_phone(self, cast: Cast) -> None:
        url, phone = f"/l/{self._secret(cast)}/", Client()
        for _visit in range(2):
            assert phone.get(url).content.decode() == f"org {cast.hill.pk} object o1"
        assert phone.cookies["koumen_device"]["httponly"]

    def test_another_phone_and_a_wrong_secret_get_the_same_page(self, cast: Cast) -> None:
        url = f"/l/{self._secret(cast)}/"
        Client().get(url)
        other, wrong = Client().get(url), Client().get("/l/nonsense/")
        assert other.status_code == wrong.status_code == 404
        assert "object" not in other.content.decode()

    def test_only_get_and_post(self, cast: Cast) -> None:
        assert Client().put(f"/l/{self._secret(cast)}/").status_code == 405
