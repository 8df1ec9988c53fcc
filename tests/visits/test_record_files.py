"""Photos, signatures and voice notes of a record on its page and on paper, for whoever may read it."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from PIL import Image

from koumen.core import clock, files, pictures
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from koumen.visits.models import RecordFile, VisitRecord
from tests.cast import Cast
from tests.office import printed
from tests.visits.phones import name_of, photo
from tests.visits.stories import LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
VOICE = b"\x1aE\xdf\xa3" + b"v" * 500


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def kept(record: VisitRecord, kind: str = "photo", seed: int = 1) -> RecordFile:
    """A file that arrived whole, as services.files keeps it."""
    content = VOICE if kind == "voice" else pictures.redraw(photo(600, seed))
    content_type = "audio/webm" if kind == "voice" else "image/jpeg"
    stored = files.keep(iter([content]), purpose="visit", label="x", content_type=content_type)
    row: RecordFile = RecordFile.objects.create(
        record=record, hash=name_of(content + bytes([seed])), kind=kind, size=9, have=9, stored=stored
    )
    return row


def url(row: RecordFile, name: str = "record_file") -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", "pk": row.record.visit_id, "file": row.pk})


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """The page shows them small, a tap shows them whole; nothing is guessed at or kept by the browser."""
    record = recorded(hill, actor("teacher1"), "阿虎")
    taken, voice = kept(record), kept(record, "voice")
    client = client_of("teacher1")
    page = client.get(reverse("visits:visit", kwargs={"org": "hill", "pk": record.visit_id})).content.decode()
    assert url(taken, "record_file_small") in page
    assert url(voice) in page
    answer = client.get(url(taken))
    assert Image.open(BytesIO(answer.content)).size == (600, 450)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer["Cache-Control"] == "private, no-store"
    thumbnail = client.get(url(taken, "record_file_small"))
    assert max(Image.open(BytesIO(thumbnail.content)).size) <= pictures.SMALL_SIDE
    heard = client.get(url(voice))
    assert (heard.content, heard["Content-Type"], heard["Content-Disposition"]) == (VOICE, "audio/webm", "inline")
    saved = client.get(url(voice), {"download": "1"})
    assert saved["Content-Disposition"] == f'attachment; filename="voice-{voice.pk}.webm"'


def test_who_did_not_go_is_noted_and_who_may_not_read_sees_nothing(
    hill: Cast, actor: Actors, client_of: Clients
) -> None:
    record = recorded(hill, actor("subject1"), "阿虎", lead="subject1")
    row = kept(record)
    assert client_of("teacher1").get(url(row)).status_code == 200
    assert AuditEntry.objects.filter(kind="read", verb="visit.read_file").count() == 1
    for name in ("record_file", "record_file_small"):
        assert client_of("principal").get(url(row, name)).status_code == 403
        assert client_of("teacher2").get(url(row, name)).status_code == 404


def test_a_file_of_another_record_is_not_found(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """The address names the visit and the file: they must belong together, and the file must have arrived."""
    mine = recorded(hill, actor("teacher1"), "阿虎")
    other = kept(recorded(hill, actor("teacher2"), "阿南", lead="teacher2"))
    half = RecordFile.objects.create(record=mine, hash="0" * 64, kind="photo", size=9)
    for pk in (other.pk, half.pk, 999_999):
        address = reverse("visits:record_file", kwargs={"org": "hill", "pk": mine.visit_id, "file": pk})
        assert client_of("teacher1").get(address).status_code == 404
    assert client_of("teacher1").post(url(kept(mine))).status_code == 405


def test_a_voice_has_no_small_picture_and_a_purged_file_says_so(hill: Cast, actor: Actors, client_of: Clients) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎")
    voice, taken = kept(record, "voice"), kept(record)
    assert client_of("teacher1").get(url(voice, "record_file_small")).status_code == 404
    assert taken.stored is not None
    files.discard(taken.stored)
    answer = client_of("teacher1").get(url(taken))
    assert answer.status_code == 404
    assert "保存期" in answer.content.decode()
    paper = reverse("visits:paper", kwargs={"org": "hill", "pk": record.visit_id})
    assert client_of("teacher1").get(paper).status_code == 200


def test_they_are_printed_two_a_row(hill: Cast, actor: Actors, client_of: Clients, tmp_path: Path) -> None:
    """Three photos and a signature: on paper in the order they were taken, on at most two pages."""
    record = recorded(hill, actor("teacher1"), "阿虎")
    for seed in (1, 2, 3):
        kept(record, seed=seed)
    kept(record, "signature", seed=4)
    kept(record, "voice", seed=5)
    content = client_of("teacher1").get(reverse("visits:paper", kwargs={"org": "hill", "pk": record.visit_id})).content
    document = Document(BytesIO(content))
    assert len(document.inline_shapes) == 4
    assert [len(table.columns) for table in document.tables] == [4, 2, 2]
    for pages in printed(content, "docx", tmp_path):
        assert len(pages) <= 2
        assert "家访照片" in "".join(page.text for page in pages)
