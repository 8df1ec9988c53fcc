"""The pages of the import: upload, preview, confirm, result; and who is refused."""

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from tests.cast import Cast
from tests.registry.importing import checked
from tests.registry.sheets import child, xlsx

from koumen.core import clock, jobs, scope
from koumen.core.actor import Actor
from koumen.core.models import Job
from koumen.registry.models import ImportBatch, Student

pytestmark = [pytest.mark.django_db, pytest.mark.rows("R2", "R45")]
SignIn = Callable[[str], Client]
As = Callable[..., Actor]


@pytest.fixture(autouse=True)
def _in_autumn() -> Iterator[None]:
    with clock.at(datetime(2026, 9, 20, 10)):
        yield


def at(name: str, **kwargs: object) -> str:
    return reverse(f"registry:{name}", kwargs={"org": "hill"} | kwargs)


def send(client: Client, content: bytes, *, name: str = "名单.xlsx", kind: str = "students", **more: str):  # type: ignore[no-untyped-def]
    return client.post(at("upload"), {"kind": kind, "file": SimpleUploadedFile(name, content), **more})


def work(cast: Cast) -> Job:
    """Run the newest job of the school, as a worker would."""
    with scope.enter(cast.hill.pk):
        row = Job.objects.order_by("-created_at").first()
    assert row is not None
    jobs.run_job(org_id=row.org_id, job_id=str(row.pk))
    with scope.enter(cast.hill.pk):
        return row.refreshed()


def newest(cast: Cast) -> ImportBatch:
    with scope.enter(cast.hill.pk):
        return ImportBatch.objects.order_by("-pk")[0]


def enrolled(cast: Cast) -> int:
    with scope.enter(cast.hill.pk):
        return Student.objects.enrolled().count()


def test_it_works(cast: Cast, client_of: SignIn) -> None:
    """Upload, seven wrong cells named and marked; corrected and applied; again: nothing to do."""
    office = client_of("office")
    good = [child(n) for n in range(1, 10)]
    wrong = [dict(row) for row in good]
    wrong[0]["身份证件号"] = wrong[0]["身份证件号"][:-1] + "?"
    wrong[1]["班级"] = "9班"
    wrong[2]["出生日期"] = "2017-13-40"
    wrong[3]["家庭成员一联系电话"] = "12"
    wrong[4]["姓名"] = "雨😀"
    wrong[5] |= {"学籍号": wrong[6]["学籍号"], "身份证件号": ""}
    wrong[7]["是否留守儿童"] = "也许"
    assert send(office, xlsx(wrong)).status_code == 302
    assert work(cast).state == Job.State.DONE
    batch = newest(cast)
    page = office.get(at("import", pk=batch.pk))
    assert page.status_code == 200
    assert (batch.counts["error"], batch.counts["problems"], enrolled(cast)) == (7, 7, 6)
    for text in ("有 7 行需要改正", "第 2 行", "F2", "学校里没有这个班", "家庭成员一工作单位"):
        assert text in page.content.decode()
    marked: Any = office.get(at("marked", pk=batch.pk))
    book = load_workbook(BytesIO(b"".join(marked.streaming_content)))
    assert len([c for row in book["学生"].iter_rows() for c in row if c.comment]) == 7
    assert book["问题清单"].max_row == 8

    refused = office.post(at("confirm_import", pk=batch.pk))
    assert refused.status_code == 422
    send(office, xlsx(good))
    work(cast)
    batch = newest(cast)
    assert office.post(at("confirm_import", pk=batch.pk)).status_code == 302
    assert work(cast).state == Job.State.DONE
    assert enrolled(cast) == 15
    assert "导入完成" in office.get(at("import", pk=batch.pk)).content.decode()
    send(office, xlsx(good))
    work(cast)
    assert [newest(cast).counts[k] for k in ("new", "changed", "moved", "same", "error")] == [0, 0, 0, 9, 0]


def test_only_the_correct_rows_on_request(cast: Cast, client_of: SignIn) -> None:
    office = client_of("office")
    send(office, xlsx([child(1), child(2, 班级="9班")]))
    work(cast)
    batch = newest(cast)
    assert office.post(at("confirm_import", pk=batch.pk), {"partly": "on"}).status_code == 302
    work(cast)
    assert enrolled(cast) == 7


