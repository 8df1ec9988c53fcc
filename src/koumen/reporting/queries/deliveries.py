"""What a school has handed in, compared with its numbers now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from koumen.core import scope
from koumen.registry.queries.orgs import bureau_above
from koumen.reporting.models import SchoolFigures
from koumen.visits.models import ClosedMonth


@dataclass(frozen=True)
class Delivery:
    """How a month stands between a school and its bureau."""

    bureau: str  # "" when there is none above the school
    delivered_at: datetime | None
    is_final: bool
    is_closed: bool
    has_changed: bool  # the numbers now are other than those handed in


def state(month: date, numbers: Mapping[str, int] | None = None) -> Delivery:
    """The open scope's school and a month; `numbers` are its totals now, when they are known."""
    here = scope.org_id()
    bureau = bureau_above(here)
    own = SchoolFigures.objects.filter(school_id=here, month=month).first()
    return Delivery(
        bureau=bureau.name if bureau else "",
        delivered_at=own.delivered_at if own else None,
        is_final=bool(own and own.is_final),
        is_closed=ClosedMonth.objects.filter(month=month).exists(),
        has_changed=bool(own and numbers is not None and dict(own.figures) != dict(numbers)),
    )
