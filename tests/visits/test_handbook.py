"""家访手册: a teacher's own visits of the term as one Word file, made by a worker."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from koumen.core import clock, jobs
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, Job, StoredFile
from koumen.visits.models import Visit
from koumen.visits.queries import handbook as queries
from koumen.visits.queries.coverage import Window
from koumen.visits.views import handbook as page
from tests.cast import Cast
from tests.office import printed
from tests.visits.stories import EVENING, LATER, planned, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
URL = "/s/hill/handbook/"


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def made(client: Client, **fields: str) -> bytes:
    """Press the button, let the worker run, download."""
    answer = client.post(URL, fields)
    assert answer.status_code == 302
    job = Job.objects.get()
    jobs.run_job(job.org_id, str(job.pk))
    job.refresh_from_db()
    assert job.state == "done", job.text
    got: Any = client.get(job.url)
    return b"".join(got.streaming_content)


def words(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(cells + [p.text for p in document.paragraphs])


def story(hill: Cast, actor: Actors) -> None:
    """Two visits recorded, one declined, one of a colleague, one joined."""
    recorded(hill, actor("teacher1"), "阿虎", content="孩子主动做家务。", next_step="每周三电话", measures=("study",))
    recorded(
        hill, actor("teacher1"), "阿梅", mode="03", at=EVENING - timedelta(days=1), satisfaction=5, opinion="校车早些"
    )
    row = planned(hill, "阿宝", at=EVENING - timedelta(days=2))
    row.state, row.not_visited = Visit.State.DECLINED, Visit.NotVisited.AWAY
    row.save()
    recorded(hill, actor("teacher2"), "阿南", lead="teacher2", content="别班的内容")


def test_it_works(hill: Cast, actor: Actors, client_of: Clients, tmp_path: Path) -> None:
    """Cover, plan, a page a record, summary; of the own visits only; on the paper LibreOffice prints, too."""
    story(hill, actor)
    content = made(client_of("teacher1"))
    text = words(content)
    for part in (
        "教师家访手册", "青山小学", "陈老师", "家访计划和完成情况", "家长外出", "孩子主动做家务。", "学期家访小结",
        "2026年9月1日–2027年1月31日", "2 名，其中入户 1 名", "阿虎：每周三电话", "问了 1 户，满意 1 户",
    ):  # fmt: skip
        assert part in text
    assert "别班的内容" not in text
    assert "阿南" not in text
    assert AuditEntry.objects.filter(verb="visit.print_handbook").count() == 1
    (tmp_path / "handbook.docx").write_bytes(content)
    for pages in printed(content, "docx", tmp_path):
        assert [(round(p.width), round(p.height)) for p in pages] == [(210, 297)] * 5
        assert "教师家访手册" in pages[0].text
        assert "家访记录表" in pages[2].text
        assert "小结" in pages[4].text


def test_one_month_of_it(hill: Cast, actor: Actors, client_of: Clients) -> None:
    with clock.at(LATER + timedelta(days=60)):
        recorded(hill, actor("teacher1"), "阿虎")
        recorded(hill, actor("teacher1"), "阿梅", at=EVENING + timedelta(days=40))
        text = words(made(client_of("teacher1"), month="2026-10"))
    assert "阿梅" in text
    assert "阿虎" not in text


def test_the_file_is_its_owners(hill: Cast, actor: Actors, client_of: Clients) -> None:
    recorded(hill, actor("teacher1"), "阿虎")
    made(client_of("teacher1"))
    assert client_of("teacher2").get(Job.objects.get().url).status_code == 404
    kept = StoredFile.objects.get()
    assert kept.expires_at == LATER + timedelta(days=1)


def test_nothing_to_bind_is_said(hill: Cast, client_of: Clients) -> None:
    for month in ("", "2026-09", "x" * 300):
        answer = client_of("teacher1").post(URL, {"month": month})
        assert answer.status_code == 422
        assert "没有可以装订的内容" in answer.content.decode()
    assert not Job.objects.exists()


def test_more_than_fifty_children_are_asked_to_be_split(
    hill: Cast, actor: Actors, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST_CHILDREN", 1)
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿宝")
    answer = client_of("teacher1").post(URL)
    assert answer.status_code == 403
    assert "按月份分册" in answer.content.decode()


def test_somebody_who_left_gets_nothing(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Between the button and the worker's turn the teacher lost every post."""
    recorded(hill, actor("teacher1"), "阿虎")
    client_of("teacher1").post(URL)
    hill.staff("teacher1").roles.update(ends=LATER.date() - timedelta(days=1))
    job = Job.objects.get()
    jobs.run_job(job.org_id, str(job.pk))
    job.refresh_from_db()
    assert job.state == "failed"
    assert not StoredFile.objects.exists()


def test_months_over_the_turn_of_the_year(hill: Cast) -> None:
    """A term from September to January has five months once it is over, and only those begun before."""
    with clock.at(LATER + timedelta(days=200)):
        found = queries.months(Window(LATER.date().replace(day=1), LATER.date().replace(2027, 1, 31)))
    assert [f"{m:%Y-%m}" for m in found] == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


def test_the_page_lists_what_will_stand_in_it(hill: Cast, actor: Actors, client_of: Clients) -> None:
    story(hill, actor)
    text = client_of("teacher1").get(reverse("visits:handbook", kwargs={"org": "hill"})).content.decode()
    assert "阿宝" in text
    assert "阿南" not in text.split('id="handbook"')[1]
    assert client_of("teacher1").delete(URL).status_code == 405
