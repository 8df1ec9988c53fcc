"""Who may ask a family, who may answer for it."""

from koumen.core.actor import Actor
from koumen.registry.models import Guardianship, SchoolClass
from koumen.visits.models import Appointment, Visit

PURPOSE = "appointment"  # of personal links


def may_ask_class(actor: Actor, school_class: SchoolClass) -> bool:
    """The class teacher, and the office."""
    return actor.holds("moral_office") or school_class.pk in actor.units("class", "class_teacher")


def may_ask(actor: Actor, visit: Visit) -> bool:
    """The class teacher, whoever leads the visit, and the office."""
    own = visit.school_class_id in actor.units("class", "class_teacher")
    return own or actor.holds("moral_office") or (actor.member_id is not None and actor.member_id == visit.lead_id)


def may_arrange(actor: Actor, appointment: Appointment) -> bool:
    """Note what a family said on the phone, take an invitation back."""
    return may_ask(actor, appointment.visit)


def may_answer(actor: Actor, appointment: Appointment) -> bool:
    """The adult behind the link made for this appointment; on its behalf, whoever may ask."""
    who = actor.visitor
    if who is None:
        return may_arrange(actor, appointment)
    mine = (who.purpose, who.object_id) == (PURPOSE, str(appointment.pk))
    return mine and rights_of(appointment, who.person_id) is not None


def rights_of(appointment: Appointment, guardian_id: int | None) -> Guardianship | None:
    """What ties this adult, who still gets notices, to a child of the visit; None when nothing does any more."""
    rows = Guardianship.objects.filter(
        student__visits__visit=appointment.visit_id, guardian=guardian_id or 0, ends=None, gets_notices=True
    )
    return rows.select_related("guardian", "student").order_by("-sees_data", "order", "pk").first()
