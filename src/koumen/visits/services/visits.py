"""What can be done with a visit: start it, record it, revise its record, or say that it did not happen."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection
from django.db.models import Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Staff, Student
from koumen.visits.models import ClosedMonth, Mode, RecordVersion, Visit, VisitRecord, VisitStaff, VisitStudent
from koumen.visits.policies.visits import may_add_version, may_record, may_revise, may_start
from koumen.visits.services.entries import PLAIN, Entry, entry_of
from koumen.visits.services.handover import hand_over
from koumen.visits.services.integrity import require_commitment
from koumen.visits.services.origins import Origin, keep_origin, was_sent

STATE_AFTER = {
    Visit.NotVisited.DECLINED: Visit.State.DECLINED,
    Visit.NotVisited.LEFT: Visit.State.CANCELLED,
}


class RecordConflict(Conflict):
    """There is another record of this visit, or this record's id carries other content. `record` is the kept one."""

    sentence = gettext_lazy("这次家访已经有一份记录，内容和您填的不一样。两份都保留着，请核对。")

    def __init__(self, record: VisitRecord) -> None:
        super().__init__()
        self.record = record


@action("visit.start", may=may_start)
def start_visit(student: Student, *, by: Actor, record_id: UUID) -> Visit:
    """A visit that nobody planned, to be recorded under `record_id`; the same id again gives the same visit.

    Raises Invalid when the child has no household or class yet.
    """
    one_at_a_time(record_id)
    known = Visit.objects.filter(record=record_id).first()
    if known is not None:
        return known
    if student.household is None or student.school_class is None:
        raise Invalid(_("这个学生还没有登记家庭或班级，请先请学校办公室补全名单。"))
    visit = Visit.objects.create(
        household=student.household, school_class=student.school_class, lead=_staff(by), starts_at=clock.now()
    )
    VisitStudent.objects.create(visit=visit, student=student)
    return visit


@action("visit.record", may=may_record)
def record(visit: Visit, *, by: Actor, record_id: UUID, entry: Entry, origin: Origin | None = None) -> VisitRecord:
    """Write down what came of a visit. The page made `record_id`: same id and content again is the same record.

    `origin` is what a phone tells with it: its device and files.

    Raises RecordConflict when the id, or the visit, already carries other content; Invalid for impossible times;
    Conflict for a cancelled visit; CommitmentNeeded where this term's commitment is asked for and not accepted.
    """
    one_at_a_time(record_id)
    visit = Visit.objects.select_related("lead").select_for_update(of=("self",)).get(pk=visit.pk)
    kept = _already(record_id, visit)
    if kept is not None:
        if kept.visit_id == visit.pk and (entry.digest() in _digests(kept) or was_sent(kept, origin)):
            keep_origin(kept, origin)
            return kept
        raise RecordConflict(kept)
    require_commitment(visit, by)
    if visit.state == Visit.State.CANCELLED:
        raise Conflict(_("这次家访已取消。如果后来还是去了，请从“记录家访”重新开始一次。"))
    _check(visit, entry)
    _write_visit(visit, entry)
    row = _new_record(visit, by, record_id, entry)
    keep_origin(row, origin, is_new=True)
    hand_over(row, entry, by=by)
    return row


@action("visit.revise", may=may_revise)
def revise(
    record: VisitRecord, *, by: Actor, entry: Entry, version: int, origin: Origin | None = None, because: str = ""
) -> VisitRecord:
    """Change what a record says; what it said before is kept as a version.

    `version` is the one the person had before them. Raises RecordConflict when it is no longer the newest, Forbidden
    when the record has been shared or the month's figures have been handed in, Invalid for impossible times.
    """
    record = VisitRecord.objects.select_for_update().select_related("visit").get(pk=record.pk)
    before = entry_of(record)
    if entry.digest() == record.content_hash or was_sent(record, origin):
        keep_origin(record, origin)
        return record
    if version != record.version:
        raise RecordConflict(record)
    if record.shares.exists():
        raise Forbidden(_("这份记录已经分享给任课老师，不能再改。确需更正，请先收回分享，改好后再分享。"))
    _check_open(before.starts_at)
    _check_open(entry.starts_at)
    _check(record.visit, entry)
    _keep(record, before, RecordVersion.Why.REVISED, record.recorded_by)
    _write_visit(record.visit, entry)
    _fill(record, entry)
    record.version += 1
    record.save()
    keep_origin(record, origin)
    hand_over(record, entry, by=by, before=before)
    return record


@action("visit.keep_both", may=may_add_version)
def keep_both(record: VisitRecord, *, by: Actor, entry: Entry) -> VisitRecord:
    """Keep a competing version beside the record, until somebody decides. Safe to repeat."""
    _keep(record, entry, RecordVersion.Why.CONFLICT, _staff(by))
    return record


