"""Outings as calendar files (RFC 5545): class, number of families and area; names of children never.

An outing keeps its UID over plans, as a class's outing in a slot; its SEQUENCE grows with every change.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.actor import Actor, OrgRef
from koumen.core.gate import action
from koumen.core.refusals import Invalid
from koumen.core.words import listed
from koumen.registry.models import Staff
from koumen.visits.models import Appointment, Outing, Plan
from koumen.visits.policies.campaigns import may_manage_plan

OCTETS = 75  # of a line, before it is folded
SINCE = datetime(2020, 1, 1, tzinfo=UTC)  # versions count seconds from here, so that they fit 31 bits
ZONE = (
    "BEGIN:VTIMEZONE", "TZID:Asia/Shanghai", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0800",
    "TZOFFSETTO:+0800", "TZNAME:CST", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


@action("plan.calendar_one", may=may_manage_plan)
def calendar_one(plan: Plan, *, by: Actor, staff: Staff, rows: Iterable[Outing]) -> bytes:
    """One person's outings of a plan as a calendar file. Raises Invalid without outings."""
    mine = list(rows)
    if not mine:
        raise Invalid(_("这位老师在这份计划里没有外出。"))
    return calendar(mine, name=_("%(name)s 家访日程") % {"name": staff.name}, by=by)


def calendar(rows: Iterable[Outing], *, name: str, by: Actor, meetings: Iterable[Appointment] = ()) -> bytes:
    """A calendar file of outings, and of meetings that need no way.

    Ask for `team__staff` and `stops__household__place` with the outings, for `visit__school_class` with the meetings.
    """
    lines = _head(name)
    for row in rows:
        lines += _event(row, by)
    for meeting in meetings:
        about = (_("家访"), meeting.visit.school_class.name, meeting.get_mode_display())
        lines += _appointed(meeting, by.org, " · ".join(about))
    return _file(lines)


def _head(name: str) -> list[str]:
    return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Koumen//Outings//ZH", "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH", f"X-WR-CALNAME:{_escaped(name)}", *ZONE]  # fmt: skip


def _file(lines: Iterable[str]) -> bytes:
    folded = (part for line in (*lines, "END:VCALENDAR") for part in _folded(line))
    return "".join(f"{line}\r\n" for line in folded).encode()


def appointment_calendar(row: Appointment, *, org: OrgRef) -> bytes:
    """What a family agreed to, as its own calendar file: teacher, time and form; no name of a child, no address."""
    return _file([*_head(_("家访")), *_appointed(row, org, _("家访 · %(name)s") % {"name": row.visit.lead.name})])


def _appointed(row: Appointment, org: OrgRef, summary: str) -> list[str]:
    assert row.starts_at is not None
    ends = row.ends_at or row.starts_at + timedelta(minutes=30)
    return [
        "BEGIN:VEVENT",
        f"UID:appointment-{row.pk}.{org.slug}@koumen",
        f"SEQUENCE:{int((row.changed_at - SINCE).total_seconds())}",
        f"DTSTAMP:{_utc(clock.now())}",
        f"DTSTART;TZID=Asia/Shanghai:{clock.local(row.starts_at):%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Asia/Shanghai:{clock.local(ends):%Y%m%dT%H%M%S}",
        f"SUMMARY:{_escaped(summary)}",
        f"DESCRIPTION:{_escaped(row.get_mode_display())}",
        "END:VEVENT",
    ]


def _event(row: Outing, by: Actor) -> list[str]:
    stops = list(row.stops.all())
    places = dict.fromkeys(stop.household.place.name for stop in stops if stop.household.place)
    count = _("%(n)d 户") % {"n": len(stops)}
    about = [
        _("同行：%(names)s") % {"names": row.names_and_lead},
        _("路程约 %(km)s 公里，路上约 %(n)d 分钟") % {"km": row.kilometres, "n": row.minutes},
        _("家庭名单和地址请登录系统查看。"),
    ]
    return [
        "BEGIN:VEVENT",
        f"UID:outing-{row.school_class_id}-{row.slot_id}.{by.org.slug}@koumen",
        f"SEQUENCE:{int((row.changed_at - SINCE).total_seconds())}",
        f"DTSTAMP:{_utc(clock.now())}",
        f"LAST-MODIFIED:{_utc(row.changed_at)}",
        f"DTSTART;TZID=Asia/Shanghai:{clock.local(row.leaves_at):%Y%m%dT%H%M%S}",
        f"DTEND;TZID=Asia/Shanghai:{clock.local(row.back_at):%Y%m%dT%H%M%S}",
        f"SUMMARY:{_escaped(' · '.join((_('家访'), row.school_class.name, count)))}",
        *([f"LOCATION:{_escaped(listed(places))}"] if places else []),
        f"DESCRIPTION:{_escaped(chr(10).join(about))}",
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """A text value: its own signs escaped, line ends as \\n, no other control characters."""
    plain = CONTROL.sub("", text.replace("\r\n", "\n"))
    return re.sub(r"([\\;,])", r"\\\1", plain).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets; no character is torn, each further part begins with a space."""
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode())
        if size + octets > OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + sign, size + octets
    yield part
