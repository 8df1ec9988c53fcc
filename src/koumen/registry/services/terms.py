"""School years and terms."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.registry import policies
from koumen.registry.models import CalendarDay, SchoolYear, Term


def first_calendar_year(day: date) -> int:
    """The calendar year in which the school year of this day began (from July on, the coming one counts)."""
    return day.year if day.month >= 7 else day.year - 1


def ensure_year(day: date) -> SchoolYear:
    """The school year around a day, made with its two usual terms when the school has none. Part of other actions."""
    found = SchoolYear.objects.filter(starts__lte=day, ends__gte=day).first()
    if found is not None:
        return found
    first = first_calendar_year(day)
    if SchoolYear.objects.filter(starts__year=first).exists():
        return SchoolYear.objects.get(starts__year=first)
    return _make(date(first, 9, 1), date(first + 1, 2, 1), date(first + 1, 8, 31))


def _make(starts: date, second: date, ends: date) -> SchoolYear:
    name = _("%(first)d–%(last)d学年") % {"first": starts.year, "last": starts.year + 1}
    year = SchoolYear.objects.create(name=name, starts=starts, ends=ends)
    Term.objects.create(year=year, order=1, starts=starts, ends=second - timedelta(days=1))
    Term.objects.create(year=year, order=2, starts=second, ends=ends)
    return year


@action("school_year.open", may=policies.may_set_calendar)
def open_year(org: OrgRef, *, by: Actor, starts: date, second_term: date, ends: date) -> SchoolYear:
    """Make a school year with two terms. Raises Invalid when the dates do not follow each other or overlap a year."""
    if not starts < second_term < ends or (ends - starts).days > 400:
        raise Invalid(_("请按先后填写：学年开始、第二学期开始、学年结束(不超过 13 个月)。"))
    if SchoolYear.objects.filter(starts__lte=ends, ends__gte=starts).exists():
        raise Invalid(_("这段时间已经有学年了。"))
    return _make(starts, second_term, ends)


@action("calendar.set_day", may=policies.may_set_calendar)
def set_day(org: OrgRef, *, by: Actor, day: date, kind: str, note: str = "") -> CalendarDay | None:
    """Say how one day differs from the national calendar; an empty `kind` takes the difference back."""
    if abs((day - clock.today()).days) > 800:
        raise Invalid(_("日期离今天太远了。"))
    if not kind:
        CalendarDay.objects.filter(date=day).delete()
        return None
    return CalendarDay.objects.update_or_create(date=day, defaults={"kind": kind, "note": note})[0]
