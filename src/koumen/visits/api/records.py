"""`PUT visits/<id>`: a record comes in. Same id and content → the same receipt; other content → both are kept."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import fetch
from koumen.core.refusals import Conflict, Gone, Invalid
from koumen.registry.models import Staff, Student
from koumen.visits.api.schemas import ConflictOut, EntryIn, FileOut, Kept, Receipt, RecordIn, RefusalOut, ResolveIn
from koumen.visits.forms.record import Around, RecordForm, known_relations
from koumen.visits.models import RecordOrigin, Visit, VisitRecord
from koumen.visits.policies.visits import may_record, may_start
from koumen.visits.queries import visits as queries
from koumen.visits.queries.questions import version_shown
from koumen.visits.services import visits as services
from koumen.visits.services.entries import Entry, entry_of
from koumen.visits.services.files import Announced
from koumen.visits.services.origins import Origin
from koumen.visits.services.siblings import start_beside
from koumen.visits.services.visits import RecordConflict

router = Router()
REFUSED = {status: RefusalOut for status in (401, 403, 404, 410, 413, 422, 429, 503)}
SKEW_THAT_COUNTS = 120  # seconds; a phone's clock is rarely nearer


@router.put("visits/{uuid:record}", response={200: Receipt, 409: ConflictOut | RefusalOut, **REFUSED})
def put_record(request: HttpRequest, record: UUID, body: RecordIn) -> Any:
    """Keep a record. Safe to repeat; the answer is the receipt of what is kept."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    skew = round((body.client_time - clock.now()).total_seconds())
    rows = VisitRecord.objects.filter(pk=record)
    kept = rows.select_related("visit").first() if rows.exists() else None
    origin = RecordOrigin.objects.filter(record=record).first() if kept else None
    sent = Origin(
        body.device,
        origin.skew_seconds if origin else skew,
        _digest(body),
        tuple(Announced(f.hash, f.kind, f.size) for f in body.files),
    )
    if kept and origin and sent.digest in origin.sent and may_record(by, kept.visit):
        return _receipt(kept, origin)
    visit = _visit(by, record, body)
    entry = _entry(visit, body.entry, sent.skew_seconds if body.times_from == "clock" else 0)
    try:
        if kept is not None and kept.visit_id == visit.pk and body.base_version:
            row = services.revise(kept, by=by, entry=entry, version=body.base_version, origin=sent)
        else:
            row = services.record(visit, by=by, record_id=record, entry=entry, origin=sent)
    except RecordConflict as conflict:
        return _conflict(by, conflict.record, entry)
    return _receipt(row)


@router.post("visits/{uuid:record}/resolve", response={200: Receipt, 409: ConflictOut | RefusalOut, **REFUSED})
def resolve(request: HttpRequest, record: UUID, body: ResolveIn) -> Any:
    """A person saw both versions and decided what the record says."""
    by: Actor = request.actor  # type: ignore[attr-defined]
    kept = _kept(by, record)
    entry = _entry(kept.visit, body.entry, 0)
    try:
        return _receipt(services.revise(kept, by=by, entry=entry, version=body.base_version))
    except RecordConflict as conflict:
        return _conflict(by, conflict.record, entry)


@router.get("visits/{uuid:record}/receipt", response={200: Receipt, **REFUSED})
def receipt(request: HttpRequest, record: UUID) -> Any:
    """What of this record is safe on the server."""
    return _receipt(_kept(request.actor, record))  # type: ignore[attr-defined]


def _kept(by: Actor, record: UUID) -> VisitRecord:
    """A record the actor may write to; 404 for any other."""
    visit = fetch(by, Visit.objects.filter(record=record), _visit_id(record), to=may_record)
    return VisitRecord.objects.select_related("visit").get(visit=visit)


def _visit_id(record: UUID) -> UUID | None:
    return VisitRecord.objects.filter(pk=record).values_list("visit_id", flat=True).first()


def _visit(by: Actor, record: UUID, body: RecordIn) -> Visit:
    """The visit this record is about; begun now when nobody planned it."""
    if body.visit is not None:
        visit = fetch(by, Visit, body.visit, to=may_record)
        if visit.state == Visit.State.CANCELLED:
            raise Gone(_("这次家访已取消。如果后来还是去了，请作为一次新的家访再发送，内容都还在。"))
        return visit if body.student is None else _beside(by, visit, record, body.student)
    if body.student is None:
        raise Invalid(_("没有说明是哪次家访或哪个孩子。"))
    child = fetch(by, Student.objects.select_related("household", "school_class"), body.student, to=may_start)
    return services.start_visit(child, by=by, record_id=record)


