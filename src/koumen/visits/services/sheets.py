"""Three sheets for one visit as Word: the teacher's outline, the family's card, the checklist."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from docx.document import Document as WordDocument
from docx.shared import Pt

from koumen.care.presets.measures import Kind
from koumen.core import word
from koumen.core.actor import Actor
from koumen.core.words import for_others, listed
from koumen.visits.models import Preparation, Visit
from koumen.visits.presets.openings import CHECKLIST, openings
from koumen.visits.presets.topics import Purpose
from koumen.visits.queries.preparation import OnFile
from koumen.visits.services.papers import watermark
from koumen.visits.services.spoken import span

Maker = Callable[[Visit, "Preparation | None", OnFile, Actor], bytes]
Rows = list[tuple[str, str, float]]  # label, value, least height in mm
LABEL, VALUE = 30, 140  # mm, of A4 with margins of 20
BOX = "□"


@dataclass(frozen=True)
class Sheet:
    """A sheet's name, and how it is made."""

    title: Promise
    make: Maker


def _in_our_language(make: Maker) -> Maker:
    """On paper stands the site's own language, whatever its maker reads."""

    def made(visit: Visit, known: "Preparation | None", found: OnFile, by: Actor) -> bytes:
        with for_others():
            return make(visit, known, found, by)

    return made


def _words(codes: Iterable[str], labels: Any) -> str:
    known = dict(labels.choices)
    return listed(known[code] for code in codes if code in known)


def _lines(lines: Iterable[object], sign: str = "") -> str:
    return "\n".join(f"{sign}{line}" for line in lines)


def _head(document: WordDocument, title: str, line: str) -> None:
    word.write(document.add_paragraph(), title, size=18, middle=True, head=True)
    under = word.write(document.add_paragraph(), line, size=10.5, middle=True)
    under.paragraph_format.space_after = Pt(6)


def _table(document: WordDocument, rows: Rows, *, size: float = 10.5) -> None:
    table = word.grid(document, (LABEL, VALUE), len(rows))
    for row, (label, value, minimum) in zip(table.rows, rows, strict=True):
        word.height(row, minimum)
        word.write(word.centre(row.cells[0]).paragraphs[0], label, size=size, middle=True, head=True)
        text = word.write(word.centre(row.cells[1]).paragraphs[0], value, size=size)
        text.paragraph_format.line_spacing = 1.25
        text.paragraph_format.space_before = text.paragraph_format.space_after = Pt(3)


@_in_our_language
def outline(visit: Visit, known: "Preparation | None", found: OnFile, by: Actor) -> bytes:
    """家访提纲, for who goes. Phones are masked; a sealed category stands nowhere on it."""
    document = word.page(width=210, height=297, margin=20)
    _head(document, _("家访提纲"), f"{by.org.name} · {visit.lead.name} · {span(visit.starts_at, visit.ends_at)}")
    _table(document, [*_about(visit, found), *_meant(known), *_talk(found)])
    word.footer(document, watermark(by))
    return word.as_bytes(document)


def _about(visit: Visit, found: OnFile) -> Rows:
    names = listed(f"{one.student.name}（{one.student.school_class or ''}）" for one in found.children)
    adults = dict.fromkeys(
        f"{adult.relation} {adult.name} {adult.phone_masked}" for one in found.children for adult in one.adults
    )
    tags = listed(dict.fromkeys(tag for one in found.children for tag in one.tags))
    measures = [
        f"{one.student.name}：{row.get_kind_display()} {row.text}" for one in found.children for row in one.measures
    ]
    last = _("还没有家访过")
    if found.last_on is not None:
        last = _("%(day)s 上次家访") % {"day": found.last_on.isoformat()}
        last += f"\n{found.last.next_step}" if found.last and found.last.next_step else ""
    place = str(visit.household.place or "")
    return [
        (_("孩子"), names, 9),
        (_("家长"), _lines(adults), 12),
        (_("方式和地点"), " ".join(filter(None, (visit.get_mode_display(), place))), 9),
        *([(_("需要留心"), tags, 9.0)] if tags else []),
        (_("上次家访"), last, 12),
        *([(_("正在进行的帮扶"), _lines(measures), 12.0)] if measures else []),
    ]


