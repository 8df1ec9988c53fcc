"""Who may share, agree, confirm, judge and report after a visit."""

from dataclasses import dataclass

from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Guardianship, Student
from koumen.visits.models import Agreement, Effect, Share, Visit, VisitRecord

AGREEMENT, FEEDBACK = "agreement", "feedback"  # purposes of personal links


@dataclass(frozen=True)
class About:
    """A child in a record: what is shared, is shared child by child."""

    record: VisitRecord
    student: Student


@dataclass(frozen=True)
class Form:
    """The feedback form of a visit. No row, so that the log names none."""

    visit: Visit


def may_follow(actor: Actor, visit: Visit) -> bool:
    """The lead, and the class teacher of one of the children: they go on with what a visit began."""
    if actor.member_id is None:
        return False
    own = actor.units("class", "class_teacher")
    if visit.lead_id == actor.member_id or visit.school_class_id in own:
        return True
    return visit.students.filter(student__school_class_id__in=own).exists()


def may_follow_record(actor: Actor, record: VisitRecord) -> bool:
    return may_follow(actor, record.visit)


def may_share(actor: Actor, about: About) -> bool:
    """The child's class teacher, and the lead."""
    if about.student.school_class_id in actor.units("class", "class_teacher"):
        return True
    return actor.member_id is not None and about.record.visit.lead_id == actor.member_id


def may_read_share(actor: Actor, share: Share) -> bool:
    """Whoever sees it, has it to read."""
    return actor.member_id is not None


def may_send(actor: Actor, agreement: Agreement) -> bool:
    return may_follow(actor, agreement.record.visit)


def ties(visit: Visit, guardian_id: int | None) -> Guardianship | None:
    """What ties this adult, who may see the child's data, to a child of the visit; the one that may sign first."""
    rows = Guardianship.objects.filter(
        student__visits__visit=visit.pk, guardian=guardian_id or 0, ends=None, sees_data=True
    )
    return rows.select_related("guardian", "student").order_by("-may_sign", "order", "pk").first()


def _own(actor: Actor, agreement: Agreement) -> Guardianship | None:
    who = actor.visitor
    if who is None or (who.purpose, who.object_id) != (AGREEMENT, str(agreement.pk)):
        return None
    return ties(agreement.record.visit, who.person_id)


def may_read_agreement(actor: Actor, agreement: Agreement) -> bool:
    """The adult behind the link made for it."""
    return _own(actor, agreement) is not None


def may_confirm(actor: Actor, agreement: Agreement) -> bool:
    """The same, who may also sign for the child."""
    own = _own(actor, agreement)
    return own is not None and own.may_sign


def may_keep(actor: Actor, agreement: Agreement) -> bool:
    """The family that confirmed it; the lead and the class teacher."""
    return may_confirm(actor, agreement) or may_follow(actor, agreement.record.visit)


def may_judge(actor: Actor, effect: Effect) -> bool:
    """Whoever was asked, and whoever goes on with the visit."""
    return effect.asked_id == actor.member_id or may_follow(actor, effect.record.visit)


def may_give_feedback(actor: Actor, form: Form) -> bool:
    """The family behind the link made for this visit."""
    who = actor.visitor
    return who is not None and (who.purpose, who.object_id) == (FEEDBACK, str(form.visit.pk))


def may_report(actor: Actor, school: OrgRef) -> bool:
    """Whoever came by a personal link of this school."""
    return actor.visitor is not None and actor.org.id == school.id


def may_commit(actor: Actor, school: OrgRef) -> bool:
    """Everybody on the staff, for themselves."""
    return actor.member_id is not None


def may_see_results(actor: Actor, target: object = None) -> bool:
    """What families say of visits, in numbers: office and leaders; class teachers of their own class."""
    return actor.holds("moral_office", "principal", "vice_principal", "class_teacher")
