"""Files people upload and files we make: type by content, size limits, names never trusted."""

import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import ProtectedError
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext as _

from koumen.core import clock, scope
from koumen.core.models import StoredFile
from koumen.core.refusals import Invalid, NotFound, TooLarge

MEGABYTE = 1_048_576
PARTS = "parts"  # below MEDIA_ROOT: what has arrived of files that are not whole yet, org by org
STRAY_AFTER = timedelta(days=1)  # longer than any request lasts
PART_LASTS = timedelta(days=30)  # then a phone that comes back begins its file anew
# how a type begins, by content
SIGNATURES = {
    "xlsx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "docx": (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "zip": (b"PK\x03\x04", "application/zip"),
    "png": (b"\x89PNG", "image/png"),
    "jpeg": (b"\xff\xd8\xff", "image/jpeg"),
    "ole": (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
}
TYPE_OF = {name: content_type for name, (_start, content_type) in SIGNATURES.items()} | {
    "csv": "text/csv",
    "html": "text/html",
    "ics": "text/calendar",
}


def on_disk(row: StoredFile) -> Path:
    """The file's place. Raises NotFound when it was purged."""
    path = Path(settings.MEDIA_ROOT) / row.path
    if not path.exists():
        raise NotFound(_("这个文件已过保存期，请重新生成。"))
    return path


def keep(
    chunks: Iterator[bytes],
    *,
    purpose: str,
    label: str,
    content_type: str,
    owner_id: int | None = None,
    limit: int = 20 * MEGABYTE,
    lasts: timedelta | None = None,
) -> StoredFile:
    """Write a file and its row. Raises TooLarge beyond `limit` bytes, with nothing kept.

    The bytes are on the disk before the row is committed: who is told that a file is kept can throw theirs away.
    """
    row = StoredFile(purpose=purpose, label=label[:200], content_type=content_type, owner_id=owner_id, size=0)
    row.expires_at = clock.now() + lasts if lasts else None
    row.claim()
    path = Path(settings.MEDIA_ROOT) / row.path
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    try:
        with path.open("wb") as out:
            for chunk in chunks:
                row.size += len(chunk)
                if row.size > limit:
                    raise TooLarge(_("文件超过 %(mb)d MB，请拆分后再上传。") % {"mb": limit // MEGABYTE})
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        _settle(path.parent)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    row.sha256 = digest.hexdigest()
    row.save()
    return row


def _settle(folder: Path) -> None:
    """The names in a folder go to the disk, too."""
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)


def keep_upload(upload: "UploadedFile[Any]", *, purpose: str, owner_id: int | None, limit: int) -> StoredFile:
    """Keep what a person uploaded. Raises Invalid when empty, TooLarge beyond `limit` bytes."""
    if not upload.size:
        raise Invalid(_("文件是空的，请重新选择。"))
    if upload.size > limit:
        raise TooLarge(_("文件超过 %(mb)d MB，请拆分后再上传。") % {"mb": limit // MEGABYTE})
    return keep(
        iter(upload.chunks()),
        purpose=purpose,
        label=Path(upload.name or "file").name,
        content_type="application/octet-stream",
        owner_id=owner_id,
        limit=limit,
    )


def starts_like(start: bytes) -> str:
    """The type a file's first bytes tell: xlsx/docx/zip are all `xlsx` here; unknown text is ""."""
    return next((name for name, (mark, _type) in SIGNATURES.items() if start.startswith(mark)), "")


def as_download(content: bytes, *, name: str, kind: str) -> HttpResponse:
    """Bytes as an attachment with a Chinese name."""
    response = HttpResponse(content, content_type=TYPE_OF[kind])
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def download(row: StoredFile) -> FileResponse:
    """A kept file as an attachment."""
    response = FileResponse(on_disk(row).open("rb"), content_type=row.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(row.label)}"
    return response


def inline(content: bytes, *, content_type: str) -> HttpResponse:
    """Bytes of ours for the page that shows them: never guessed at, never kept by a browser, never a page itself."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def discard(row: StoredFile) -> None:
    """Delete what is on disk; the row stays, so that the log keeps its label and hash. Safe to repeat."""
    (Path(settings.MEDIA_ROOT) / row.path).unlink(missing_ok=True)


def purge_expired() -> int:
    """Delete files past their time, and their rows. Returns how many rows. Run daily in each org's scope.

    The file goes first: a row without a file says so to whoever asks, a file without a row would lie there for ever.
    """
    gone = 0
    for row in StoredFile.objects.filter(expires_at__lt=clock.now()).iterator(500):
        discard(row)
        try:
            with transaction.atomic():
                row.delete()
        except ProtectedError:
            continue  # another row tells of this file: it keeps the label and the hash
        gone += 1
    return gone


def purge_strays() -> int:
    """Delete what a server killed in the middle left on disk of this org: files whose row was never committed, and
    beginnings of files nobody went on with for a month. Returns how many. Run daily in each org's scope.
    """
    root, gone = Path(settings.MEDIA_ROOT), 0
    known = {str(pk) for pk in StoredFile.objects.values_list("pk", flat=True)}
    for path in (root / str(scope.org_id())).glob("*/*"):
        gone += path.name not in known and _purged(path, STRAY_AFTER)
    for path in (root / PARTS / str(scope.org_id())).glob("*"):
        gone += _purged(path, PART_LASTS)
    return gone


def _purged(path: Path, age: timedelta) -> bool:
    """Whether a file was old enough to be deleted."""
    is_old = path.is_file() and path.stat().st_mtime < (clock.now() - age).timestamp()
    if is_old:
        path.unlink(missing_ok=True)
    return is_old
