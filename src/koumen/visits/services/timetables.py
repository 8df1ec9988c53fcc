"""Timetables as Excel: one sheet for each member of staff, ready to print on A4."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from math import ceil
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from koumen.care.services.name_lists import MOST_ALONE
from koumen.core import clock, files
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.refusals import Invalid
from koumen.core.words import listed
from koumen.registry.models import Staff, Student
from koumen.visits.models import Outing, Plan, Stop
from koumen.visits.policies.campaigns import may_manage_plan
from koumen.visits.queries.plans import addresses
from koumen.visits.services.calendars import calendar
from koumen.visits.services.papers import zipped

WIDTHS = (12, 7, 8, 10, 12, 18, 12, 18, 14, 30)
HEAD_ROWS = 3
FONT = "SimSun"
LINE = Side(style="thin", color="999999")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
HEAD, BODY = Font(name=FONT, size=11, bold=True), Font(name=FONT, size=11)
CENTRE = Alignment(wrap_text=True, vertical="center", horizontal="center")
LEFT = Alignment(wrap_text=True, vertical="center")
GREY = PatternFill("solid", fgColor="EDF2F1")
LINE_HEIGHT = 18  # points
KEPT = timedelta(days=1)
SHEET_UNFIT = re.compile(r"[\[\]:*?/\\']")


@dataclass(frozen=True)
class Paper:
    """For whom a workbook is made, and what it may show."""

    by: Actor
    shown: frozenset[int]
    has_names: bool
    stamp: str  # the visible line that says who took it out


@action("plan.print", may=may_manage_plan)
def print_plan(plan: Plan, *, by: Actor, rows: Iterable[Outing], because: str, form: str = "book") -> StoredFile:
    """Keep the whole plan for whoever asked, for a day, for everybody who goes, never with addresses.

    `form` is "book", a workbook with a sheet for each, or "files", a zip with each one's own Excel and calendar file.
    Raises Invalid without outings.
    """
    people = by_person(rows)
    if not people:
        raise Invalid(_("这份计划里没有外出，没有可下载的日程。"))
    make, kind = FORMS[form]
    return files.keep(
        make(people, by),
        purpose="timetables",
        label=f"{because}.{kind}",
        content_type=files.TYPE_OF[kind],
        owner_id=by.account_id,
        lasts=KEPT,
    )


def by_person(rows: Iterable[Outing]) -> dict[str, list[Outing]]:
    """Everybody's outings by name; namesakes apart."""
    by_staff: dict[tuple[str, int], list[Outing]] = defaultdict(list)
    for row in rows:
        for member in row.team.all():
            by_staff[member.staff.name, member.staff_id].append(row)
    people: dict[str, list[Outing]] = {}
    for name, pk in sorted(by_staff):
        people[name if name not in people else f"{name}{pk}"] = by_staff[name, pk]
    return people


def _book(people: Mapping[str, list[Outing]], by: Actor) -> Iterator[bytes]:
    yield workbook(people, by=by)


def _files(people: Mapping[str, list[Outing]], by: Actor) -> Iterator[bytes]:
    """A zip in pieces. It leaves the school as one, so it is the whole of it that may not name too many children."""
    has_names = may_name(people)

    def each() -> Iterator[tuple[str, bytes]]:
        for name, rows in people.items():
            file = SHEET_UNFIT.sub("", name).strip() or "_"
            yield f"{file}.xlsx", workbook({name: rows}, by=by, has_names=has_names)
            yield f"{file}.ics", calendar(rows, name=_("%(name)s 家访日程") % {"name": name}, by=by)

    return zipped(each())


FORMS: dict[str, tuple[Callable[[Mapping[str, list[Outing]], Actor], Iterator[bytes]], str]] = {
    "book": (_book, "xlsx"),
    "files": (_files, "zip"),
}


@action("plan.print_one", may=may_manage_plan)
def print_one(plan: Plan, *, by: Actor, staff: Staff, rows: Iterable[Outing]) -> bytes:
    """One person's timetable of a plan. Raises Invalid without outings."""
    mine = list(rows)
    if not mine:
        raise Invalid(_("这位老师在这份计划里没有外出。"))
    return workbook({staff.name: mine}, by=by)


def may_name(people: Mapping[str, list[Outing]]) -> bool:
    """More than 50 children leave the school by name only with a second person; class numbers stand for them."""
    return named(people) <= MOST_ALONE


def named(people: Mapping[str, list[Outing]]) -> int:
    """How many children such a file is about."""
    homes = {stop.household_id: stop.household for rows in people.values() for row in rows for stop in row.stops.all()}
    return sum(len(home.students.all()) for home in homes.values())


