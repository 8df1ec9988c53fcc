"""PostgreSQL is stopped without notice in the middle of a hundred records and started again: one record each."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

from koumen.config import database as places
from tests.journeys.faults import Wire, commits_wait, eventually, fragile_site, held, new_record, sheet
from tests.journeys.in_background import later
from tests.journeys.site import Site
from tests.journeys.test_kill import PLANNED
from tests.journeys.test_record import planned

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
RECORDS, PHONES, BEFORE = 100, 4, 25
KEPT = "SELECT id::text, count(*) FROM visits_visitrecord GROUP BY id"


@pytest.fixture
def fragile(django_db_blocker: Any) -> Iterator[Site]:
    # Not in pytest's own folder: each new session of pytest closes that to the user PostgreSQL may run as.
    folder = Path(settings.DATA).parent / f"fragile_{secrets.token_hex(4)}"
    with django_db_blocker.unblock(), fragile_site(folder, own_server=True) as site:
        yield site
    shutil.rmtree(folder)


def stop_database(site: Site) -> None:
    """As when the machine fails: no process of PostgreSQL ends what it was doing."""
    folder = places.embedded_folder(Path(site.environment["KOUMEN_DATA"]))
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGQUIT)  # "immediate"
    eventually(lambda: not (folder / "postmaster.pid").exists())


def start_database(site: Site) -> None:
    """On a busy machine PostgreSQL recovers for longer than its starter waits: then it is asked again."""
    until = time.monotonic() + 60
    while True:
        try:
            return places.start(Path(site.environment["KOUMEN_DATA"]))
        except subprocess.SubprocessError:
            assert time.monotonic() < until, "PostgreSQL did not come back"


def test_restarted_while_four_phones_send(fragile: Site, expects_errors: None) -> None:
    child = fragile.ask("SELECT id FROM registry_student WHERE name = '阿虎'")[0][0]
    todo = []
    for visit, *_when in fragile.ask(PLANNED, [RECORDS]):
        todo.append((new_record(), sheet(fragile, visit, entry={"students": [child]})))
    receipts: dict[str, Any] = {}
    refused: set[int] = set()

    def work(mine: list[tuple[str, dict[str, Any]]]) -> None:
        phone, until = phones.pop(), time.monotonic() + 200
        for record, body in mine:
            while record not in receipts and time.monotonic() < until:
                status, told = phone.put(record, body)
                if status == 200:
                    receipts[record] = told
                else:
                    refused.add(status)
                    assert status != 503 or told["sentence"]
                    time.sleep(0.3)

    phones = [Wire(fragile) for _phone in range(PHONES)]
    with ThreadPoolExecutor(PHONES) as pool:
        running = [pool.submit(work, todo[n::PHONES]) for n in range(PHONES)]
        eventually(lambda: len(receipts) >= BEFORE)
        stop_database(fragile)
        time.sleep(1)
        before = dict(receipts)
        start_database(fragile)
        for one in running:
            one.result()

    assert BEFORE <= len(before) < RECORDS
    assert refused <= {0, 503}
    assert 503 in refused
    assert dict(fragile.ask(KEPT)) == {record: 1 for record, _body in todo}
    again = Wire(fragile)
    assert all(again.put(record, body) == (200, receipts[record]) for record, body in todo)
    assert fragile.ask("SELECT count(*) FROM core_auditentry WHERE verb = 'visit.record'") == [(RECORDS,)]
    assert fragile.ask("SELECT count(*) FROM registry_org o, koumen_audit_broken(o.id)") == [(0,)]


def test_stopped_in_the_commit(fragile: Site, expects_errors: None) -> None:
    visit, record, phone = planned(fragile, "阿虎"), new_record(), Wire(fragile)
    body = sheet(fragile, visit)
    with held(fragile, commits_wait(fragile, "visits_visitrecord")) as stands_there:
        sent = later(lambda: phone.put(record, body))
        stands_there()
        stop_database(fragile)
    status, told = sent()
    assert status == 503
    assert "手机" in told["sentence"]
    assert phone.put(record, body)[0] == 503  # still away
    with pytest.raises(HTTPError) as page:
        urlopen(Request(f"{fragile.address}/s/hill/", headers=phone.headers), timeout=30)
    assert (page.value.code, page.value.headers["Retry-After"]) == (503, "10")
    assert "请过一会儿再试" in page.value.read().decode()
    start_database(fragile)
    fragile.ask("DROP FUNCTION hold_the_commit() CASCADE")
    assert fragile.ask(KEPT) == []
    status, receipt = phone.put(record, body)
    assert (status, receipt["record"]) == (200, record)
    assert fragile.ask(KEPT) == [(record, 1)]
