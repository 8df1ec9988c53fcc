"""Numbers of a year without gaps and without twins."""

from koumen.care.models import NumberCount


def next_number(series: NumberCount.Series, year: int) -> int:
    """The next number of the year; whoever asks at the same time waits."""
    NumberCount.objects.get_or_create(series=series, year=year)
    count = NumberCount.objects.select_for_update().get(series=series, year=year)
    count.last += 1
    count.save(update_fields=["last"])
    return int(count.last)