def workbook(
    people: Mapping[str, list[Outing]],
    *,
    by: Actor,
    shown: frozenset[int] = frozenset(),
    has_names: bool | None = None,
    stamp: str = "",
) -> bytes:
    """A workbook with a sheet for each name. Addresses are printed for outings in `shown` alone.

    `has_names` is settled by `may_name` unless the workbook is part of something larger, or two persons let it out;
    then its line is their `stamp`.
    """
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    taken: set[str] = set()
    paper = Paper(by, shown, may_name(people) if has_names is None else has_names, stamp or _stamp(by))
    for name, rows in people.items():
        _sheet(book.create_sheet(_sheet_name(name, taken)), name, rows, paper)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name Excel takes: at most 31 characters, none of its own signs, not used before."""
    plain = SHEET_UNFIT.sub("", name).strip()[:28] or "sheet"
    fit, number = plain, 1
    while fit.lower() in taken:
        number += 1
        fit = f"{plain}{number}"
    taken.add(fit.lower())
    return fit


def _sheet(sheet: Worksheet, name: str, rows: list[Outing], paper: Paper) -> None:
    heads = (_("日期"), _("星期"), _("出发"), _("返回"), _("班级"), _("同行老师"), _("家访时间"), _("学生"),
             _("村组/社区"), _("住址"))  # fmt: skip
    campaigns = listed(dict.fromkeys(row.plan.campaign.name for row in rows))
    _line(sheet, 1, _("%(name)s 家访日程") % {"name": name}, Font(name=FONT, size=16, bold=True))
    _line(sheet, 2, f"{paper.by.org.name} · {campaigns}", Font(name=FONT, size=10, color="555555"))
    for column, (text, width) in enumerate(zip(heads, WIDTHS, strict=True), 1):
        cell = sheet.cell(HEAD_ROWS, column)
        _write(cell, text, bold=True)
        cell.fill = GREY
        sheet.column_dimensions[get_column_letter(column)].width = width
    at = HEAD_ROWS
    for row in rows:
        at = _outing(sheet, at, name, row, paper)
    _line(sheet, at + 1, paper.stamp, Font(name=FONT, size=9, italic=True, color="777777"))
    _page(sheet, at + 1, paper.stamp)


def _line(sheet: Worksheet, at: int, text: str, font: Font) -> None:
    sheet.merge_cells(start_row=at, start_column=1, end_row=at, end_column=len(WIDTHS))
    cell: Any = sheet.cell(at, 1)
    cell.value, cell.data_type = text, "s"
    cell.font, cell.alignment = font, Alignment(vertical="center")
    sheet.row_dimensions[at].height = 26 if at == 1 else 18


def _outing(sheet: Worksheet, at: int, name: str, row: Outing, paper: Paper) -> int:
    """One line for every family; what is the same for the whole outing stands once. Returns the last line used."""
    others = listed(member.staff.name for member in row.team.all() if member.staff.name != name)
    day = [date_format(row.slot.date, _("n月j日")), date_format(row.slot.date, "D"), _clock(row.leaves_at),
           _clock(row.back_at), row.school_class.name, others]  # fmt: skip
    known = addresses(row) if row.pk in paper.shown else {}
    for number, stop in enumerate(row.stops.all()):
        at += 1
        texts = [*(day if number == 0 else [""] * len(day)), *_stop(stop, known, paper)]
        for column, text in enumerate(texts, 1):
            _write(sheet.cell(at, column), text)
        sheet.row_dimensions[at].height = LINE_HEIGHT * max(map(_lines, texts, WIDTHS))
    return at


def _stop(stop: Stop, known: Mapping[int, str], paper: Paper) -> list[str]:
    home = stop.household
    children = [child.name if paper.has_names else _number(child) for child in home.students.all()]
    place = home.place.name if home.place else ""
    times = f"{_clock(stop.starts_at)}–{_clock(stop.ends_at)}"
    return [times, listed(children), place, known.get(home.pk, "")]


def _lines(text: str, width: int) -> int:
    """How many lines a text needs in a column; a Chinese character is two wide."""
    wide = sum(1 if ord(sign) < 0x2E80 else 2 for sign in text)
    return max(1, ceil(wide / (width - 1)))


def _number(child: Student) -> str:
    return _("%(n)s号") % {"n": child.class_no} if child.class_no else _("1 名学生")


def _write(cell: Any, text: str, *, bold: bool = False) -> None:
    """Text stays text: a name that begins with "=" is no formula."""
    assert isinstance(cell, Cell) or not text
    cell.value = text
    cell.data_type = "s"
    cell.font, cell.alignment, cell.border = HEAD if bold else BODY, CENTRE if bold else LEFT, BOX


def _page(sheet: Worksheet, last: int, stamp: str) -> None:
    setup = sheet.page_setup
    setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight = 9, "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_area = f"A1:{get_column_letter(len(WIDTHS))}{last}"
    sheet.print_title_rows = f"1:{HEAD_ROWS}"
    sheet.freeze_panes = f"A{HEAD_ROWS + 1}"
    foot: Any = sheet.oddFooter
    foot.center.text, foot.right.text = stamp.replace("&", "&&"), "&P / &N"
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.8, 0.3


def _stamp(by: Actor) -> str:
    """The visible line that says who took it out, when, and what for."""
    return _("%(who)s 导出于 %(when)s · 仅供本次家访使用，用后请妥善销毁") % {
        "who": by.display_name,
        "when": clock.local(clock.now()).strftime("%Y-%m-%d %H:%M"),
    }


def _clock(moment: Any) -> str:
    return clock.local(moment).strftime("%H:%M")
