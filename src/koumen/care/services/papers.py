"""一生一案 on paper: the case file as Word. Sealed notes never stand in it, only that there are some."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from docx.document import Document as WordDocument
from docx.shared import Pt

from koumen.care.models import Case, CaseAgreement, CaseNote, CaseReview, CaseSeat, Referral
from koumen.care.queries.cases import measures_of, names_of, source_of
from koumen.care.services.name_lists import watermark
from koumen.core import clock, word
from koumen.core.actor import Actor
from koumen.core.words import for_others, listed

FACTS = (26, 59, 26, 59)  # mm, of A4 with margins of 20


def case_paper(case: Any, *, by: Actor) -> bytes:
    """The file of one case, its team read along (`queries.cases.with_team`): A4, in the site's language.

    An official form: 建档号/日期/原因, 级别, 目标, 措施, 责任人, 期限, 进展, 评估, 转介, 撤档.
    """
    with for_others():
        document = word.page(width=210, height=297, margin=20)
        word.write(
            document.add_paragraph(),
            _("%(kind)s档案") % {"kind": case.get_kind_display()},
            size=18,
            middle=True,
            head=True,
        )
        word.write(document.add_paragraph(), by.org.name, size=10.5, middle=True)
        _facts(document, case)
        _measures(document, case)
        _reviews(document, case)
        _notes(document, case)
        _others(document, case)
        _closing(document, case)
        signed = _("负责人（签字）：            家长（签字）：            学校（盖章）：            日期：")
        word.write(document.add_paragraph(), signed).paragraph_format.space_before = Pt(24)
        word.footer(document, watermark(by))
        return word.as_bytes(document)


def _day(value: date | datetime | None) -> str:
    """With points, at which no line is broken."""
    here = clock.local(value) if isinstance(value, datetime) else value
    return here.strftime("%Y.%m.%d") if here else ""


def _until(seat: CaseSeat) -> str:
    return _("一直有效") if seat.lasts else _("至 %(day)s") % {"day": _day(seat.ends)}


def _facts(document: WordDocument, case: Any) -> None:
    child = case.student
    pairs = [
        (_("建档号"), case.code, _("建档日期"), _day(case.opened_on)),
        (_("学生"), child.name, _("班级"), child.school_class.name if child.school_class else ""),
        (_("级别"), case.get_level_display(), _("状态"), case.get_state_display()),
        (_("负责人"), case.lead.name if case.lead else "", _("来源"), source_of(case)),
    ]
    hidden = names_of(case.reasons) != names_of(case.reasons, sealed=True)
    reasons = listed(filter(None, (names_of(case.reasons), _("另有需保密的类别，不在本件中") if hidden else "")))
    team = listed(
        _("%(name)s（%(part)s，%(until)s）")
        % {"name": one.staff.name, "part": one.get_part_display(), "until": _until(one)}
        for one in case.team
    )
    wide = [(_("建档类别"), reasons), (_("建档原因"), case.why), (_("目标"), case.goals), (_("团队"), team)]
    if case.no_action:
        wide.append((_("暂不采取措施"), f"{case.no_action}（{case.no_action_by.name}，{_day(case.no_action_at)}）"))
    table = word.grid(document, FACTS, len(pairs) + len(wide))
    for row in table.rows:
        word.height(row, 8)
    for row, words in zip(table.rows, pairs, strict=False):
        for i, (cell, text) in enumerate(zip(row.cells, words, strict=True)):
            word.write(word.centre(cell).paragraphs[0], text, head=i % 2 == 0, middle=i % 2 == 0)
    for row, (label, text) in zip(table.rows[len(pairs) :], wide, strict=True):
        word.write(word.centre(row.cells[0]).paragraphs[0], label, head=True, middle=True)
        word.write(row.cells[1].merge(row.cells[3]).paragraphs[0], text or "—")


def _list(
    document: WordDocument, title: str, heads: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[str]]
) -> None:
    """A heading and a ruled table under it, its head printed again on every page; — for none."""
    paragraph = word.write(document.add_paragraph(), title, size=12, head=True)
    paragraph.paragraph_format.space_before = Pt(9)
    paragraph.paragraph_format.space_after = Pt(3)
    paragraph.paragraph_format.keep_with_next = True
    lines = list(rows)
    if not lines:
        word.write(document.add_paragraph(), "—")
        return
    table = word.grid(document, widths, 1 + len(lines))
    word.repeat(table.rows[0])
    for cell, text in zip(table.rows[0].cells, heads, strict=True):
        word.write(cell.paragraphs[0], text, head=True, middle=True)
    for row, texts in zip(table.rows[1:], lines, strict=True):
        word.height(row, 7)
        for cell, text in zip(row.cells, texts, strict=True):
            word.write(word.centre(cell).paragraphs[0], text, size=10)


def _measures(document: WordDocument, case: Case) -> None:
    heads = (_("措施"), _("怎么做"), _("责任人"), _("期限"), _("进展"), _("结果"))
    rows = []
    for one in measures_of(case).prefetch_related("progress"):
        lines = [f"{_day(line.at)} {line.text}" for line in reversed(one.progress.all())]
        state = one.result or one.get_state_display()
        rows.append((one.get_kind_display(), one.text, one.owner.name, _day(one.due), "\n".join(lines), state))
    _list(document, _("帮扶措施"), heads, (22, 36, 18, 27, 42, 25), rows)


def _reviews(document: WordDocument, case: Case) -> None:
    heads = (_("日期"), _("效果"), _("看到的变化"), _("家长怎么说"), _("学生怎么说"), _("评估人"))
    rows = CaseReview.objects.filter(case=case).select_related("by").order_by("on", "id")
    found = [(_day(r.on), r.get_face_display(), r.text, r.family_said, r.student_said, r.by.name) for r in rows]
    _list(document, _("效果评估"), heads, (27, 18, 46, 31, 30, 18), found)


def _notes(document: WordDocument, case: Case) -> None:
    rows = list(CaseNote.objects.filter(case=case).select_related("by").order_by("at", "id"))
    told = [row for row in rows if row.kind != CaseNote.Kind.SEALED]
    found = [(_day(row.at), row.get_kind_display(), row.text, row.by.name) for row in told]
    _list(document, _("记录"), (_("日期"), _("范围"), _("内容"), _("记录人")), (27, 30, 95, 18), found)
    sealed = len(rows) - len(told)
    if sealed:
        word.write(document.add_paragraph(), _("另有 %(n)d 条密封记录，不在本件中。") % {"n": sealed}, size=10)


def _others(document: WordDocument, case: Case) -> None:
    agreement = CaseAgreement.objects.filter(case=case).exclude(state="withdrawn").select_related("answered_by").first()
    if agreement is not None:
        who = agreement.answered_by.name if agreement.answered_by else ""
        said = " ".join(filter(None, (agreement.get_state_display(), who, _day(agreement.answered_at))))
        rows = [("\n".join(f"{i}. {item}" for i, item in enumerate(agreement.items, 1)), said)]
        _list(document, _("共育约定"), (_("约定"), _("家长")), (120, 50), rows)
    sent = Referral.objects.filter(case=case).order_by("sent_at", "id")
    if sent:
        found = [
            (_day(r.sent_at), r.to_name or r.get_to_display(), r.subject, r.get_state_display(), r.report) for r in sent
        ]
        heads = (_("日期"), _("转给"), _("事由"), _("状态"), _("反馈结果"))
        _list(document, _("转介"), heads, (27, 33, 38, 24, 48), found)


def _closing(document: WordDocument, case: Any) -> None:
    if case.state != Case.State.CLOSED:
        return
    people = (str(who or "") for who in (case.close_asked_by, case.closed_by))
    row = (_day(case.closed_at), case.close_reason, *people)
    _list(document, _("撤档"), (_("日期"), _("理由"), _("申请人"), _("确认人")), (27, 99, 22, 22), [row])
