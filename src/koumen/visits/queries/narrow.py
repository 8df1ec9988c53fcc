"""What the pages of a plan are narrowed to."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from koumen.visits.models import Stop

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Narrow:
    """What a plan's pages are narrowed to; 0 and None stand for everything."""

    school_class: int = 0
    staff: int = 0
    place: int = 0
    week: date | None = None  # its Monday

    @property
    def is_narrow(self) -> bool:
        """One class or person is looked for: few enough outings to show all weeks at once."""
        return bool(self.school_class or self.staff)

    @property
    def is_any(self) -> bool:
        """Something is left out at all."""
        return self.is_narrow or bool(self.place)

    def of(self, rows: Any) -> Any:
        """The outings among `rows` that are meant."""
        rows = rows.filter(school_class_id=self.school_class) if self.school_class else rows
        rows = rows.joined_by(self.staff) if self.staff else rows
        if self.place:
            rows = rows.filter(Exists(Stop.objects.filter(outing=OuterRef("pk"), household__place_id=self.place)))
        return rows.filter(slot__date__gte=self.week, slot__date__lt=self.week + WEEK) if self.week else rows


EVERYTHING = Narrow()


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
