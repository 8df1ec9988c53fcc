"""The connection is cut after every 64 KiB, or just before the answer: a record is kept once, photos come whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.journeys.faults import Wire, forget_visits, fragile_site, new_record, sheet, voice
from tests.journeys.line import Line, bad_line
from tests.journeys.site import Site
from tests.journeys.test_record import planned
from tests.journeys.test_recorder import Pocket, three_taps
from tests.visits.phones import PIECE, announced, photo

pytestmark = [pytest.mark.journey, pytest.mark.rows("R8", "R45")]
RECORDS = "SELECT id::text, content FROM visits_visitrecord"
WHOLE = "SELECT count(*), count(stored_id), bool_and(have = size)::int FROM visits_recordfile"


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with django_db_blocker.unblock(), fragile_site(tmp_path_factory.mktemp("line")) as site:
        yield site


@pytest.fixture
def own_site(fragile: Site) -> Iterator[Site]:
    yield fragile
    forget_visits(fragile)


@pytest.fixture
def line(own_site: Site) -> Iterator[Line]:
    with bad_line(own_site) as found:
        yield found


def test_the_answer_is_lost(own_site: Site, line: Line) -> None:
    """The site has committed, and the line is cut before its answer comes through."""
    visit, record, phone = planned(own_site, "阿虎"), new_record(), Wire(own_site, address=line.address)
    content = voice()
    body = sheet(own_site, visit, files=[announced(content, "voice")])
    line.mute = True
    assert phone.put(record, body) == (0, None)
    assert own_site.ask(RECORDS) == [(record, "原话")]
    line.mute = False
    status, receipt = phone.put(record, body)
    assert (status, receipt["version"], receipt["files"][0]["have"]) == (200, 1, 0)
    for start in range(0, len(content), PIECE):
        line.mute = True
        assert phone.piece(record, content, start) == (0, None)
        line.mute = False
        assert phone.state(record, content)["have"] == min(len(content), start + PIECE)
    assert phone.state(record, content)["kept"]
    assert own_site.ask(RECORDS) == [(record, "原话")]


@pytest.mark.parametrize("cut", [1, 700, 20_000, 64 * 1024])
def test_cut_in_the_middle_of_what_is_said(own_site: Site, line: Line, cut: int) -> None:
    """Half a record, half a piece: neither counts, and the next try goes on where the last whole piece ended."""
    visit, record, phone = planned(own_site, "阿虎"), new_record(), Wire(own_site, address=line.address)
    content = voice()
    body = sheet(own_site, visit, files=[announced(content, "voice")])
    line.cut = min(cut, 700)
    assert phone.put(record, body) == (0, None)
    assert own_site.ask(RECORDS) == []
    line.cut = 0
    assert phone.put(record, body)[0] == 200
    for start in (0, PIECE):
        line.cut = cut
        assert phone.piece(record, content, start) == (0, None)
        line.cut = 0
        assert phone.state(record, content)["have"] == start
        assert phone.piece(record, content, start)[0] == 202
    assert phone.all_the_rest(record, content)["kept"]


def test_the_recorder_behind_a_line_cut_at_every_64_kib(
    own_site: Site, line: Line, browser: Browser, tmp_path: Path
) -> None:
    """The app itself, with two photos of many pieces, on a line where no connection lives longer than 64 KiB."""
    planned(own_site, "阿虎")
    pocket = Pocket(browser, tmp_path / "profile")
    page = pocket.open()
    key = own_site.session_of("teacher1")
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": line.address}])
    page.goto(f"{line.address}/s/hill/recorder/")
    three_taps(page, "山路上信号断断续续")
    page.locator("input[type=file]").set_input_files(
        [FilePayload(name=f"{n}.jpg", mimeType="image/jpeg", buffer=photo(1600, n)) for n in (1, 2)]
    )
    expect(page.locator(".thumbs img")).to_have_count(2)
    line.cut = 64 * 1024
    page.get_by_role("button", name="写好了，封好发出").tap()
    expect(page.get_by_text("学校已收好")).to_be_visible(timeout=120_000)
    assert line.cuts > 2
    assert [row[1] for row in own_site.ask(RECORDS)] == ["山路上信号断断续续"]
    assert own_site.ask(WHOLE) == [(2, 2, 1)]
    pocket.close()
