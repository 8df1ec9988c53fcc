"""Who sees how much of a case, and who may work in it. Outside the team lists show 优先 and nothing else."""

from enum import IntEnum

from koumen.care.models import Case, CaseNote, CaseSeat
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Student
from koumen.registry.policies import Sight, sight_of, sight_of_child


class CaseSight(IntEnum):
    """How much of a case is open: each step includes those before."""

    NOTHING = 0
    PRIORITY = 1  # 优先, for whoever knows the child
    READ = 2  # the file without sealed notes
    WORK = 3  # write in it


def seat_of(actor: Actor, case: Case) -> CaseSeat | None:
    """The actor's seat on the team, while it lasts."""
    seat: CaseSeat | None = case.seats.live(clock.today()).filter(staff_id=actor.member_id or 0).first()
    return seat


def case_sight(actor: Actor, case: Case) -> CaseSight:
    """The team works in a case; so do the class teacher and the office in one that is not of suspected harm.

    Leaders who opened the child's file read it. A case that went to another school is read by nobody here.
    """
    if case.state == Case.State.MOVED:
        return CaseSight.NOTHING
    if seat_of(actor, case) is not None:
        return CaseSight.WORK
    if case.kind == Case.Kind.HARM:
        return CaseSight.NOTHING
    if sight_of(actor, case.student.school_class) == Sight.FULL:
        return CaseSight.WORK
    child = sight_of_child(actor, case.student)
    if child == Sight.FULL:
        return CaseSight.READ
    return CaseSight.PRIORITY if child >= Sight.HEADER else CaseSight.NOTHING


def may_read_case(actor: Actor, case: Case) -> bool:
    """Open the file."""
    return case_sight(actor, case) >= CaseSight.READ


def may_work_on_case(actor: Actor, case: Case) -> bool:
    """Write in the file while the case lives."""
    return case.is_live and case_sight(actor, case) >= CaseSight.WORK


def may_open_case(actor: Actor, student: Student) -> bool:
    """Propose or open a case: whoever has the child's file by post, and the child's teachers and counsellor propose."""
    return actor.member_id is not None and sight_of(actor, student.school_class) >= Sight.SHARED


def may_report_harm(actor: Actor, student: Student) -> bool:
    """Everybody who works with children must report, about any child of the school."""
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def may_read_note(actor: Actor, note: CaseNote) -> bool:
    """A sealed note is for its writer and the counsellors of the team; an open leader's glass does not reach it."""
    if note.kind != CaseNote.Kind.SEALED:
        return may_read_case(actor, note.case)
    if not may_work_on_case(actor, note.case) and note.case.is_live:
        return False
    seat = seat_of(actor, note.case)
    return seat is not None and (note.by_id == actor.member_id or seat.part == CaseSeat.Part.COUNSELLOR)
