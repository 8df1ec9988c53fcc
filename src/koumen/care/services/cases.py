"""一生一案: from a proposal to an opened case."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseSeat, NumberCount
from koumen.care.models.findings import Source
from koumen.care.policies.cases import may_open_case
from koumen.care.services.numbers import next_number
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry.models import Role, Staff, Student
from koumen.registry.presets.categories import CATEGORIES
from koumen.registry.queries.calendar import term_of


@action("case.open", may=may_open_case)
def open_case(
    student: Student,
    *,
    by: Actor,
    source: Source,
    reasons: Iterable[str],
    why: str,
    source_id: UUID | None = None,
    level: int = Case.Level.ORDINARY,
    lead: Staff | None = None,
) -> Case:
    """Propose a case for a child, or give back the one that lives: a child has one.

    It becomes 已建档 with its first measure, or with a recorded decision not to act (`care.services.casework`). The
    team begins with the lead (the class teacher unless somebody else is named) and whoever proposes. `reasons` are
    category codes. Raises Invalid without a reason, or for a code that does not exist.
    """
    codes = sorted(set(reasons))
    if not why.strip():
        raise Invalid(_("请写一下为什么建档。"))
    if not codes or any(code not in CATEGORIES for code in codes):
        raise Invalid(_("请选一个建档类别。"))
    known = Case.objects.live().ordinary().select_for_update().filter(student=student).first()
    if known is not None:
        return known
    today = clock.today()
    opener = Staff.objects.filter(pk=by.member_id or 0).first()
    head = lead or class_teacher_of(student) or opener
    row = Case.objects.create(
        year=today.year,
        number=next_number(NumberCount.Series.CASE, today.year),
        student=student,
        level=level,
        reasons=codes,
        why=why.strip(),
        source=source,
        source_id=source_id,
        opened_on=today,
        opened_by=opener,
        lead=head,
        changed_at=clock.now(),
    )
    if head is not None:
        seat(row, head, CaseSeat.Part.LEAD, by=by, on=today)
    if opener is not None and opener != head:
        seat(row, opener, CaseSeat.Part.MEMBER, by=by, on=today)
    return row


def seat(case: Case, staff: Staff, part: str, *, by: Actor, on: date) -> CaseSeat:
    """Put somebody on the team until the term ends; called inside an action."""
    row, _made = CaseSeat.objects.update_or_create(
        case=case,
        staff=staff,
        defaults={"part": part, "starts": on, "ends": term_of(on)[1], "given_by": by.display_name},
    )
    return row


def class_teacher_of(student: Student) -> Staff | None:
    """The child's class teacher today."""
    posts = Role.objects.current(clock.today()).filter(post="class_teacher", school_class=student.school_class_id)
    return Staff.objects.filter(roles__in=posts, is_active=True).order_by("pk").first()