def _beside(by: Actor, visit: Visit, record: UUID, student: int) -> Visit:
    """One of the visit's siblings, written about apart."""
    child = next((one for one in queries.children_about(visit) if one.pk == student), None)
    if child is None:
        raise Invalid(_("一次家访只能记同一家的孩子。"))
    return start_beside(visit, by=by, record_id=record, child=child)


def _entry(visit: Visit, said: EntryIn, skew: int) -> Entry:
    """The answers, checked by the form of the page. Raises Refused with a sentence per field."""
    children = queries.children_about(visit)
    staff = _staff_around(visit, children) if said.companions else []
    typed = _typed(said, skew)
    rare = set(typed["met_relation"]) - {code for code, _word in known_relations()}
    guardians = queries.guardians_of(children) if rare else []
    asks = version_shown(visit.campaign_id, said.question_form) if said.question_form else None
    form = RecordForm(typed, around=Around(children, guardians, staff), questions=asks, given=said.answers)
    if not form.is_valid():
        raise Refused(form)
    return form.entry()


def _staff_around(visit: Visit, children: list[Student]) -> list[Staff]:
    already = [row.staff for row in visit.companions.select_related("staff")]
    classes = {visit.school_class_id, *(child.school_class_id for child in children)}
    return queries.who_may_come_along(classes, already, visit.lead_id)


class Refused(Invalid):
    """Answers the form does not take."""

    def __init__(self, form: RecordForm) -> None:
        own = {name: str(errors[0]) for name, errors in form.errors.items() if name in RecordForm.base_fields}
        sentences = own | {f"answers.{name}": told for name, told in form.answer_faults.items()}
        super().__init__(next(iter(sentences.values())))
        self.details = {"fields": sentences}

    @property
    def code(self) -> str:
        return "invalid"


def _typed(said: EntryIn, skew: int) -> dict[str, Any]:
    """What a browser would send for these answers."""
    start, end = (clock.local(_right(moment, skew)) for moment in (said.starts_at, said.ends_at))
    plain = said.dict(exclude={"starts_at", "ends_at", "question_form", "answers"})
    plain["met_relation"] = [met] if isinstance(met := said.met_relation, str) else met
    return {name: "" if value is None else value for name, value in plain.items()} | {
        "record_id": "00000000-0000-0000-0000-000000000000",
        "visit_date": f"{start:%Y-%m-%d}",
        "starts": f"{start:%H:%M}",
        "ends": f"{end:%H:%M}",
    }


def _right(moment: datetime, skew: int) -> datetime:
    """A moment of the phone's clock by ours."""
    return moment - timedelta(seconds=skew) if abs(skew) >= SKEW_THAT_COUNTS else moment


def _digest(body: RecordIn) -> str:
    """What was said, whatever else is told with it; the files may be announced anew."""
    said = body.dict(include={"visit", "student", "entry", "times_from"})
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _receipt(row: VisitRecord, origin: RecordOrigin | None = None) -> Receipt:
    origin = origin or getattr(row, "origin", None)
    return Receipt(
        record=row.pk,
        visit=row.visit_id,
        version=row.version,
        content_hash=row.content_hash,
        kept_at=row.recorded_at,
        skew_seconds=origin.skew_seconds if origin else 0,
        files=[
            FileOut(hash=f.hash, kept=f.stored_id is not None, have=f.have, refused=f.refused) for f in row.files.all()
        ],
    )


def _conflict(by: Actor, kept: VisitRecord, mine: Entry) -> Any:
    """Keep this version beside the record, and show what the record says."""
    if not may_record(by, kept.visit):
        raise Conflict(_("这份记录的编号不能用，请作为新的一份再发送，内容都还在。"))
    services.keep_both(kept, by=by, entry=mine)
    told = Kept(
        record=kept.pk,
        version=kept.version,
        by=kept.recorded_by.name,
        at=kept.recorded_at,
        entry=entry_of(kept).as_json(),
    )
    return Status(409, ConflictOut(sentence=str(RecordConflict.sentence), kept=told))
