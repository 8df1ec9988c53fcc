"""A row with something sealed in each table of care."""

from uuid import uuid4

from koumen.care.models import (
    Case,
    CaseNote,
    CaseReview,
    CaseTransfer,
    DropoutEntry,
    Extract,
    Finding,
    HarmReport,
    HarmStep,
    Opinion,
    Referral,
    ReturnAttempt,
)
from koumen.core import clock
from tests.cast import Cast


def fill_care(cast: Cast) -> None:
    """Inside the school's scope: a case with all that may stand in it, a problem, an opinion."""
    child, one, now, today = cast.student("阿虎"), cast.staff("teacher1"), clock.now(), clock.today()
    case = Case.objects.create(
        year=2026, number=1, student=child, why="为什么", goals="目标", close_reason="理由", opened_on=today,
        changed_at=now,
    )  # fmt: skip
    CaseNote.objects.create(case=case, text="记录", by=one, at=now)
    CaseReview.objects.create(
        case=case, on=today, face=3, text="评估", family_said="家长说", student_said="学生说", by=one
    )
    Referral.objects.create(
        case=case, to="civil", subject="救助", passed_on="内容", report="结果", due=today, sent_at=now
    )
    CaseTransfer.objects.create(way="out", other_org=cast.river, case=case, payload="{}", asked_by="陈", asked_at=now)
    HarmReport.objects.create(case=case, by=one, at=now, token=uuid4(), kind="other", what="情况", found_at=now)
    HarmStep.objects.create(case=case, step="police", note="说明", by=one, at=now)
    entry = DropoutEntry.objects.create(student=child, case=case, found_on=today, reason_words="原因")
    ReturnAttempt.objects.create(
        entry=entry, number=1, at=now, mode="01", people="陈老师", result="refused", text="经过", by=one, token=uuid4()
    )
    Extract.objects.create(
        case=case, title="题", text="正文", nicknames="小虎", made_by=one, made_at=now, changed_at=now
    )
    Finding.objects.create(
        student=child, category="D11", source="visit", source_id=uuid4(), found_on=today, found_by=one, result="办结"
    )
    Opinion.objects.create(
        year=2026,
        number=1,
        text="意见",
        source="family",
        received_at=now,
        sender_name="家长",
        sender_phone="10000000009",
    )
