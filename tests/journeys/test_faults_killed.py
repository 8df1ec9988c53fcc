"""`kill -9` of the web server at each stage of taking in a record and a piece of a file: one true record, whole files.

The server is held at the stage by a lock of PostgreSQL, killed there, and started again; then the phone, which had no
answer, sends the same once more.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.faults import (
    Wire,
    commits_wait,
    forget_visits,
    fragile_site,
    held,
    kill_web,
    new_record,
    sheet,
    stored,
    voice,
)
from tests.journeys.in_background import later
from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.visits.phones import PIECE, announced

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
RECORDS = "SELECT id::text, visit_id::text, version, content FROM visits_visitrecord"
LOGGED = "SELECT count(*) FROM core_auditentry WHERE verb = %s"
BEFORE_WRITING = {"record": "visits_visit", "file": "visits_recordfile"}
# the last thing written before the commit is the line in the log
BEFORE_COMMIT = "LOCK TABLE core_audithead IN EXCLUSIVE MODE"
STAGES = ("before anything is written", "before the commit", "after the commit, before the answer")


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), fragile_site(tmp_path_factory.mktemp("killed")) as site:
        yield site


@pytest.fixture
def own_site(fragile: Site) -> Iterator[Site]:
    yield fragile
    forget_visits(fragile)


def lock_for(site: Site, stage: str, what: str) -> str:
    if stage == STAGES[0]:
        return f"SELECT 1 FROM {BEFORE_WRITING[what]} FOR UPDATE"
    if stage == STAGES[1]:
        return BEFORE_COMMIT
    return commits_wait(site, "visits_visitrecord" if what == "record" else "visits_recordfile")


@pytest.mark.parametrize("stage", STAGES)
def test_killed_while_a_record_comes_in(own_site: Site, stage: str) -> None:
    visit, record, phone = planned(own_site, "阿虎"), new_record(), Wire(own_site)
    body = sheet(own_site, visit)
    logged = own_site.ask(LOGGED, ["visit.record"])[0][0]
    with held(own_site, lock_for(own_site, stage, "record")) as stands_there:
        sent = later(lambda: phone.put(record, body))
        stands_there()
        kill_web(own_site)
        assert sent() == (0, None)  # the phone has no answer: for it the record is sealed, not kept
    committed = stage == STAGES[2]
    assert len(own_site.ask(RECORDS)) == int(committed)
    own_site.ask("DROP FUNCTION IF EXISTS hold_the_commit() CASCADE")

    own_site.start_web()
    status, receipt = phone.put(record, body)
    assert (status, receipt["record"], receipt["version"]) == (200, record, 1)
    assert own_site.ask(RECORDS) == [(record, visit, 1, "原话")]
    assert own_site.ask("SELECT state FROM visits_visit") == [("recorded",)]
    assert own_site.ask(LOGGED, ["visit.record"])[0][0] == logged + 1
    assert phone.put(record, body) == (200, receipt)
    status, told = phone.put(new_record(), sheet(own_site, visit, entry={"content": "另一份"}))
    assert (status, told["kept"]["record"]) == (409, record)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("which", ["a piece in the middle", "the last piece"])
def test_killed_while_a_file_comes_in(own_site: Site, stage: str, which: str) -> None:
    visit, record, phone, content = planned(own_site, "阿虎"), new_record(), Wire(own_site), voice()
    assert phone.put(record, sheet(own_site, visit, files=[announced(content, "voice")]))[0] == 200
    start = 0 if which == "a piece in the middle" else 2 * PIECE
    for first in range(0, start, PIECE):
        assert phone.piece(record, content, first)[0] == 202
    with held(own_site, lock_for(own_site, stage, "file")) as stands_there:
        sent = later(lambda: phone.piece(record, content, start))
        stands_there()
        kill_web(own_site)
        assert sent() == (0, None)
    own_site.ask("DROP FUNCTION IF EXISTS hold_the_commit() CASCADE")

    own_site.start_web()
    committed = stage == STAGES[2]
    expected = min(len(content), start + PIECE) if committed else start
    assert phone.state(record, content)["have"] == expected
    assert phone.piece(record, content, start)[0] in (200, 202, 409)  # what had no answer is sent once more
    assert phone.all_the_rest(record, content)["kept"]
    assert stored(own_site, content) == content
    assert own_site.ask("SELECT count(*), count(stored_id) FROM visits_recordfile") == [(1, 1)]
    on_disk = Path(own_site.environment["KOUMEN_DATA"]) / "files"
    assert list((on_disk / "parts").rglob(f"{record}*")) == []
