"""The answers to a campaign's own questions as Excel: a row for each record, a column for each question."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from koumen.core import clock, files
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.refusals import Forbidden, Invalid
from koumen.core.word import clean
from koumen.visits.models import Campaign, QuestionForm, VisitRecord
from koumen.visits.models.questions import shown
from koumen.visits.policies.campaigns import may_export_answers
from koumen.visits.services.answers import in_words
from koumen.visits.services.papers import watermark

MOST_CHILDREN = 50  # with names, of one export; more need a second person
KEPT = timedelta(days=1)
HEAD, BODY = Font(name="SimSun", size=11, bold=True), Font(name="SimSun", size=11)
GREY = PatternFill("solid", fgColor="EDF2F1")
WRAP = Alignment(wrap_text=True, vertical="top")


@action("questions.export", may=may_export_answers)
def export_answers(
    campaign: Campaign, *, by: Actor, records: Iterable[VisitRecord], has_names: bool, because: str
) -> StoredFile:
    """Keep the workbook for whoever asked, for a day. With names, of the own class: the day, and who. Without: the
    class and the month, in an order that tells nothing.

    Raises Invalid without answers, Forbidden for names of more children than one export may hold.
    """
    rows = list(records)
    if not rows:
        raise Invalid(_("还没有人回答这些题，没有可以下载的内容。"))
    if has_names and len({one.student_id for row in rows for one in row.visit.students.all()}) > MOST_CHILDREN:
        raise Forbidden(_("一次最多导出 %(n)d 名学生的回答。") % {"n": MOST_CHILDREN})
    if has_names:
        rows.sort(key=lambda row: (row.visit.starts_at or clock.now(), str(row.pk)))
    else:
        rows.sort(key=lambda row: hashlib.sha256(row.pk.bytes).digest())
    return files.keep(
        iter([_workbook(rows, by, has_names)]),
        purpose="answers",
        label=f"{because}.xlsx",
        content_type=files.TYPE_OF["xlsx"],
        owner_id=by.account_id,
        lasts=KEPT,
    )


def _columns(rows: list[VisitRecord]) -> dict[str, str]:
    """Question by name, as its newest version asks it; the order of the newest version, older ones after it."""
    forms: dict[int, QuestionForm] = {row.question_form.pk: row.question_form for row in rows if row.question_form}
    found: dict[str, str] = {}
    for form in sorted(forms.values(), key=lambda one: -one.version):
        for question in form.questions:
            if question["type"] != "note":
                found.setdefault(question["name"], shown(question))
    return found


def _workbook(rows: list[VisitRecord], by: Actor, has_names: bool) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("回答"))
    columns = _columns(rows)
    head = [_("班级"), _("日期"), _("孩子")] if has_names else [_("班级"), _("月份")]
    for at in range(1, len(head) + len(columns) + 2):
        sheet.column_dimensions[get_column_letter(at)].width = 14 if at <= len(head) + 1 else 28
    sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, text, True) for text in [*head, _("题目版本"), *columns.values()]])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in [*_about(row, has_names), *_said(row, columns)]])
    sheet.append([])
    sheet.append([_cell(sheet, watermark(by))])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _about(row: VisitRecord, has_names: bool) -> list[str]:
    day = clock.local(row.visit.starts_at).date() if row.visit.starts_at else None
    when = f"{day:%Y-%m-%d}" if day and has_names else f"{day:%Y-%m}" if day else ""
    who = [row.visit.names] if has_names else []
    return [row.visit.school_class.name, when, *who, str(row.question_form.version if row.question_form else "")]


def _said(row: VisitRecord, columns: dict[str, str]) -> list[str]:
    asked = {one["name"]: one for one in row.question_form.questions} if row.question_form else {}
    return [
        in_words(asked[name], row.answers[name]) if name in asked and row.answers.get(name) else "" for name in columns
    ]


def _cell(sheet: Any, text: str, is_head: bool = False) -> Any:
    """Always text: what somebody typed is never a formula."""
    cell = WriteOnlyCell(sheet, clean(text))
    cell.data_type = "s"
    cell.font, cell.alignment = (HEAD if is_head else BODY), WRAP
    if is_head:
        cell.fill = GREY
    return cell
