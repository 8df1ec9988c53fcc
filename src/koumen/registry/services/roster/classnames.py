"""From `三年级`, `2班`, `三(2)班`, `初一2班`, `2023级2班`, `302` to one class of the school."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

from django.utils.translation import gettext as _

from koumen.registry.services.roster.problem import Wrong

_DIGITS = {d: n for n, d in enumerate("零一二三四五六七八九")}
_NUM = r"(?:\d{1,2}|[一二三四五六七八九]?十?[一二三四五六七八九]?)"
_GRADE = re.compile(
    r"(?:(?P<cohort>(?:19|20)\d\d)级?"
    r"|(?P<stage>小学|初中|高中|小|初|高)?(?P<level>[一二三四五六七八九1-9])(?:年级|年)?(?P<after>\((?:小学|初中|高中)\))?"
    r"|(?P<kinder>[小中大])班|0(?P<padded>[1-9]))"
)
_CLASS = (
    re.compile(rf"(?P<g>(?:19|20)\d\d级?|.*?年级|(?:小学|初中|高中|小|初|高)[一二三四五六])\(?(?P<n>{_NUM})\)?班?"),
    re.compile(rf"(?P<g>[一二三四五六七八九1-9])[(\-.](?P<n>{_NUM})\)?班?"),
    re.compile(r"(?P<g>[一二三四五六七八九])(?P<n>\d{1,2})班?"),
    re.compile(r"(?P<g>[小中大]班?)\(?(?P<n>\d{1,2}|[一二三四五六七八九])\)?班?"),
)
_NUMBER = re.compile(rf"\(?(?P<n>{_NUM})\)?班?")
_PACKED = re.compile(r"(?P<g>[1-9])(?P<n>\d\d)班?")
_STAGE = {"小学": 2, "小": 2, "初中": 3, "初": 3, "高中": 4, "高": 4}
_ORDINALS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class GradeKey:
    """What a text says about a grade: stage and level, or the year of entry."""

    stage: int | None = None
    level: int | None = None
    cohort: int | None = None


@dataclass(frozen=True)
class KnownClass:
    """A class of the school; `id` is None for one that will be made."""

    id: int | None
    stage: int
    level: int
    cohort: int
    number: int
    name: str
    grade_name: str = ""


def tidy(text: str) -> str:
    """Half width, without spaces."""
    return re.sub(r"\s+", "", normalize("NFKC", text))


def numeral(text: str) -> int | None:
    """`12`, `十二`, `二` → number; None when it is none."""
    if text.isdigit():
        return int(text)
    if not text or any(c not in _DIGITS and c != "十" for c in text):
        return None
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS[text] if len(text) == 1 else None
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)


def grade_key(text: str) -> GradeKey | None:
    """What a grade text says, or None."""
    found = _GRADE.fullmatch(tidy(text))
    if found is None:
        return None
    if found["cohort"]:
        return GradeKey(cohort=int(found["cohort"]))
    if found["kinder"]:
        return GradeKey(1, "小中大".index(found["kinder"]) + 1)
    level = numeral(found["level"] or found["padded"])
    stage = _STAGE.get(found["stage"] or (found["after"] or "").strip("()"))
    if stage is None and level is not None and level > 6:
        return GradeKey(3, level - 6)
    if stage == 3 and level is not None and level > 6:
        level -= 6
    return GradeKey(stage, level)


def split_class(text: str, *, has_grade: bool) -> tuple[str, int | None]:
    """A class text → (its grade part or "", its number or None)."""
    text = tidy(text)
    for pattern in _CLASS:
        found = pattern.fullmatch(text)
        if found and found["n"]:
            return found["g"], numeral(found["n"])
    if not has_grade and (found := _PACKED.fullmatch(text)):
        return found["g"], int(found["n"])
    found = _NUMBER.fullmatch(text)
    return ("", numeral(found["n"])) if found and found["n"] else ("", None)


def grade_name(stage: int, level: int) -> str:
    """三年级, 七年级, 高一, 小班."""
    if stage == 1:
        return "小中大"[level - 1] + "班" if level <= 3 else f"{level}班"
    if stage in {4, 5}:
        return ("高" if stage == 4 else "中职") + _ORDINALS[level]
    return f"{_ORDINALS[level + (6 if stage == 3 else 0)]}年级"


def class_name(stage: int, level: int, number: int) -> str:
    """三年级1班."""
    return f"{grade_name(stage, level)}{number}班"


class ClassBook:
    """The school's classes, found by whatever a file calls them.

    `stages` are those the school has; `year` is the school year's first calendar year; with `may_add`, a class that
    is not there is made up (and listed in `added`) instead of refused. Without `known`, every readable class passes.
    """

    def __init__(
        self, known: Iterable[KnownClass], *, stages: tuple[int, ...], year: int, may_add: bool = False
    ) -> None:
        self.known = list(known)
        self.stages = stages or (2,)
        self.year = year
        self.may_add = may_add
        self.added: dict[tuple[int, int, int], KnownClass] = {}
        self._by_name = {tidy(k.name): k for k in self.known}
        self._memory: dict[tuple[str, str], KnownClass | str] = {}

    def find(self, grade: str, name: str) -> KnownClass:
        """The class meant. Raises Wrong with what is allowed."""
        key = (grade, name)
        found = self._memory.get(key)
        if found is None:
            try:
                found = self._find(tidy(grade), tidy(name))
            except Wrong as wrong:
                found = str(wrong)
            if len(self._memory) < 10_000:
                self._memory[key] = found
        if isinstance(found, str):
            raise Wrong(found)
        return found

    def _find(self, grade: str, name: str) -> KnownClass:
        for text in (name, grade + name):
            if text in self._by_name:
                return self._by_name[text]
        part, number = split_class(name, has_grade=bool(grade))
        if number is None or not 1 <= number <= 99:
            raise Wrong(_("班级请写成 三年级2班、三(2)班，或分“年级”“班级”两列填 三年级、2班") + self._there())
        key = grade_key(grade) if grade else grade_key(part)
        if part and grade and not self._agree(key, grade_key(part)):
            raise Wrong(_("班级里写的年级与“年级”列不一致"))
        if key is None:
            raise Wrong(_("年级请写成 三年级、七年级、初一、高一 或 2023级") + self._there())
        stage, level = self._place(key)
        match = next((k for k in self.known if (k.stage, k.level, k.number) == (stage, level, number)), None)
        if match is not None:
            return match
        if not self.may_add:
            raise Wrong(_("学校里没有这个班，请先新建班级，或上传时勾选“自动新建班级”") + self._there())
        made = KnownClass(
            None,
            stage,
            level,
            self.year - level + 1,
            number,
            class_name(stage, level, number),
            grade_name(stage, level),
        )
        return self.added.setdefault((stage, level, number), made)

    def _agree(self, one: GradeKey | None, other: GradeKey | None) -> bool:
        return one is None or other is None or self._place(one) == self._place(other)

    def _place(self, key: GradeKey) -> tuple[int, int]:
        """Stage and level meant in this school. Raises Wrong when it has no such grade."""
        if key.cohort is not None:
            grades = {(k.stage, k.level) for k in self.known if k.cohort == key.cohort}
            if len(grades) == 1:
                return next(iter(grades))
            return self._stage_for(self.year - key.cohort + 1), self.year - key.cohort + 1
        assert key.level is not None
        if key.stage is not None and key.stage not in self.stages:
            # a 七年级 in a school where the 6th year belongs to the junior stage is still one of its grades
            raise Wrong(_("学校没有这个学段的年级") + self._there())
        return key.stage or self._stage_for(key.level), key.level

    def _stage_for(self, level: int) -> int:
        if not 1 <= level <= 9:
            raise Wrong(_("入学年份与本学年对不上") + self._there())
        return 2 if 2 in self.stages else self.stages[0]

    def _there(self) -> str:
        if not self.known:
            return ""
        names = [k.name for k in self.known]
        shown = "、".join(names[:12]) + ("…" if len(names) > 12 else "")
        return _(";学校现有：%(names)s") % {"names": shown}
