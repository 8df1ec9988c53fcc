"""A whole plan with the children's names, let out by two persons (`care.services.name_lists`)."""

from django.utils.translation import gettext as _

from koumen.care.models import NameList
from koumen.care.services.name_lists import KINDS, Asked, ListKind, Wanted
from koumen.core.actor import Actor
from koumen.visits.models import Outing, Plan
from koumen.visits.policies.campaigns import manages
from koumen.visits.queries.plans import outings
from koumen.visits.services.timetables import by_person, named, workbook


def _people(by: Actor, wanted: Wanted) -> dict[str, list[Outing]]:
    """Everybody's outings of the plan that was asked for; none once it is gone."""
    plan = Plan.objects.filter(pk=int(wanted["plan"])).first()
    return by_person(outings(plan, by)) if plan is not None else {}


def _count(by: Actor, wanted: Wanted) -> int:
    return named(_people(by, wanted))


def _make(asked: Asked) -> bytes:
    """The workbook, never with addresses."""
    people = _people(asked.by, asked.wanted)
    return workbook(people, by=asked.by, has_names=True, stamp=asked.watermark)


KINDS[NameList.Kind.TIMETABLES] = ListKind(manages, _count, _make, lambda: _("家访日程"))
