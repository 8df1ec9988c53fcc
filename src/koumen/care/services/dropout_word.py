"""控辍保学劝返记录 as Word: one child, everything that was done to bring it back, ready to be signed and filed."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.shared import Pt
from docx.table import Table

from koumen.care.models import DropoutEntry, ReturnAttempt
from koumen.care.presets.dropout import Reason, Verified, Way
from koumen.care.services.name_lists import watermark
from koumen.core import clock, files, word
from koumen.core.actor import Actor
from koumen.core.words import for_others, listed
from koumen.registry.models import Guardianship
from koumen.registry.presets.codes import RELATIONS

FACTS = (26.0, 59.0, 26.0, 59.0)  # mm: label, value, label, value
TRIES = (12.0, 32.0, 18.0, 34.0, 24.0, 50.0)
LEAST_TRIES = 4  # empty lines are left for attempts written by hand


def record_of_entry(entry: DropoutEntry, attempts: Sequence[ReturnAttempt], *, by: Actor) -> bytes:
    """The file's bytes, in the site's own language. Phones and numbers are masked."""
    with for_others():
        document = word.page(width=210, height=297, margin=20)
        word.write(document.add_paragraph(), _("控辍保学劝返记录"), size=18, middle=True, head=True)
        line = _("%(org)s    编号：%(year)s-%(number)s    状态：%(state)s") % {
            "org": by.org.name, "year": entry.found_on.year, "number": entry.pk, "state": entry.get_state_display(),
        }  # fmt: skip
        word.write(document.add_paragraph(), line, middle=True).paragraph_format.space_after = Pt(6)
        _facts(document, entry)
        _section(document, _("劝返记录"))
        _tries(document, attempts)
        _section(document, _("核实与销号"))
        _end(document, entry)
        word.footer(document, watermark(by))
        return word.as_bytes(document)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _section(document: WordDocument, title: str) -> None:
    paragraph = word.write(document.add_paragraph(), title, size=12, head=True)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(8), Pt(3)
    paragraph.paragraph_format.keep_with_next = True


def _cell(cell: Any, text: str, *, head: bool = False, middle: bool = True) -> None:
    paragraph = word.write(word.centre(cell).paragraphs[0], text, head=head, middle=middle)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)


def _pairs(table: Table, first: int, pairs: Sequence[tuple[str, str]]) -> None:
    """Label and value twice a row."""
    for i, (label, value) in enumerate(pairs):
        row = table.rows[first + i // 2]
        word.height(row, 9)
        _cell(row.cells[2 * (i % 2)], label, head=True)
        _cell(row.cells[2 * (i % 2) + 1], value)


def _wide(table: Table, at: int, label: str, value: str, height: float) -> None:
    """One label, and a value over the rest of the row."""
    row = table.rows[at]
    word.height(row, height)
    _cell(row.cells[0], label, head=True)
    _cell(row.cells[1].merge(row.cells[3]), value, middle=False)


def _facts(document: WordDocument, entry: DropoutEntry) -> None:
    child = entry.student
    ties = Guardianship.objects.filter(student=child, ends=None).select_related("guardian").order_by("order", "id")
    adults = listed(
        f"{RELATIONS.get(tie.relation, tie.relation)} {tie.guardian.name} {tie.guardian.phone_masked}" for tie in ties
    )
    table = word.grid(document, FACTS, 7)
    _pairs(
        table,
        0,
        [
            (_("姓名"), child.name),
            (_("性别"), child.get_gender_display()),
            (_("年级班级"), child.school_class.name if child.school_class else ""),
            (_("出生日期"), _day(child.birth_date)),
            (_("学籍号"), child.student_no_masked),
            (_("最后到校"), _day(entry.last_seen_on)),
        ],
    )
    _wide(table, 3, _("监护人"), adults, 9)
    _wide(table, 4, _("家庭住址"), child.household.address if child.household else "", 9)
    why = "\n".join(
        part for part in (str(Reason(entry.reason).label) if entry.reason else "", entry.reason_words) if part
    )
    _wide(table, 5, _("辍学原因"), why, 20)
    _wide(table, 6, _("已采取措施"), entry.taken, 20)


def _tries(document: WordDocument, attempts: Sequence[ReturnAttempt]) -> None:
    lines = max(LEAST_TRIES, len(attempts))
    table = word.grid(document, TRIES, lines + 1)
    word.tight(table, side_mm=1)
    for cell, label in zip(table.rows[0].cells, _heads(), strict=True):
        _cell(cell, label, head=True)
    word.repeat(table.rows[0])
    for row in table.rows[1:]:
        word.height(row, 10)
    for row, one in zip(table.rows[1:], attempts, strict=False):
        at = clock.local(one.at).strftime("%Y-%m-%d %H:%M")
        said = (str(one.number), at, str(Way(one.mode).label), one.people, one.get_result_display(), one.text)
        for i, (cell, text) in enumerate(zip(row.cells, said, strict=True)):
            _cell(cell, text, middle=i < 5)


def _heads() -> tuple[str, ...]:
    return (_("次数"), _("时间"), _("方式"), _("人员"), _("结果"), _("经过"))


def _end(document: WordDocument, entry: DropoutEntry) -> None:
    table = word.grid(document, FACTS, 4)
    _pairs(
        table,
        0,
        [
            (_("核实方式"), str(Verified(entry.verified_how).label) if entry.verified_how else ""),
            (_("核实日期"), _day(entry.verified_on)),
            (_("核实人"), entry.verified_by.name if entry.verified_by else ""),
            (_("确认辍学"), _day(entry.dropped_on)),
            (_("销号日期"), _day(entry.closed_on)),
            (_("销号人"), entry.closed_by.name if entry.closed_by else ""),
        ],
    )
    row = table.rows[3]
    word.height(row, 24)
    _cell(row.cells[0], _("家长签名"), head=True)
    if entry.signature is not None:
        word.picture(
            word.centre(row.cells[1]).paragraphs[0], files.on_disk(entry.signature).read_bytes(), width=50, height=18
        )
        word.write(row.cells[1].add_paragraph(), entry.signed_by, size=9, middle=True)
    _cell(row.cells[2], _("学校盖章"), head=True)
