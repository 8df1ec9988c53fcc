"""A plan in force whose families are asked: short ways to find a visit and to answer for a family."""

from datetime import datetime

from koumen.core import clock, links
from koumen.core.actor import Actor
from koumen.core.models import PersonalLink
from koumen.registry.models import Guardian
from koumen.visits.models import Appointment, Plan, Visit
from koumen.visits.queries.offers import Diary, from_afar
from koumen.visits.services import appointments
from koumen.visits.services.appointments import Reply
from koumen.visits.services.plans import adopt
from tests.visits import season


def adopted_plan(by: Actor) -> Plan:
    """The season's plan in force, on 7 September."""
    with clock.at(season.TODAY):
        plan = season.planned(by)
        adopt(plan, by=by)
    return plan


def of(child: str) -> Visit:
    """The child's visit of the campaign."""
    return Visit.objects.get(students__student__name=child, campaign__isnull=False)


def family(row: Appointment, name: str, by: Actor) -> Actor:
    """The adult of that name behind the own link."""
    guardian = Guardian.objects.get(name=name)
    link = PersonalLink(org_id=row.org_id, purpose="appointment", person_id=guardian.pk, object_id=str(row.pk))
    return links.visitor(link, name, by.org)


def answered(row: Appointment, name: str, reply: Reply, by: Actor) -> Appointment:
    """What becomes of it when that adult answers; `by` is anybody of the school."""
    return appointments.answer(row, by=family(row, name, by), reply=reply)


def free(visit: Visit, mode: str) -> datetime:
    """The first time that is offered for a talk."""
    diary = Diary(visit.campaign, visit.lead_id, visit.school_class_id)
    return from_afar(visit, diary, mode)[0].starts
