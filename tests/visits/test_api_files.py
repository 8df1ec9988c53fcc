"""`PUT /s/<org>/api/visits/<id>/files/<hash>`: a file arrives whole or not at all, wherever the line breaks."""

import errno
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from koumen.core import clock, files, scope
from koumen.visits.models import RecordFile
from koumen.visits.services import files as services
from tests.cast import Cast
from tests.visits.phones import PIECE, Phone, announced, name_of, photo
from tests.visits.stories import LATER, planned

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8", "R45")]
ClientOf = Callable[[str], Client]
VOICE = b"\x1aE\xdf\xa3" + b"v" * 5_000


@pytest.fixture(autouse=True)
def _inside(cast: Cast) -> Iterator[None]:
    with scope.enter(cast.hill.pk), clock.at(LATER):
        yield


@pytest.fixture
def phone(client_of: ClientOf) -> Phone:
    return Phone(client_of("teacher1"))


def recorded(cast: Cast, phone: Phone, *contents: bytes, kind: str = "photo") -> UUID:
    record = uuid4()
    status, receipt = phone.send(record, planned(cast, "阿虎"), files=[announced(one, kind) for one in contents])
    assert status == 200
    assert [one["have"] for one in receipt["files"]] == [0] * len(contents)
    return record


def all_of(phone: Phone, record: UUID, content: bytes, step: int = PIECE) -> tuple[int, Any]:
    answer: tuple[int, Any] = (0, None)
    for start in range(0, len(content), step):
        answer = phone.piece(record, content, start, min(len(content), start + step))
    return answer


def test_it_works(cast: Cast, phone: Phone) -> None:
    taken = photo()
    record = recorded(cast, phone, taken)
    assert all_of(phone, record, taken)[0] == 200
    row = RecordFile.objects.get()
    assert row.stored is not None
    kept = files.on_disk(row.stored).read_bytes()
    picture = Image.open(BytesIO(kept))
    assert picture.format == "JPEG"
    assert len(kept) <= 300 * 1024
    assert not picture.getexif()
    assert b"SomePhone" not in kept
    assert not services.part_of(row).exists()
    assert phone.get(f"visits/{record}/receipt")[1]["files"] == [
        {"hash": name_of(taken), "kept": True, "have": len(taken), "refused": ""}
    ]


def test_the_line_is_cut_at_every_piece_and_the_file_goes_on_where_it_was(cast: Cast, phone: Phone) -> None:
    taken = photo(1400)
    assert len(taken) > 5 * PIECE
    record = recorded(cast, phone, taken)
    have = 0
    while have < len(taken):
        for _time in range(2):  # the answer was lost: the same piece once more
            status, told = phone.piece(record, taken, have)
        assert status in (200, 202)
        have = phone.get(f"visits/{record}/files/{name_of(taken)}")[1]["have"]
        assert have == told["have"]
    assert RecordFile.objects.get().stored is not None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(cuts=st.lists(st.tuples(st.integers(0, 5_003), st.integers(1, 3_000)), max_size=20))
def test_any_order_of_pieces_ends_with_the_whole_file_or_a_true_count(
    cast: Cast, phone: Phone, cuts: list[tuple[int, int]]
) -> None:
    content = VOICE[:4] + uuid4().bytes + VOICE[20:]
    record = recorded(cast, phone, content, kind="voice")
    have = 0
    for start, length in cuts:
        stop = min(len(content), start + length)
        status, told = phone.piece(record, content, start, stop)
        if start > have and have < len(content):
            assert (status, told["have"]) == (416, have)
        else:
            have = max(have, stop)
            assert told["have"] == have
    assert all_of(phone, record, content, 1_000)[1]["kept"]
    row = RecordFile.objects.get(hash=name_of(content))
    assert row.stored is not None
    assert files.on_disk(row.stored).read_bytes() == content


def test_a_piece_cut_in_the_middle_counts_for_nothing(cast: Cast, phone: Phone) -> None:
    record = recorded(cast, phone, VOICE, kind="voice")
    response = phone.client.put(
        f"/s/hill/api/visits/{record}/files/{name_of(VOICE)}",
        VOICE[:700],
        content_type="application/octet-stream",
        headers={"Content-Range": f"bytes 0-999/{len(VOICE)}"},
    )
    assert response.status_code == 409
    assert RecordFile.objects.get().have == 0


