"""家访记录表 on paper: one visit as Word, all visits of a class as a zip that never stands in memory whole."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import cast

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.table import Table

from koumen.core import clock, files, word
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.refusals import NotFound
from koumen.core.words import for_others, listed
from koumen.registry.models import Guardianship, SchoolClass
from koumen.registry.presets.codes import RELATIONS
from koumen.visits.models import Visit
from koumen.visits.policies.visits import may_print_class
from koumen.visits.services.answers import spoken_answers
from koumen.visits.services.entries import Entry, entry_at_hand, entry_of
from koumen.visits.services.plates import Plate, box
from koumen.visits.services.spoken import moment, spoken

WIDTHS = (28, 57, 28, 57)  # mm, of A4 with margins of 20
ZIP_LIMIT = 500 * files.MEGABYTE
KEPT = timedelta(days=1)
_NOT_IN_NAMES = re.compile(r"[\\/:*?\"<>|\s]+")


def watermark(by: Actor) -> str:
    """The visible line of an export: who made it, when, and what it is."""
    return _("%(org)s · %(name)s 于 %(at)s 导出 · 含未成年人信息，仅限工作使用，请妥善保管") % {
        "org": by.org.name, "name": by.display_name, "at": moment(clock.now()),
    }  # fmt: skip


def met(entry: Entry, ties: Iterable[Guardianship]) -> str:
    """Relations of whom the visitors met, with the names among these ties, the nearest adult's first."""
    known = {tie.relation: tie.guardian.name for tie in sorted(ties, key=lambda tie: -tie.order)}
    each = ((str(RELATIONS.get(code, code)), known.get(code)) for code in entry.met)
    return listed(f"{relation}({name})" if name else relation for relation, name in each)


def paper(visit: Visit, *, by: Actor) -> bytes:
    """家访记录表 of one recorded visit: A4, one table, a footer with who made it when.

    An official form: in the site's language, whatever language its maker reads.
    """
    with for_others():
        return _paper(visit, entry_of(visit.record), by)


def _paper(visit: Visit, entry: Entry, by: Actor) -> bytes:
    document = word.page(width=210, height=297, margin=20)
    table = form(document, visit, entry, by=by)
    _files(document, visit, table)
    word.footer(document, watermark(by))
    return word.as_bytes(document)


def _plate() -> Plate:
    """The form with a box for everything that differs from record to record."""
    document = word.page(width=210, height=297, margin=20)
    _form(document, {name: box(name) for name in (*NAMES, "school")})
    word.footer(document, box("footer"))
    return Plate(document)


def form(document: WordDocument, visit: Visit, entry: Entry, *, by: Actor) -> Table:
    """The form of one record, at the end of a document: its heading and its table; then the campaign's own answers."""
    ties = Guardianship.objects.filter(student__in=entry.students, relation__in=entry.met).select_related("guardian")
    table = _form(document, _said(visit, entry, by.org.name, ties))
    _own_answers(document, entry)
    return table


def _own_answers(document: WordDocument, entry: Entry) -> None:
    """What the campaign asked besides, question by question."""
    rows = spoken_answers(entry.question_form, entry.answers)
    if not rows or entry.question_form is None:
        return
    head = word.write(document.add_paragraph(), entry.question_form.title, size=12, head=True)
    head.paragraph_format.space_before = head.paragraph_format.space_after = 76_000
    head.paragraph_format.keep_with_next = True
    table = word.grid(document, (70, 100), len(rows))
    for row, cells in zip(table.rows, rows, strict=True):
        word.height(row, 9)
        for cell, text in zip(row.cells, cells, strict=True):
            word.write(word.centre(cell).paragraphs[0], text)


def _form(document: WordDocument, said: Mapping[str, str]) -> Table:
    word.write(document.add_paragraph(), _("家访记录表"), size=18, middle=True, head=True)
    line = document.add_paragraph()
    line.paragraph_format.space_after = 60_000
    word.write(line, said["school"], size=10.5, middle=True)
    rows = _rows(said)
    table = word.grid(document, WIDTHS, len(rows))
    for row, (cells, minimum) in zip(table.rows, rows, strict=True):
        word.height(row, minimum)
        boxes = row.cells
        if len(cells) == 2:
            boxes = (boxes[0], boxes[1].merge(boxes[3]))
        for i, (cell, text) in enumerate(zip(boxes, cells, strict=True)):
            word.write(word.centre(cell).paragraphs[0], text, middle=i % 2 == 0, head=i % 2 == 0)
    return table


def _files(document: WordDocument, visit: Visit, table: Table) -> None:
    """The family's signature in its place, photos below. What is past its time is left out."""
    contents: dict[str, list[bytes]] = {"photo": [], "signature": []}
    for row in visit.record.files.select_related("stored"):
        if row.stored is not None and row.kind in contents:
            try:
                contents[row.kind].append(files.on_disk(row.stored).read_bytes())
            except NotFound:
                continue
    if contents["signature"]:
        word.picture(table.rows[-1].cells[1].paragraphs[0], contents["signature"][-1], width=50, height=13)
    if contents["photo"]:
        head = word.write(document.add_paragraph(), _("家访照片"), size=12, head=True)
        head.paragraph_format.space_before = head.paragraph_format.space_after = 76_000
        head.paragraph_format.keep_with_next = True
        word.pictures(document, contents["photo"], width=82, height=62)


