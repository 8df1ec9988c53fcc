"""Every page of care asks the database at most twelve times, sessions, rights and the note that it was read included.

The pages are those of the table of permissions, so that none is left out, opened by each who may, in a school where
several children have what the pages show. How they do with a county of 100,000 children is measured by `pages`.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from koumen.care.models import Case
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Flag
from tests.care.leaving import listed
from tests.care.opinion_stories import said
from tests.care.problems import problem
from tests.care.stories import begun
from tests.cast import Cast
from tests.walls.test_permissions import Asked, tables

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R10", "R12", "R30")]
Clients = Callable[[str], Client]
Actors = Callable[[str], Actor]
MOST = 12
NO_QUESTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SELECT set_config")  # what holds a transaction
PAGES = [
    Asked.of(key, row)
    for key, row in tables().items()
    if key.startswith(("care:", "registry:flags", "registry:student_flags")) and " POST" not in key and "@" not in key
]


def questions(client: Client, path: str) -> list[str]:
    """What a page asks for; of a file and of a way on to another page nothing."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return []
    return [one["sql"] for one in queries if not one["sql"].startswith(NO_QUESTION)]


@pytest.fixture
def busy(hill: Cast, actor: Actors) -> Cast:
    """Three children with a problem, a flag that lapses, a case and its help; opinions; two who may be leaving."""
    for name in ("阿梅", "阿宝", "阿南"):
        problem(hill, name)
        problem(hill, name, "D12", days=60)
        begun(hill, actor("office"), name)
        Flag.objects.create(
            student=hill.student(name), category="D21", sensitivity=2, starts=clock.today() - timedelta(days=90),
            valid_until=clock.today() + timedelta(days=2),
        )  # fmt: skip
        said(hill, f"{name}家说食堂的菜凉了")
    for name, who in (("阿宝", "teacher1"), ("阿乐", "teacher2")):
        listed(actor(who), hill, name)
    Case.objects.update(number=F("number") + 100)  # the table's own cases count from one
    return hill


@pytest.mark.parametrize("who", ["teacher1", "office", "principal"])
def test_a_page_asks_at_most_twelve_times(busy: Cast, client_of: Clients, who: str) -> None:
    client, seen = client_of(who), 0
    client.get("/s/hill/")  # a session's first page writes it
    for page in PAGES:
        if page.statuses[who] == 200:
            with transaction.atomic():
                kwargs = page.kwargs(busy) if callable(page.kwargs) else page.kwargs
                path = reverse(page.name, kwargs={"org": "hill", **kwargs})
                found = questions(client, path)
                transaction.set_rollback(True)
            assert len(found) <= MOST, "\n".join((path, *found))
            seen += bool(found)
    assert seen > 15


@pytest.mark.parametrize("name", ["阿虎", "阿梅", "阿宝"])
def test_so_does_the_page_of_a_child_with_a_case(busy: Cast, client_of: Clients, name: str) -> None:
    """Without anything, with a case and a sibling, with a case and an entry on the dropout list."""
    client = client_of("teacher1")
    client.get("/s/hill/")
    found = questions(client, f"/s/hill/students/{busy.student(name).pk}/")
    assert 0 < len(found) <= MOST, "\n".join(found)
