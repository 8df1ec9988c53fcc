"""From the rows of a workbook to questions: every row is checked, every fault is named with its row."""

import re
from dataclasses import dataclass, field
from json import dumps

from django.utils.translation import gettext as _
from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from koumen.core.expressions import BadExpression, Tree
from koumen.visits.presets import questions as bounds
from koumen.visits.services.xlsform.conditions import Question, condition
from koumen.visits.services.xlsform.faults import Fault, Faulty
from koumen.visits.services.xlsform.sheets import Book, Line, read_book

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")
CHOICE = re.compile(r"[^\s'\"]{1,40}")
YES, NO = ("yes", "true", "true()", "1", "是"), ("", "no", "false", "false()", "0", "否")
MOST_FAULTS = 50
Choices = dict[str, list[list[str]]]


@dataclass
class Survey:
    """What a workbook asks: as `QuestionForm` keeps it."""

    title: str = ""
    questions: list[Question] = field(default_factory=list)
    groups: list[dict[str, str]] = field(default_factory=list)


def read_survey(content: bytes) -> Survey:
    """Raises Faulty with all that is wrong, the first rows first."""
    book = read_book(content)
    found = _Reading(book)
    found.read()
    if not found.faults:
        found.faults.extend(_by_the_standard(book))
    if found.faults:
        order = {"survey": 0, "choices": 1, "settings": 2}
        found.faults.sort(key=lambda one: (order.get(one.sheet, 3), one.row))
        raise Faulty(found.faults[:MOST_FAULTS])
    return found.survey


def _by_the_standard(book: Book) -> list[Fault]:
    """What ODK's own reader would refuse."""
    parts = {"survey": book.survey, "choices": book.choices, "settings": book.settings[:1]}
    plain = {
        name: [{k.replace("_en", "::English (en)"): v for k, v in line.cells.items()} for line in lines]
        for name, lines in parts.items()
    }
    try:
        convert(plain, form_name="questions")
    except PyXFormError as error:
        return [Fault("survey", 0, _("XLSForm 标准检查没有通过：%(why)s") % {"why": str(error)[:300]})]
    return []


@dataclass
class _Group:
    row: int
    number: int
    label: str
    label_en: str
    relevant: Tree | None


