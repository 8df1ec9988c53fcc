"""Who may see, record and revise visits."""

from collections.abc import Iterable
from datetime import date

from koumen.core.actor import Actor
from koumen.registry.models import SchoolClass, Student
from koumen.registry.policies import Sight, sight_of_child
from koumen.visits.models import Visit, VisitRecord

OFFICE = ("moral_office", "principal", "vice_principal", "middle_leader")
VISITORS = (*OFFICE, "grade_head", "class_teacher", "subject_teacher", "counsellor")


def may_keep_records(actor: Actor, target: object = None) -> bool:
    """Teachers and leaders go on visits; administrators of the system do not."""
    return actor.member_id is not None and actor.holds(*VISITORS)


def may_start(actor: Actor, student: Student) -> bool:
    """An unplanned visit: whoever sees the child, of a class taught or led."""
    return may_keep_records(actor) and student.state == Student.State.ENROLLED


def went(actor: Actor, visit: Visit) -> bool:
    """Whether the actor leads this visit or goes along."""
    if actor.member_id is None:
        return False
    return visit.lead_id == actor.member_id or visit.companions.filter(staff_id=actor.member_id).exists()


def may_record(actor: Actor, visit: Visit) -> bool:
    """The lead, a companion, or the class teacher of one of the children."""
    if not may_keep_records(actor):
        return False
    own = actor.units("class", "class_teacher")
    if visit.school_class_id in own or went(actor, visit):
        return True
    return visit.students.filter(student__school_class_id__in=own).exists()


def may_split(actor: Actor, visit: Visit) -> bool:
    """Writing about siblings apart: whoever went, and the class teacher it belongs to, who may record every part."""
    if not may_keep_records(actor):
        return False
    return visit.school_class_id in actor.units("class", "class_teacher") or went(actor, visit)


def may_add_version(actor: Actor, record: VisitRecord) -> bool:
    """Whoever may record the visit may say what they saw, beside what is written."""
    return may_record(actor, record.visit)


def may_revise(actor: Actor, record: VisitRecord) -> bool:
    """Whoever wrote it, and the lead. Whether the month is still open is the service's question."""
    return may_keep_records(actor) and actor.member_id in {record.recorded_by_id, record.visit.lead_id}


def may_read(actor: Actor, visit: Visit, children: Iterable[Student]) -> bool:
    """What came of a visit: whoever went, and whoever has the file of one of the children open.

    Leaders see that a visit was made; for its content they open the child's file, with a reason.
    """
    return went(actor, visit) or any(sight_of_child(actor, child) == Sight.FULL for child in children)


def may_list_class(actor: Actor, school_class: SchoolClass) -> bool:
    """Which visits of a class are recorded: the office, leaders and the class teacher."""
    return actor.holds(*OFFICE) or school_class.pk in actor.units("class", "class_teacher")


def may_print_class(actor: Actor, school_class: SchoolClass) -> bool:
    """All records of a class on paper: the office and the class teacher."""
    return actor.holds("moral_office") or school_class.pk in actor.units("class", "class_teacher")


def may_close_months(actor: Actor, month: date) -> bool:
    """Handing in the school's figures, and taking them back."""
    return actor.holds("moral_office", "principal", "vice_principal")