def test_bytes_that_are_not_the_file_are_thrown_away_and_asked_for_again(cast: Cast, phone: Phone) -> None:
    record, wrong = recorded(cast, phone, VOICE, kind="voice"), bytes(len(VOICE))
    url = f"/s/hill/api/visits/{record}/files/{name_of(VOICE)}"
    span = {"Content-Range": f"bytes 0-{len(VOICE) - 1}/{len(VOICE)}"}
    response = phone.client.put(url, wrong, content_type="application/octet-stream", headers=span)
    assert phone.answer(response)[0] == 409
    assert RecordFile.objects.get().have == 0
    assert all_of(phone, record, VOICE)[0] == 200


def test_a_file_nobody_announced_is_refused_and_not_dropped(cast: Cast, phone: Phone) -> None:
    record = recorded(cast, phone)
    status, told = phone.piece(record, VOICE)
    assert (status, told["code"]) == (404, "not_found")
    assert "没有登记" in told["sentence"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"not a picture" * 50, "photo"), (b"\xff\xd8\xff" + b"x" * 900, "photo"), (b"x" * 90, "voice")],
)
def test_what_is_no_picture_or_voice_is_refused_with_a_reason_and_not_asked_for_again(
    cast: Cast, phone: Phone, content: bytes, kind: str
) -> None:
    record = recorded(cast, phone, content, kind=kind)
    for _time in range(2):
        status, told = all_of(phone, record, content)
        assert (status, told["kept"]) == (200, False)
        assert told["refused"]
    assert RecordFile.objects.get().stored is None


def test_a_full_disk_is_said_and_the_file_comes_later(
    cast: Cast, phone: Phone, monkeypatch: pytest.MonkeyPatch, expects_errors: None
) -> None:
    record = recorded(cast, phone, VOICE, kind="voice")
    opened = Path.open

    def full(path: Path, *args: Any, **kwargs: Any) -> Any:
        if "parts" in path.parts:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        status, told = phone.piece(record, VOICE)
        assert (status, told["code"]) == (507, "full")
    assert RecordFile.objects.get().have == 0
    assert all_of(phone, record, VOICE)[0] == 200


def test_bytes_on_disk_that_were_lost_are_asked_for_again(cast: Cast, phone: Phone) -> None:
    record = recorded(cast, phone, VOICE, kind="voice")
    phone.piece(record, VOICE, 0, 3_000)
    services.part_of(RecordFile.objects.get()).unlink()
    assert phone.piece(record, VOICE, 3_000, len(VOICE))[0] == 409
    assert all_of(phone, record, VOICE)[0] == 200


def test_a_signature_keeps_its_white_ground(cast: Cast, phone: Phone) -> None:
    out = BytesIO()
    drawn = Image.new("RGBA", (300, 100), (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), (10, 40, 200, 44))
    drawn.save(out, "PNG")
    record = recorded(cast, phone, out.getvalue(), kind="signature")
    all_of(phone, record, out.getvalue())
    row = RecordFile.objects.get()
    assert row.stored is not None
    kept = Image.open(files.on_disk(row.stored)).convert("L")
    assert (kept.getpixel((250, 80)), kept.getpixel((50, 42))) == (255, 0)


class TestRefusals:
    def test_too_many_files(self, cast: Cast, phone: Phone) -> None:
        many = [announced(bytes([n]), "voice") for n in range(13)]
        assert phone.send(uuid4(), planned(cast, "阿虎"), files=many)[0] == 422

    def test_a_colleague_learns_nothing_of_the_file(self, cast: Cast, phone: Phone, client_of: ClientOf) -> None:
        record = recorded(cast, phone, VOICE, kind="voice")
        other = Phone(client_of("teacher2"))
        assert other.piece(record, VOICE)[0] == 404
        assert other.get(f"visits/{record}/files/{name_of(VOICE)}")[0] == 404

    @pytest.mark.parametrize("span", ["", "bytes 5-2/9", "bytes 0-0/99", "bytes a-b/c", "bytes 0-999999/9999999"])
    def test_a_range_that_cannot_be(self, cast: Cast, phone: Phone, span: str) -> None:
        record = recorded(cast, phone, VOICE, kind="voice")
        url = f"/s/hill/api/visits/{record}/files/{name_of(VOICE)}"
        sent = phone.client.put(url, b"v", content_type="application/octet-stream", headers={"Content-Range": span})
        assert phone.answer(sent)[0] in (409, 413, 422)
        assert RecordFile.objects.get().have == 0

    def test_a_name_that_is_no_hash(self, phone: Phone) -> None:
        assert phone.get(f"visits/{uuid4()}/files/photo.jpg")[0] == 422
