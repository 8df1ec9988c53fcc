"""Columns of a table and how their headings are recognised, in any order and spelling."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from unicodedata import normalize

from django.utils.translation import gettext as _

from koumen.registry.services.roster.cells import Parse, text_of
from koumen.registry.services.roster.problem import Unreadable
from koumen.registry.services.roster.workbook import Row

LOOKED_AT = 20  # rows from the top among which the headings must be
_BRACKETS = re.compile(r"[((\[【〔<《][^))\]】〕>》]*[))\]】〕>》]")
_SIGNS = re.compile(r"[\s**:::;;,,。.、·/\\_\-—()()\[\]【】〔〕<>《》\"'“”‘’#&]+")
_GROUP = re.compile(r"(?:家庭成员|家长|监护人|成员)(?:信息)?([一二三四1234])(?:信息)?")
_NUMBERS = {"一": "1", "二": "2", "三": "3", "四": "4"}


@dataclass(frozen=True)
class Column:
    """A column we know. `names` are its headings as `heading()` makes them; `cached` for values that repeat.

    `unless` names a column that makes this one needless where it has a value.
    """

    key: str
    label: str
    names: tuple[str, ...]
    parse: Parse
    required: bool = False
    sensitive: bool = False
    cached: bool = False
    example: str = ""
    unless: str = ""


@dataclass(frozen=True)
class Table:
    """A kind of file: its columns, and the headings that are dropped on purpose (with what they are)."""

    kind: str
    columns: tuple[Column, ...]
    dropped: frozenset[str] = frozenset()
    hints: tuple[str, ...] = ()
    skips_example: bool = False  # the template's example row, left standing, is not data

    def named(self) -> dict[str, Column]:
        """Heading → column."""
        return {name: column for column in self.columns for name in column.names}


@dataclass
class Heading:
    """The heading found in a sheet: where, and which of its columns are known."""

    last_row: int
    labels: list[str]  # per column, as in the file (two levels joined)
    found: list[tuple[int, Column]] = field(default_factory=list)  # (position from 0, column)
    dropped: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        return {column.key for _at, column in self.found}


def heading(text: str) -> str:
    """A heading made comparable: half width, without spaces, stars, brackets and signs, upper case."""
    return _SIGNS.sub("", normalize("NFKC", text)).upper()


def candidates(text: str) -> Iterable[str]:
    """The forms under which a heading is looked up: as it is, and without what stands in brackets."""
    for form in (heading(text), heading(_BRACKETS.sub("", normalize("NFKC", text)))):
        yield form
        group = _GROUP.match(form)
        if group and group.end() < len(form):
            yield f"成员{_NUMBERS.get(group[1], group[1])}{form[group.end() :]}"


def find_heading(rows: Iterable[Row], table: Table) -> tuple[Heading | None, list[Row]]:
    """The best heading among the first rows, and those rows that were read past it."""
    seen: list[Row] = []
    for row in rows:
        seen.append(row)
        if len(seen) >= LOOKED_AT:
            break
    named = table.named()
    best: Heading | None = None
    for at, (number, cells) in enumerate(seen):
        top = [text_of(cell) for cell in cells]
        if sum(1 for text in top if text) < 2:
            continue
        below = [text_of(cell) for cell in seen[at + 1][1]] if at + 1 < len(seen) else []
        for labels, last in ((top, number), (_two_levels(top, below), number + 1)):
            found = _recognise(labels, last, named, table) if labels else None
            if found and (best is None or len(found.found) > len(best.found)):
                best = found
    if best is None or len(best.found) < 2 or _missing(best, table):
        return (best if best and len(best.found) >= 2 else None), seen
    return best, [row for row in seen if row[0] > best.last_row]


def _missing(found: Heading, table: Table) -> list[str]:
    return [c.label for c in table.columns if c.required and c.key not in found.keys]


def require(found: Heading, table: Table, sheet: str) -> None:
    """Raise Unreadable when a column that must be there is not."""
    missing = _missing(found, table)
    if missing:
        raise Unreadable(
            _("工作表“%(sheet)s”缺少必需的列：%(columns)s。请补上表头后再上传，或下载空白模板填写。")
            % {"sheet": sheet, "columns": "、".join(missing)}
        )


def _two_levels(top: Sequence[str], below: Sequence[str]) -> list[str]:
    """Headings of two merged rows joined: `家庭成员一` over `姓名` → `家庭成员一姓名`. Empty when it is one row."""
    groups = [bool(_GROUP.fullmatch(heading(text))) for text in top]
    if not any(groups):
        return []
    labels, over = [], ""
    for at in range(max(len(top), len(below))):
        upper = top[at] if at < len(top) else ""
        lower = below[at] if at < len(below) else ""
        if upper:
            over = upper if at < len(groups) and groups[at] else ""
            labels.append(upper + lower if over else (lower or upper))
        else:
            labels.append(over + lower if lower else "")
    return labels


def _recognise(labels: list[str], last: int, named: dict[str, Column], table: Table) -> Heading:
    result = Heading(last, labels)
    taken: set[str] = set()
    for at, label in enumerate(labels):
        if not label:
            continue
        forms = list(candidates(label))
        column = next((named[form] for form in forms if form in named), None)
        if column is None:
            (result.dropped if table.dropped.intersection(forms) else result.unknown).append(label)
        elif column.key in taken:
            result.twice.append(label)
        else:
            taken.add(column.key)
            result.found.append((at, column))
    return result


def names(*headings: str) -> tuple[str, ...]:
    """Headings as a column's `names`."""
    return tuple(dict.fromkeys(heading(text) for text in headings))
