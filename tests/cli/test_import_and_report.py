"""`koumen import` and `koumen report`, as somebody with a shell on the server runs them."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook

from koumen.cli import imports, report
from koumen.cli.say import Stop
from koumen.core import scope
from koumen.core.jobs import waiting_in_queue
from koumen.core.models import AuditEntry, Job
from koumen.core.refusals import Invalid
from koumen.registry.models import ImportBatch, Student, StudentRow
from tests.cast import Cast
from tests.registry.sheets import child, xlsx


def ask(command: object, *words: str) -> Namespace:
    parser = ArgumentParser()
    command.arguments(parser)  # type: ignore[attr-defined]
    return parser.parse_args(words)


def write(folder: Path, *rows: dict[str, object]) -> str:
    path = folder / "名单.xlsx"
    path.write_bytes(xlsx(rows))
    return str(path)


def test_it_works(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --confirm nothing stays; with it the children are there, and the log says who."""
    asked = ("students", write(tmp_path, child(1), child(2)), "--org", "hill")
    waiting = waiting_in_queue()
    assert imports.run(ask(imports, *asked)) == 0
    assert "新增 2" in capsys.readouterr().out
    with scope.enter(cast.hill.pk):
        before = Student.objects.count()
        assert not StudentRow.objects.exists()
        assert ImportBatch.objects.get().state == ImportBatch.State.CANCELLED
    assert imports.run(ask(imports, *asked, "--confirm")) == 0
    with scope.enter(cast.hill.pk):
        assert Student.objects.count() == before + 2
        assert not Job.objects.exclude(state=Job.State.DONE).exists()
        assert AuditEntry.objects.filter(verb="import.apply", actor_name__startswith="命令行").exists()
    assert waiting_in_queue() == waiting  # no worker finds the same work again


def test_wrong_rows_are_told_and_hold_the_file_back(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cell, its column and what is allowed; `--partly` brings in the rest; `--marked` is the file with comments."""
    path = write(tmp_path, child(1), child(2, 班级="99班"))
    marked = tmp_path / "marked.xlsx"
    assert imports.run(ask(imports, "students", path, "--org", "hill", "--marked", str(marked))) == 1
    told = capsys.readouterr()
    assert "有误 1" in told.out
    assert "班级" in told.err
    assert load_workbook(marked).active is not None
    with pytest.raises(Invalid, match="1 行有误"):
        imports.run(ask(imports, "students", path, "--org", "hill", "--confirm"))
    assert imports.run(ask(imports, "students", path, "--org", "hill", "--confirm", "--partly")) == 1
    with scope.enter(cast.hill.pk):
        assert Student.objects.filter(name=child(1)["姓名"]).exists()
        assert not Student.objects.filter(name=child(2)["姓名"]).exists()
        assert not ImportBatch.objects.filter(state=ImportBatch.State.CHECKED).exists()


def test_what_cannot_be_imported_is_a_sentence(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with pytest.raises(Stop, match="找不到文件"):
        imports.run(ask(imports, "students", str(path), "--org", "hill"))
    path.write_bytes(b"no workbook")
    with pytest.raises(Stop):
        imports.run(ask(imports, "students", str(path), "--org", "hill"))
    with pytest.raises(Stop, match="没有“nowhere”这个机构"):
        imports.run(ask(imports, "students", str(path), "--org", "nowhere"))


def test_the_month_as_excel_and_word(cast: Cast, tmp_path: Path) -> None:
    assert report.run(ask(report, "--org", "hill", "--month", "2026-09", "--out", str(tmp_path))) == 0
    book = load_workbook(tmp_path / "青山小学家访月统计表2026-09.xlsx")
    assert len(book.worksheets) == 2
    assert len(Document(str(tmp_path / "青山小学家访月统计表2026-09.docx")).tables) == 2
    with scope.enter(cast.hill.pk):
        assert AuditEntry.objects.filter(verb="month.export").count() == 2


@pytest.mark.parametrize("text", ["2026-13", "2026", "x", "2026-1-1"])
def test_a_month_is_written_one_way(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="2026-10"):
        report.month(text)


def test_a_bureau_has_no_classes(cast: Cast) -> None:
    with pytest.raises(Stop, match="教育局"):
        report.run(ask(report, "--org", "bureau", "--month", "2026-09"))
