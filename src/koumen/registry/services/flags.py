"""重点标记: set with a reason and a source, renewed each term or ended, sealed ones for named persons."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Invalid
from koumen.registry.models import Flag, FlagReader, FlagTurn, Staff, Student
from koumen.registry.policies import may_flag, may_name_readers, may_turn_flag
from koumen.registry.presets.categories import CATEGORIES, SEALED, sensitivity
from koumen.registry.queries.calendar import term_of

Kind = FlagTurn.Kind
SEVERAL = 500  # renewed at once at most


def term_end(on: date) -> date:
    """The last day a flag or a reading right given on that day lasts: that of the term."""
    return term_of(on)[1]


@action("flag.set", may=may_flag)
def set_flag(student: Student, *, by: Actor, category: str, because: str, source: str = Flag.Source.TEACHER) -> Flag:
    """The child has a category until the term ends; one that lapsed or ended begins anew.

    Whoever sets a sealed one knows it, and is named a reader. Raises Invalid for an unknown category or no reason,
    Conflict when the child has it already.
    """
    if category not in CATEGORIES:
        raise Invalid(_("请选一个类别。"))
    if not because.strip():
        raise Invalid(_("请写明依据，例如“家访了解到”“家长提供了证明”。"))
    today = clock.today()
    row = Flag.objects.select_for_update().filter(student=student, category=category).first()
    if row is not None and (row.valid_until is None or row.valid_until >= today) and row.starts <= today:
        raise Conflict(_("这个孩子已经有这个标记。"))
    row = row or Flag(student=student, category=category)
    row.sensitivity, row.source, row.reason = sensitivity(category), source, because.strip()[:200]
    row.confirmed_by, row.starts, row.valid_until = by.display_name, today, term_end(today)
    row.renewed_at = row.ended_at = None
    row.save()
    _note(row, Kind.SET, by, because)
    if row.sensitivity >= SEALED:
        _name(student, Staff.objects.get(pk=by.member_id or 0), by, _("本人登记"))
    return row


@action("flag.renew", may=may_turn_flag)
def renew_flag(flag: Flag, *, by: Actor, because: str = "") -> Flag:
    """It holds in this term too. Raises Conflict when it was ended."""
    if flag.ended_at is not None:
        raise Conflict(_("这个标记已经结束，需要时请重新登记。"))
    _renew([flag], by, because)
    return flag


@action("flag.end", may=may_turn_flag)
def end_flag(flag: Flag, *, by: Actor, because: str = "") -> Flag:
    """It holds no more, from today on; that it did is kept. Safe to repeat."""
    if flag.ended_at is None:
        flag.ended_at, flag.valid_until = clock.now(), clock.today() - timedelta(days=1)
        flag.save(update_fields=["ended_at", "valid_until"])
        _note(flag, Kind.ENDED, by, because)
    return flag


def _may_renew(actor: Actor, school: OrgRef) -> bool:
    return actor.member_id is not None and actor.holds("moral_office", "class_teacher")


@action("flag.renew_all", may=_may_renew)
def renew_all(school: OrgRef, *, by: Actor, flags: Iterable[Flag]) -> int:
    """Those ticked on the list, in one go; each is asked for by itself. Returns how many were renewed."""
    fit = [f for f in list(flags)[:SEVERAL] if f.ended_at is None and may_turn_flag(by, f)]
    _renew(fit, by, "")
    return len(fit)


def _renew(flags: list[Flag], by: Actor, because: str) -> None:
    now, until = clock.now(), term_end(clock.today())
    to = {"valid_until": until, "renewed_at": now, "confirmed_by": by.display_name}
    for flag in flags:
        vars(flag).update(to)
    Flag.objects.filter(pk__in=[flag.pk for flag in flags]).update(**to)
    FlagTurn.objects.bulk_create(
        FlagTurn(flag=flag, kind=Kind.RENEWED, by=by.display_name, at=now, reason=because.strip()[:200])
        for flag in flags
    )


def _note(flag: Flag, kind: str, by: Actor, because: str) -> None:
    FlagTurn.objects.create(flag=flag, kind=kind, by=by.display_name, at=clock.now(), reason=because.strip()[:200])


@action("flag.name_reader", may=may_name_readers)
def name_reader(student: Student, *, by: Actor, staff: Staff, because: str) -> FlagReader:
    """Let somebody read the child's sealed categories until the term ends. Raises Invalid without a reason."""
    if not because.strip():
        raise Invalid(_("请写明为什么需要知道。"))
    if not staff.is_active:
        raise Invalid(_("请选在职的老师。"))
    return _name(student, staff, by, because)


def _name(student: Student, staff: Staff, by: Actor, because: str) -> FlagReader:
    row, _made = FlagReader.objects.update_or_create(
        student=student,
        staff=staff,
        defaults={
            "ends": term_end(clock.today()),
            "named_by": by.display_name,
            "because": because.strip()[:200],
        },
    )
    return row


@action("flag.drop_reader", may=may_name_readers)
def drop_reader(student: Student, *, by: Actor, staff: Staff) -> Student:
    """From now on this person does not read them any more."""
    FlagReader.objects.filter(student=student, staff=staff).update(ends=clock.today() - timedelta(days=1))
    return student
