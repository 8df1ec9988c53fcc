"""Answers to a campaign's own questions: which are asked, and whether they can be. Phones decide the same.

The twin is recorder/src/questions.ts; both are held to one table of cases, tests/core/expressions.json.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from koumen.core.expressions import Value, holds
from koumen.core.words import listed
from koumen.visits.models import QuestionForm
from koumen.visits.models.questions import shown

LONGEST_TEXT = 2000
_DIGITS = re.compile(r"(-?)0*([0-9]+)(?:\.([0-9]*?)0*)?")
_SHAPES = {"integer": re.compile(r"-?[0-9]{1,9}"), "decimal": re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")}
_DAY = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}")
Question = Mapping[str, Any]


@dataclass
class Review:
    """What was answered: `shown` are the questions asked, `faults` sentences by question."""

    shown: list[str] = field(default_factory=list)
    answers: dict[str, Value] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def review(questions: Iterable[Question], given: Mapping[str, Value], day: date) -> Review:
    """Go through the questions in their order. What is not asked because of an earlier answer has no answer."""
    found = Review()
    today = day.isoformat()
    for question in questions:
        name = question["name"]
        if question["relevant"] and not holds(question["relevant"], found.answers, "", today):
            continue
        found.shown.append(name)
        value = tidy(question, given.get(name, ""))
        if question["type"] == "note":
            continue
        if not value:
            if question["required"]:
                found.faults[name] = question["required_message"] or _("这道题要回答。")
            continue
        found.answers[name] = value
        if not fits(question, value):
            found.faults[name] = _WRONG.get(question["type"], lambda: "")()
        elif question["constraint"] and not holds(question["constraint"], found.answers, value, today):
            found.faults[name] = question["constraint_message"] or _("这个回答不符合填写要求，请核对。")
    return found


def strangers(questions: Iterable[Question], given: Mapping[str, Value], asked: Iterable[str]) -> dict[str, str]:
    """Answers to questions that do not exist, or that are not asked after the other answers."""
    known = {question["name"] for question in questions if question["type"] != "note"}
    shown_now = set(asked)
    told = {name: _("没有这道题。") for name in given if name not in known}
    unasked = {name: _("按前面的回答，这道题不用填。") for name in known - shown_now if given.get(name)}
    return told | unasked


def tidy(question: Question, value: Value) -> Value:
    """One way to write one answer: without empty ends, without idle zeros, choices in their order."""
    if isinstance(value, list):
        names = [choice[0] for choice in question["choices"]]
        return [name for name in names if name in value] + [one for one in value if one not in names]
    text = re.sub(r"\r\n?", "\n", value).strip(" \t\n\u3000")
    parts = _DIGITS.fullmatch(text) if question["type"] in _SHAPES else None
    if parts is None:
        return text
    plain = parts[2] + (f".{parts[3]}" if parts[3] else "")
    return plain if plain == "0" else parts[1] + plain


def fits(question: Question, value: Value) -> bool:
    """Whether the answer is of the question's type."""
    kind, known = question["type"], {choice[0] for choice in question["choices"]}
    if isinstance(value, list):
        return kind == "select_multiple" and known.issuperset(value) and len(set(value)) == len(value)
    if kind in _SHAPES:
        return _SHAPES[kind].fullmatch(value) is not None
    if kind == "date":
        return _is_day(value)
    return (
        value in known if kind == "select_one" else kind == "text" and len(value) <= LONGEST_TEXT and "\0" not in value
    )


def _is_day(value: str) -> bool:
    try:
        return _DAY.fullmatch(value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


_WRONG = {
    "integer": lambda: _("请填整数。"),
    "decimal": lambda: _("请填数字，小数最多六位。"),
    "date": lambda: _("请填日期。"),
    "text": lambda: _("最多 %(n)d 个字。") % {"n": LONGEST_TEXT},
    "select_one": lambda: _("请从选项里选一个。"),
    "select_multiple": lambda: _("请从选项里选。"),
}


def spoken_answers(form: QuestionForm | None, answers: Mapping[str, Value]) -> list[tuple[str, str]]:
    """(question, answer in words) of what was answered, in the order of the form."""
    if form is None:
        return []
    return [(shown(one), in_words(one, answers[one["name"]])) for one in form.questions if answers.get(one["name"])]


def in_words(question: Question, value: Value) -> str:
    """One answer as people read it."""
    names = {choice[0]: shown({"label": choice[1], "label_en": choice[2]}) for choice in question["choices"]}
    if isinstance(value, list):
        return listed(names.get(one, one) for one in value)
    if question["type"] == "date" and _is_day(value):
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    return names.get(value, value)
