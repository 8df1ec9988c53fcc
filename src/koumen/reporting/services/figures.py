"""Delivering a school's figures to its bureau: numbers only. The bureau owns its copy; the school keeps its own."""

from datetime import date

from django.utils.translation import gettext as _

from koumen.core import clock, scope
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry.queries.orgs import bureau_above
from koumen.reporting.models import SchoolFigures
from koumen.reporting.policies import is_machine, may_deliver
from koumen.reporting.queries.monthly import last_day, sheet_1
from koumen.visits.services.months import close_month


@action("month.deliver", may=may_deliver)
def deliver_month(month: date, /, *, by: Actor) -> SchoolFigures:
    """Hand the school's totals of a month to its bureau, by hand; `month` is its first day.

    After the month's end this is final: its records are closed. Before, it is a preview that is replaced later.
    Raises Invalid for a month to come, and for a school without a bureau.
    """
    if month > clock.today():
        raise Invalid(_("这个月还没有到，不能报送。"))
    is_final = clock.today() > last_day(month)
    if is_final:
        close_month(month, by=by)
    return _copy(month, by.org.id, is_final=is_final)


@action("month.refresh", may=is_machine)
def refresh_month(month: date, /, *, by: Actor) -> SchoolFigures | None:
    """Renew the bureau's preview of a month, at night. A month handed in by the school is left as it is."""
    handed_in = SchoolFigures.objects.filter(school_id=by.org.id, month=month, is_final=True).exists()
    if handed_in or bureau_above(by.org.id) is None:
        return None
    return _copy(month, by.org.id, is_final=False)


def _copy(month: date, school_id: int, *, is_final: bool) -> SchoolFigures:
    bureau = bureau_above(school_id)
    if bureau is None:
        raise Invalid(_("学校还没有上级教育局，无法报送。请联系系统管理员。"))
    numbers = dict(sheet_1(month).total.numbers)
    said = {"figures": numbers, "is_final": is_final, "delivered_at": clock.now()}
    own, _made = SchoolFigures.objects.update_or_create(school_id=school_id, month=month, defaults=said)
    with scope.enter(bureau.pk):
        SchoolFigures.objects.update_or_create(school_id=school_id, month=month, defaults=said)
    return own
