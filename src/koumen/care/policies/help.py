"""Who may hand something over to care."""

from koumen.core.actor import Actor
from koumen.registry.models import Household, Student

STAFF_OF_CARE = (
    "moral_office", "principal", "vice_principal", "middle_leader", "grade_head", "class_teacher", "subject_teacher",
    "counsellor",
)  # fmt: skip


def may_raise(actor: Actor, student: Student) -> bool:
    """Whoever talks with families may say what is needed; whose visit it was is asked where the visit is recorded."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_pass_on(actor: Actor, household: Household) -> bool:
    """Whoever talks with families passes their opinions on."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_help(actor: Actor, student: Student) -> bool:
    """Whoever teaches the child."""
    taught = actor.units("class", "class_teacher", "subject_teacher", "counsellor")
    return actor.member_id is not None and student.school_class_id in taught
