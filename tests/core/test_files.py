"""Kept files: bounded, named by us, served as attachments."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings
from tests.cast import Cast

from koumen.core import clock, files, scope
from koumen.core.models import StoredFile
from koumen.core.refusals import Invalid, NotFound, TooLarge
from koumen.registry.jobs import purge_files
from koumen.registry.models import ImportBatch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def _keep(owner_id: int | None = None) -> StoredFile:
    return files.keep(iter([b"abc"]), purpose="test", label="月报.xlsx", content_type="text/plain", owner_id=owner_id)


def test_an_upload_is_kept_under_our_own_name(hill: Cast, tmp_path: Path) -> None:
    upload = SimpleUploadedFile("../../etc/名单.xlsx", b"PK\x03\x04 data")
    row = files.keep_upload(upload, purpose="import", owner_id=1, limit=100)
    assert row.label == "名单.xlsx"
    assert files.on_disk(row) == tmp_path / str(hill.hill.pk) / "import" / str(row.pk)
    assert files.starts_like(files.on_disk(row).read_bytes()) == "xlsx"


def test_too_large_and_empty_files_leave_nothing_behind(hill: Cast, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        files.keep_upload(SimpleUploadedFile("a", b"x" * 101), purpose="p", owner_id=1, limit=100)
    with pytest.raises(Invalid):
        files.keep_upload(SimpleUploadedFile("a", b""), purpose="p", owner_id=1, limit=100)
    with pytest.raises(TooLarge):
        files.keep(iter([b"x" * 60, b"x" * 60]), purpose="p", label="a", content_type="text/plain", limit=100)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    assert StoredFile.objects.count() == 0


def test_its_owner_downloads_it_and_nobody_else(cast: Cast, client_of: Callable[[str], Client]) -> None:
    with scope.enter(cast.hill.pk):
        row = _keep(cast.account("office").pk)
    answer = client_of("office").get(f"/s/hill/files/{row.pk}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"abc"  # type: ignore[attr-defined]
    assert client_of("principal").get(f"/s/hill/files/{row.pk}/").status_code == 404


def test_a_file_past_its_time_or_gone_says_so(cast: Cast, client_of: Callable[[str], Client]) -> None:
    with scope.enter(cast.hill.pk):
        row = _keep(cast.account("office").pk)
        files.on_disk(row).unlink()
        old = _keep(cast.account("office").pk)
        StoredFile.objects.filter(pk=old.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    for pk in (row.pk, old.pk):
        answer = client_of("office").get(f"/s/hill/files/{pk}/")
        assert answer.status_code == 404
        assert "保存期" in answer.content.decode()


def test_every_org_s_files_past_their_time_are_deleted_and_no_others(cast: Cast, tmp_path: Path) -> None:
    kept: list[StoredFile] = []
    gone: list[StoredFile] = []
    for org in (cast.hill, cast.river):
        with scope.enter(org.pk):
            for lasts, rows in ((timedelta(days=-1), gone), (timedelta(days=1), kept), (None, kept)):
                rows.append(
                    files.keep(iter([b"abc"]), purpose="test", label="月报", content_type="text/plain", lasts=lasts)
                )
    purge_files(timestamp=0)
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == sorted(tmp_path / row.path for row in kept)
    for org in (cast.hill, cast.river):
        with scope.enter(org.pk):
            assert set(StoredFile.objects.values_list("pk", flat=True)) == {r.pk for r in kept if r.org_id == org.pk}


def test_a_file_another_row_tells_of_goes_from_the_disk_and_keeps_its_row(hill: Cast) -> None:
    row = files.keep(iter([b"abc"]), purpose="i", label="名单", content_type="text/plain", lasts=timedelta(days=-1))
    ImportBatch.objects.create(kind=ImportBatch.Kind.STUDENTS, file=row)
    assert files.purge_expired() == 0
    with pytest.raises(NotFound):
        files.on_disk(row)
    assert StoredFile.objects.filter(pk=row.pk).exists()


def test_what_a_killed_server_left_behind_is_deleted_and_nothing_else(cast: Cast, tmp_path: Path) -> None:
    long_ago = (clock.now() - timedelta(days=40)).timestamp()
    with scope.enter(cast.hill.pk):
        kept = files.on_disk(files.keep(iter([b"kept"]), purpose="visit", label="a", content_type="audio/webm"))
    mine, other = str(cast.hill.pk), str(cast.hill.pk + 1)
    left = {
        name: tmp_path / place / name
        for name, place in {
            "stray": f"{mine}/visit", "under-way": f"{mine}/visit", "of-others": f"{other}/visit",
            "half": f"{files.PARTS}/{mine}", "half-of-today": f"{files.PARTS}/{mine}",
        }.items()
    }  # fmt: skip
    for path in left.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for path in (kept, left["stray"], left["of-others"], left["half"]):
        os.utime(path, (long_ago, long_ago))
    with scope.enter(cast.hill.pk):
        assert files.purge_strays() == 2
    assert kept.exists()
    assert {name for name, path in left.items() if path.exists()} == {"under-way", "of-others", "half-of-today"}
