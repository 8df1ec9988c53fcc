"""Why a plan is as it is, in words: statements of the planner with names, times and numbers."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from koumen.core import clock
from koumen.core.words import listed
from koumen.registry.models import SchoolClass, Staff, Student
from koumen.visits.models import Plan, Slot
from koumen.visits.models.campaigns import WEEKDAYS
from koumen.visits.planning.why import Reason, Repair, Said, sight_of, what_helps, why_family, why_rules
from koumen.visits.presets.why import CLEARANCE, DURATIONS, MORE, SENTENCES
from koumen.visits.queries.plans import families, why_left_out

MOST_NAMED = 4  # longer lists say how many there are
MOST_ADVICE = 5
MOST_CHOICES = 12
Classes = Collection[int] | None


@dataclass(frozen=True)
class Advice:
    """What would help: what to do, and whom it brings into the plan."""

    steps: tuple[str, ...]
    names: str
    count: int


@dataclass(frozen=True)
class Option:
    """Another time for a family: `to` as a move names it, `minutes` it would cost more, or less when negative."""

    to: str
    when: str
    minutes: int
    joins: bool
    led: bool
    shifted: int

    @property
    def less(self) -> int:
        """Minutes saved."""
        return -self.minutes


@dataclass(frozen=True)
class Why:
    """Sentences, other times, and what would help; everything in the reader's language."""

    sentences: tuple[str, ...]
    options: tuple[Option, ...] = ()
    advice: tuple[Advice, ...] = ()


class Names:
    """Names of everything some statements speak of, in five questions at most. With `classes`, those of others
    stay unnamed.
    """

    def __init__(self, plan: Plan, said: Iterable[Said], homes: Iterable[int], classes: Classes) -> None:
        wanted: dict[str, set[int]] = {}
        for one in said:
            for kind, fact in one.facts.items():
                if isinstance(fact, tuple):
                    wanted.setdefault(kind, set()).update(int(each) for each in fact if each.isdigit())
        people = wanted.get("people", set()) | wanted.get("others", set())
        self.people = _named(Staff, people)
        self.classes = _named(SchoolClass, wanted.get("classes", set()))
        self.homes = families(wanted.get("households", set()) | set(homes))
        if classes is not None:
            own = Student.objects.enrolled().filter(school_class__in=classes, household__in=self.homes)
            self.homes = {home: self.homes[home] for home in own.values_list("household_id", flat=True)}
        self.slots: Mapping[int, Slot] = {slot.pk: slot for slot in plan.campaign.slots.all()}

    def sentence(self, one: Said) -> str:
        """One statement. What is to be done names everything, the others the first few."""
        most = len(self.slots) if one.code.startswith("mend_") else MOST_NAMED
        return str(SENTENCES[one.code]) % {kind: self._fact(kind, fact, most) for kind, fact in one.facts.items()}

    def _fact(self, kind: str, fact: Any, most: int) -> str:
        if kind == "reason":
            return str(CLEARANCE.get(fact, CLEARANCE["other"]))
        if not isinstance(fact, tuple):
            return duration(fact) if kind in DURATIONS else str(fact)
        found = listed(self._name(kind, int(each)) for each in fact[:most] if each.isdigit())
        return found if len(fact) <= most else str(MORE[kind]) % {"names": found, "n": len(fact)}

    def _name(self, kind: str, key: int) -> str:
        if kind in ("slots", "days"):
            return self.when(key, hour=kind == "slots")
        if kind == "households":
            return self.homes.get(key) or _("别的班的家庭")
        return (self.classes if kind == "classes" else self.people).get(key, "")

    def when(self, key: int, *, hour: bool = True) -> str:
        """A slot as a day of the calendar, and when it begins: 3月12日 周四 18:30."""
        slot = self.slots[key]
        day = f"{date_format(slot.date, _('n月j日'))} {WEEKDAYS[slot.date.weekday()]}"
        return f"{day} {clock.local(slot.starts_at):%H:%M}" if hour else day


def duration(minutes: int) -> str:
    """Minutes in words; from two hours on in hours too."""
    hours, rest = divmod(minutes, 60)
    if hours < 2:
        return _("%(n)d 分钟") % {"n": minutes}
    return _("%(hours)d 小时 %(n)d 分钟") % {"hours": hours, "n": rest} if rest else _("%(n)d 小时") % {"n": hours}


def family_why(plan: Plan, household: int, classes: Classes = None) -> Why:
    """Why this family is seen here and then, or why it is not. With `classes`, children of others stay unnamed.

    Raises Invalid when the plan cannot be read.
    """
    found = why_family(sight_of(plan), household)
    if found is None:
        return Why(_stored_reason(plan, household))
    return _in_words(plan, [found], classes)[0]


def left_whys(
    plan: Plan, rows: Iterable[Mapping[str, Any]], among: Collection[int], classes: Classes = None
) -> tuple[list[Advice], list[Why]]:
    """What would bring most families of `among` into the plan; and why each of `rows` is left out."""
    sight, rows = sight_of(plan), list(rows)
    reasons = [why_family(sight, row["household"]) if "household" in row else None for row in rows]
    help_ = what_helps(sight, MOST_ADVICE, among)
    names = _names(plan, [one for one in reasons if one], help_, classes)
    whys = [
        _why(names, one) if one else Why((why_left_out(dict(row)),)) for row, one in zip(rows, reasons, strict=True)
    ]
    return [_advice(names, one) for one in help_], whys


def short_whys(plan: Plan, rows: Iterable[dict[str, Any]]) -> list[Why]:
    """Why each of these rows of `Plan.shortfalls` falls short, and what would mend it."""
    return _in_words(plan, why_rules(sight_of(plan), rows), None)


def _stored_reason(plan: Plan, household: int) -> tuple[str, ...]:
    return tuple(why_left_out(row) for row in plan.unplanned if row.get("household") == household)


def _in_words(plan: Plan, reasons: list[Reason], classes: Classes) -> list[Why]:
    names = _names(plan, reasons, [], classes)
    return [_why(names, one) for one in reasons]


def _names(plan: Plan, reasons: list[Reason], help_: list[Repair], classes: Classes) -> Names:
    repairs = [*help_, *(repair for one in reasons for repair in one.repairs)]
    said = [word for one in reasons for word in one.said] + [word for one in repairs for word in one.said]
    return Names(plan, said, (home for repair in repairs for home in repair.saves), classes)


def _why(names: Names, reason: Reason) -> Why:
    options = tuple(
        Option(one.to, names.when(one.slot), one.minutes, one.joins, one.led, one.shifted)
        for one in reason.choices[:MOST_CHOICES]
    )
    sentences = tuple(names.sentence(one) for one in reason.said)
    return Why(sentences, options, tuple(_advice(names, one) for one in reason.repairs))


def _advice(names: Names, repair: Repair) -> Advice:
    homes = [names.homes.get(home) or _("别的班的家庭") for home in repair.saves]
    more = _("等") if len(homes) > MOST_NAMED else ""
    return Advice(tuple(names.sentence(one) for one in repair.said), listed(homes[:MOST_NAMED]) + more, len(homes))


def _named(model: Any, ids: Collection[int]) -> dict[int, str]:
    return dict(model.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
