"""`PUT visits/<id>/files/<hash>`: a file of a record, piece by piece, resumed wherever the line broke."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Path, Router, Status

from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Invalid, NotFound, TooLarge
from koumen.visits.api.schemas import FileOut, GapOut, Hash, RefusalOut
from koumen.visits.models import RecordFile, VisitRecord
from koumen.visits.policies.visits import may_add_version
from koumen.visits.services import files as services
from koumen.visits.services.files import Gap, Piece

router = Router()
LARGEST_PIECE = 256 * 1024
RANGE = re.compile(r"^bytes (\d{1,9})-(\d{1,9})/(\d{1,9})$")
REFUSED = {status: RefusalOut for status in (401, 403, 404, 413, 422, 429, 503, 507)}
PIECE = {
    "parameters": [{"in": "header", "name": "Content-Range", "required": True, "schema": {"type": "string"}}],
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}},
}


@router.put(
    "visits/{uuid:record}/files/{name}",
    response={200: FileOut, 202: FileOut, 409: RefusalOut, 416: GapOut, **REFUSED},
    openapi_extra=PIECE,
)
def put_piece(request: HttpRequest, record: UUID, name: Path[Hash]) -> Any:
    """Take one piece: 202 while more is missing, 200 when the whole is kept (or refused for good, with the reason)."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    piece = _piece(request)
    row = fetch(by, VisitRecord.objects.select_related("visit"), record, to=_may_send)
    try:
        got = services.receive(row, by=by, name=name, piece=piece)
    except Gap as gap:
        return Status(416, {"code": "gap", "sentence": str(gap), "have": gap.have})
    if piece.content and not got.have:
        # Not raised: that nothing is kept of the broken bytes has to be written down.
        sentence = _("收到的文件和登记的不一样，请从头再传一次。")
        return Status(409, {"code": "broken", "sentence": sentence})
    return Status(200 if got.stored_id or got.refused else 202, _told(got))


@router.get("visits/{uuid:record}/files/{name}", response={200: FileOut, **REFUSED})
def how_far(request: HttpRequest, record: UUID, name: Path[Hash]) -> Any:
    """How much of a file has arrived."""
    row = fetch(request.actor, VisitRecord.objects.select_related("visit"), record, to=_may_send)  # type: ignore[attr-defined]
    found = row.files.filter(hash=name).first()
    if found is None:
        raise NotFound(_("这份记录没有登记过这个文件。"))
    return _told(found)


def _may_send(actor: Actor, record: VisitRecord) -> bool:
    if not may_add_version(actor, record):
        raise NotFound
    return True


def _told(row: RecordFile) -> FileOut:
    return FileOut(hash=row.hash, kept=row.stored_id is not None, have=row.have, refused=row.refused)


def _piece(request: HttpRequest) -> Piece:
    """The piece a request carries. Raises Invalid when its range and its bytes do not agree, as on a broken line."""
    found = RANGE.match(request.headers.get("Content-Range", ""))
    if found is None:
        raise Invalid(_("没有说明这是文件的哪一段。"))
    first, last, total = map(int, found.groups())
    if last - first + 1 > LARGEST_PIECE:
        raise TooLarge(_("一段最多 256 KB，请分成小段再传。"))
    content = request.body
    if last < first or last >= total or len(content) != last - first + 1:
        raise Conflict(_("这一段没有传完整，请再传一次。"))
    return Piece(first, total, content)
