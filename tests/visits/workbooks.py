"""Workbooks of questions, as a person would write them."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook

HEAD = ("type", "name", "label", "required", "relevant", "constraint", "constraint_message")
YES_NO = (("yes_no", "yes", "是"), ("yes_no", "no", "否"))
SURVEY: tuple[Sequence[object], ...] = (
    ("select_one yes_no", "has_desk", "有固定的学习地方吗？"),
    ("text", "where_instead", "在哪里写作业？", "", "${has_desk} = 'no'"),
    ("integer", "minutes", "一个人在家多少分钟？", "", "", ". >= 0 and . <= 600", "请填 0 到 600。"),
    ("select_multiple help", "help", "希望帮什么？"),
)
CHOICES: tuple[Sequence[object], ...] = (*YES_NO, ("help", "food", "吃饭"), ("help", "study", "学习"))


def workbook(
    survey: Sequence[Sequence[object]] = SURVEY,
    choices: Sequence[Sequence[object]] | None = CHOICES,
    *,
    head: Sequence[object] = HEAD,
    title: str = "在家学习",
    sheet: str = "survey",
) -> bytes:
    """An .xlsx with these rows; the first row of `survey` is Excel's row 2."""
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = sheet
    for row in (head, *survey):
        first.append(list(row))
    if choices is not None:
        second = book.create_sheet("choices")
        for row in (("list_name", "name", "label"), *choices):
            second.append(list(row))
    third = book.create_sheet("settings")
    third.append(["form_title"])
    third.append([title])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
