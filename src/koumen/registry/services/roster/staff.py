"""教职工名单: our own template."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from koumen.registry.presets import codes, subjects
from koumen.registry.services.roster import cells
from koumen.registry.services.roster.classnames import ClassBook, KnownClass
from koumen.registry.services.roster.columns import Column, Table, heading, names
from koumen.registry.services.roster.problem import Wrong
from koumen.registry.services.roster.reader import Findings, Line, Values, lines

_DROPPED = "序号 身份证号 身份证件号 出生日期 民族 籍贯 学历 职称 政治面貌 家庭住址 备注"


@dataclass(frozen=True, slots=True)
class StaffLine:
    """One correct row. `teaches` are (class, subject); `leads` are classes of which the person is class teacher."""

    sheet: str
    row: int
    name: str
    gender: str
    number: str
    phone: str
    school_code: str
    posts: tuple[str, ...]
    leads: tuple[KnownClass, ...]
    teaches: tuple[tuple[KnownClass, str], ...]
    is_party_member: bool | None


def _posts(text: str) -> tuple[str, ...]:
    found = []
    for word in cells.plain(text).replace("，", ",").replace("、", ",").replace(";", ",").replace("/", ",").split(","):
        if not (word := word.strip()):
            continue
        if word not in codes.POST_WORDS:
            raise Wrong(_("可以填：%(list)s；多个用顿号隔开") % {"list": "、".join(codes.POST_WORDS)})
        found.append(codes.POST_WORDS[word])
    return tuple(dict.fromkeys(found))


def _many(text: str) -> tuple[str, ...]:
    """Several values in a cell, separated by 、 , ; or spaces."""
    for sign in "、;；，\n /":
        text = text.replace(sign, ",")
    return tuple(dict.fromkeys(part.strip() for part in cells.plain(text).split(",") if part.strip()))


def _subjects(text: str) -> tuple[str, ...]:
    found = tuple(subjects.SHORT.get(part, part) for part in _many(text))
    if any(len(part) > 20 for part in found):
        raise Wrong(_("学科名称不超过 20 个字；多个用顿号隔开"))
    return found


def _column(key: str, label: str, *spellings: str, parse: cells.Parse, **options: Any) -> Column:
    return Column(key, label, names(label, *spellings), parse, **options)


STAFF = Table(
    "staff",
    (
        _column("name", "姓名", "教师姓名", "教职工姓名", parse=cells.person_name, required=True, example="陈老师"),
        _column("gender", "性别", parse=cells.one_of(codes.GENDER_WORDS), cached=True, example="女"),
        _column("number", "工号", "教职工号", "教师编号", "职工号", parse=cells.words(30), example="T001"),
        _column("phone", "手机", "手机号", "手机号码", "联系电话", "电话", parse=cells.phone, sensitive=True,
                example="10000000011"),
        _column("school_code", "学校标识码", parse=cells.words(10), example="9901000001"),
        _column("posts", "职务", "岗位", "行政职务", parse=_posts, cached=True, example="中层"),
        _column("leads", "是否班主任", "班主任", parse=cells.yes_or_no, cached=True, example="是"),
        _column("lead_class", "班主任班级", "所带班级", "任班主任班级", parse=cells.words(30), cached=True,
                example="三年级1班"),
        _column("subjects", "任教学科", "学科", "任课学科", parse=_subjects, cached=True, example="语文"),
        _column("classes", "任教班级", "任课班级", "授课班级", parse=_many, cached=True,
                example="三年级1班、三年级2班"),
        _column("party", "党员", "是否党员", "中共党员", parse=cells.yes_or_no, cached=True, example="否"),
    ),
    frozenset(map(heading, _DROPPED.split())),
    ("姓名", "手机", "任教班级"),
    skips_example=True,
)  # fmt: skip


class StaffReader:
    """Reads one file of staff; afterwards `findings` holds what was noticed."""

    def __init__(self, *, classes: ClassBook, school_code: str = "") -> None:
        self.findings = Findings()
        self._classes = classes
        self._school_code = school_code
        self._numbers: dict[str, tuple[str, int]] = {}
        self._phones: dict[str, tuple[str, int]] = {}
        self._names: dict[str, tuple[str, int]] = {}
        self._led: dict[str, tuple[str, int]] = {}

    def read(self, source: Path | bytes) -> Iterator[StaffLine]:
        """The correct rows, one by one. Raises Unreadable when the file as a whole cannot be used."""
        for line in lines(source, STAFF, self.findings):
            values = line.values
            if "name" not in values and not line.wrong:
                line.refuse("name", _("姓名必填"))
            self._check(line, values)
            teaches, leads = self._units(line, values)
            if line.wrong:
                continue
            yield StaffLine(
                line.sheet, line.row, values["name"], values.get("gender", ""), values.get("number", ""),
                values.get("phone", ""), values.get("school_code", ""), values.get("posts", ()), leads, teaches,
                values.get("party"),
            )  # fmt: skip

    def _check(self, line: Line, values: Values) -> None:
        code = values.get("school_code", "")
        if code and self._school_code and code != self._school_code:
            line.refuse("school_code", _("这不是本校的标识码；本校是 %(code)s") % {"code": self._school_code})
        self._once(self._numbers, values.get("number", ""), line, "number", _("工号重复"))
        self._once(self._phones, values.get("phone", ""), line, "phone", _("手机号重复"))
        if not values.get("number") and not values.get("phone"):
            self._once(self._names, values.get("name", ""), line, "name", _("同名且没有工号、手机，分不清是谁"))

    def _once(self, seen: dict[str, tuple[str, int]], value: str, line: Line, key: str, text: str) -> None:
        before = seen.setdefault(value, (line.sheet, line.row)) if value else (line.sheet, line.row)
        if before != (line.sheet, line.row):
            line.refuse(key, _("%(what)s(与第 %(row)s 行)") % {"what": text, "row": before[1]})

    def _units(self, line: Line, values: Values) -> tuple[tuple[tuple[KnownClass, str], ...], tuple[KnownClass, ...]]:
        taught = [found for text in values.get("classes", ()) if (found := self._class(line, "classes", text))]
        own = self._class(line, "lead_class", values["lead_class"]) if values.get("lead_class") else None
        if own is None and values.get("leads") and not line.wrong:
            if len(taught) == 1:
                own = taught[0]
            else:
                key = "lead_class" if "lead_class" in line.heading.keys else "leads"
                line.refuse(key, _("请在“班主任班级”列写明带哪个班"))
        if own is not None:
            self._once(self._led, own.name, line, "lead_class", _("这个班已有班主任"))
        said = values.get("subjects", ()) or ("",)
        return tuple((k, subject) for k in taught for subject in said), ((own,) if own else ())

    def _class(self, line: Line, key: str, text: str) -> KnownClass | None:
        try:
            return self._classes.find("", text)
        except Wrong as wrong:
            line.refuse(key, str(wrong))
            return None
