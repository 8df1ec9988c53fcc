"""Who may see how far the visits of a class, a grade, the school and the staff have come."""

from koumen.core.actor import Actor
from koumen.registry.models import SchoolClass
from koumen.visits.policies.visits import OFFICE, may_keep_records


def may_see_coverage(actor: Actor, target: object = None) -> bool:
    """Everybody who goes on visits sees at least the own number."""
    return may_keep_records(actor)


def may_see_class_coverage(actor: Actor, school_class: SchoolClass) -> bool:
    """The class teacher, the head of the grade, the office and leaders; all of them may see the children's names."""
    if not may_keep_records(actor):
        return False
    if actor.holds(*OFFICE) or school_class.pk in actor.units("class", "class_teacher"):
        return True
    return school_class.grade_id in actor.units("grade", "grade_head")


def may_see_staff_coverage(actor: Actor, target: object = None) -> bool:
    """What each teacher still owes: the office and leaders."""
    return may_keep_records(actor) and actor.holds(*OFFICE)
