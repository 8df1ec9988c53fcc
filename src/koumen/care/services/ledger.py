"""What is done with a problem of the ledger: handed to somebody until a day, closed with a result, taken up again."""

from datetime import date

from django.utils.translation import gettext as _

from koumen.care.models import Finding, NameList, Task
from koumen.care.models.findings import USUAL_TIME
from koumen.care.policies.ledger import may_list, may_settle
from koumen.care.queries import ledger as queries
from koumen.care.services.name_lists import KINDS, MOST_ALONE, Asked, ListKind, Wanted
from koumen.care.services.tasks import ends, give, settle
from koumen.core import clock, excel
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Conflict, Forbidden, Invalid
from koumen.registry.models import Staff
from koumen.registry.presets.categories import SEALED, sensitivity

LONGEST = 500
TASK = "finding"


def _locked(finding: Finding) -> Finding:
    rows = Finding.objects.select_for_update(of=("self",)).select_related("student__school_class")
    row: Finding = rows.get(pk=finding.pk)
    return row


@action("finding.give", may=may_settle)
def give_finding(finding: Finding, *, by: Actor, owner: Staff, due: date) -> Finding:
    """Hand a problem to somebody, who gets a task for it. Raises Invalid for a past day or somebody who has left."""
    row = _locked(finding)
    if row.state != Finding.State.OPEN:
        raise Conflict(_("这个问题已经办结，不用再交办。"))
    if not owner.is_active:
        raise Invalid(_("这位老师已不在职，请另选一位。"))
    if due < clock.today():
        raise Invalid(_("办结期限不能早于今天。"))
    if sensitivity(row.category) >= SEALED and owner.pk != by.member_id:
        raise Invalid(_("受限类别的问题不能交办，请由知情人办理。"))
    if row.owner_id != owner.pk:
        settle(TASK, row.pk, sentence=_("已改由%(name)s负责。") % {"name": owner.name}, is_done=False)
    row.owner, row.due = owner, due
    row.save(update_fields=["owner", "due"])
    task = Task.objects.open().filter(about=TASK, about_id=str(row.pk)).first()
    if task is not None:
        task.due = due
        task.save(update_fields=["due"])
    else:
        give(owner, by=by, title=_("办结台账中的一个问题"), due=due, about=TASK, about_id=row.pk, needs_verifying=True)
    return row


@action("finding.close", may=may_settle)
def close_finding(finding: Finding, *, by: Actor, result: str) -> Finding:
    """A problem is dealt with, and how; its task ends too. Raises Invalid without a result, Conflict when closed."""
    row = _closed(finding, by, result)
    settle(TASK, row.pk, sentence=_("问题已办结。"))
    return row


def _closed(finding: Finding, by: Actor, result: str) -> Finding:
    if not result.strip() or len(result) > LONGEST:
        raise Invalid(_("请写一下是怎么解决的，500 字以内。"))
    row = _locked(finding)
    if row.state != Finding.State.OPEN:
        raise Conflict(_("这个问题已经办结了。"))
    row.state, row.result, row.closed_at = Finding.State.CLOSED, result.strip(), clock.now()
    row.closed_by = Staff.objects.get(pk=by.member_id or 0)
    row.save(update_fields=["state", "result", "closed_at", "closed_by"])
    return row


@action("finding.reopen", may=may_settle)
def reopen_finding(finding: Finding, *, by: Actor, because: str) -> Finding:
    """It was not dealt with after all; what was written stands, the reason below it. Due in four weeks again."""
    if not because.strip() or len(because) > LONGEST:
        raise Invalid(_("请写一下为什么重新办理，500 字以内。"))
    row = _locked(finding)
    if row.state != Finding.State.CLOSED:
        raise Conflict(_("这个问题还没有办结。"))
    row.result = f"{row.result}\n{_('重新办理：%(why)s') % {'why': because.strip()}}".strip()
    row.state, row.closed_at, row.closed_by = Finding.State.OPEN, None, None
    row.due = clock.today() + USUAL_TIME
    row.save(update_fields=["state", "result", "closed_at", "closed_by", "due"])
    return row


@ends(TASK)
def _task_done(task: Task, by: Actor, sentence: str) -> None:
    """Whoever it was handed to has dealt with it: the problem is closed with that sentence."""
    row = Finding.objects.open().filter(pk=int(task.about_id)).first() if task.about_id.isdecimal() else None
    if row is not None:
        _closed(row, by, sentence)


def ledger_book(asked: Asked) -> bytes:
    """The ledger as Excel, with the names this person may see now."""
    today = clock.today()
    rows = queries.with_names(queries.chosen(asked.by, queries.Filters.of(asked.wanted), today))
    lines = queries.lines(rows, today)
    table = [
        (
            number,
            line.finding.student.school_class.name if line.finding.student.school_class else "",
            line.finding.student.name,
            line.category,
            line.finding.text,
            line.finding.found_on,
            line.owner,
            line.finding.due,
            _("逾期 %(n)s 天") % {"n": line.days_over} if line.days_over else line.finding.get_state_display(),
            line.finding.result,
        )
        for number, line in enumerate(lines, 1)
    ]
    columns = [
        excel.Column(_("序号"), 5), excel.Column(_("班级"), 12), excel.Column(_("姓名"), 10),
        excel.Column(_("类别"), 18), excel.Column(_("说明"), 34, left=True), excel.Column(_("发现日期"), 12),
        excel.Column(_("责任人"), 10), excel.Column(_("办结期限"), 12), excel.Column(_("状态"), 11),
        excel.Column(_("办结情况"), 30, left=True),
    ]  # fmt: skip
    above = (_("填报单位：%(org)s") % {"org": asked.by.org.name}, _("日期：%(day)s") % {"day": today.isoformat()})
    sheet = excel.Listing(_("问题台账"), _("问题台账"), columns, table, above=above, below=(asked.watermark,))
    return excel.workbook(sheet)


def ledger_children(by: Actor, wanted: Wanted) -> int:
    """How many children such a file would name."""
    return queries.children(queries.chosen(by, queries.Filters.of(wanted), clock.today()))


@action("ledger.export", may=may_list)
def export_ledger(filters: queries.Filters, /, *, by: Actor, watermark: str, because: str) -> bytes:
    """The file at once, logged with `because`. Raises Forbidden beyond fifty children: two persons take those along."""
    if ledger_children(by, filters.as_wanted()) > MOST_ALONE:
        raise Forbidden
    return ledger_book(Asked(by, filters.as_wanted(), watermark))


KINDS[NameList.Kind.LEDGER] = ListKind(may_list, ledger_children, ledger_book, lambda: _("问题台账"))
