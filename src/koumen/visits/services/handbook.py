"""家访手册: a teacher's visits of a term as one Word file: cover, plan, records, summary. Nothing is typed again."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.shared import Mm, Pt

from koumen.core import clock, files, word
from koumen.core.actor import Actor
from koumen.core.gate import action
from koumen.core.models import StoredFile
from koumen.core.words import for_others, listed
from koumen.registry.models import Staff
from koumen.visits.models import Mode, Visit
from koumen.visits.policies.handbook import may_print_handbook
from koumen.visits.presets.record import CONTENT_FROM
from koumen.visits.queries.coverage import Window
from koumen.visits.services.entries import Entry, entry_of
from koumen.visits.services.papers import KEPT, ZIP_LIMIT, form, nobody_asks, watermark
from koumen.visits.services.spoken import spoken

PLAN = (12, 36, 38, 30, 30, 24)  # mm, of A4 with margins of 20


@dataclass
class Sum:
    """What the records add up to."""

    visits: int = 0
    students: set[int] = field(default_factory=set)
    at_door: set[int] = field(default_factory=set)
    modes: Counter[str] = field(default_factory=Counter)
    measures: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    content: int = 0
    problems: int = 0
    opinions: int = 0
    next_steps: list[str] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Count one record."""
        said, ids = spoken(entry), {child.pk for child in entry.students}
        self.visits += 1
        self.students |= ids
        self.at_door |= ids if entry.mode == Mode.DOOR else set()
        self.modes[said["mode"]] += 1
        self.measures.update(spoken_one for spoken_one in said["measures"].split("、") if spoken_one)
        self.asked += bool(entry.satisfaction)
        self.content += (entry.satisfaction or 0) >= CONTENT_FROM
        self.problems += bool(entry.problem or entry.problem_categories)
        self.opinions += bool(entry.opinion)
        if entry.next_step:
            self.next_steps.append(f"{listed(child.name for child in entry.students)}：{entry.next_step}")


@action("visit.print_handbook", may=may_print_handbook)
def print_handbook(
    staff: Staff,
    *,
    by: Actor,
    visits: "list[Visit]",
    window: Window,
    because: str,
    tell: Callable[[int], None] = nobody_asks,
) -> StoredFile:
    """Keep the handbook of these visits for a day, named and logged as `because` says; `tell` hears how many are in."""
    with for_others():
        content = _book(staff, by, visits, window, tell)
    return files.keep(
        iter([content]),
        purpose="papers",
        label=f"{because}.docx",
        content_type=files.TYPE_OF["docx"],
        owner_id=by.account_id,
        limit=ZIP_LIMIT,
        lasts=KEPT,
    )


def _book(staff: Staff, by: Actor, visits: "list[Visit]", window: Window, tell: Callable[[int], None]) -> bytes:
    document = word.page(width=210, height=297, margin=20)
    _cover(document, staff, by, visits, window)
    word.new_page(document)
    _plan(document, visits)
    found = Sum()
    for number, visit in enumerate((v for v in visits if v.state == Visit.State.RECORDED), 1):
        entry = entry_of(visit.record)
        found.add(entry)
        word.new_page(document)
        form(document, visit, entry, by=by)
        tell(number)
    word.new_page(document)
    _summary(document, found)
    word.footer(document, watermark(by))
    return word.as_bytes(document)


def _cover(document: WordDocument, staff: Staff, by: Actor, visits: "list[Visit]", window: Window) -> None:
    title = word.write(document.add_paragraph(), by.org.name, size=20, middle=True, head=True)
    title.paragraph_format.space_before = Mm(55)
    name = word.write(document.add_paragraph(), _("教师家访手册"), size=32, middle=True, head=True)
    name.paragraph_format.space_before = Mm(12)
    name.paragraph_format.space_after = Mm(45)
    classes = listed(dict.fromkeys(visit.school_class.name for visit in visits))
    for label, value in (
        (_("教师"), staff.name),
        (_("家访班级"), classes),
        (_("起止日期"), f"{date_format(window.first)}–{date_format(window.last)}"),
        (_("打印日期"), date_format(clock.today())),
    ):
        line = word.write(document.add_paragraph(), f"{label}：{value}", size=15)
        line.paragraph_format.left_indent = Mm(38)
        line.paragraph_format.space_after = Pt(10)


def _heading(document: WordDocument, text: str) -> None:
    line = word.write(document.add_paragraph(), text, size=18, middle=True, head=True)
    line.paragraph_format.space_after = Pt(8)


def _plan(document: WordDocument, visits: "Iterable[Visit]") -> None:
    """Every visit of the stretch, made or not, a line each."""
    _heading(document, _("家访计划和完成情况"))
    lines = [
        (
            str(number),
            f"{clock.local(visit.starts_at):%Y-%m-%d %H:%M}" if visit.starts_at else "",
            visit.names,
            visit.school_class.name,
            visit.get_mode_display(),
            visit.get_not_visited_display() or visit.get_state_display(),
        )
        for number, visit in enumerate(visits, 1)
    ]
    heads = (_("序号"), _("时间"), _("学生"), _("班级"), _("家访方式"), _("情况"))
    table = word.grid(document, PLAN, len(lines) + 1)
    word.repeat(table.rows[0])
    for row in table.rows:
        word.height(row, 9)
    cells = table._cells  # one walk over the table: asking row by row is slow for hundreds
    for index, text in enumerate(text for line in (heads, *lines) for text in line):
        head = index < len(PLAN)
        word.write(word.centre(cells[index]).paragraphs[0], text, middle=True, head=head, size=10)


def _counted(counts: Counter[str]) -> str:
    return listed(f"{name} {n}" for name, n in counts.items())


def _summary(document: WordDocument, found: Sum) -> None:
    _heading(document, _("学期家访小结"))
    rows = (
        (_("家访次数"), str(found.visits), 9),
        (
            _("家访学生"),
            _("%(n)d 名，其中入户 %(door)d 名") % {"n": len(found.students), "door": len(found.at_door)},
            9,
        ),
        (_("家访方式"), _counted(found.modes), 9),
        (_("发现困难"), _("%(n)d 次") % {"n": found.problems}, 9),
        (_("商定的帮扶"), _counted(found.measures), 9),
        (_("听到意见建议"), _("%(n)d 次") % {"n": found.opinions}, 9),
        (_("家长满意"), _("问了 %(all)d 户，满意 %(n)d 户") % {"all": found.asked, "n": found.content}, 9),
        (_("下一步"), "\n".join(found.next_steps), 20),
        (_("我的体会"), "", 70),
        (_("教师签字"), "", 14),
    )
    table = word.grid(document, (34, 136), len(rows))
    for row, (label, value, minimum) in zip(table.rows, rows, strict=True):
        word.height(row, minimum)
        word.write(word.centre(row.cells[0]).paragraphs[0], label, middle=True, head=True)
        word.write(word.centre(row.cells[1]).paragraphs[0], value)
