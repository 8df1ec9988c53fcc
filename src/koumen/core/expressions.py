"""Conditions in the manner of XLSForm (`${age} > 5 and selected(${help}, 'food')`): a bounded part of XPath 1.0.

`parse` turns text into plain lists that JSON can carry; `evaluate` reads them here, `questions.ts` on phones and pages.
Both are held to one table of cases (tests/core/expressions.json). Values are texts, or lists of texts for several
choices; numbers are IEEE doubles; a date is its ISO text and, as a number, the days since 1970, as in ODK.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

LONGEST = 300  # characters
DEEPEST = 12  # brackets in brackets
Tree = list[Any]
Value = str | list[str]
Answer = str | float | bool

_TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[A-Za-z_][A-Za-z0-9_.-]*\s*\})|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<num>[0-9]{1,12}(?:\.[0-9]{1,6})?)|(?P<word>[a-z][a-z-]*)|(?P<sign><=|>=|!=|[=<>+*(),.-]))"
)
_NUMBER = re.compile(r"[ \t\r\n]*-?(?:[0-9]{1,15}(?:\.[0-9]{0,15})?|\.[0-9]{1,15})[ \t\r\n]*")
_DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
_FUNCTIONS = {"selected": 2, "count-selected": 1, "string-length": 1, "not": 1, "today": 0, "true": 0, "false": 0}
_OF_TEXT = {"selected", "count-selected", "string-length"}  # their arguments are questions or quoted texts
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_FULL_WIDTH = "‘’“”（），。＝＜＞＋－"


class BadExpression(ValueError):
    """The text is no condition we understand; the message says why, for people."""


def parse(text: str) -> Tree:
    """The condition as nested lists. Raises BadExpression."""
    if len(text) > LONGEST:
        raise BadExpression(_("条件太长，最多 %(n)d 个字符。") % {"n": LONGEST})
    found = _Parser(list(_tokens(text)))
    tree = found.level(0)
    if found.here < len(found.tokens):
        raise BadExpression(_("从“%(rest)s”开始看不懂。") % {"rest": found.tokens[found.here][1]})
    return tree


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            if rest[0] in _FULL_WIDTH:
                raise BadExpression(_("“%(sign)s”是中文标点，请改成英文标点。") % {"sign": rest[0]})
            raise BadExpression(_("从“%(rest)s”开始看不懂。") % {"rest": rest[:20]})
        kind = str(match.lastgroup)
        yield kind, match[kind]
        at = match.end()


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.here, self.depth = tokens, 0, 0

    def peek(self) -> str:
        return self.tokens[self.here][1] if self.here < len(self.tokens) else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if self.here >= len(self.tokens):
            raise BadExpression(_("条件没有写完。"))
        kind, text = self.tokens[self.here]
        if wanted and text != wanted:
            raise BadExpression(_("“%(text)s”这里应该是“%(wanted)s”。") % {"text": text, "wanted": wanted})
        self.here += 1
        return kind, text

    def level(self, number: int) -> Tree:
        """Operators from the weakest to the strongest, each from left to right."""
        if number == len(_LEVELS):
            return self.one()
        left = self.level(number + 1)
        while self.peek() in _LEVELS[number] and self.tokens[self.here][0] in ("word", "sign"):
            _kind, sign = self.take()
            left = [sign, left, self.level(number + 1)]
        return left

    def one(self) -> Tree:
        kind, text = self.take()
        if kind == "ref":
            return ["ref", text[2:-1].strip()]
        if kind == "text":
            return ["text", text[1:-1]]
        if kind == "num":
            return ["num", float(text)]
        if text == ".":
            return ["here"]
        if text in ("(", "-"):
            return self.inside(text)
        if kind == "word" and self.peek() == "(":
            return self.call(text)
        raise BadExpression(_("从“%(rest)s”开始看不懂。") % {"rest": text})

    def inside(self, sign: str) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(_("括号套得太深，请把条件写简单一些。"))
        tree = ["neg", self.one()] if sign == "-" else self.level(0)
        if sign == "(":
            self.take(")")
        self.depth -= 1
        return tree

    def call(self, name: str) -> Tree:
        if name not in _FUNCTIONS:
            known = "、".join(sorted(_FUNCTIONS))
            raise BadExpression(_("不支持函数“%(name)s”，可以用：%(known)s。") % {"name": name, "known": known})
        self.take("(")
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(_("括号套得太深，请把条件写简单一些。"))
        given: list[Tree] = []
        while self.peek() != ")":
            if given:
                self.take(",")
            given.append(self.level(0))
        self.take(")")
        self.depth -= 1
        if len(given) != _FUNCTIONS[name]:
            raise BadExpression(_("函数“%(name)s”要有 %(n)d 个参数。") % {"name": name, "n": _FUNCTIONS[name]})
        if name in _OF_TEXT and any(one[0] not in ("ref", "here", "text") for one in given):
            raise BadExpression(_("函数“%(name)s”的参数只能是题目或带引号的文字。") % {"name": name})
        return [name, *given]


def walk(tree: Tree) -> Iterator[Tree]:
    """Every part of a condition, itself first."""
    yield tree
    for part in tree[1:]:
        if isinstance(part, list):
            yield from walk(part)


def holds(tree: Tree, values: Mapping[str, Value], here: Value, today: str) -> bool:
    """Whether a condition is met. `today` is an ISO day; a question without an answer is the empty text."""
    return _truth(evaluate(tree, values, here, today))


def evaluate(tree: Tree, values: Mapping[str, Value], here: Value, today: str) -> Answer:
    """What a parsed condition comes to."""
    sign, *parts = tree
    match sign:
        case "ref":
            return _joined(values.get(parts[0], ""))
        case "here":
            return _joined(here)
        case "text" | "num":
            return parts[0]  # type: ignore[no-any-return]
        case "today":
            return today
    known = [evaluate(part, values, here, today) for part in parts]
    if sign in _SUMS:
        return _SUMS[sign](*map(_number, known))
    return _SIGNS[sign](*known)


def _joined(value: Value) -> str:
    return value if isinstance(value, str) else " ".join(value)


def _truth(value: Answer) -> bool:
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def _number(value: Answer) -> float:
    if not isinstance(value, str):
        return float(value)
    if _NUMBER.fullmatch(value):
        return float(value)
    if _DAY.fullmatch(value):
        try:
            return float(date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal())
        except ValueError:
            return math.nan
    return math.nan


def _same(left: Answer, right: Answer) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return _truth(left) is _truth(right)
    if isinstance(left, float) or isinstance(right, float):
        return _number(left) == _number(right)
    return left == right


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)


def _rest(left: float, right: float) -> float:
    return math.nan if not right or math.isinf(left) else math.fmod(left, right)


_SUMS: dict[str, Callable[..., float | bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": _divided,
    "mod": _rest,
    "neg": lambda a: -a,
}
_SIGNS: dict[str, Callable[..., float | bool]] = {
    "true": lambda: True,
    "false": lambda: False,
    "not": lambda a: not _truth(a),
    "and": lambda a, b: _truth(a) and _truth(b),
    "or": lambda a, b: _truth(a) or _truth(b),
    "=": _same,
    "!=": lambda a, b: not _same(a, b),
    "selected": lambda a, b: str(b) in str(a).split(),
    "count-selected": lambda a: float(len(str(a).split())),
    "string-length": lambda a: float(len(str(a))),
}
