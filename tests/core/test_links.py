"""Personal links: one purpose, one device, until they expire or are ended."""

from datetime import timedelta

import pytest
from tests.cast import Cast

from koumen.core import clock, links
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
