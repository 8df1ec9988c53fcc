"""The pages of a visit's whole life ask the database at most twelve times, sessions and rights included."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag
from koumen.visits.models import Visit
from koumen.visits.policies.after import About
from koumen.visits.services.sharing import share
from tests.cast import Cast
from tests.visits.outing import outing_of
from tests.visits.stories import LATER, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R4", "R6", "R8")]
Clients = Callable[[str], Client]
Actors = Callable[[str], Actor]
MOST = 12
NO_QUESTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT set_config")  # what holds a transaction


def asked(client: Client, path: str) -> list[str]:
    """What the second look at a page asks for: the first of a session writes it."""
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return [one["sql"] for one in queries if not one["sql"].startswith(NO_QUESTION)]


@pytest.fixture
def before(hill: Cast) -> Visit:
    """A visit of tomorrow to two children of one family, one with tags of every kind."""
    for category, sensitivity in (("A12", 2), ("D11", 1), ("C21", 3)):
        Flag.objects.create(
            student=hill.student("阿虎"), category=category, sensitivity=sensitivity, starts=clock.today()
        )
    return planned(hill, "阿虎", along=("subject1",), at=clock.now() + timedelta(days=1))


@pytest.mark.parametrize("page", ["", "record/", "prepare/"])
def test_before_a_visit(before: Visit, client_of: Clients, page: str) -> None:
    found = asked(client_of("teacher1"), f"/s/hill/visits/{before.pk}/{page}")
    assert len(found) <= MOST, "\n".join(found)


@pytest.mark.parametrize("page", ["", "revise/", "agreement/"])
def test_after_a_visit(hill: Cast, actor: Actors, client_of: Clients, page: str) -> None:
    with clock.at(LATER):
        kept = recorded(hill, actor("teacher1"), "阿虎", measures=("study",))
        if not page:  # what is shared is not changed
            about = About(kept, hill.student("阿虎"))
            share(about, by=actor("teacher1"), kinds=["study"], advice="课上多请他回答会的题。")
        found = asked(client_of("teacher1"), f"/s/hill/visits/{kept.visit_id}/{page}")
    assert len(found) <= MOST, "\n".join(found)


def test_lists_and_the_child(hill: Cast, actor: Actors, client_of: Clients) -> None:
    with clock.at(LATER):
        recorded(hill, actor("teacher1"), "阿虎")
        for path in ("visits/mine/?show=recorded", "follow-ups/", "coverage/"):
            found = asked(client_of("teacher1"), f"/s/hill/{path}")
            assert len(found) <= MOST, "\n".join((path, *found))
        found = asked(client_of("teacher1"), f"/s/hill/students/{hill.student('阿虎').pk}/")
    assert len(found) <= MOST, "\n".join(found)


def test_filing_a_trip(hill: Cast, client_of: Clients) -> None:
    found = asked(client_of("teacher1"), f"/s/hill/outings/{outing_of(hill).pk}/trip/")
    assert len(found) <= MOST, "\n".join(found)


def test_what_a_phone_asks_every_minute(before: Visit, client_of: Clients) -> None:
    """With all that is told of a visit, and the line of the log."""
    found = asked(client_of("teacher1"), "/s/hill/api/sync")
    assert len(found) <= MOST + 2, "\n".join(found)
