"""Files of a record, received piece by piece: each named by its hash, kept whole or not at all."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from errno import EDQUOT, ENOSPC
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from koumen.core import files, pictures
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.refusals import Conflict, Full, Invalid, NotFound
from koumen.core.voices import voice_type
from koumen.visits.models import RecordFile, VisitRecord
from koumen.visits.policies.visits import may_add_version

MOST_FILES = 12
LARGEST = {"photo": 12 * files.MEGABYTE, "signature": files.MEGABYTE, "voice": 3 * files.MEGABYTE}


@dataclass(frozen=True)
class Announced:
    """A file a phone says belongs to a record."""

    hash: str
    kind: str
    size: int


@dataclass(frozen=True)
class Piece:
    """Bytes of a file from `start` on; the whole has `total`."""

    start: int
    total: int
    content: bytes


class Gap(Conflict):
    """The piece does not follow what has arrived; `have` bytes have."""

    status = 416

    def __init__(self, have: int) -> None:
        super().__init__(_("这一段和已收到的接不上，请从已收到的地方继续传。"))
        self.have = have


def announce(record: VisitRecord, announced: Iterable[Announced]) -> None:
    """Note which files belong to a record, in the transaction of the record. Raises Invalid for too many or too large.

    A file announced again is the same file.
    """
    known = set(record.files.values_list("hash", flat=True))
    new = [one for one in announced if one.hash not in known]
    if len(known) + len(new) > MOST_FILES:
        raise Invalid(_("一次家访最多附 %(n)d 个文件，请删去几个。") % {"n": MOST_FILES})
    for one in new:
        if one.size > LARGEST[one.kind]:
            limit = LARGEST[one.kind] // files.MEGABYTE
            raise Invalid(_("文件超过 %(mb)d MB，请压缩后再附上。") % {"mb": limit})
    RecordFile.objects.bulk_create([RecordFile(record=record, hash=o.hash, kind=o.kind, size=o.size) for o in new])


@action("visit.receive_file", may=may_add_version)
def receive(record: VisitRecord, /, *, by: Actor, name: str, piece: Piece) -> RecordFile:
    """Take the next piece; with the last one the file is checked and kept. The same piece again changes nothing.

    Raises NotFound for a file nobody announced, Gap when bytes are missing before, Conflict when the whole has another
    hash (it begins anew), Full when the disk is.
    """
    row = record.files.select_for_update().filter(hash=name).first()
    if row is None:
        raise NotFound(_("这份记录没有登记过这个文件，没有保存。请先重新提交记录。"))
    if row.stored_id or row.refused:
        return row
    if piece.total != row.size or piece.start + len(piece.content) > row.size:
        raise Invalid(_("文件的大小和登记的不一样，没有保存。"))
    if piece.start > row.have:
        raise Gap(row.have)
    if piece.start + len(piece.content) <= row.have:
        return row
    try:
        _write(row, piece)
        if row.have == row.size:
            _finish(row)
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise Full from error
        raise
    row.save(update_fields=["have", "stored", "refused", "changed_at"])
    return row


def part_of(row: RecordFile) -> Path:
    """Where a file's bytes lie until it is whole."""
    return Path(settings.MEDIA_ROOT) / files.PARTS / str(row.org_id) / f"{row.record_id}-{row.hash}"


def _write(row: RecordFile, piece: Piece) -> None:
    """Bytes go where they belong: a piece written before a crash and not counted is simply written again."""
    path = part_of(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("r+b" if path.exists() else "w+b") as out:
        out.seek(piece.start)
        out.write(piece.content)
    row.have = piece.start + len(piece.content)


def _finish(row: RecordFile) -> None:
    """Check the whole and keep it. What cannot be kept is refused with a sentence, once and for all."""
    path = part_of(row)
    content = path.read_bytes() if path.exists() else b""
    if len(content) < row.size or hashlib.sha256(content[: row.size]).hexdigest() != row.hash:
        row.have = 0  # lost on the way, or on disk: the phone still has it and begins anew
        path.unlink(missing_ok=True)
        return
    try:
        row.stored = _keep(row, content)
    except Invalid as refusal:
        row.refused = str(refusal)[:200]
    path.unlink(missing_ok=True)


def _keep(row: RecordFile, content: bytes) -> StoredFile:
    if row.kind == RecordFile.Kind.VOICE:
        kind = voice_type(content)
    else:
        kind, content = "image/jpeg", pictures.redraw(content)
    label = f"{row.get_kind_display()}-{row.hash[:8]}"
    return files.keep(iter([content]), purpose="visit", label=label, content_type=kind)