@action("visit.decline", may=may_record)
def decline(visit: Visit, *, by: Actor, reason: str, because: str = "") -> Visit:
    """A visit that did not happen: the family declined, was away, … Another mode may still be recorded later.

    Raises Conflict when the visit has a record.
    """
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.state == Visit.State.RECORDED:
        raise Conflict(_("这次家访已经有记录，不能再标为未访。"))
    visit.not_visited = Visit.NotVisited(reason)
    visit.state = STATE_AFTER.get(visit.not_visited, Visit.State.POSTPONED)
    visit.save(update_fields=["not_visited", "state"])
    return visit


def month_is_closed(moment: datetime) -> bool:
    """Whether the figures of this moment's month (China) have been handed in after its end."""
    return ClosedMonth.objects.filter(month=_month(moment)).exists()


def _month(moment: datetime) -> date:
    return clock.local(moment).date().replace(day=1)


def _check_open(moment: datetime) -> None:
    if month_is_closed(moment):
        month = _month(moment)
        raise Forbidden(
            _("%(year)d年%(month)d月的统计已经报送，记录不能再改。确需更正，请学校德育处重新打开这个月。")
            % {"year": month.year, "month": month.month}
        )


def _staff(by: Actor) -> Staff:
    return Staff.objects.get(pk=by.member_id or 0)


def one_at_a_time(record_id: UUID) -> None:
    """Twin posts of one record wait for each other until the first has committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(record_id)])


def _digests(record: VisitRecord) -> set[str]:
    """A late copy of what the record said before a revision is accepted as well."""
    earlier = record.versions.filter(why=RecordVersion.Why.REVISED).values_list("content_hash", flat=True)
    return {record.content_hash, *earlier}


def _already(record_id: UUID, visit: Visit) -> VisitRecord | None:
    """The record of this id, else that of this visit. Nearly always there is none, so only the id is asked for."""
    known = set(VisitRecord.objects.filter(Q(pk=record_id) | Q(visit=visit)).values_list("pk", flat=True))
    return VisitRecord.objects.get(pk=record_id if record_id in known else known.pop()) if known else None


def _check(visit: Visit, entry: Entry) -> None:
    entry.check()
    if any(child.household_id != visit.household_id for child in entry.students):
        raise Invalid(_("一次家访只能记同一家的孩子。"))


def _write_visit(visit: Visit, entry: Entry) -> None:
    said: dict[str, Any] = {"state": Visit.State.RECORDED, "mode": entry.mode, "not_visited": ""}
    said |= {"starts_at": entry.starts_at, "ends_at": entry.ends_at}
    if entry.mode != Mode.GROUP:
        said |= {"group_visit": None, "met_at": ""}
    elif visit.group_visit_id is None and visit.stop is not None:
        said["group_visit"] = visit.stop.group_visit
    # Only what a record tells of the visit: saving the whole row would read all that it points at first.
    Visit.objects.filter(pk=visit.pk).update(**said)
    for name, value in said.items():
        setattr(visit, name, value)
    _write_people(visit, entry)


def _write_people(visit: Visit, entry: Entry) -> None:
    """Children and companions; nothing is written where they are who was planned."""
    about = VisitStudent.objects.filter(visit=visit).values_list(Value("student"), "student_id")
    along = VisitStaff.objects.filter(visit=visit).values_list(Value("staff"), "staff_id")
    known = set(about.order_by().union(along.order_by(), all=True))
    others = [s for s in entry.companions if s.pk != visit.lead_id]
    if {pk for kind, pk in known if kind == "student"} != {child.pk for child in entry.students}:
        visit.students.all().delete()
        VisitStudent.objects.bulk_create([VisitStudent(visit=visit, student=child) for child in entry.students])
    if {pk for kind, pk in known if kind == "staff"} != {staff.pk for staff in others}:
        visit.companions.all().delete()
        VisitStaff.objects.bulk_create([VisitStaff(visit=visit, staff=staff) for staff in others])


def _fill(record: VisitRecord, entry: Entry) -> None:
    for name in PLAIN:
        value = getattr(entry, name)
        setattr(record, name, list(value) if isinstance(value, tuple) else value)
    record.question_form, record.answers = entry.question_form, dict(entry.answers)
    record.content_hash = entry.digest()


def _new_record(visit: Visit, by: Actor, record_id: UUID, entry: Entry) -> VisitRecord:
    staff = visit.lead if visit.lead_id == by.member_id else _staff(by)
    row = VisitRecord(pk=record_id, visit=visit, recorded_by=staff, recorded_at=clock.now())
    _fill(row, entry)
    try:
        row.save(force_insert=True)
    except IntegrityError as error:  # the gate's savepoint takes everything of this action back
        raise Conflict(_("这份记录的编号不能用，请刷新页面再提交；填写的内容会保留。")) from error
    return row


def _keep(record: VisitRecord, entry: Entry, why: RecordVersion.Why, staff: Staff) -> None:
    RecordVersion.objects.get_or_create(
        record=record,
        why=why,
        number=record.version,
        content_hash=entry.digest(),
        defaults={"entry": entry.as_json(), "kept_by": staff, "kept_at": clock.now()},
    )
