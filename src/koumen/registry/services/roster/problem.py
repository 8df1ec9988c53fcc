"""What is wrong with a file, and where."""

from dataclasses import dataclass

from koumen.core.refusals import Invalid

LONGEST_SHOWN = 60


class Unreadable(Invalid):
    """The file as a whole cannot be used; the sentence says what to do."""


class Wrong(Exception):
    """A cell's value cannot be used; the text says what is allowed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong cell. `row` and `index` (column) count from 1 as in Excel; `value` is what stands there."""

    sheet: str
    row: int
    index: int
    column: str
    value: str
    allowed: str
    sensitive: bool = False

    @property
    def cell(self) -> str:
        """The cell's name in Excel, e.g. `C5`."""
        return f"{letters(self.index)}{self.row}" if self.index else str(self.row)

    @property
    def shown(self) -> str:
        """The value for a page: shortened, and hidden in the middle where the column is sensitive."""
        text = self.value[:LONGEST_SHOWN] + ("…" if len(self.value) > LONGEST_SHOWN else "")
        return f"{text[:3]}****{text[-3:]}" if self.sensitive and len(text) > 8 else text


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that stops nothing."""

    sheet: str
    row: int
    text: str


def letters(index: int) -> str:
    """Column number (from 1) → letters."""
    text = ""
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
