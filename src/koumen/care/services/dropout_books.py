"""控辍保学 as Excel: the school's month, the county's quarter, the table of village schools. Numbers, no names."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from koumen.care.queries.demand import GRADES, Village
from koumen.care.queries.dropout import Line
from koumen.care.queries.dropout_reports import CountyTable, Quarter
from koumen.care.services.name_lists import watermark
from koumen.core.actor import Actor
from koumen.core.excel import Column, Listing, workbook
from koumen.core.words import for_others

# the month's columns, in order: key, label
MONTH = (
    "on_roll", "checked", "not_back", "found", "verified", "dropped", "attempts", "returned", "closed",
    "suspected_now", "dropped_now",
)  # fmt: skip


def month_labels() -> dict[str, str]:
    """What each number of a month is called."""
    return {
        "on_roll": _("在校学生"), "checked": _("返校核查(班)"), "not_back": _("开学未到校"), "found": _("新增疑似"),
        "verified": _("已核实"), "dropped": _("确认辍学"), "attempts": _("劝返次数"), "returned": _("劝返复学"),
        "closed": _("销号"), "suspected_now": _("期末疑似"), "dropped_now": _("期末未复学"),
    }  # fmt: skip


def _above(by: Actor, span: str) -> list[str]:
    return [
        _("填报单位（盖章）：%(org)s") % {"org": by.org.name}, _("统计期间：%(span)s") % {"span": span},
        _("单位负责人："), _("填表人："), _("填报日期："),
    ]  # fmt: skip


def month_book(month: date, lines: Sequence[Line], total: Line, *, by: Actor) -> bytes:
    """控辍保学月报 by class."""
    with for_others():
        labels = month_labels()
        sheet = Listing(
            name=_("月报"),
            title=_("控辍保学月报表"),
            columns=[
                Column(_("序号"), 6),
                Column(_("班级"), 16, left=True),
                *(Column(labels[key], 10) for key in MONTH),
            ],
            rows=[[i, line.name, *(line.numbers[key] for key in MONTH)] for i, line in enumerate(lines, 1)],
            total=["", _("合计"), *(total.numbers[key] for key in MONTH)],
            above=_above(by, month.strftime("%Y-%m")),
            below=[
                _(
                    "填表说明：新增疑似、已核实、确认辍学、劝返复学、销号为本月发生的学生数；期末数为月末(本月为今天)在册数。"
                ),
                watermark(by),
            ],
        )
        return workbook(sheet)


def quarter_book(quarter: Quarter, table: CountyTable, *, by: Actor) -> bytes:
    """控辍保学季度核查表 by school, small numbers hidden as on the page."""
    with for_others():
        heads = [Column(str(c.label), 10) for c in table.columns]
        rows = [
            [i, line.school, sum(1 for r in line.reports if r), *map(_number, line.cells)]
            for i, line in enumerate(table.lines, 1)
        ]
        sheet = Listing(
            name=_("季度核查"),
            title=_("控辍保学季度核查表"),
            columns=[Column(_("序号"), 6), Column(_("学校"), 22, left=True), Column(_("已报月数"), 8), *heads],
            rows=rows,
            total=["", _("合计"), sum(int(row[2]) for row in rows), *map(_number, table.total)],
            above=_above(by, quarter.code),
            below=[
                _("小于 5 的学生数以 * 代替，为防推算，可能连同另一校的数或合计一起隐去。"),
                _("疑似辍学核实率 %(one)s，劝返复学率 %(two)s。") % {
                    "one": table.rates["verified"], "two": table.rates["returned"],
                },
                watermark(by),
            ],
        )  # fmt: skip
        return workbook(sheet)


def _number(cell: str) -> str | int:
    return int(cell) if cell.isdigit() else cell


def demand_book(lines: Sequence[Village], total: Village, *, by: Actor) -> bytes:
    """教学点恢复需求 by village."""
    with for_others():
        columns = [
            Column(_("序号"), 6), Column(_("村组/社区"), 20, left=True), Column(_("已问户数"), 9),
            Column(_("希望恢复"), 9), Column(_("不需要"), 9), Column(_("就读孩子数"), 10),
            *(Column(_("%(level)d 年级") % {"level": level}, 8) for level in GRADES),
        ]  # fmt: skip
        rows: list[list[str | int]] = [
            [i, v.name, v.families, v.wanted, v.unwanted, v.children, *v.by_grade] for i, v in enumerate(lines, 1)
        ]
        sum_row = [total.families, total.wanted, total.unwanted, total.children, *total.by_grade]
        sheet = Listing(
            name=_("教学点需求"),
            title=_("教学点恢复需求汇总表"),
            columns=columns,
            rows=rows,
            total=["", _("合计"), *sum_row],
            above=_above(by, ""),
            below=[_("就读孩子数和各年级只计希望恢复的家庭；年级为有该年级孩子的户数。"), watermark(by)],
        )
        return workbook(sheet)
