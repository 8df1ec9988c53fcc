"""The county's quarterly check: schools × numbers from their monthly reports, small numbers of children hidden."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koumen.care.models import DropoutReport
from koumen.core import clock, scope
from koumen.core.small import hide_small
from koumen.registry.queries.orgs import schools_below

HIDDEN = "*"


@dataclass(frozen=True)
class Column:
    """A number of a report. `children`: small ones would tell who; `is_stock`: as at the last month, not a sum."""

    key: str
    label: Promise
    children: bool = True
    is_stock: bool = False


# No column is the sum or difference of others, so that no hidden number can be computed from its row.
COLUMNS = (
    Column("on_roll", _("在校学生"), children=False, is_stock=True),
    Column("classes", _("班级"), children=False, is_stock=True),
    Column("checked", _("已核查返校的班"), children=False, is_stock=True),
    Column("found", _("新增疑似")),
    Column("verified", _("已核实")),
    Column("dropped", _("确认辍学")),
    Column("attempts", _("劝返次数"), children=False),
    Column("returned", _("劝返复学")),
    Column("closed", _("销号")),
    Column("suspected_now", _("期末疑似"), is_stock=True),
    Column("dropped_now", _("期末未复学"), is_stock=True),
    Column("demand_asked", _("教学点需求已问户"), children=False, is_stock=True),
    Column("demand_wanted", _("希望恢复户"), children=False, is_stock=True),
)


@dataclass(frozen=True)
class Quarter:
    """Three months. `first` is the first day of the first."""

    first: date

    @property
    def months(self) -> tuple[date, date, date]:
        """Their first days."""
        year, month = self.first.year, self.first.month
        return date(year, month, 1), date(year, month + 1, 1), date(year, month + 2, 1)

    @property
    def code(self) -> str:
        """Such as 2026-4."""
        return f"{self.first.year}-{(self.first.month + 2) // 3}"

    def moved(self, by: int) -> "Quarter":
        """The quarter so many later, or earlier."""
        count = self.first.year * 4 + (self.first.month - 1) // 3 + by
        return Quarter(date(count // 4, count % 4 * 3 + 1, 1))


def quarter_of(day: date) -> Quarter:
    """The quarter a day lies in."""
    return Quarter(date(day.year, (day.month - 1) // 3 * 3 + 1, 1))


def quarter_asked(code: str) -> Quarter:
    """The quarter of a code; for anything else the one of today."""
    if re.fullmatch(r"20[0-9]{2}-[1-4]", code):
        return Quarter(date(int(code[:4]), int(code[5]) * 3 - 2, 1))
    return quarter_of(clock.today())


@dataclass(frozen=True)
class SchoolQuarter:
    """One school: its reports of the three months (None where none came), and its cells, "*" where hidden."""

    school: str
    reports: list[DropoutReport | None]
    cells: list[str]
    due: int  # months of the quarter that have begun: for the others no report is missing

    @property
    def months(self) -> list[tuple[DropoutReport | None, bool]]:
        """Each month's report, and whether it is missing."""
        return [(one, one is None and i < self.due) for i, one in enumerate(self.reports)]


@dataclass(frozen=True)
class CountyTable:
    """The whole page."""

    columns: tuple[Column, ...]
    lines: list[SchoolQuarter]
    total: list[str]
    rates: dict[str, str]


def county_table(quarter: Quarter) -> CountyTable:
    """All schools below the open scope's bureau in a quarter (two statements)."""
    months = quarter.months
    newest: dict[tuple[int, date], DropoutReport] = {}
    for report in DropoutReport.objects.filter(month__in=months).order_by("version"):
        newest[report.school_id, report.month] = report
    schools = list(schools_below(scope.org_id()))
    reports = [[newest.get((school.pk, month)) for month in months] for school in schools]
    sums = [_sum(own) for own in reports]
    total = {c.key: sum(one.get(c.key, 0) for one in sums) for c in COLUMNS}
    hidden = {c.key: hide_small([one.get(c.key) for one in sums]) for c in COLUMNS if c.children}
    lines = [
        SchoolQuarter(
            school.name,
            own,
            [_cell(c, found, i in hidden[c.key][0] if c.key in hidden else False) for c in COLUMNS],
            sum(1 for month in months if month <= clock.today()),
        )
        for i, (school, own, found) in enumerate(zip(schools, reports, sums, strict=True))
    ]
    unseen = {key for key, (_cells, with_total) in hidden.items() if with_total}
    return CountyTable(COLUMNS, lines, [_cell(c, total, c.key in unseen) for c in COLUMNS], _rates(total, unseen))


def _sum(reports: list[DropoutReport | None]) -> Mapping[str, int]:
    """A school's quarter: flows added, stocks of the last month handed in; nothing when none was."""
    there = [one for one in reports if one is not None]
    if not there:
        return {}
    last = there[-1].figures
    return {
        c.key: int(last.get(c.key, 0)) if c.is_stock else sum(int(one.figures.get(c.key, 0)) for one in there)
        for c in COLUMNS
    }


def _cell(column: Column, found: Mapping[str, int], is_hidden: bool) -> str:
    if column.key not in found:
        return ""
    return HIDDEN if is_hidden else str(found[column.key])


def _rates(total: Mapping[str, int], unseen: set[str]) -> dict[str, str]:
    """The county's share of doubts looked into, and of those away who are back; — where a part of it is hidden.

    疑似辍学核实率: verified of verified and still suspected. 劝返复学率: returned of returned and still away.
    """

    def rate(done: str, left: str) -> str:
        if unseen & {done, left} or not total[done] + total[left]:
            return "—"
        return f"{total[done] / (total[done] + total[left]) * 100:.1f}%"

    return {"verified": rate("verified", "suspected_now"), "returned": rate("returned", "dropped_now")}
