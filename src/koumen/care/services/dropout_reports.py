"""控辍保学月报: a school hands its numbers up; the bureau checks them, or gives them back with a reason."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from koumen.care.models import DropoutReport
from koumen.care.policies.dropout import may_check_reports, may_submit
from koumen.care.queries.dropout import month_lines
from koumen.core import clock, outbox, scope
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import OutboxMessage
from koumen.core.refusals import Conflict, Invalid
from koumen.core.words import for_others
from koumen.registry.models import Org, Role
from koumen.registry.queries.orgs import bureau_above

LONGEST_NOTE = 300


@action("dropout.submit", may=may_submit)
def submit(month: date, /, *, by: Actor) -> DropoutReport:
    """Hand the month's numbers (`month` is its first day) to the bureau: numbers alone, computed now.

    The same numbers again are the same version; others, or those after a return, make a new one. Raises Invalid for a
    month to come and for a school without a bureau.
    """
    if month > clock.today():
        raise Invalid(_("这个月还没有到，不能报送。"))
    bureau = bureau_above(by.org.id)
    if bureau is None:
        raise Invalid(_("学校还没有上级教育局，无法报送。请联系系统管理员。"))
    figures = dict(month_lines(month)[1].numbers)
    known: DropoutReport | None = (
        DropoutReport.objects.select_for_update().filter(school_id=by.org.id, month=month).order_by("-version").first()
    )
    if known is not None and known.figures == figures and known.returned_at is None:
        return known
    told = {
        "school_id": by.org.id,
        "month": month,
        "version": known.version + 1 if known else 1,
        "figures": figures,
        "submitted_by": by.display_name,
        "submitted_at": clock.now(),
    }
    row: DropoutReport = DropoutReport.objects.create(**told)
    with scope.enter(bureau.pk):
        DropoutReport.objects.create(**told)
    return row


@action("dropout.check_report", may=may_check_reports)
def check_report(report: DropoutReport, /, *, by: Actor, note: str, is_fine: bool) -> DropoutReport:
    """The bureau has looked at a month: fine, or given back to the school with what to correct.

    Raises Invalid when it is given back without a word, Conflict when the school has handed in a newer version.
    """
    words = note.strip()[:LONGEST_NOTE]
    if not is_fine and not words:
        raise Invalid(_("退回时请写明要改什么。"))
    newest = DropoutReport.objects.filter(school=report.school_id, month=report.month).order_by("-version").first()
    if newest is None or newest.pk != report.pk:
        raise Conflict(_("学校刚刚报了新的一版，请看新的数字。"))
    now = clock.now()
    said = {
        "checked_by": by.display_name,
        "checked_at": now,
        "check_note": words,
        "returned_at": None if is_fine else now,
    }
    DropoutReport.objects.filter(pk=report.pk).update(**said)
    with scope.enter(report.school_id):
        own = DropoutReport.objects.filter(school=report.school_id, month=report.month, version=report.version)
        own.update(**said)
        if not is_fine:
            _tell(Org.objects.get(pk=report.school_id).slug, report.month)
    report.refresh_from_db()
    return report


def _tell(slug: str, month: date) -> None:
    """The school's office: its month came back. The reason stands on the page."""
    posts = Role.objects.current(clock.today()).filter(post="moral_office", staff__is_active=True)
    with for_others():
        for account in set(posts.exclude(staff__account_id=None).values_list("staff__account_id", flat=True)):
            outbox.say(
                OutboxMessage.Channel.IN_APP,
                account_id=account,
                subject=_("控辍保学月报被退回"),
                body=_("%(month)s 的数字请核对后重新报送。") % {"month": month.strftime("%Y-%m")},
                url=f"{reverse('care:dropout_month', kwargs={'org': slug})}?month={month:%Y-%m}",
            )
