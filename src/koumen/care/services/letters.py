"""转介函: the printed letter to a partner outside, with the slip that comes back."""

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument

from koumen.care.models import Referral
from koumen.care.policies.referrals import may_follow_up
from koumen.core import clock, word
from koumen.core.actor import Actor
from koumen.core.gate import action

WIDTHS = (32, 138)  # mm


@action("referral.print", may=may_follow_up)
def letter(referral: Referral, /, *, by: Actor, watermark: str) -> bytes:
    """The letter as Word, one page of A4: what was passed on, and the slip for the answer below the line."""
    document = word.page(width=210, height=297, margin=20)
    word.write(document.paragraphs[0] if document.paragraphs else document.add_paragraph(), by.org.name, middle=True)
    word.write(document.add_paragraph(), _("转 介 函"), size=18, middle=True, head=True)
    _table(
        document,
        [
            (_("编号"), str(referral.pk)),
            (_("致"), referral.to_name or str(referral.get_to_display())),
            (_("事由"), referral.subject),
            (_("转出的内容"), referral.passed_on),
            (_("告知家长"), referral.family_told),
            (_("希望反馈日期"), referral.due.isoformat()),
            (_("联系人"), referral.sent_by_name),
            (_("日期"), clock.local(referral.sent_at).date().isoformat()),
        ],
        tall=_("转出的内容"),
    )
    word.write(document.add_paragraph(), "")
    word.write(document.add_paragraph(), _("（请沿此线剪下，填好后交回学校）"), size=9, middle=True)
    word.write(document.add_paragraph(), _("回    执"), size=16, middle=True, head=True)
    _table(
        document,
        [
            (_("编号"), str(referral.pk)),
            (_("是否受理"), _("□ 受理    □ 退回，原因：")),
            (_("办理结果"), ""),
            (_("办理人/电话"), ""),
            (_("单位盖章/日期"), ""),
        ],
        tall=_("办理结果"),
    )
    word.footer(document, watermark)
    return word.as_bytes(document)


def _table(document: WordDocument, rows: list[tuple[str, str]], *, tall: str) -> None:
    table = word.grid(document, WIDTHS, len(rows))
    for line, (label, value) in zip(table.rows, rows, strict=True):
        word.height(line, 30 if label == tall else 9)
        word.write(word.centre(line.cells[0]).paragraphs[0], label, middle=True, bold=True)
        cell = line.cells[1] if label == tall else word.centre(line.cells[1])
        word.write(cell.paragraphs[0], value)
