"""A visit to siblings is one record. Where it is wanted, each child gets its own, and is counted once all the same."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Student
from koumen.visits.models import Visit, VisitRecord, VisitStudent
from koumen.visits.policies.visits import may_split
from koumen.visits.services.entries import Entry
from koumen.visits.services.visits import one_at_a_time, record


@action("visit.start_beside", may=may_split)
def start_beside(visit: Visit, *, by: Actor, record_id: UUID, child: Student) -> Visit:
    """The same hour for another child of the home, to be recorded under `record_id`; the same id gives the same visit.

    A child already written down apart gives that visit: recording it again names the conflict. Raises Invalid for a
    child of another home, Conflict for a cancelled visit.
    """
    one_at_a_time(record_id)
    known = Visit.objects.filter(record=record_id).first()
    if known is not None:
        return known
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=visit.beside_id or visit.pk)
    if visit.state == Visit.State.CANCELLED:
        raise Conflict(_("这次家访已取消。如果后来还是去了，请从“记录家访”重新开始一次。"))
    if child.household_id != visit.household_id:
        raise Invalid(_("一次家访只能记同一家的孩子。"))
    twin = visit.apart.filter(students__student=child).first()
    return twin or _copy(visit, child)


def _copy(visit: Visit, child: Student) -> Visit:
    made = Visit(beside=visit, starts_at=visit.starts_at, ends_at=visit.ends_at, kind=visit.kind, mode=visit.mode)
    made.household, made.school_class, made.lead = visit.household, visit.school_class, visit.lead
    made.campaign, made.group_visit, made.met_at = visit.campaign, visit.group_visit, visit.met_at
    made.save()
    VisitStudent.objects.create(visit=made, student=child)
    others = visit.students.exclude(student=child)
    if visit.state != Visit.State.RECORDED and others.exists():
        visit.students.filter(student=child).delete()  # what is still to be written down is about the others
    return made


@action("visit.record_apart", may=may_split)
def record_apart(visit: Visit, *, by: Actor, parts: Sequence[tuple[UUID, Entry]]) -> list[VisitRecord]:
    """One record for each child, all or none; the first stands in the visit itself. Sent again, they are the same.

    Raises what `record` raises, and Invalid when a child is in none or in two of them.
    """
    children = [child.pk for _id, entry in parts for child in entry.students]
    if len(set(children)) < len(children) or any(len(entry.students) != 1 for _id, entry in parts) or not parts:
        raise Invalid(_("分开写时，每份记录写一个孩子。"))
    (first_id, first), *others = parts
    kept = [record(visit, by=by, record_id=first_id, entry=first)]
    for record_id, entry in others:
        beside = start_beside(visit, by=by, record_id=record_id, child=entry.students[0])
        kept.append(record(beside, by=by, record_id=record_id, entry=entry))
    return kept
