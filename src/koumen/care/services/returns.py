"""开学返校核查: one page a class at term start; who is not here is looked after from that moment on."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from django.utils.translation import gettext as _

from koumen.care.models import DropoutEntry, ReturnCheck, ReturnCheckChild
from koumen.care.models.findings import Source
from koumen.care.policies.dropout import may_check_class
from koumen.care.presets.dropout import Reason, Verified
from koumen.care.services.dropout import Found, exclude, list_child
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.core.words import for_others
from koumen.registry.models import SchoolClass, Staff, Student, Term

AWAY = ReturnCheckChild.State


@dataclass(frozen=True)
class Away:
    """One child that did not come: what is known of it, in a few words."""

    state: str
    note: str = ""


@action("returns.check", may=may_check_class)
def check_class(school_class: SchoolClass, *, by: Actor, term: Term, away: Mapping[int, Away]) -> ReturnCheck:
    """Whoever is not in `away` (by student) is here. Children not back come onto the list, with a case, at once.

    Done again, it is replaced; a child that has come meanwhile is taken off the list when nothing was done for it yet.
    Raises Invalid for children of another class, and for a term that has not begun.
    """
    if term.starts > clock.today():
        raise Invalid(_("这学期还没有开始，开学后再核查。"))
    children = {child.pk: child for child in Student.objects.enrolled().filter(school_class=school_class)}
    if not away.keys() <= children.keys():
        raise Invalid(_("名单里有不在本班的学生，请刷新页面。"))
    row, _made = ReturnCheck.objects.update_or_create(
        term=term,
        school_class=school_class,
        defaults={"done_by": Staff.objects.get(pk=by.member_id or 0), "done_at": clock.now()},
    )
    row.children.all().delete()
    ReturnCheckChild.objects.bulk_create(
        [
            ReturnCheckChild(check_of=row, student=children[pk], state=one.state, note=one.note)
            for pk, one in away.items()
        ]
    )
    missing = {pk: one for pk, one in away.items() if one.state == AWAY.NOT_BACK}
    _take_off(row, but=missing, by=by)
    for pk, one in missing.items():
        list_child(children[pk], by=by, token=uuid4(), found=_found(one), source=Source.DROPOUT)
    return row


def _found(one: Away) -> Found:
    with for_others():
        return Found(words=one.note.strip() or _("开学返校核查时没有到校"), reason=Reason.UNKNOWN)


def _take_off(check: ReturnCheck, *, but: Mapping[int, Away], by: Actor) -> None:
    """Children a check of this term had listed and that are here after all."""
    rows = DropoutEntry.objects.live().filter(
        source=Source.DROPOUT, state=DropoutEntry.State.SUSPECTED, attempts=None, verified_on=None,
        student__school_class=check.school_class, found_on__gte=check.term.starts,
    )  # fmt: skip
    for entry in rows.exclude(student_id__in=list(but)).select_related("student", "case"):
        exclude(entry, by=by, how=Verified.AT_SCHOOL)
