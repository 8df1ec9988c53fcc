"""Who may see how much of a child, and who may manage the school's people."""

from enum import IntEnum
from typing import Any

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import (
    FileOpening,
    Flag,
    FlagReader,
    Guardianship,
    ImportBatch,
    Role,
    SchoolClass,
    Staff,
    Student,
)
from koumen.registry.presets.categories import SEALED

LEADERS = ("principal", "vice_principal", "middle_leader")
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
PEOPLE_MANAGERS = ("system_admin", "moral_office")


class Sight(IntEnum):
    """How much of a child is open to somebody: each step includes those before."""

    NOTHING = 0
    HEADER = 1  # name and class
    SHARED = 2  # the guardians' relations and what every teacher of the child may know
    FULL = 3  # the file


def sight_of(actor: Actor, school_class: SchoolClass | None) -> Sight:
    """What a post opens of the children of a class. Opening one file for a reason is asked by `sight_of_child`."""
    if actor.holds("moral_office"):
        return Sight.FULL
    if school_class is not None:
        if school_class.pk in actor.units("class", "class_teacher"):
            return Sight.FULL
        if school_class.pk in actor.units("class", "subject_teacher", "counsellor"):
            return Sight.SHARED
        if school_class.grade_id in actor.units("grade", "grade_head"):
            return Sight.HEADER
    return Sight.HEADER if actor.holds(*LEADERS) else Sight.NOTHING


def sight_of_child(actor: Actor, student: Student) -> Sight:
    """What is open of this child now: by post, or because the file was opened for a reason in the last hours."""
    by_post = sight_of(actor, student.school_class)
    if by_post in (Sight.HEADER, Sight.SHARED) and may_open_file(actor, student):
        opened = FileOpening.objects.open_for(actor, student, clock.now()).exists()
        return Sight.FULL if opened else by_post
    return by_post


def may_see_child(actor: Actor, student: Student) -> bool:
    """At least the name."""
    return sight_of(actor, student.school_class) >= Sight.HEADER


def may_see_class(actor: Actor, school_class: SchoolClass) -> bool:
    """The page of a class shows children, so administrators of the system stay outside."""
    return sight_of(actor, school_class) >= Sight.HEADER


def may_see_classes(actor: Actor, org: OrgRef) -> bool:
    """The school's people see its classes, without children."""
    return actor.member_id is not None


def may_open_file(actor: Actor, student: Student) -> bool:
    """Breaking the glass is for leaders and the head of the child's grade."""
    head = student.school_class is not None and student.school_class.grade_id in actor.units("grade", "grade_head")
    return actor.holds(*LEADERS) or head


def may_see_sealed(actor: Actor, student: Student) -> bool:
    """Categories of sensitivity 3: the persons named for this child alone, while they know the child by a post.

    No post opens them by itself, and no opening for a reason reaches them.
    """
    if sight_of(actor, student.school_class) == Sight.NOTHING:
        return False
    return bool(FlagReader.objects.live(clock.today()).filter(student=student, staff=actor.member_id or 0).exists())


def may_flag(actor: Actor, student: Student) -> bool:
    """Set, renew and end flags: the class teacher and the office."""
    return actor.member_id is not None and sight_of(actor, student.school_class) == Sight.FULL


def may_turn_flag(actor: Actor, flag: Flag) -> bool:
    """Like setting one; a sealed one by whoever may read it."""
    if flag.sensitivity >= SEALED:
        return may_see_sealed(actor, flag.student)
    return may_flag(actor, flag.student)


def may_name_readers(actor: Actor, student: Student) -> bool:
    """The office names who may read a child's sealed categories."""
    return actor.member_id is not None and actor.holds("moral_office")


def may_read_value(actor: Actor, student: Student) -> bool:
    """The clear value of a masked field."""
    return sight_of_child(actor, student) == Sight.FULL


def may_manage_guardian(actor: Actor, tie: Guardianship) -> bool:
    """Who has the child's file by post: the class teacher and the office."""
    return sight_of(actor, tie.student.school_class) == Sight.FULL


def may_see_staff(actor: Actor, target: object = None) -> bool:
    """Colleagues' names and posts."""
    return actor.member_id is not None


def may_manage_staff(actor: Actor, target: object = None) -> bool:
    """Posts and accounts."""
    return actor.holds(*PEOPLE_MANAGERS)


def may_appoint(actor: Actor, staff: Staff) -> bool:
    """Nobody gives a post to themselves."""
    return may_manage_staff(actor) and staff.pk != actor.member_id


def may_end_role(actor: Actor, role: Role) -> bool:
    """Nobody takes the last hand off their own post; administrators' posts are ended by the system administrator."""
    if role.staff_id == actor.member_id or not may_manage_staff(actor):
        return False
    return role.post not in ADMINISTRATORS or actor.holds("system_admin")


def may_manage_account(actor: Actor, staff: Staff) -> bool:
    """Accounts are opened, reset and closed by the system administrator and, for teachers, by the office."""
    return may_manage_staff(actor) and staff.pk != actor.member_id


def may_drop_second_factor(actor: Actor, staff: Staff) -> bool:
    """For somebody who lost phone and recovery codes: the system administrator, with a reason."""
    return actor.holds("system_admin") and staff.pk != actor.member_id


def may_set_calendar(actor: Actor, org: OrgRef) -> bool:
    """School years, terms and days off."""
    return actor.holds("moral_office", "system_admin", *LEADERS)


def may_upload(actor: Actor, kind: str) -> bool:
    """Bring in a file. Children's files are for the office and the leaders; administrators never read them."""
    if kind == "students":
        return actor.holds("moral_office", *LEADERS)
    if kind == "staff":
        return may_manage_staff(actor)
    return actor.holds("moral_office", "system_admin", *LEADERS)


def may_import(actor: Actor, batch: ImportBatch) -> bool:
    """Look at an upload, confirm it, throw it away."""
    return may_upload(actor, batch.kind)


def may_arrange_households(actor: Actor, target: Any = None) -> bool:
    """Join and part households, and set where they live."""
    return actor.holds("moral_office", *LEADERS)