NAMES = (
    "names", "classes", "time", "mode", "met", "lead", "companions", "purposes", "topics", "content", "family_words",
    "opinion", "problems", "measures", "next_step", "follow_up_on", "satisfaction", "materials", "reflection",
)  # fmt: skip


def _said(visit: Visit, entry: Entry, school: str, ties: Iterable[Guardianship]) -> dict[str, str]:
    """Every word of the form that differs from record to record: NAMES, and the school. `ties` are the children's."""
    said = spoken(entry)
    return said | {
        "school": _("学校：%(school)s") % {"school": school},
        "names": listed(s.name for s in entry.students),
        "classes": listed(dict.fromkeys(str(s.school_class or "") for s in entry.students)),
        "mode": said["mode"] + (f"({said['fallback_reason']})" if said["fallback_reason"] else ""),
        "met": met(entry, ties),
        "lead": visit.lead.name,
        "problems": "\n".join(filter(None, (said["problem_categories"], said["problem"]))),
    }


def _rows(said: Mapping[str, str]) -> list[tuple[tuple[str, ...], float]]:
    """(cells, least height in mm): label and value once or twice."""
    return [
        ((_("学生姓名"), said["names"], _("班级"), said["classes"]), 9),
        ((_("家访时间"), said["time"]), 9),
        ((_("家访方式"), said["mode"], _("受访家长"), said["met"]), 9),
        ((_("主访教师"), said["lead"], _("同行老师"), said["companions"]), 9),
        ((_("家访目的"), said["purposes"]), 9),
        ((_("交流内容"), said["topics"]), 9),
        ((_("交流情况"), said["content"]), 34),
        ((_("家长的话"), said["family_words"]), 18),
        ((_("意见建议"), said["opinion"]), 18),
        ((_("发现的困难"), said["problems"]), 18),
        ((_("商定的帮扶"), said["measures"]), 10),
        ((_("下一步"), said["next_step"], _("随访日期"), said["follow_up_on"]), 12),
        ((_("家长满意度"), said["satisfaction"], _("发放材料"), said["materials"]), 9),
        ((_("访后分析"), said["reflection"]), 22),
        ((_("家长签字"), "", _("教师签字"), ""), 14),
    ]


class _Pipe(io.RawIOBase):
    """What a zip writer has written and nobody has taken yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(cast("bytes", data))
        self.parts.append(part)
        return len(part)

    def take(self) -> bytes:
        taken, self.parts = b"".join(self.parts), []
        return taken


def zipped(documents: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip file in pieces: at any moment one document is in memory, however many there are."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in documents:
            out.writestr(name, content, zipfile.ZIP_STORED)  # a Word file is a zip itself
            yield pipe.take()
    yield pipe.take()


def file_name(number: int, visit: Visit) -> str:
    """001_三年级1班_阿梅_2026-09-12.docx: names of children, never numbers of theirs."""
    names = visit.names
    day = f"{clock.local(visit.starts_at):%Y-%m-%d}" if visit.starts_at else ""
    return _NOT_IN_NAMES.sub("_", word.clean(f"{number:03d}_{visit.school_class.name}_{names[:40]}_{day}")) + ".docx"


def nobody_asks(done: int) -> None:
    """For those who do not ask how far it is."""


def papers(
    visits: "Iterable[Visit]", *, by: Actor, tell: Callable[[int], None] = nobody_asks
) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each visit's paper, one after the other; `tell` hears how many are done.

    Visits come as `queries.papers.to_print` reads them: with their people and files.
    """
    with for_others():
        plate, foot = _plate(), watermark(by)
    for number, visit in enumerate(visits, 1):
        with for_others():
            entry = entry_at_hand(visit.record)
            if visit.record.files.all() or entry.answers:
                content = _paper(visit, entry, by)
            else:
                ties = [tie for child in entry.students for tie in child.guardianships.all()]
                content = plate.print(_said(visit, entry, by.org.name, ties) | {"footer": foot})
            name = file_name(number, visit)
        yield name, content
        tell(number)


@action("visit.print_class", may=may_print_class)
def print_class(
    school_class: SchoolClass,
    *,
    by: Actor,
    visits: "Iterable[Visit]",
    because: str,
    tell: Callable[[int], None] = nobody_asks,
) -> StoredFile:
    """Keep a zip of these visits' papers for whoever asked, for a day, named and logged as `because` says."""
    return files.keep(
        zipped(papers(visits, by=by, tell=tell)),
        purpose="papers",
        label=f"{because}.zip",
        content_type=files.TYPE_OF["zip"],
        owner_id=by.account_id,
        limit=ZIP_LIMIT,
        lasts=KEPT,
    )