class _Reading:
    def __init__(self, book: Book) -> None:
        self.book, self.faults, self.survey = book, list(book.faults), Survey()
        self.open: list[_Group] = []
        self.names: dict[str, Question | None] = {}  # None: a group or a note, which has no answer
        self.lists: Choices = {}
        self.line = Line(0, {})

    def wrong(self, sentence: str, sheet: str = "survey", row: int | None = None) -> None:
        self.faults.append(Fault(sheet, self.line.row if row is None else row, sentence))

    def read(self) -> None:
        self._choices()
        for line in self.book.survey:
            self.line = line
            self._row()
        for group in self.open:
            self.wrong(_("这个 begin_group 没有对应的 end_group。"), row=group.row)
        self._title()
        self._bounds()

    def _choices(self) -> None:
        """The lists of choices, by name."""
        for line in self.book.choices:
            name, value, label = line["list_name"], line["name"], line["label"] or line["label_en"]
            if not (name and value and label):
                self.wrong(_("list_name、name、label 三列都要填。"), "choices", line.row)
            elif not CHOICE.fullmatch(value):
                self.wrong(_("选项的 name 不能有空格和引号，最多 40 个字符。"), "choices", line.row)
            elif any(one[0] == value for one in self.lists.get(name, ())):
                told = _("列表“%(list)s”里已经有“%(name)s”，请换一个 name。")
                self.wrong(told % {"list": name, "name": value}, "choices", line.row)
            elif len(label) > bounds.LONGEST["choice"]:
                self.wrong(_("选项太长，最多 %(n)d 个字。") % {"n": bounds.LONGEST["choice"]}, "choices", line.row)
            else:
                self.lists.setdefault(name, []).append([value, line["label"] or label, line["label_en"]])

    def _row(self) -> None:
        kind, _sign, argument = self.line["type"].partition(" ")
        words = " ".join(self.line["type"].lower().split())
        for alias, proper in bounds.ALIASES.items():
            if words == alias or words.startswith(alias + " "):
                kind, argument = proper, " ".join(self.line["type"].split())[len(alias) :]
        kind = kind.lower()
        if kind == "begin_group":
            self._begin()
        elif kind == "end_group":
            if not self.open:
                self.wrong(_("多了一个 end_group，请删去这一行。"))
            else:
                self.open.pop()
        elif kind == "note" or kind in bounds.ASKED:
            self._question(kind, argument.strip())
        else:
            self._unknown(self.line["type"])

    def _unknown(self, kind: str) -> None:
        if not kind:
            self.wrong(_("没有写 type。"))
            return
        todo = bounds.UNSUPPORTED.get(kind.lower()) or bounds.UNSUPPORTED.get(kind.lower().split()[0])
        known = _("可以用：%(types)s。") % {"types": "、".join((*bounds.ASKED, "note", "begin_group"))}
        self.wrong(_("不支持题型“%(type)s”。") % {"type": kind[:40]} + (str(todo) if todo else known))

    def _begin(self) -> None:
        self._name()
        if len(self.open) >= bounds.DEEPEST_GROUP:
            self.wrong(_("分组最多套 %(n)d 层。") % {"n": bounds.DEEPEST_GROUP})
        label = self._words("label")
        label_en = self._words("label_en", "label")
        outer = self.open[-1] if self.open else None
        path = " · ".join(filter(None, (outer.label if outer else "", label)))
        path_en = " · ".join(filter(None, (outer.label_en if outer else "", label_en)))
        own = self._relevant()
        self.names[self.line["name"]] = None
        self.survey.groups.append({"label": path, "label_en": path_en})
        number = len(self.survey.groups)
        self.open.append(_Group(self.line.row, number, path, path_en, _both(outer.relevant if outer else None, own)))

    def _name(self) -> None:
        name = self.line["name"]
        if not name:
            self.wrong(_("没有写 name。用英文字母开头，例如 study_place。"))
        elif not NAME.fullmatch(name):
            self.wrong(_("name“%(name)s”只能用英文字母、数字和下划线，字母开头，最多 40 个。") % {"name": name[:40]})
        elif name in self.names:
            self.wrong(_("name“%(name)s”前面已经用过，请换一个。") % {"name": name})

    def _words(self, column: str, like: str = "") -> str:
        text, most = self.line[column], bounds.LONGEST[like or column]
        if len(text) > most:
            self.wrong(_("%(column)s 太长，最多 %(n)d 个字。") % {"column": column, "n": most})
        if "${" in text:
            self.wrong(_("%(column)s 里不能引用别的题，请直接写文字。") % {"column": column})
        return text

    def _question(self, kind: str, argument: str) -> None:
        self._name()
        label, label_en = self._words("label"), self._words("label_en", "label")
        if not (label or label_en):
            self.wrong(_("没有写 label(题目)。"))
        question: Question = {
            "name": self.line["name"],
            "type": kind,
            "label": label or label_en,
            "label_en": label_en,
            "hint": self._words("hint"),
            "hint_en": self._words("hint_en", "hint"),
            "group": self.open[-1].number if self.open else 0,
            "required": self._required(kind),
            "required_message": self._words("required_message"),
            "relevant": _both(self.open[-1].relevant if self.open else None, self._relevant()),
            "constraint": None,
            "constraint_message": self._words("constraint_message"),
            "choices": self._list(argument) if kind.startswith("select") else [],
        }
        self.names[self.line["name"]] = None if kind == "note" else question
        if kind != "note" and self.line["constraint"]:
            question["constraint"] = self._condition("constraint", question)
        self.survey.questions.append(question)

    def _required(self, kind: str) -> bool:
        text = self.line["required"].lower()
        if text not in YES + NO:
            self.wrong(_("required 只能写 yes 或不写。"))
        if text in YES and kind == "note":
            self.wrong(_("note 只是说明，不能必答。"))
        return text in YES

    def _list(self, argument: str) -> list[list[str]]:
        name = argument.removesuffix(" or_other").strip()
        if name != argument:
            self.wrong(_("不支持 or_other。请在选项里加一个“其他”，再加一道 text 题。"))
        elif not name:
            self.wrong(_("要写明用哪个选项列表，例如 select_one yes_no。"))
        elif name not in self.lists:
            self.wrong(_("choices 工作表里没有列表“%(name)s”。") % {"name": name[:40]})
        return self.lists.get(name, [])

    def _relevant(self) -> Tree | None:
        return self._condition("relevant", None) if self.line["relevant"] else None

    def _condition(self, column: str, asked: Question | None) -> Tree | None:
        try:
            return condition(self.line[column], self.names, asked)
        except BadExpression as error:
            self.wrong(_("%(column)s：%(error)s") % {"column": column, "error": error})
            return None

    def _title(self) -> None:
        settings = self.book.settings[0] if self.book.settings else Line(0, {})
        self.survey.title = settings["form_title"][: bounds.LONGEST["title"]]

    def _bounds(self) -> None:
        """How many of everything."""
        asked = self.survey.questions
        used = {id(one["choices"]): len(one["choices"]) for one in asked}
        if not any(one["type"] != "note" for one in asked):
            self.wrong(_("还没有题目。请在 survey 工作表里至少写一道题。"), row=0)
        for many, most, what in (
            (len(asked), bounds.MOST_QUESTIONS, _("题目")),
            (sum(used.values()), bounds.MOST_CHOICES, _("选项")),
            (len(self.survey.groups), bounds.MOST_GROUPS, _("分组")),
        ):
            if many > most:
                told = _("%(what)s太多：有 %(many)d 个，最多 %(most)d 个。")
                self.wrong(told % {"what": what, "many": many, "most": most}, row=0)
        if len(dumps([asked, self.survey.groups], ensure_ascii=False).encode()) > bounds.MOST_BYTES:
            self.wrong(_("题目和选项的文字太多，手机上放不下。请缩短题目、提示或选项。"), row=0)
        required = [line.row for line in self.book.survey if line["required"].lower() in YES]
        if len(required) > bounds.MOST_REQUIRED:
            told = _("记录最多三项必答：“见到了谁”“交流内容”之外，活动只能再加一道。请去掉这一行的 required。")
            self.wrong(told, row=required[bounds.MOST_REQUIRED])


def _both(outer: Tree | None, own: Tree | None) -> Tree | None:
    return ["and", outer, own] if outer and own else outer or own
