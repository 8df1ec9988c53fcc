"""学生名单: the columns of a 学籍 export, and what one row of it says about a child."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from koumen.registry.presets import codes
from koumen.registry.services.roster import cells
from koumen.registry.services.roster.classnames import ClassBook
from koumen.registry.services.roster.columns import heading
from koumen.registry.services.roster.problem import Wrong
from koumen.registry.services.roster.reader import Findings, Line, Values, lines
from koumen.registry.services.roster.student_columns import STUDENTS

# column → the categories of which it tells
TELLS = {
    "left_behind": ("A11", "A12"), "migrant": ("E11",), "orphan": ("A31",), "martyr": ("F51",),
    "ordinary_class": ("C12",), "disability": ("C11",), "health": ("C11", "C14"), "aid": ("B19",), "subsidy": ("B19",),
}  # fmt: skip
_YES_MEANS = {"migrant": "E11", "orphan": "A31", "martyr": "F51", "aid": "B19", "subsidy": "B19"}


class Member(NamedTuple):
    """An adult of the family as the file gives it. `relation` is a GB/T 4761 code; "" and None: not said."""

    name: str
    relation: str
    phone: str
    id_no: str
    is_guardian: bool | None


class StudentLine(NamedTuple):
    """One correct row. Empty text and None mean: the file does not say."""

    sheet: str
    row: int
    name: str
    gender: str
    birth_date: date | None
    ethnicity: str
    id_type: str
    id_no: str
    student_no: str
    class_no: str
    grade: str  # as written
    school_class: str  # as written
    class_label: str  # 三年级2班, when it could be read
    class_id: int | None  # where the school's classes were given
    boarding: str
    commute: str
    entered_on: date | None
    is_new: bool | None
    address: str
    place: str
    lng: float | None
    lat: float | None
    flags: tuple[str, ...]  # categories the row states
    told: tuple[str, ...]  # categories of which the row tells at all
    members: tuple[Member, ...]


class StudentReader:
    """Reads one file of students; afterwards `findings` holds what was noticed."""

    def __init__(self, *, today: date, classes: ClassBook | None = None) -> None:
        self.findings = Findings()
        self.today = today
        first = date(today.year if today.month >= 7 else today.year - 1, 7, 1)
        self._new_from = first
        self._classes = classes
        self._labels = ClassBook([], stages=(1, 2, 3, 4), year=first.year, may_add=True)
        self._ids: dict[str, tuple[str, int]] = {}
        self._numbers: dict[str, tuple[str, int]] = {}
        self._unnumbered: dict[tuple[str, str, date | None], tuple[str, int]] = {}
        self._phones: dict[str, tuple[str, int]] = {}

    def read(self, source: Path | bytes) -> Iterator[StudentLine]:
        """The correct rows, one by one. Raises Unreadable when the file as a whole cannot be used."""
        for line in lines(source, STUDENTS, self.findings):
            made = self._made(line)
            if not line.wrong:
                yield made

    def _made(self, line: Line) -> StudentLine:
        values = line.values
        if "name" not in values and not line.wrong:
            line.refuse("name", _("姓名必填"))
        self._check_identity(line, values)
        label, class_id = self._class(line, values)
        if not values.get("student_no") and not values.get("id_no"):
            self._once(self._unnumbered, (values.get("name", ""), label, values.get("birth_date")), line, "name",
                       _("同班同名且没有学籍号、身份证件号，分不清是谁；请补上号码"))  # fmt: skip
        flags, told = stated_flags(values)
        is_new = None
        if values.get("entered_on"):
            is_new = self._new_from <= values["entered_on"]
            told += ("F11",)
            flags += ("F11",) if is_new else ()
        get = values.get
        return StudentLine(
            sheet=line.sheet, row=line.row, name=get("name", ""), gender=get("gender", ""),
            birth_date=get("birth_date"), ethnicity=get("ethnicity", ""), id_type=get("id_type", ""),
            id_no=get("id_no", ""), student_no=get("student_no", ""), class_no=get("class_no", ""),
            grade=get("grade", ""), school_class=get("school_class", ""), class_label=label, class_id=class_id,
            boarding=get("boarding", ""), commute=get("commute", ""), entered_on=get("entered_on"), is_new=is_new,
            address=self._address(values), place=get("place", ""), lng=self._point(line, values), lat=get("lat"),
            flags=tuple(dict.fromkeys(flags)), told=tuple(dict.fromkeys(told)), members=self._members(line, values),
        )  # fmt: skip

    def _check_identity(self, line: Line, values: Values) -> None:
        number = values.get("id_no", "")
        if number and values.get("id_type", codes.RESIDENT_ID) == codes.RESIDENT_ID:
            try:
                cells.resident_id(number)
            except Wrong as wrong:
                line.refuse("id_no", str(wrong))
            else:
                self._compare(line, values, number)
        if number:
            self._once(self._ids, number, line, "id_no", _("身份证件号重复"))
        if values.get("student_no"):
            self._once(self._numbers, values["student_no"], line, "student_no", _("学籍号重复"))
        born = values.get("birth_date")
        if born and not self.today.year - 30 <= born.year <= self.today.year - 2:
            line.refuse("birth_date", _("出生日期不合理：学生应在 2–30 岁之间"))

    def _compare(self, line: Line, values: Values, number: str) -> None:
        born = cells.birth_of(number)
        sex = "1" if int(number[16]) % 2 else "2"
        if values.setdefault("birth_date", born) != born:
            line.refuse("birth_date", _("与身份证号里的出生日期 %(date)s 不一致") % {"date": born})
        if values.setdefault("gender", sex) not in {sex, "0", "9"}:
            line.note(_("性别与身份证号不一致，请核对"))

    def _once(self, seen: dict[Any, tuple[str, int]], value: Any, line: Line, key: str, text: str) -> None:
        before = seen.setdefault(value, (line.sheet, line.row))
        if before != (line.sheet, line.row):
            line.refuse(key, _("%(what)s(与“%(sheet)s”第 %(row)s 行)")
                        % {"what": text, "sheet": before[0], "row": before[1]})  # fmt: skip

    def _class(self, line: Line, values: Values) -> tuple[str, int | None]:
        grade, name = values.get("grade", ""), values.get("school_class", "")
        if not name and {"grade", "school_class"}.isdisjoint(line.heading.keys):
            name = values["school_class"] = line.sheet  # a sheet per class, called by its name
        if not name:
            if not line.wrong:
                line.refuse("school_class", _("班级必填，如 三年级2班"))
            return "", None
        try:
            found = (self._classes or self._labels).find(grade, name)
        except Wrong as wrong:
            if self._classes is None:
                return grade + name, None
            line.refuse("school_class", str(wrong))
            return "", None
        return found.name, found.id

    def _address(self, values: Values) -> str:
        keys = ("address", "home_address", "member_address1", "member_address2", "mail_address")
        return next((values[key] for key in keys if values.get(key)), "")

    def _point(self, line: Line, values: Values) -> float | None:
        if ("lng" in values) != ("lat" in values):
            line.refuse("lat" if "lng" in values else "lng", _("经度和纬度要一起填"))
        return values.get("lng")

    def _members(self, line: Line, values: Values) -> tuple[Member, ...]:
        made = []
        for n in (1, 2):
            name, number = values.get(f"member_name{n}", ""), values.get(f"member_phone{n}", "")
            if n == 1 and not number and not values.get("member_phone2"):
                number = values.get("phone", "")
            if not name and not number:
                continue
            relation = values.get(f"relation{n}") or self._relation_of(line, n)
            made.append(
                Member(
                    name=name or _("%(child)s的家长") % {"child": values.get("name", "")[:50]},
                    relation=relation,
                    phone=number,
                    id_no=self._member_id(line, values, n),
                    is_guardian=values.get(f"member_guards{n}"),
                )
            )
            self._note_phone(line, number, name)
        if len(made) == 2 and (made[0].name, made[0].phone) == (made[1].name, made[1].phone):
            made.pop()
        return tuple(made)

    def _relation_of(self, line: Line, n: int) -> str:
        at = next((a for a, c in line.heading.found if c.key == f"member_name{n}"), -1)
        label = heading(line.heading.labels[at]) if at >= 0 else ""
        return "51" if label.startswith("父亲") else "52" if label.startswith("母亲") else ""

    def _member_id(self, line: Line, values: Values, n: int) -> str:
        number: str = values.get(f"member_id{n}", "")
        if number and values.get(f"member_id_type{n}", codes.RESIDENT_ID) == codes.RESIDENT_ID:
            try:
                return str(cells.resident_id(number))
            except Wrong as wrong:
                line.refuse(f"member_id{n}", str(wrong))
        return number

    def _note_phone(self, line: Line, number: str, name: str) -> None:
        if not number:
            return
        before, row = self._phones.setdefault(number, (name, line.row))
        if before != name and row != line.row:
            line.note(_("家长电话与第 %(row)s 行的另一位家长相同，请核对是否一家") % {"row": row})


def stated_flags(values: Values) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(categories the row states, categories of which it tells at all)."""
    flags: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    for key, categories in TELLS.items():
        value = values.get(key)
        if value is None:
            continue
        told += categories
        if value is True:
            flags += (_YES_MEANS[key],)
        elif value:
            flags += (value,)
    return flags, told
