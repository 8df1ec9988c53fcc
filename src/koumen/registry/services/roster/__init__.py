"""Roster files read without a site: a file goes in, typed rows and named problems come out.

    roster = read_students(Path("名单.xlsx"), today=date(2026, 9, 1))
    roster.rows       the correct rows (StudentLine)
    roster.problems   every wrong cell: sheet, row, column, value, what is allowed
    roster.dropped    columns left out on purpose;  roster.unknown  columns nobody knows

Raises Unreadable (a sentence for people) when the file as a whole cannot be used. Needs Django's settings only for
translations: `settings.configure(USE_I18N=False)` is enough.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from koumen.registry.services.roster.classnames import ClassBook, KnownClass
from koumen.registry.services.roster.problem import Note, Problem, Unreadable, Wrong
from koumen.registry.services.roster.students import Member, StudentLine, StudentReader

__all__ = [
    "ClassBook",
    "KnownClass",
    "Member",
    "Note",
    "Problem",
    "Roster",
    "StudentLine",
    "StudentReader",
    "Unreadable",
    "Wrong",
    "read_students",
]


@dataclass
class Roster:
    """A whole file of students in memory. For large files use `StudentReader`, which goes row by row."""

    rows: list[StudentLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def read_students(source: Path | bytes, *, today: date, classes: ClassBook | None = None) -> Roster:
    """Read a file of students. `classes` are the school's own; without them any readable class passes.

    Raises Unreadable.
    """
    reader = StudentReader(today=today, classes=classes)
    rows = list(reader.read(source))
    found = reader.findings
    return Roster(rows, found.problems, found.notes, found.dropped, found.unknown)
