"""The columns of the monthly table (月统计表), sheets 1 and 2.

A column counts the distinct `counts` of the rows of a `source` (a common table expression of `queries.monthly_sql`)
that fulfil `where`. The list behind a number is read with the same three, so that it cannot differ from the number.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from koumen.care.presets.measures import FOUR, Kind
from koumen.visits.presets.record import CONTENT_FROM

Source = Literal["", "roll", "pair", "went", "post", "missed", "held", "held_pair"]
Look = Literal["number", "rate", "satisfaction", "text"]


@dataclass(frozen=True)
class Column:
    """One column: its number in the official form, its headings, and what it counts."""

    number: int
    key: str
    label: "str | Promise"
    group: "str | Promise" = ""
    source: Source = ""
    counts: str = "student_id"
    where: str = "TRUE"
    look: Look = "number"
    of: tuple[str, str] = ("", "")  # numerator and denominator of a rate
    sensitive: bool = False  # hidden below 5 when seen across schools

    @property
    def is_counted(self) -> bool:
        """Whether a list stands behind it."""
        return bool(self.source)


_ROLL, _WENT = _("基本情况"), _("参与家访教师")
_MONTH, _MODES = _("本月家访"), _("本月人次按方式分")
_YEAR, _KEY = _("学年累计"), _("重点学生")
_PROBLEMS, _HELP = _("发现问题"), _("帮扶学生")
_PAIRS = "visit_id, student_id"


def _mode(number: int, key: str, label: Promise, codes: str) -> Column:
    return Column(number, key, label, _MODES, "pair", _PAIRS, f"mode IN ({codes})")


def _rank(number: int, key: str, label: Promise, rank: int) -> Column:
    return Column(number, key, label, _WENT, "went", "staff_id", f"rank = {rank}")


def _helped(number: int, measure: Kind) -> Column:
    where = f"measures @> '[\"{measure.value}\"]'"
    return Column(number, f"helped_{measure.value}", measure.label, _HELP, "pair", where=where, sensitive=True)


SHEET_1: tuple[Column, ...] = (
    Column(1, "order", _("序号"), look="text"),
    Column(2, "name", _("学校(班级)"), look="text"),
    Column(3, "stage", _("学段"), look="text"),
    Column(4, "classes", _("班级数"), _ROLL),
    Column(5, "enrolled", _("在校学生数"), _ROLL, "roll", where="on_roll"),
    Column(6, "staff", _("教职工数"), _ROLL, "post", "staff_id"),
    Column(7, "teachers", _("本月参与(去重)"), _WENT, "went", "staff_id"),
    _rank(8, "leaders", _("校级领导"), 1),
    _rank(9, "middle", _("中层"), 2),
    _rank(10, "class_teachers", _("班主任"), 3),
    _rank(11, "subject_teachers", _("科任"), 4),
    Column(12, "visited", _("学生数(去重)"), _MONTH, "pair"),
    Column(13, "contacts", _("人次"), _MONTH, "pair", _PAIRS),
    _mode(14, "door", _("入户"), "'01'"),
    _mode(15, "at_school", _("到校面谈"), "'02'"),
    _mode(16, "phone", _("电话"), "'03'"),
    _mode(17, "online", _("视频网络"), "'04', '05'"),
    _mode(18, "grouped", _("集中(小组)"), "'06'"),
    _mode(19, "other_mode", _("其他"), "'07', '99'"),
    Column(20, "key_contacts", _("重点学生人次"), "", "pair", _PAIRS, "is_key", sensitive=True),
    Column(21, "year_visited", _("家访学生数"), _YEAR, "roll", where="on_roll AND year_any"),
    Column(22, "year_rate", _("家访率"), _YEAR, look="rate", of=("year_visited", "enrolled")),
    Column(23, "year_door", _("入户学生数"), _YEAR, "roll", where="on_roll AND year_door"),
    Column(24, "year_door_rate", _("入户率"), _YEAR, look="rate", of=("year_door", "enrolled")),
    Column(25, "key", _("人数"), _KEY, "roll", where="on_roll AND is_key", sensitive=True),
    Column(26, "key_door", _("本学期已入户"), _KEY, "roll", where="on_roll AND is_key AND term_door", sensitive=True),
    Column(27, "key_rate", _("入户率"), _KEY, look="rate", of=("key_door", "key"), sensitive=True),
    Column(28, "opinions", _("征求意见建议"), "", "pair", "visit_id", "opinion <> ''"),
    Column(29, "problems", _("件数"), _PROBLEMS, "pair", "visit_id", "has_problem", sensitive=True),
    Column(30, "solved", _("已办结"), _PROBLEMS, "pair", "visit_id", "has_problem AND is_solved", sensitive=True),
    Column(31, "solved_rate", _("办结率"), _PROBLEMS, look="rate", of=("solved", "problems"), sensitive=True),
    Column(32, "helped", _("人数"), _HELP, "pair", where="jsonb_array_length(measures) > 0", sensitive=True),
    *(_helped(33 + i, measure) for i, measure in enumerate(FOUR)),
    Column(37, "content_rate", _("家长满意度"), "", look="satisfaction", of=("content", "answered")),
    Column(38, "missed", _("备注(未访原因)"), "", look="text"),
)
# counted for a cell of several numbers, and listed behind it
BEHIND_1: tuple[Column, ...] = (
    Column(37, "answered", _("回答满意度"), "", "pair", "visit_id", "satisfaction IS NOT NULL"),
    Column(37, "content", _("满意与基本满意"), "", "pair", "visit_id", f"satisfaction >= {CONTENT_FROM}"),
    Column(38, "missed_visits", _("未访"), "", "missed", "visit_id"),
)
SHEET_2: tuple[Column, ...] = (
    Column(1, "order", _("序号"), look="text"),
    Column(2, "name", _("重点类别"), look="text"),
    Column(3, "held", _("在册人数"), "", "held", where="on_roll"),
    Column(4, "held_contacts", _("本月人次"), "", "held_pair", _PAIRS),
    Column(5, "held_door", _("其中入户"), "", "held_pair", _PAIRS, "mode = '01'"),
    Column(6, "held_term", _("本学期已访人数"), "", "held", where="on_roll AND term_any"),
    Column(7, "held_rate", _("覆盖率"), look="rate", of=("held_term", "held")),
    Column(8, "cases", _("已建一生一案"), "", "held", where="on_roll AND has_case"),
    Column(9, "paired", _("已结对"), "", "held", where="on_roll AND is_paired"),
    Column(10, "note", _("备注"), look="text"),
)
COUNTED: dict[str, Column] = {c.key: c for c in (*SHEET_1, *BEHIND_1, *SHEET_2) if c.is_counted}


def grouped(columns: tuple[Column, ...]) -> list[tuple[str, list[Column]]]:
    """Neighbouring columns under their common heading; a column without one stands alone under ""."""
    found: list[tuple[str, list[Column]]] = []
    for name, part in groupby(columns, key=lambda c: str(c.group) or f"\0{c.number}"):
        found.append(("" if name.startswith("\0") else name, list(part)))
    return found


def notes() -> tuple[str, ...]:
    """填表说明: how the numbers are counted, in the words of the form."""
    return (
        str(_("统计截至本月最后一天(北京时间),只计已写记录的家访；人次按“学生×次”计，一次家访兄弟姐妹各计一人次。")),
        str(_("合计为全校去重后的数，跨班任课、跨班兄弟姐妹只计一次，所以可能小于各班之和。")),
        str(_("参与教师按最高职务归入一栏：校级领导为校长、副校长；中层含德育处、年级组长；科任含心理教师。")),
        str(_("家访率、入户率的分母为月末在校学生数；只有“入户”一种方式计入入户率。")),
        str(_("重点学生为月末有有效标记的学生，不含新生、优抚、鼓励访；须密封的类别满 5 人才列数字，也不计入合计。")),
        str(_("满意度为家访时当面询问,(很满意+满意+基本满意)÷有效回答，括号内为有效回答数。")),
        str(_("已办结为本月发现问题的家访中，截至月末台账里全部办结的次数。")),
        str(_("已建一生一案为月末在办的档案，不含待建档；已结对为月末有结对帮扶人的档案。")),
    )
