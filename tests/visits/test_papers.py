"""家访记录表: one as Word, a class as a zip; both open in LibreOffice and look right as pages."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document

from koumen.core import clock, jobs
from koumen.core.actor import Actor
from koumen.core.models import AuditEntry, Job, StoredFile
from koumen.visits.queries.papers import to_print
from koumen.visits.services.papers import paper, papers, zipped
from koumen.visits.views import papers as papers_view
from tests.cast import Cast
from tests.office import printed
from tests.visits.stories import EVENING, LATER, recorded

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R8")]
Clients = Callable[[str], Client]
Actors = Callable[..., Actor]
FULL: dict[str, Any] = {
    "content": "孩子在家能主动做家务,周末帮爷爷喂鸡。", "family_words": "谢谢老师专门跑这么远。",
    "opinion": "希望校车早十分钟到。",
    "problem_categories": ("A12",), "problem": "父母都在外地,晚上没人辅导作业。", "measures": ("study", "parenting"),
    "next_step": "每周三电话联系一次", "satisfaction": 5, "purposes": ("know", "listen"), "materials": ("letter",),
    "reflection": "多关注他的情绪。", "topics": ("study", "home", "safety"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _the_next_morning() -> object:
    with clock.at(LATER):
        yield


def url(name: str, pk: object) -> str:
    return reverse(f"visits:{name}", kwargs={"org": "hill", "pk": pk})


def whole(answer: Any) -> bytes:
    """The bytes of a file answered in pieces."""
    return b"".join(answer.streaming_content)


def words(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(cells + [p.text for p in document.paragraphs + document.sections[0].footer.paragraphs])


def test_it_works(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """Every answer stands on the paper, with a visible line of who made it; the reading is in the log."""
    record = recorded(hill, actor("teacher1"), "阿虎", met_relation="61", **FULL)
    answer = client_of("teacher1").get(url("paper", record.visit_id))
    text = words(answer.content)
    for part in [
        "家访记录表", "青山小学", "阿虎", "三年级1班", "19:00–19:40", "入户家访", "祖父(阿虎爷爷)", "陈老师",
        "了解家庭与成长环境、听取意见建议", "学习情况", FULL["content"], FULL["family_words"], FULL["opinion"],
        "留守儿童(双方外出)", FULL["problem"], "学业提升、家庭教育指导", FULL["next_step"], "很满意", "致家长的一封信",
        FULL["reflection"], "家长签字", "青山小学 · 陈老师 于 2026年9月13日 08:00 导出",
    ]:  # fmt: skip
        assert str(part) in text
    assert AuditEntry.objects.get(kind="read").verb == "visit.print"
    assert "attachment" in answer["Content-Disposition"]


def test_a_planned_visit_has_no_paper(hill: Cast, actor: Actors, client_of: Clients) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎")
    record.visit.state = "planned"
    record.visit.save()
    assert client_of("teacher1").get(url("paper", record.visit_id)).status_code == 404


def test_letters_a_word_file_cannot_hold_are_left_out(hill: Cast, actor: Actors, client_of: Clients) -> None:
    record = recorded(hill, actor("teacher1"), "阿虎", content="响铃\x07了 <b>&amp; 😀")
    text = words(client_of("teacher1").get(url("paper", record.visit_id)).content)
    assert "响铃了 <b>&amp; 😀" in text


def test_a_class_as_a_zip(hill: Cast, actor: Actors, client_of: Clients) -> None:
    """One file per visit, oldest first, with the child's name and never a number of the child's."""
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿梅", at=EVENING - timedelta(days=1))
    recorded(hill, actor("teacher2"), "阿南", lead="teacher2")
    answer = client_of("office").post(url("papers", hill.school_class("三年级1班").pk), {"month": "2026-09"})
    archive = zipfile.ZipFile(io.BytesIO(whole(answer)))
    assert archive.testzip() is None
    assert archive.namelist() == [
        "001_三年级1班_阿梅_2026-09-11.docx", "002_三年级1班_阿虎_2026-09-12.docx",
    ]  # fmt: skip
    assert "阿虎" in words(archive.read(archive.namelist()[1]))
    assert AuditEntry.objects.filter(verb="visit.print_class", reason="三年级1班家访记录表 2026-09").exists()
    kept = StoredFile.objects.get()
    assert kept.expires_at == LATER + timedelta(days=1)


def test_many_papers_are_a_job_with_a_download(
    hill: Cast, actor: Actors, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers_view, "AT_ONCE", 1)
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿宝")
    browser = client_of("teacher1")
    answer = browser.post(url("papers", hill.school_class("三年级1班").pk), {"month": "2026-09"})
    job = Job.objects.get()
    assert answer["Location"] == reverse("core:job", kwargs={"org": "hill", "pk": job.pk})
    jobs.run_job(job.org_id, str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.result["papers"]) == ("done", 2)
    content = whole(browser.get(job.url))
    assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == 2
    assert client_of("office").get(job.url).status_code == 404


def test_a_job_of_somebody_who_left_prints_nothing(
    hill: Cast, actor: Actors, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between pressing the button and the worker's turn the class teacher changed."""
    monkeypatch.setattr(papers_view, "AT_ONCE", 0)
    recorded(hill, actor("teacher1"), "阿虎")
    client_of("teacher1").post(url("papers", hill.school_class("三年级1班").pk), {})
    hill.staff("teacher1").roles.update(ends=LATER.date() - timedelta(days=1))
    job = Job.objects.get()
    jobs.run_job(job.org_id, str(job.pk))
    job.refresh_from_db()
    assert job.state == "failed"
    assert not StoredFile.objects.exists()


