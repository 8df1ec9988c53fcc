"""What a teacher's handbook of a term holds: own visits, led or joined."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count

from koumen.core import clock
from koumen.core.actor import Actor
from koumen.registry.models import Term
from koumen.visits.models import Visit, VisitStudent
from koumen.visits.queries.coverage import Window, usual_year
from koumen.visits.queries.visits import in_lists, of_staff

MOST = 300  # visits of one handbook


def term() -> Window:
    """The term of today, or the last one begun; the school year where the school has not entered its terms."""
    today = clock.today()
    begun = Term.objects.filter(starts__lte=today).order_by("-starts").values_list("starts", "ends").first()
    return Window(*begun) if begun else Window(*usual_year(today))


def of(actor: Actor, window: Window) -> Any:
    """Own visits of this stretch, oldest first; cancelled ones are nobody's work."""
    first, after = window.bounds
    rows = of_staff(actor.member_id).filter(starts_at__gte=first, starts_at__lt=after)
    rows = rows.exclude(state=Visit.State.CANCELLED).order_by("starts_at", "id")
    return in_lists(rows).select_related("record", "school_class", "lead", "household__place")


def children_in(visits: Any) -> int:
    """How many children these visits are about."""
    about = VisitStudent.objects.filter(visit__in=visits.order_by().values("pk"))
    return int(about.aggregate(n=Count("student", distinct=True))["n"])


def months(window: Window) -> list[date]:
    """First days of the months of a stretch that have begun."""
    found: list[date] = []
    month = window.first.replace(day=1)
    while month <= min(window.last, clock.today()) and len(found) < 12:
        found.append(month)
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return found