def _meant(known: "Preparation | None") -> Rows:
    row = known or Preparation()
    rows: Rows = [
        (_("主题"), row.theme, 9),
        (_("家访目的"), _words(row.purposes, Purpose), 9),
        (_("帮扶方向"), _words(row.kinds, Kind), 9),
    ]
    plan = [(_("目标"), row.goal), (_("带什么去"), row.bring), (_("请谁一起"), row.involve)]
    if any(text for _label, text in plan):
        rows.append((_("个别方案"), _lines(f"{label}：{text}" for label, text in plan if text), 18))
    return [*rows, (_("我想说的话"), row.own_words, 12)]


def _talk(found: OnFile) -> Rows:
    lines = openings(found.codes)
    said = [f"{row.student.name}（{row.teacher.name}）：{row.text}" for row in found.remarks if row.text]
    return [
        (_("任课老师的话"), _lines(said), 12),
        (_("可以这样说"), _lines(lines.say, "· "), 20),
        (_("这些话不说"), _lines(lines.avoid, "· "), 16),
        (_("随手记"), "", 38),
    ]


@_in_our_language
def card(visit: Visit, known: "Preparation | None", found: OnFile, by: Actor) -> bytes:
    """家长联系卡, left with the family: large letters, nothing of any file on it."""
    document = word.page(width=148, height=210, margin=14)
    word.write(document.add_paragraph(), _("家长联系卡"), size=20, middle=True, head=True)
    names = listed(one.student.name for one in found.children)
    greeting = _("%(names)s的家长，您好！我们来家里看看孩子，也听听您的想法。") % {"names": names}
    _paragraph(document, greeting, 14)
    row = known or Preparation()
    about = _words(row.purposes, Purpose) or _("孩子在学校和在家里的情况")
    for label, value in (
        (_("学校"), by.org.name),
        (_("老师"), listed((visit.lead.name, *_companions(visit)))),
        (_("时间"), span(visit.starts_at, visit.ends_at)),
        (_("想和您聊聊"), about),
        (_("老师电话"), "______________________"),
        (_("学校电话"), "______________________"),
    ):
        _paragraph(document, f"{label}：{value}", 14)
    _paragraph(document, _("请您知道"), 15, head=True)
    for line in (
        _("时间不合适可以改，也可以换成电话、视频或到学校谈；不方便可以不见，对孩子没有影响。"),
        _("您家里的情况只有孩子的老师知道，不会在班里说。"),
        _("不用准备礼物、饭菜和烟酒；老师不收礼，不推荐补课和商品。"),
        _("对学校和老师有意见，可以当面说，也可以直接告诉学校领导。"),
    ):
        _paragraph(document, f"· {line}", 12.5)
    return word.as_bytes(document)


def _companions(visit: Visit) -> list[str]:
    return [row.staff.name for row in visit.companions.select_related("staff").order_by("pk")]


def _paragraph(document: WordDocument, text: str, size: float, *, head: bool = False) -> None:
    paragraph = word.write(document.add_paragraph(), text, size=size, head=head)
    paragraph.paragraph_format.space_before = Pt(5)
    paragraph.paragraph_format.line_spacing = 1.25


@_in_our_language
def checklist(visit: Visit, known: "Preparation | None", found: OnFile, by: Actor) -> bytes:
    """准备清单: ticked before leaving."""
    document = word.page(width=210, height=297, margin=20)
    names = listed(one.student.name for one in found.children)
    _head(document, _("家访准备清单"), f"{names} · {span(visit.starts_at, visit.ends_at)}")
    lines = [str(line) for line in CHECKLIST]
    row = known or Preparation()
    lines += [_("带上：%(what)s") % {"what": row.bring}] if row.bring else []
    lines += [_("请好：%(who)s") % {"who": row.involve}] if row.involve else []
    lines += [_("和家长确认：电话、住址、主要照看的人有没有变化"), _("回来后当天记录，48 小时内和任课老师交流")]
    table = word.grid(document, (12, 118, 40), len(lines) + 1)
    word.height(table.rows[0], 9)
    for cell, text in zip(table.rows[0].cells, ("", _("要做的事"), _("备注")), strict=True):
        word.write(word.centre(cell).paragraphs[0], text, middle=True, head=True)
    for one, text in zip(table.rows[1:], lines, strict=True):
        word.height(one, 11)
        word.write(word.centre(one.cells[0]).paragraphs[0], BOX, size=14, middle=True)
        word.write(word.centre(one.cells[1]).paragraphs[0], text, size=11.5)
    word.footer(document, watermark(by))
    return word.as_bytes(document)


SHEETS = {
    "outline": Sheet(gettext_lazy("家访提纲"), outline),
    "card": Sheet(gettext_lazy("家长联系卡"), card),
    "checklist": Sheet(gettext_lazy("准备清单"), checklist),
}