def test_more_than_fifty_children_are_refused(
    hill: Cast, actor: Actors, client_of: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers_view, "MOST_CHILDREN", 1)
    recorded(hill, actor("teacher1"), "阿虎")
    recorded(hill, actor("teacher1"), "阿宝")
    answer = client_of("office").post(url("papers", hill.school_class("三年级1班").pk), {})
    assert answer.status_code == 403
    assert "按月份分次下载" in answer.content.decode()


def test_a_month_without_records_says_so(hill: Cast, client_of: Clients) -> None:
    for month in ("", "2026-09", "2026-99", "x" * 500):
        answer = client_of("office").post(url("papers", hill.school_class("三年级1班").pk), {"month": month})
        assert answer.status_code == 422
        assert "还没有家访记录" in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_the_zip_never_stands_in_memory_whole() -> None:
    """Sixty documents of 1 MB that do not compress: the peak stays near one of them."""
    noise = Path("/dev/urandom").open("rb")  # noqa: SIM115
    tracemalloc.start()
    total = sum(len(part) for part in zipped((f"{i}.docx", noise.read(1_000_000)) for i in range(60)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    noise.close()
    assert total > 60_000_000
    assert peak < 8_000_000


def test_it_fits_on_one_page(hill: Cast, actor: Actors, client_of: Clients, tmp_path: Path) -> None:
    """Printed by LibreOffice: one A4 page that says everything."""
    record = recorded(hill, actor("teacher1"), "阿虎", **FULL)
    content = client_of("teacher1").get(url("paper", record.visit_id)).content
    section = Document(io.BytesIO(content)).sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for pages in printed(content, "docx", tmp_path):
        assert [(round(page.width), round(page.height)) for page in pages] == [(210, 297)]
        assert "家访记录表" in pages[0].text


def test_a_class_is_printed_from_a_plate_and_reads_like_papers_made_one_by_one(hill: Cast, actor: Actors) -> None:
    """Whatever stands in a record, the paper of the zip holds the same document as the paper of the page."""
    by = actor("teacher1")
    odd = "第一行\n第二行\t后面 <b>&amp; 😀 响铃\x07 “引号”\r\n  末尾空格 "
    recorded(hill, by, "阿虎", met_relation="61", also_met=("51",), **FULL | {"content": odd, "problem": "a\n\nb"})
    recorded(hill, by, "阿梅", at=EVENING - timedelta(days=1))
    school_class = hill.school_class("三年级1班")
    visits = list(to_print(school_class, EVENING.date() - timedelta(days=9), LATER.date()))
    for visit, (_name, printed_) in zip(visits, papers(visits, by=by), strict=True):
        alone = zipfile.ZipFile(io.BytesIO(paper(visit, by=by)))
        plated = zipfile.ZipFile(io.BytesIO(printed_))
        assert plated.testzip() is None
        assert set(plated.namelist()) == set(alone.namelist())
        for part in ("word/document.xml", "word/footer1.xml"):
            assert shape(plated.read(part)) == shape(alone.read(part))


def shape(xml: bytes) -> list[Any]:
    """Elements with their attributes and words; an empty text and a kept space say nothing by themselves."""
    kept = [one for one in fromstring(xml).iter() if not (str(one.tag).endswith("}t") and not one.text)]
    return [(one.tag, {k: v for k, v in one.items() if "space" not in k}, one.text) for one in kept]


def test_printing_many_asks_for_no_more_than_printing_one(
    hill: Cast, actor: Actors, django_assert_max_num_queries: Any
) -> None:
    by = actor("teacher1")
    for n in range(4):
        recorded(hill, by, "阿虎" if n % 2 else "阿梅", at=EVENING - timedelta(days=n), met_relation="61")
    school_class = hill.school_class("三年级1班")
    with django_assert_max_num_queries(6):
        made = list(papers(to_print(school_class, EVENING.date() - timedelta(days=9), LATER.date()), by=by))
    assert len(made) == 4
