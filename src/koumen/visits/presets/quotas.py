"""Task numbers (任务数) a campaign may start from. Every figure is copied into the campaign and edited there."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Rule:
    """One number asked for: of whom (`scope`), what is counted (`indicator`), how much, in which period."""

    scope: str
    indicator: str
    threshold: Decimal
    period: str
    label: Promise | str
    unit: Promise | str


@dataclass(frozen=True)
class QuotaPreset:
    code: str
    name: Promise | str
    rules: tuple[Rule, ...]


def _rule(scope: str, indicator: str, threshold: int, period: str, label: Promise, unit: Promise | str) -> Rule:
    return Rule(scope, indicator, Decimal(threshold), period, label, unit)


STUDENTS, PERCENT, TIMES = _("名学生"), "%", _("次")

STANDARD = QuotaPreset(
    "standard",
    _("常用任务数"),
    (
        _rule("staff:principal", "students_visited", 5, "year", _("每位校级领导家访"), STUDENTS),
        _rule("staff:middle", "students_visited", 10, "year", _("每位中层干部家访"), STUDENTS),
        _rule("staff:teacher", "students_visited", 5, "campaign", _("每位教师家访"), STUDENTS),
        _rule("class", "all_mode_rate", 95, "campaign", _("每班家访率"), PERCENT),
        _rule("class", "own_door_rate", 60, "campaign", _("班主任亲自入户"), PERCENT),
        _rule("student", "door_visits", 1, "year", _("每名学生入户"), TIMES),
        _rule("key", "door_visits", 1, "term", _("每名重点学生入户"), TIMES),
        _rule("new", "all_mode_rate", 100, "campaign", _("新生家访率"), PERCENT),
    ),
)
EVERYONE = QuotaPreset(
    "everyone",
    _("全员家访(每位教师至少 1 名)"),
    tuple(
        Rule(
            r.scope,
            r.indicator,
            Decimal(1) if r.scope == "staff:teacher" else r.threshold,
            r.period,
            r.label,
            r.unit,
        )
        for r in STANDARD.rules
    ),
)
NONE = QuotaPreset(
    "none",
    _("不设任务数"),
    tuple(Rule(r.scope, r.indicator, Decimal(0), r.period, r.label, r.unit) for r in STANDARD.rules),
)

PRESETS = {preset.code: preset for preset in (STANDARD, EVERYONE, NONE)}
RULES = {(rule.scope, rule.indicator): rule for rule in STANDARD.rules}
