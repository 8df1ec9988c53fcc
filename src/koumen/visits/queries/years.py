"""Where a day stands in the school's year."""

from datetime import date

from koumen.registry.models import SchoolYear, Term


def year_start(on: date) -> date:
    """First day of the school year of `on`; 1 September when the school has not entered its years."""
    found = SchoolYear.objects.filter(starts__lte=on, ends__gte=on).values_list("starts", flat=True).first()
    return found or date(on.year if on.month >= 9 else on.year - 1, 9, 1)


def term_start(on: date, first: date) -> date:
    """First day of the term of `on`: the latest begun in the school year that began on `first`, else that day."""
    begun = Term.objects.filter(starts__lte=on, starts__gte=first).order_by("-starts")
    return begun.values_list("starts", flat=True).first() or first
