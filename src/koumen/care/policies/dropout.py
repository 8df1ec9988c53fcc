"""Who sees the dropout lists, works on an entry, checks a class, hands in and checks the numbers."""

from datetime import date
from typing import Any

from koumen.care.models import DropoutEntry
from koumen.care.policies.cases import may_open_case, seat_of
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor
from koumen.registry.models import SchoolClass, Student
from koumen.registry.policies import Sight, sight_of, sight_of_child

SCHOOL_WIDE = ("moral_office", "principal", "vice_principal")


def may_see_lists(actor: Actor, target: object = None) -> bool:
    """The page; which children stand on it is the queryset's matter."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_list_child(actor: Actor, student: Student) -> bool:
    """Put a child on the list: whoever may propose a case for it."""
    return may_open_case(actor, student)


def may_read_entry(actor: Actor, entry: DropoutEntry) -> bool:
    """Reasons and attempts: the class teacher, the office, the case's team, leaders who opened the child's file."""
    if sight_of_child(actor, entry.student) == Sight.FULL:
        return True
    return entry.case is not None and seat_of(actor, entry.case) is not None


def may_work_on_entry(actor: Actor, entry: DropoutEntry) -> bool:
    """Write attempts and verify: by post or by a seat on the team; a leader's open glass only reads."""
    if entry.closed_on is not None or actor.member_id is None:
        return False
    if sight_of(actor, entry.student.school_class) == Sight.FULL:
        return True
    return entry.case is not None and seat_of(actor, entry.case) is not None


def may_close_entry(actor: Actor, entry: DropoutEntry) -> bool:
    """销号: the office or the principal, never whoever verified."""
    ours = actor.member_id is not None and actor.holds("moral_office", "principal")
    return ours and entry.verified_by_id != actor.member_id


def may_check_class(actor: Actor, school_class: SchoolClass) -> bool:
    """The return check at term start: the class teacher, and the office in their stead."""
    own = school_class.pk in actor.units("class", "class_teacher")
    return actor.member_id is not None and (own or actor.holds("moral_office"))


def may_see_numbers(actor: Actor, target: object = None) -> bool:
    """The school's monthly numbers."""
    return actor.holds(*SCHOOL_WIDE)


def may_export_names(actor: Actor) -> bool:
    """Ask for the list with names the law demands; a second person approves it."""
    return actor.member_id is not None and actor.holds("moral_office", "principal")


def may_submit(actor: Actor, month: date) -> bool:
    """Hand the month's numbers in."""
    return actor.member_id is not None and actor.holds("moral_office", "principal")


def may_check_reports(actor: Actor, target: Any = None) -> bool:
    """The county's quarterly check."""
    return actor.holds("bureau_officer")


def may_ask_demand(actor: Actor, target: Any = None) -> bool:
    """Ask a family whether a village school is wanted: whoever talks with families."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_see_demand(actor: Actor, target: object = None) -> bool:
    """The table by village, the signatures and the files."""
    return actor.holds(*SCHOOL_WIDE)
