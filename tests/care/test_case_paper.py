"""The case file as Word: all of 一生一案, never a sealed note, a page LibreOffice opens."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from koumen.care.models import Case
from koumen.care.queries.cases import with_team
from koumen.care.services.agreements import make_agreement
from koumen.care.services.casework import Looked, Particulars, add_note, change_case, review_case
from koumen.care.services.closing import ask_close, confirm_close
from koumen.care.services.measures import finish_measure, note_progress
from koumen.care.services.papers import case_paper
from koumen.care.services.teams import give_seat
from koumen.core import clock
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry
from tests.care.stories import MONDAY, begun, soon
from tests.cast import Cast
from tests.office import printed

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R9", "R12", "R45")]
ActorOf = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _a_monday() -> Iterator[None]:
    with clock.at(MONDAY):
        yield


def told(content: bytes) -> str:
    """Every word of a Word file."""
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    foot = [p.text for p in document.sections[0].footer.paragraphs]
    return "\n".join([*(p.text for p in document.paragraphs), *cells, *foot])


def whole(hill: Cast, actor: ActorOf) -> Case:
    """A case with something of everything, closed."""
    by = actor("teacher1")
    case = begun(hill, by, reasons=["D11", "C21"], why="父母都在外地")
    lead = hill.staff("teacher1")
    change_case(case, by=by, to=Particulars(3, ("D11", "C21"), "父母都在外地", "按时交作业", lead, soon(30)))
    give_seat(case, by=by, staff=hill.staff("teacher2"), part="counsellor")
    note_progress(case.measures.get(), by=by, text="补了两次课")
    add_note(case, by=by, kind="team", text="等妈妈电话才睡")
    add_note(case, by=actor("teacher2"), kind="sealed", text="说起爸爸就哭")
    finish_measure(case.measures.get(), by=by, result="口算过关")
    review_case(case, by=by, looked=Looked(3, "作业交得上", "愿意读书", "不怕数学", is_steady=True))
    make_agreement(case, by=by, items=["每天读书十分钟"])
    ask_close(case, by=by, because="成绩稳定，孩子开朗")
    confirm_close(case, by=actor("office"))
    return case


def test_it_works(hill: Cast, actor: ActorOf, client_of: Callable[[str], Client]) -> None:
    case = whole(hill, actor)
    answer = client_of("teacher1").get(reverse("care:case_paper", kwargs={"org": "hill", "pk": case.pk}))
    assert "A2026-0001.docx" in answer["Content-Disposition"]
    words = told(answer.content)
    for word in (
        "A2026-0001", "2026.09.14", "父母都在外地", "紧急", "按时交作业", "每周二课后辅导", "陈老师", "2026.09.28",
        "补了两次课", "口算过关", "作业交得上", "愿意读书", "等妈妈电话才睡", "每天读书十分钟", "成绩稳定，孩子开朗",
        "周主任", "另有 1 条密封记录", "仅限工作使用",
    ):  # fmt: skip
        assert word in words
    assert AuditEntry.objects.filter(verb="case.print", kind="read").count() == 1


@pytest.mark.parametrize("who", ["teacher1", "teacher2", "office"])
def test_what_is_sealed_stays_out_whoever_prints(hill: Cast, actor: ActorOf, who: str) -> None:
    """Not even for the counsellor who wrote it: an export leaves the house."""
    case = with_team(Case.objects.all()).get(pk=whole(hill, actor).pk)
    words = told(case_paper(case, by=actor(who)))
    assert "哭" not in words
    assert "心理关爱" not in words
    assert "另有需保密的类别" in words


def test_libreoffice_opens_it_as_one_page(hill: Cast, actor: ActorOf, tmp_path: Path) -> None:
    case = with_team(Case.objects.all()).get(pk=whole(hill, actor).pk)
    for pages in printed(case_paper(case, by=actor("teacher1")), "docx", tmp_path):
        assert [(round(page.width), round(page.height)) for page in pages] == [(210, 297)]
        assert "一生一案档案" in pages[0].text
        assert "哭" not in pages[0].text
