"""Closing a month once its figures are handed in, and opening it again."""

from datetime import date

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.visits.models import ClosedMonth
from koumen.visits.policies.visits import may_close_months


@action("visit.close_month", may=may_close_months)
def close_month(month: date, *, by: Actor) -> ClosedMonth:
    """From now on the records of this month are not changed. `month` is its first day. Safe to repeat."""
    closed, _made = ClosedMonth.objects.get_or_create(
        month=month, defaults={"closed_by": by.display_name, "closed_at": clock.now()}
    )
    return closed


@action("visit.reopen_month", may=may_close_months)
def reopen_month(month: date, *, by: Actor, because: str) -> None:
    """Let the records of a month be corrected again. Raises Invalid without a reason."""
    if not because.strip():
        raise Invalid(_("请写明重新打开的原因。"))
    ClosedMonth.objects.filter(month=month).delete()
