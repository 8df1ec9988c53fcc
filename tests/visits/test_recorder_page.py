"""`/s/<org>/recorder/`: the page of the offline app, its worker, and its words."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from koumen.visits.presets.recorder import words

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
SOURCES = Path(__file__).resolve().parents[2] / "recorder" / "src"
WORD = re.compile(r"""\bt\(\s*(?:"([^"]+)"|'([^']+)')""")


def spoken() -> set[str]:
    """Every sentence in the app's sources."""
    files = [*SOURCES.rglob("*.vue"), *SOURCES.rglob("*.ts")]
    return {one or other for file in files for one, other in WORD.findall(file.read_text())}


def test_it_works(client_of: Callable[[str], Client]) -> None:
    page = client_of("teacher1").get("/s/hill/recorder/")
    text = page.content.decode()
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-cache")
    assert 'data-api="/s/hill/api/"' in text
    assert "/static/recorder/assets/main-" in text
    assert "陈老师" not in text  # it is kept on the phone: nothing personal stands in it


def test_the_worker_keeps_the_apps_own_files(client_of: Callable[[str], Client]) -> None:
    worker = client_of("teacher1").get("/s/hill/recorder/sw.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "/static/recorder/assets/main-" in worker.content.decode()


def test_a_phone_can_install_it(client_of: Callable[[str], Client]) -> None:
    told = json.loads(client_of("teacher1").get("/s/hill/recorder/app.webmanifest").content)
    assert (told["scope"], told["display"]) == ("/s/hill/recorder/", "standalone")


def test_every_sentence_of_the_app_can_be_translated() -> None:
    assert spoken() == set(words())


def test_english_readers_get_the_words(client_of: Callable[[str], Client]) -> None:
    client = client_of("teacher1")
    client.cookies["koumen_language"] = "en"
    text = client.get("/s/hill/recorder/").content.decode()
    told = json.loads(text.split('type="application/json">')[1].split("</script>")[0])
    assert told.keys() == spoken()


@pytest.mark.parametrize(("who", "status"), [("sysadmin", 403), ("teacher3", 404)])
def test_who_makes_no_visits_here_has_no_recorder(client_of: Callable[[str], Client], who: str, status: int) -> None:
    assert client_of(who).get("/s/hill/recorder/").status_code == status


def test_wrong_method(client_of: Callable[[str], Client]) -> None:
    assert client_of("teacher1").post("/s/hill/recorder/").status_code == 405