def test_leaving_is_asked_for_twice_when_many_leave(cast: Cast, client_of: SignIn) -> None:
    office = client_of("office")
    send(office, xlsx([child(1)]))
    work(cast)
    batch = newest(cast)
    once = office.post(at("confirm_import", pk=batch.pk), {"leave": "on"})
    assert once.status_code == 422
    assert "五分之一" in once.content.decode()
    office.post(at("confirm_import", pk=batch.pk), {"leave": "on", "leave_many": "on"})
    work(cast)
    assert enrolled(cast) == 1
    with scope.enter(cast.hill.pk):
        assert Student.objects.filter(state=Student.State.MOVED, enrolments__ends=None).count() == 0


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(cast: Cast, client_of: SignIn) -> None:
    office = client_of("office")
    send(office, b"%PDF-1.7 nothing", name="a.pdf")
    assert work(cast).state == Job.State.DONE
    assert "这是 PDF 文件" in office.get(at("import", pk=newest(cast).pk)).content.decode()


def test_an_empty_form_comes_back_with_its_sentence(cast: Cast, client_of: SignIn) -> None:
    answer = client_of("office").post(at("upload"), {"kind": "students"})
    assert answer.status_code == 422
    assert "请选择要上传的文件" in answer.content.decode()
    assert "文件是空的" in send(client_of("office"), b"").content.decode()


def test_a_file_beyond_20_mb_is_refused(cast: Cast, client_of: SignIn) -> None:
    answer = send(client_of("office"), b"x" * (20 * 1_048_576 + 1))
    assert answer.status_code == 422
    assert "超过 20 MB" in answer.content.decode()


def test_500_mb_are_refused_before_a_byte_is_read(cast: Cast, client_of: SignIn) -> None:
    class Unread(BytesIO):
        def read(self, *args: object) -> bytes:
            raise AssertionError("the body was read")

    announced: Any = {"CONTENT_LENGTH": str(500 * 1_048_576), "wsgi.input": Unread()}
    answer = client_of("office").generic(
        "POST", at("upload"), b"", content_type="multipart/form-data; boundary=x", **announced
    )
    assert answer.status_code == 413
    assert "一次最多上传 20 MB" in answer.content.decode()


def test_a_discarded_upload_applies_nothing(cast: Cast, client_of: SignIn) -> None:
    office = client_of("office")
    send(office, xlsx([child(1)]))
    work(cast)
    batch = newest(cast)
    assert office.post(at("discard_import", pk=batch.pk)).status_code == 302
    assert office.post(at("confirm_import", pk=batch.pk)).status_code == 409
    assert enrolled(cast) == 6


def test_a_cancelled_job_can_be_confirmed_again(cast: Cast, client_of: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    office = client_of("office")
    send(office, xlsx([child(1)]))
    work(cast)
    batch = newest(cast)
    office.post(at("confirm_import", pk=batch.pk))
    monkeypatch.setattr(jobs.Run, "cancelled", lambda _run: True)
    assert work(cast).state == Job.State.CANCELLED
    assert (newest(cast).state, enrolled(cast)) == (ImportBatch.State.CHECKED, 6)
    assert office.post(at("confirm_import", pk=batch.pk)).status_code == 302


def test_what_was_confirmed_is_what_is_applied(cast: Cast, client_of: SignIn, actor: As) -> None:
    """When the registry changed between check and apply, the file is refused instead of doing something else."""
    office = client_of("office")
    send(office, xlsx([child(1), child(2)]))
    work(cast)
    first = newest(cast)
    send(office, xlsx([child(2)]))
    work(cast)
    office.post(at("confirm_import", pk=newest(cast).pk))
    work(cast)
    office.post(at("confirm_import", pk=first.pk))
    job = work(cast)
    assert (job.state, enrolled(cast)) == (Job.State.FAILED, 7)
    assert "又有了变动" in job.text


def test_the_preview_takes_few_queries_whatever_the_size(
    cast: Cast, client_of: SignIn, actor: As, django_assert_max_num_queries: Callable[..., object]
) -> None:
    with scope.enter(cast.hill.pk):
        batch = checked(xlsx([child(n) for n in range(1, 90)]), actor("office"))
    office = client_of("office")
    with django_assert_max_num_queries(12 + 4):  # type: ignore[attr-defined]  # four of them are the session's and the scope's
        office.get(at("import", pk=batch.pk) + "?change=new")


@pytest.mark.parametrize("kind", ["students", "staff", "classes", "places"])
def test_the_empty_template_is_itself_readable(cast: Cast, client_of: SignIn, kind: str) -> None:
    answer = client_of("office").get(at("import_template", kind=kind))
    assert answer["Content-Type"].endswith("sheet")
    send(client_of("office"), answer.content, kind=kind)
    assert work(cast).state == Job.State.DONE


def test_children_are_not_for_the_system_administrator(cast: Cast, client_of: SignIn, actor: As) -> None:
    with scope.enter(cast.hill.pk):
        batch = checked(xlsx([child(1)]), actor("office"))
    sysadmin = client_of("sysadmin")
    assert sysadmin.get(at("import", pk=batch.pk)).status_code == 404
    assert send(sysadmin, xlsx([child(1)])).status_code == 422
