"""教学点恢复需求登记表 of one village as Word, with the signatures. It names adults, no child."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from docx.shared import Pt

from koumen.care.models import PointDemand
from koumen.care.services.name_lists import watermark
from koumen.core import clock, files, word
from koumen.core.actor import Actor
from koumen.core.words import for_others, listed

MOST_IN_ONE = 500  # families in one file
WIDTHS = (12.0, 28.0, 20.0, 18.0, 32.0, 62.0, 24.0, 61.0)  # mm of A4 across, margins of 20


def signed_list(rows: Sequence[PointDemand], *, by: Actor) -> bytes:
    """The file's bytes, in the site's own language."""
    with for_others():
        document = word.page(width=297, height=210, margin=20)
        word.write(document.add_paragraph(), _("教学点恢复需求登记表"), size=18, middle=True, head=True)
        wanted = sum(1 for row in rows if row.wanted)
        line = _("%(org)s    %(place)s    已问 %(n)d 户，希望恢复 %(wanted)d 户") % {
            "org": by.org.name, "place": rows[0].place_name, "n": len(rows), "wanted": wanted,
        }  # fmt: skip
        word.write(document.add_paragraph(), line, middle=True).paragraph_format.space_after = Pt(6)
        table = word.grid(document, WIDTHS, len(rows) + 1)
        word.tight(table, side_mm=1)
        for cell, label in zip(table.rows[0].cells, _heads(), strict=True):
            word.write(word.centre(cell).paragraphs[0], label, middle=True, head=True)
        word.repeat(table.rows[0])
        for i, (cells, row) in enumerate(zip(table.rows[1:], rows, strict=True), 1):
            _line(cells, i, row)
        word.footer(document, watermark(by))
        return word.as_bytes(document)


def _heads() -> tuple[str, ...]:
    return (
        _("序号"), _("签名人"), _("是否希望"), _("孩子数"), _("就读年级"), _("理由"), _("日期"), _("签名"),
    )  # fmt: skip


def _line(row: object, number: int, answer: PointDemand) -> None:
    word.height(row, 18)
    cells = row.cells  # type: ignore[attr-defined]
    grades = listed(_("%(level)d 年级") % {"level": level} for level in answer.grades)
    said = (
        str(number), answer.signed_by, _("希望") if answer.wanted else _("不需要"), str(answer.children), grades,
        answer.reason, clock.local(answer.signed_at).strftime("%Y-%m-%d"),
    )  # fmt: skip
    for i, (cell, text) in enumerate(zip(cells, said, strict=False)):
        word.write(word.centre(cell).paragraphs[0], text, middle=i != 5)
    cells[7].paragraphs[0].paragraph_format.space_before = Pt(2)
    if answer.signature is not None:
        drawn = files.on_disk(answer.signature).read_bytes()
        word.picture(word.centre(cells[7]).paragraphs[0], drawn, width=50, height=15)
