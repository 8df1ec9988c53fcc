"""Who may send an opinion, work on it, and know who sent it."""

from koumen.care.models import Opinion
from koumen.care.models.opinions import OFFICE
from koumen.care.policies.help import STAFF_OF_CARE
from koumen.core.actor import Actor, OrgRef
from koumen.registry.models import Guardianship, Student

BOX, FAMILY = "box", "opinion"  # behind the public door; purpose of personal links
LEADS = ("principal", "vice_principal", "moral_office")


def ties_of(guardian_id: int | None) -> "list[Guardianship]":
    """What ties this adult to children of the school now."""
    rows = Guardianship.objects.filter(guardian=guardian_id or 0, ends=None)
    return list(rows.select_related("guardian", "student__school_class").order_by("order", "pk"))


def may_send(actor: Actor, school: OrgRef) -> bool:
    """Anybody at the public door or behind an own link; staff for a family that told them."""
    if actor.visitor is not None:
        return actor.visitor.purpose in (BOX, FAMILY)
    return actor.member_id is not None and actor.holds(*STAFF_OF_CARE)


def is_concerned(actor: Actor, opinion: Opinion) -> bool:
    """Whether it is about this person."""
    return actor.member_id is not None and actor.member_id in (opinion.about_id, *opinion.concerns)


def receives(actor: Actor, opinion: Opinion) -> bool:
    """Whoever it goes to at its level, and is not what it is about."""
    if is_concerned(actor, opinion):
        return False
    if opinion.level == Opinion.Level.ABOVE:
        return actor.holds("principal", "bureau_officer")
    return actor.holds(*OFFICE, "principal")


def may_list(actor: Actor, target: object = None) -> bool:
    """Lists show what `visible_to` lets through."""
    return actor.holds(*STAFF_OF_CARE, "bureau_officer")


def may_lead(actor: Actor, target: object = None) -> bool:
    """Poster, limits, the table of a month and what is published: office and principal."""
    return actor.holds(*LEADS)


def may_lead_school(actor: Actor, school: OrgRef) -> bool:
    """The same, of the whole school."""
    return may_lead(actor)


def may_assign(actor: Actor, opinion: Opinion) -> bool:
    """Take it on, hand it over, merge it, say whom it is about."""
    return not opinion.is_over and receives(actor, opinion)


def may_answer(actor: Actor, opinion: Opinion) -> bool:
    """Whoever receives it, or has it to handle; after a family was not content, never the same person again."""
    if opinion.is_over or is_concerned(actor, opinion):
        return False
    if opinion.state == Opinion.State.REOPENED and opinion.answered_by_id == actor.member_id:
        return False
    return receives(actor, opinion) or opinion.handler_id == actor.member_id


def may_listen(actor: Actor, opinion: Opinion) -> bool:
    """A voice can tell who it is: without a name given, it is for those who receive it; others read what was said."""
    if opinion.identity == Opinion.Identity.NAMED:
        return may_see_sender(actor, opinion)
    return receives(actor, opinion)


def may_see_sender(actor: Actor, opinion: Opinion) -> bool:
    """The promise of the page: named to whoever works on it, hidden to those who receive it, anonymous to nobody."""
    if opinion.identity == Opinion.Identity.ANONYMOUS or is_concerned(actor, opinion):
        return False
    if opinion.identity == Opinion.Identity.HIDDEN:
        return receives(actor, opinion)
    return receives(actor, opinion) or actor.member_id in (opinion.handler_id, opinion.taken_by_id)


def may_publish(actor: Actor, opinion: Opinion) -> bool:
    """您说—我们做 is the school's word: office and principal, of what they receive."""
    return may_lead(actor) and receives(actor, opinion)


def may_invite(actor: Actor, student: Student) -> bool:
    """Give a child's adults their own link: the class teacher, the office and the principal."""
    own = actor.units("class", "class_teacher")
    return actor.holds(*LEADS) or student.school_class_id in own


def is_sender(actor: Actor, opinion: Opinion) -> bool:
    """The family behind its own link, or whoever told the code of this very opinion."""
    who = actor.visitor
    if who is None:
        return False
    if who.purpose == BOX:
        return who.object_id == f"code-{opinion.pk}"
    if who.purpose != FAMILY or who.person_id is None:
        return False
    if opinion.guardian_id == who.person_id:
        return True
    return (
        opinion.guardian_id is None
        and opinion.identity != Opinion.Identity.ANONYMOUS
        and opinion.household_id is not None
        and who.object_id == str(opinion.pk)
        and any(t.sees_data and t.student.household_id == opinion.household_id for t in ties_of(who.person_id))
    )
