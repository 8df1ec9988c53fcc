"""Who sees how much of a case, and who may work in it. Outside the team lists show 优先 and nothing else."""

from enum import IntEnum

from koumen.care.models import Case, CaseAgreement, CaseNote, CaseSeat, Measure
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Guardianship, Student
from koumen.registry.policies import Sight, sight_of, sight_of_child

CASE_AGREEMENT = "case_agreement"  # purpose of personal links


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
    by_post = case.kind == Case.Kind.CARE and sight_of(actor, case.student.school_class) == Sight.FULL
    if by_post or seat_of(actor, case) is not None:
        return CaseSight.WORK
    if case.kind == Case.Kind.HARM:
        return CaseSight.NOTHING
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


def may_reopen(actor: Actor, case: Case) -> bool:
    """Take a closed case up again: whoever worked in it."""
    return case.state == Case.State.CLOSED and case_sight(actor, case) >= CaseSight.WORK


def may_read_note(actor: Actor, note: CaseNote) -> bool:
    """A sealed note is for its writer and the counsellors of the team; an open leader's glass does not reach it.

    An open note is for the child's teachers, too.
    """
    sight = case_sight(actor, note.case)
    if note.kind == CaseNote.Kind.SEALED:
        return reads_sealed(actor, note, sight, seat_of(actor, note.case))
    if note.kind == CaseNote.Kind.OPEN and sight == CaseSight.PRIORITY:
        return sight_of(actor, note.case.student.school_class) >= Sight.SHARED
    return sight >= CaseSight.READ


def reads_sealed(actor: Actor, note: CaseNote, sight: CaseSight, seat: CaseSeat | None) -> bool:
    """The same of a sealed note, once sight and seat are known."""
    if sight < CaseSight.WORK:
        return False
    is_counsellor = seat is not None and seat.part == CaseSeat.Part.COUNSELLOR
    return is_counsellor or note.by_id == actor.member_id


def may_do_measure(actor: Actor, measure: Measure) -> bool:
    """Write down what was done and end it: its owner, whoever has the child's file by post, and the case's team."""
    if actor.member_id is None:
        return False
    if measure.case is not None and measure.case.kind == Case.Kind.HARM:
        return measure.owner_id == actor.member_id or may_work_on_case(actor, measure.case)
    if measure.owner_id == actor.member_id or sight_of(actor, measure.student.school_class) == Sight.FULL:
        return True
    return measure.case is not None and may_work_on_case(actor, measure.case)


def may_arrange_measure(actor: Actor, measure: Measure) -> bool:
    """Drop it or hand it to somebody else: not its owner alone, where a case stands behind it."""
    if measure.case is not None:
        return may_work_on_case(actor, measure.case)
    return may_do_measure(actor, measure)


def family_tie(case: Case, guardian_id: int | None) -> Guardianship | None:
    """What ties this adult, who may see the child's data, to the case's child."""
    rows = Guardianship.objects.filter(student=case.student_id, guardian=guardian_id or 0, ends=None, sees_data=True)
    return rows.select_related("guardian").order_by("-may_sign", "order", "pk").first()


def _tie_behind_link(actor: Actor, agreement: CaseAgreement) -> Guardianship | None:
    who = actor.visitor
    if who is None or (who.purpose, who.object_id) != (CASE_AGREEMENT, str(agreement.pk)):
        return None
    return family_tie(agreement.case, who.person_id)


def may_answer_agreement(actor: Actor, agreement: CaseAgreement) -> bool:
    """The adult behind the link made for it."""
    return _tie_behind_link(actor, agreement) is not None


def may_confirm_agreement(actor: Actor, agreement: CaseAgreement) -> bool:
    """The same, who may also sign for the child."""
    tie = _tie_behind_link(actor, agreement)
    return tie is not None and tie.may_sign


def may_send_agreement(actor: Actor, agreement: CaseAgreement) -> bool:
    """Whoever works in the case."""
    return may_work_on_case(actor, agreement.case)


def is_program_in(actor: Actor, school: OrgRef) -> bool:
    """What nobody does by hand."""
    return actor.account_id is None and actor.visitor is None and actor.org.id == school.id
