"""Task numbers held against what was done: met or not met, and what is missing. Never a ranking."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

from koumen.visits.models import Campaign
from koumen.visits.presets import quotas
from koumen.visits.queries.coverage import Coverage, StaffCoverage

# Posts whose holders a "staff:…" rule asks; somebody with several posts owes the highest number once.
POSTS_OF = {
    "staff:principal": {"principal", "vice_principal"},
    "staff:middle": {"middle_leader", "moral_office", "grade_head"},
    "staff:teacher": {"class_teacher", "subject_teacher", "counsellor"},
}


class Rule(Protocol):
    """A row of Quota, or a rule of a preset."""

    @property
    def scope(self) -> str: ...
    @property
    def indicator(self) -> str: ...
    @property
    def threshold(self) -> Decimal: ...
    @property
    def period(self) -> str: ...


@dataclass(frozen=True)
class Asked:
    """A rule read along with its campaign."""

    scope: str
    indicator: str
    threshold: Decimal
    period: str


@dataclass(frozen=True)
class Check:
    """One rule, held against numbers. `needed` is already a number of children."""

    scope: str
    indicator: str
    done: int
    needed: int
    exempt: int = 0

    @property
    def label(self) -> str:
        known = quotas.RULES.get((self.scope, self.indicator))
        return str(known.label) if known else self.indicator

    @property
    def is_met(self) -> bool:
        return self.done >= self.needed

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.done)


def rules_of(campaign: Campaign | None) -> list[Rule]:
    """The campaign's own task numbers; the usual ones when there is no campaign. A zero asks nothing."""
    if campaign is None:
        return [rule for rule in quotas.STANDARD.rules if rule.threshold > 0]
    read_along: list[dict[str, str]] | None = getattr(campaign, "rules", None)
    rules = [_asked(row) for row in read_along] if read_along is not None else list(campaign.quotas.all())
    return [rule for rule in rules if rule.threshold > 0]


def _asked(row: dict[str, str]) -> Rule:
    return Asked(row["scope"], row["indicator"], Decimal(str(row["threshold"])), row["period"])


def share(of: int, percent: Decimal) -> int:
    """How many children a percentage asks for: rounded up, never more than there are."""
    return min(of, int((of * percent / 100).to_integral_value(ROUND_CEILING)))


def _of_class(rule: Rule, found: Coverage) -> Check | None:
    at_door = found.on_roll - found.exempt
    match rule.scope, rule.indicator:
        case "class", "all_mode_rate":
            done, needed, exempt = found.visited, share(found.on_roll, rule.threshold), 0
        case "class", "own_door_rate":
            done, needed, exempt = found.own_door, share(at_door, rule.threshold), found.exempt
        case "student", "door_visits":
            done, needed, exempt = found.door, at_door, found.exempt
        case "key", "door_visits":
            done, needed, exempt = found.key_door, found.key - found.key_exempt, found.key_exempt
        case "new", "all_mode_rate":
            done, needed, exempt = found.new_visited, share(found.new, rule.threshold), 0
        case _:
            return None
    return Check(rule.scope, rule.indicator, done, needed, exempt)


def class_checks(rules: Iterable[Rule], found: Mapping[str, Coverage]) -> list[Check]:
    """The rules for a class (or for classes added up), `found` by period. Rules about nobody are left out."""
    checks = [_of_class(rule, found.get(rule.period, Coverage())) for rule in rules]
    return [check for check in checks if check and check.needed > 0]


def staff_check(rules: Iterable[Rule], posts: set[str], found: Mapping[str, StaffCoverage]) -> Check | None:
    """What one member of staff owes by the post held; None when nothing is asked."""
    owed = [r for r in rules if posts & POSTS_OF.get(r.scope, set()) and r.indicator == "students_visited"]
    if not owed:
        return None
    rule = max(owed, key=lambda r: r.threshold)
    done = found.get(rule.period, StaffCoverage()).students
    return Check(rule.scope, rule.indicator, done, int(rule.threshold))
