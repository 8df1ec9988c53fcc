"""Walking through a file: sheets, headings, rows; every cell parsed, every wrong one named."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from koumen.registry.services.roster.cells import Parse, text_of
from koumen.registry.services.roster.columns import Column, Heading, Table, find_heading, require
from koumen.registry.services.roster.problem import Note, Problem, Unreadable, Wrong
from koumen.registry.services.roster.workbook import ROW_LIMIT, Row, Sheet, opened, too_long

PROBLEM_LIMIT = 20_000
Values = dict[str, Any]


@dataclass
class Findings:
    """What was noticed on the way through a file."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)  # columns left out on purpose
    unknown: list[str] = field(default_factory=list)  # columns nobody knows
    sheets: list[str] = field(default_factory=list)  # sheets that were read
    keys: set[str] = field(default_factory=set)  # columns that were found
    rows: int = 0

    @property
    def wrong_rows(self) -> set[tuple[str, int]]:
        """(sheet, row) of every row with a problem."""
        return {(p.sheet, p.row) for p in self.problems}


@dataclass(slots=True)
class Line:
    """One row on its way: its values, and a way to say what is wrong with them."""

    sheet: str
    row: int
    values: Values
    cells: list[Any]
    heading: Heading
    findings: Findings
    wrong: bool = False

    def refuse(self, key: str, allowed: str) -> None:
        """Say that the cell of column `key` is wrong. A column that is not in the file names the row."""
        at, column = next(((a, c) for a, c in self.heading.found if c.key == key), (-1, None))
        self._add(at, column, allowed)

    def refuse_at(self, at: int, column: Column, allowed: str) -> None:
        """Say that the cell at position `at` (from 0) is wrong."""
        self._add(at, column, allowed)

    def note(self, text: str) -> None:
        self.findings.notes.append(Note(self.sheet, self.row, text))

    def _add(self, at: int, column: Column | None, allowed: str) -> None:
        self.wrong = True
        if len(self.findings.problems) >= PROBLEM_LIMIT:
            raise Unreadable(
                _("有误的单元格超过 %(n)d 个，很可能列错了位。请先用空白模板核对几行再上传。") % {"n": PROBLEM_LIMIT}
            )
        value = text_of(self.cells[at]) if 0 <= at < len(self.cells) else ""
        label = (self.heading.labels[at] if at >= 0 else "") or (column.label if column else "")
        self.findings.problems.append(
            Problem(self.sheet, self.row, at + 1, label, value, allowed, bool(column and column.sensitive))
        )


def lines(source: Path | bytes, table: Table, findings: Findings) -> Iterator[Line]:
    """Every row of every sheet with a heading. Raises Unreadable when nothing in the file fits."""
    with opened(source) as sheets:
        read = 0
        for sheet in sheets:
            found, rest = find_heading(sheet.rows, table)
            if found is None:
                continue
            require(found, table, sheet.name)
            read += 1
            _notice(findings, found, sheet.name)
            rows: Iterator[Row] = chain(rest, sheet.rows)
            if table.skips_example:
                rows = _without_example(rows, found)
            yield from _rows(sheet, found, rows, findings)
    if not read:
        raise Unreadable(
            _("没有找到表头。前 20 行里要有一行写着列名，至少包括：%(columns)s。可以先下载空白模板。")
            % {"columns": "、".join(table.hints)}
        )
    if not findings.rows:
        raise Unreadable(_("表头下面没有数据。"))


def _without_example(rows: Iterator[Row], found: Heading) -> Iterator[Row]:
    """Leave out the first row when it is the template's example, unchanged."""
    first = next(rows, None)
    if first is not None:
        cells = first[1]
        filled = [(text_of(cells[at]), c.example) for at, c in found.found if at < len(cells) and cells[at] != ""]
        if len(filled) < 5 or any(text != example for text, example in filled):
            yield first
    yield from rows


def _notice(findings: Findings, found: Heading, sheet: str) -> None:
    findings.sheets.append(sheet)
    findings.keys |= found.keys
    for target, labels in ((findings.dropped, found.dropped), (findings.unknown, found.unknown)):
        target.extend(label for label in labels if label not in target)
    for label in found.twice:
        findings.notes.append(Note(sheet, found.last_row, _("列“%(label)s”出现了两次，只用第一列") % {"label": label}))


def _rows(sheet: Sheet, found: Heading, rows: Iterator[Row], findings: Findings) -> Iterator[Line]:
    # what makes others needless is read before them
    ordered = sorted(found.found, key=lambda f: bool(f[1].unless))
    plan: Plan = [(at, c.key, c.parse, {} if c.cached else None, c) for at, c in ordered]
    name_at = next((at for at, c in found.found if c.required), found.found[0][0])
    uncounted = _("公式没有计算结果；请在 Excel 里打开并保存一次，或把公式换成值")
    failed = _("公式出错，没有结果；请把公式换成文字或数字")
    for number, cells in rows:
        name = cells[name_at] if name_at < len(cells) else ""
        if name == "" and sum(1 for cell in cells if cell != "") < 3:
            if any(cell != "" for cell in cells):
                findings.notes.append(Note(sheet.name, number, _("这一行没有数据，已跳过")))
            continue
        findings.rows += 1
        if findings.rows > ROW_LIMIT:
            raise too_long(sheet.name)
        line = Line(sheet.name, number, {}, cells, found, findings)
        _parse(line, plan, len(cells))
        for cells_without, text in ((sheet.uncounted, uncounted), (sheet.failed, failed)):
            if cells_without:
                _name_cells(line, cells_without, text)
        yield line


Plan = list[tuple[int, str, Parse, "dict[Any, Any] | None", Column]]


def _parse(line: Line, plan: Plan, width: int) -> None:
    values, cells = line.values, line.cells
    for at, key, parse, cache, column in plan:
        raw = cells[at] if at < width else ""
        if raw == "" or (column.unless and column.unless in values):
            continue
        try:
            if cache is None:
                text = text_of(raw)
                if text:
                    values[key] = parse(text)
            elif raw in cache:
                values[key] = cache[raw]
            else:
                text = text_of(raw)
                if text:
                    value = parse(text)
                    if len(cache) < 5_000:
                        cache[raw] = value
                    values[key] = value
        except Wrong as wrong:
            line.refuse_at(at, column, str(wrong))


def _name_cells(line: Line, cells: set[tuple[int, int]], text: str) -> None:
    for at, column in line.heading.found:
        if (line.row, at + 1) in cells:
            line.refuse_at(at, column, text)
