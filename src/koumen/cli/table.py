"""Tables on a terminal, where a Chinese sign is as wide as two letters."""

from collections.abc import Sequence
from unicodedata import east_asian_width


def width(text: str) -> int:
    """How many letters wide it is."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines; a column whose head begins with > is aligned to the right."""
    right = [head.startswith(">") for head in heads]
    table = [[head.removeprefix(">") for head in heads], *rows]
    widths = [max(width(row[column]) for row in table) for column in range(len(heads))]
    return ["  ".join(_cell(*cell) for cell in zip(row, widths, right, strict=True)).rstrip() for row in table]


def _cell(text: str, wide: int, right: bool) -> str:
    space = " " * (wide - width(text))
    return space + text if right else text + space
