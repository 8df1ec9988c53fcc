"""One run: what was read, what was planned, and what people are told of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from koumen import planner
from koumen.cli.offline.homes import Home


@dataclass(frozen=True)
class Work:
    """Everything the papers are made of."""

    problem: planner.Problem
    plan: planner.Plan
    homes: dict[str, Home]
    names: dict[str, str]  # of people

    @property
    def classes(self) -> list[str]:
        return [team.id for team in self.problem.classes]

    def outings(self, school_class: str) -> list[planner.Outing]:
        """A class's outings by date."""
        own = (outing for outing in self.plan.outings if outing.class_id == school_class)
        return sorted(own, key=lambda outing: self.problem.slot_by_id[outing.slot].date)

    def moment(self, slot: str, seconds: int) -> datetime:
        """The time of day so many seconds after a slot's start, to the minute."""
        found = self.problem.slot_by_id[slot]
        minutes = found.start + seconds // 60
        return datetime.combine(found.date, time()) + timedelta(minutes=minutes)

    def span(self, slot: str, start: int, end: int) -> str:
        """18:20–19:00."""
        return f"{self.moment(slot, start):%H:%M}–{self.moment(slot, end):%H:%M}"

    def staff(self, outing: planner.Outing) -> str:
        return "、".join(self.names[person] for person in outing.staff)

    def left_out(self) -> Iterator[tuple[Home, str]]:
        """Families without a visit, each with the reason."""
        for one in self.plan.unplanned:
            yield self.homes[one.household], one.sentence

    def short(self) -> Iterator[str]:
        """Rules that could not be kept, as sentences that name whom they are about."""
        for one in self.plan.shortfalls:
            home = self.homes.get(one.subject)
            whose = (
                f"{home.lead} {home.children}" if home else self.names.get(one.subject, one.subject.replace("@", " "))
            )
            yield f"{whose}：{one.sentence}" + (f"（差 {one.by}）" if one.by > 1 else "")


WEEKDAYS = "一二三四五六日"


def day_name(moment: datetime) -> str:
    """9月5日 周六."""
    return f"{moment.month}月{moment.day}日 周{WEEKDAYS[moment.weekday()]}"
