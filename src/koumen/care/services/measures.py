"""Help a teacher of the child adds of their own accord."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import Measure
from koumen.care.models.findings import Source
from koumen.care.policies.help import may_help
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry.models import Staff, Student


@action("measure.add", may=may_help)
def add_measure(student: Student, *, by: Actor, token: UUID, kind: str, text: str, due: date) -> Measure:
    """A measure of one's own, owned by oneself. The page made `token`: sent twice, it is there once.

    Raises Invalid for a day that is past.
    """
    if due < clock.today():
        raise Invalid(_("完成日期不能早于今天。"))
    row, _made = Measure.objects.get_or_create(
        source=Source.TEACHER,
        source_id=token,
        student=student,
        kind=kind,
        defaults={"text": text.strip(), "owner": Staff.objects.get(pk=by.member_id or 0), "due": due},
    )
    return row
