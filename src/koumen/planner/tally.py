"""Every rule with its number, kept or not: what `check` found and what a plan says it falls short of, as a table."""

from collections import Counter
from dataclasses import dataclass

from koumen.planner.check import check
from koumen.planner.plan import RULES, Plan
from koumen.planner.problem import Problem
from koumen.planner.replay import BROKEN
from koumen.planner.travel import Travel


@dataclass(frozen=True)
class Line:
    """A rule: how often it is broken or missed (`times`), and by how much in all (`by`).

    `is_hard` rules may not be broken at all; for them `by` adds up how far each number is from what the rule asks.
    """

    code: str
    sentence: str
    is_hard: bool
    times: int
    by: int


def tally(problem: Problem, plan: Plan, *, travel: Travel | None = None) -> tuple[Line, ...]:
    """All rules in a settled order, the hard ones first."""
    times: Counter[str] = Counter()
    by: Counter[str] = Counter()
    for fault in check(problem, plan, travel=travel):
        times[fault.code] += 1
        by[fault.code] += abs(fault.value - fault.limit)
    hard = tuple(Line(code, sentence, True, times[code], by[code]) for code, sentence in BROKEN.items())
    missed: Counter[str] = Counter()
    short: Counter[str] = Counter()
    for one in plan.shortfalls:
        missed[one.rule] += 1
        short[one.rule] += one.by
    return hard + tuple(Line(code, sentence, False, missed[code], short[code]) for code, sentence in RULES.items())
