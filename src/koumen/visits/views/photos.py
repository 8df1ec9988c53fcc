"""Photos, signatures and voice notes of a record, for whoever may read the record; each reading is noted."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from koumen.core import audit, files, pictures
from koumen.core.gate import fetch
from koumen.core.refusals import Forbidden, NotFound
from koumen.core.requests import Request
from koumen.core.voices import VOICES
from koumen.visits.models import RecordFile, Visit
from koumen.visits.policies.visits import may_read, went

SHOWN = {"image/jpeg", *VOICES}  # what we keep; anything else is a download
ENDINGS = {"image/jpeg": "jpg", "audio/mpeg": "mp3"}


def _kept(request: Request, pk: str, file: int) -> RecordFile:
    """The file of this visit's record, if this person may read the record. Raises NotFound, Forbidden."""
    visit = fetch(request.actor, Visit, pk)
    children = [about.student for about in visit.students.select_related("student__school_class")]
    if not may_read(request.actor, visit, children):
        raise Forbidden(_("家访内容属于孩子的档案。请先在孩子的页面说明原因，打开档案后再看。"))
    rows = RecordFile.objects.select_related("stored").filter(record__visit=visit, stored__isnull=False)
    row: RecordFile | None = rows.filter(pk=file).first()
    if row is None:
        raise NotFound
    if not went(request.actor, visit):
        audit.note_read(request.actor, "visit.read_file", row)
    return row


@require_GET
def whole(request: Request, pk: str, file: int) -> HttpResponse:
    """The file as it is kept, shown where it may be; `?download` saves it."""
    row = _kept(request, pk, file)
    assert row.stored is not None
    content = files.on_disk(row.stored).read_bytes()
    kind = row.stored.content_type
    response = files.inline(content, content_type=kind if kind in SHOWN else "application/octet-stream")
    if kind not in SHOWN or "download" in request.GET:
        ending = ENDINGS.get(kind, kind.rpartition("/")[2])
        response["Content-Disposition"] = f'attachment; filename="{row.kind}-{row.pk}.{ending}"'
    return response


@require_GET
def small(request: Request, pk: str, file: int) -> HttpResponse:
    """A photo or signature in small."""
    row = _kept(request, pk, file)
    if row.stored is None or row.kind == RecordFile.Kind.VOICE:
        raise NotFound
    content = pictures.small(files.on_disk(row.stored).read_bytes())
    return files.inline(content, content_type="image/jpeg")
