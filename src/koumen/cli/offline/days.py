"""When teams may go out: evenings of workdays and whole weekend days, public holidays left out."""

from datetime import date, timedelta

import chinese_calendar

from koumen import planner

EVENING = (18 * 60, 3 * 3_600)  # 18:00-21:00: minute of the day, seconds
DAY = (9 * 60, 8 * 3_600)  # 9:00-17:00
SOONEST = timedelta(days=2)  # families are asked at least a whole day before


def slots(today: date, weeks: int) -> tuple[planner.Slot, ...]:
    """A slot for each day of these weeks on which visits are customary."""
    first = today + SOONEST
    made = []
    for number in range(weeks * 7):
        day = first + timedelta(days=number)
        if is_holiday(day):
            continue
        start, length = EVENING if works(day) else DAY
        kind: planner.problem.SlotKind = "evening" if works(day) else "day"
        made.append(planner.Slot(day.isoformat(), day, start, length, kind, number // 7))
    return tuple(made)


def is_holiday(day: date) -> bool:
    """A public holiday or a day off given for one; none in years not announced yet."""
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return False
    return bool(off and name)


def works(day: date) -> bool:
    """Make-up workdays at weekends are workdays; years not announced yet have weekends alone."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5
