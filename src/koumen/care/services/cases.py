"""一生一案: from a proposal to an opened case."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from koumen.care.models import Case, CaseSeat, Finding, Measure, NumberCount
from koumen.care.models.findings import Source
from koumen.care.policies.cases import may_open_case
from koumen.care.presets.cases import PROPOSING
from koumen.care.services.numbers import next_number
from koumen.care.services.tasks import give
from koumen.core import audit, clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.core.words import for_others, listed
from koumen.registry.models import Role, Staff, Student
from koumen.registry.presets.categories import CATEGORIES, SEALED, name, sensitivity
from koumen.registry.queries.calendar import term_of

FOR_GOOD = date(9999, 12, 31)
TIME_TO_LOOK = timedelta(days=7)  # at a proposal nobody typed


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
    category codes. Problems and help of the child that are open become the case's. The same source again gives the
    case it gave before, closed or not. Raises Invalid without a reason, or for a code that does not exist.
    """
    codes = sorted(set(reasons))
    if not why.strip():
        raise Invalid(_("请写一下为什么建档。"))
    if not codes or any(code not in CATEGORIES for code in codes):
        raise Invalid(_("请选一个建档类别。"))
    if lead is not None and not lead.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    if student.state in (Student.State.MOVED, Student.State.GRADUATED):
        raise Invalid(_("这名学生已经转出或毕业，不能在本校建档。"))
    row, _is_new = _kept(student, by, source, source_id, codes, why.strip(), level, lead)
    return row


def propose(student: Student, *, by: Actor, source: Source, source_id: UUID, categories: Iterable[str]) -> Case | None:
    """A case for what a source names, where that is more than a visit can meet; part of the source's own action.

    Less than that joins the case the child has, if there is one.
    Whoever noted it may not know the child's file, so nothing is asked of them; the lead gets a task to look at it.
    Sent again, it is there once.
    """
    codes = sorted(set(categories) & set(PROPOSING))
    if not codes:
        return join(student)
    with for_others():
        open_names = listed(name(code) for code in codes if sensitivity(code) < SEALED)
        why = _("家访中发现：%(names)s。") % {"names": open_names or _("需要关爱")}
        row, is_new = _kept(student, by, source, source_id, codes, why, Case.Level.KEY, None)
        if is_new:
            audit.write(by, "case.open", row)
            if row.lead is not None and row.lead.is_active:
                give(
                    row.lead,
                    by=by,
                    title=_("看一看待建档的一生一案 %(code)s") % {"code": row.code},
                    due=clock.today() + TIME_TO_LOOK,
                    about="case",
                    about_id=row.pk,
                    once_key=f"case-proposed:{row.pk}",
                )
    return row


def _kept(
    student: Student,
    by: Actor,
    source: Source,
    source_id: UUID | None,
    codes: list[str],
    why: str,
    level: int,
    lead: Staff | None,
) -> tuple[Case, bool]:
    """The child's case and whether it is new; whoever opens one for the same child at the same time waits."""
    Student.objects.select_for_update(no_key=True, of=("self",)).get(pk=student.pk)
    known = Case.objects.live().ordinary().filter(student=student).select_related("lead").first()
    if known is None and source_id is not None:
        same = Case.objects.filter(student=student, source=source, source_id=source_id).first()
        known = same if same is not None and same.kind == Case.Kind.CARE else None
        source_id = None if same is not None else source_id  # suspected harm keeps its source to itself
    if known is not None:
        if known.is_live:
            gather(known)
        return known, False
    today = clock.today()
    opener = Staff.objects.filter(pk=by.member_id or 0).first()
    head = lead or class_teacher_of(student) or opener
    row = Case.objects.create(
        year=today.year,
        number=next_number(NumberCount.Series.CASE, today.year),
        student=student,
        level=level,
        reasons=codes,
        why=why,
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
    gather(row)
    return row, True


def join(student: Student) -> Case | None:
    """What is open with a child joins the case that lives; part of other actions. None while there is no case."""
    known: Case | None = Case.objects.live().ordinary().filter(student=student).first()
    if known is not None:
        gather(known)
    return known


def gather(case: Case) -> None:
    """Problems and help of the child that are open and stand in no case become this one's."""
    if case.kind != Case.Kind.CARE:
        return
    Finding.objects.open().filter(student=case.student_id, case=None).update(case=case)
    Measure.objects.open().filter(student=case.student_id, case=None).update(case=case)


def seat(case: Case, staff: Staff, part: str, *, by: Actor, on: date) -> CaseSeat:
    """Put somebody on the team until the term ends; called inside an action.

    In a case of suspected harm a seat lasts: the law's matter does not end with the term. Raises Invalid there for
    somebody whom a report concerns.
    """
    is_harm = case.kind == Case.Kind.HARM
    if is_harm and case.harm_reports.filter(concerns=staff).exists():
        raise Invalid(_("报告涉及这位老师，不能列为知情人。"))
    ends = FOR_GOOD if is_harm else term_of(on)[1]
    row, _made = CaseSeat.objects.update_or_create(
        case=case,
        staff=staff,
        defaults={"part": part, "starts": on, "ends": ends, "given_by": by.display_name},
    )
    return row


def class_teacher_of(student: Student) -> Staff | None:
    """The child's class teacher today."""
    posts = Role.objects.current(clock.today()).filter(post="class_teacher", school_class=student.school_class_id)
    return Staff.objects.filter(roles__in=posts, is_active=True).order_by("pk").first()
