"""Every kind of bad input gets a clear sentence that says what to do. No database is needed for any of it."""

import contextlib
import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from tests.registry.sheets import HEADINGS, child, grid, id_number, text, xlsx

from koumen.registry.services.roster import ClassBook, KnownClass, Roster, Unreadable, read_students, workbook
from koumen.registry.services.roster import package as packages

TODAY = date(2026, 9, 20)
KNOWN = [KnownClass(n, 2, 3, 2024, n, f"三年级{n}班", "三年级") for n in (1, 2)]


def read(source: bytes | Path, **options: Any) -> Roster:
    classes = ClassBook(KNOWN, stages=(2,), year=2026, **options)
    return read_students(source, today=TODAY, classes=classes)


def refusal(source: bytes | Path) -> str:
    with pytest.raises(Unreadable) as refused:
        read(source)
    return str(refused.value)


def said(**cells: Any) -> list[tuple[str, str]]:
    """(column, sentence) of every problem of one row with these cells."""
    return [(p.column, p.allowed) for p in read(xlsx([child(1, **cells)])).problems]


def zipped(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


# the file as a whole


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"%PDF-1.4 ...", "这是 PDF 文件"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "这不是表格文件"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "网页格式"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧格式"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "打开密码"),
        (zipped(word__document_xml="<x/>"), "这是 Word 文档"),
        (zipped(a_xml="<x/>"), "这不是 Excel 表格"),
        (b"PK\x03\x04" + bytes(200), "文件已损坏"),
        ("姓名,班级\n".encode() + b"\xff\xff\xff\xfe", "文字编码"),
        (xlsx([]), "表头下面没有数据"),
        (grid([["a", "b"], [1, 2]]), "没有找到表头"),
        (grid([["学籍号", "班级", "性别"], ["x", "1班", "男"]]), "缺少必需的列：姓名"),
    ],
)
def test_a_file_that_is_no_roster_is_refused(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content)


def test_a_cut_off_xlsx_is_damaged() -> None:
    whole = xlsx([child(n) for n in range(1, 40)])
    assert "文件已损坏" in refusal(whole[: len(whole) // 2])


@pytest.mark.parametrize("seed", range(25))
def test_random_damage_never_ends_in_anything_but_a_sentence(seed: int) -> None:
    content = bytearray(xlsx([child(n) for n in range(1, 20)]))
    rng = random.Random(seed)
    for _change in range(rng.randrange(1, 40)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    with contextlib.suppress(Unreadable):
        read(bytes(content))


def test_a_file_beyond_20_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "大.xlsx"
    with path.open("wb") as out:
        out.truncate(500 * 1_048_576)  # a sparse file of 500 MB
    assert "超过 20 MB" in refusal(path)


def test_too_many_columns() -> None:
    assert "最多 200 列" in refusal(grid([[*HEADINGS, *(f"列{n}" for n in range(220))], ["x"] * 230]))


def test_a_cell_far_to_the_right_or_below_is_refused_before_it_takes_memory() -> None:
    for far, sentence in (("XFD3", "最多 200 列"), ("A1048576", "行数太多")):
        book = load_workbook(io.BytesIO(xlsx([child(1)])))
        book.active[far] = "x"  # type: ignore[index]
        out = io.BytesIO()
        book.save(out)
        assert sentence in refusal(out.getvalue())


def test_a_far_cell_that_is_only_coloured_does_no_harm() -> None:
    book = load_workbook(io.BytesIO(xlsx([child(1)])))
    book.active["XFD3"].number_format = "@"  # type: ignore[index]
    out = io.BytesIO()
    book.save(out)
    assert len(read(out.getvalue()).rows) == 1


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROW_LIMIT", 10)
    assert "超过 10 行" in refusal(xlsx([child(n) for n in range(1, 30)]))


def test_a_zip_bomb_is_refused_by_its_declared_size() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            for _mb in range(401):
                stream.write(bytes(1_048_576))
    assert len(out.getvalue()) < 20 * 1_048_576
    assert "展开后太大" in refusal(out.getvalue())


def test_a_zip_bomb_that_lies_about_its_size_is_damaged() -> None:
    honest = xlsx([child(n) for n in range(1, 400)])
    info = zipfile.ZipFile(io.BytesIO(honest)).getinfo("xl/worksheets/sheet1.xml")
    size = info.file_size.to_bytes(4, "little")
    lying = honest.replace(size, (100).to_bytes(4, "little"))
    assert lying != honest
    assert "文件已损坏" in refusal(lying)


def test_a_large_sheet_is_read_in_pieces_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx([child(n, 出生日期=date(2017, 1, 2)) for n in range(1, 90)])
    whole = read(content)
    monkeypatch.setattr(packages, "WHOLE_LIMIT", 100)
    monkeypatch.setattr(packages, "PIECE", 2_000)
    assert read(content).rows == whole.rows
    assert len(whole.rows) == 89


# shape


def test_columns_in_any_order_with_stars_brackets_and_full_width_signs() -> None:
    rows = [child(n) for n in range(1, 4)]
    columns = list(HEADINGS)
    random.Random(3).shuffle(columns)
    spelt = {"姓名": " 姓 名* ", "学籍号": "学籍号(必填)", "班级": "班级【必填】", "出生日期": "出生日期:"}
    content = grid([[spelt.get(c, c) for c in columns], *([r[c] for c in columns] for r in rows)])
    assert [r.student_no for r in read(content).rows] == [r["学籍号"] for r in rows]


def test_a_title_above_and_two_merged_heading_rows() -> None:
    top = ["姓名", "班级", "家庭成员一", "", "", "家庭成员二", "", "现住址"]
    below = ["", "", "姓名", "关系", "联系电话", "姓名", "联系电话", ""]
    rows = [
        ["青山小学学生名单"],
        [],
        top,
        below,
        ["雨一", "三(1)班", "雨父", "爸爸", "10000000001", "雨母", "10000000002", "村1号"],
    ]
    found = read(grid(rows, merges=("A1:H1", "C3:E3", "F3:G3", "A3:A4"))).rows[0]
    assert [(m.name, m.relation, m.phone) for m in found.members] == [
        ("雨父", "51", "10000000001"),
        ("雨母", "", "10000000002"),
    ]
    assert found.address == "村1号"


def test_several_sheets_each_a_class_named_by_its_sheet() -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for n in (1, 2):
        page = book.create_sheet(f"三年级{n}班")
        page.append(["姓名", "性别", "现住址"])
        page.append([f"雨{'一二'[n - 1]}", "男", "村1号"])
    book.create_sheet("填表说明").append(["请如实填写"])
    out = io.BytesIO()
    book.save(out)
    assert [(r.name, r.class_id) for r in read(out.getvalue()).rows] == [("雨一", 1), ("雨二", 2)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_each_encoding(encoding: str) -> None:
    content = text([child(1), child(2)], encoding=encoding)
    assert [r.name for r in read(content).rows] == [child(1)["姓名"], child(2)["姓名"]]


def test_privacy_columns_are_dropped_and_unknown_ones_listed() -> None:
    roster = read(xlsx([child(1) | {"爱好": "画画", "户口性质": "农业"}], [*HEADINGS, "爱好", "户口性质"]))
    assert roster.dropped == ["家庭成员一工作单位", "籍贯", "户口性质"]
    assert roster.unknown == ["爱好"]


# cells


def test_every_wrong_cell_is_named_with_sheet_row_column_value_and_what_is_allowed() -> None:
    problem = read(xlsx([child(1), child(2, 性别="女生")], sheet="三年级")).problems[0]
    assert (problem.sheet, problem.row, problem.cell, problem.column, problem.value) == (
        "三年级",
        3,
        "B3",
        "性别",
        "女生",
    )
    assert problem.allowed.startswith("可以填：男、女")


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"身份证件号": id_number(1)[:17] + ("1" if id_number(1)[17] != "1" else "2")}, "身份证件号", "校验码不对"),
        ({"身份证件号": "12345"}, "身份证件号", "18 位"),
        ({"身份证件号": "99010020171332001X"}, "身份证件号", "出生日期"),
        ({"身份证件号": 990100201701020100}, "身份证件号", "存成了数字"),
        ({"身份证件号": "9.901E+17"}, "身份证件号", "存成了数字"),
        ({"学籍号": "G12"}, "学籍号", "以 G、J 或 L 开头"),
        ({"学籍号": "G" + id_number(1)[:17] + ("1" if id_number(1)[17] != "1" else "2")}, "学籍号", "校验码"),
        ({"出生日期": "2016-05-05"}, "出生日期", "与身份证号里的出生日期"),
        ({"出生日期": "二〇一七年"}, "出生日期", "日期请写成"),
        ({"出生日期": "2017-02-30"}, "出生日期", "日期请写成"),
        ({"出生日期": "1890-01-01", "身份证件号": ""}, "出生日期", "2–30 岁"),
        ({"班级": "9班"}, "班级", "没有这个班"),
        ({"班级": "", "年级": "三年级"}, "班级", "班级必填"),
        ({"班级": "四年级1班"}, "班级", "不一致"),
        ({"姓名": "雨😀"}, "姓名", "表情"),
        ({"姓名": "雨\ue123"}, "姓名", "无法识别"),
        ({"姓名": "雨=1"}, "姓名", "姓名只用"),
        ({"姓名": "雨" * 51}, "姓名", "不超过 50"),
        ({"现住址": "村" * 201}, "现住址", "不超过 200"),
        ({"现住址": "#REF!"}, "现住址", "公式出错"),
        ({"家庭成员一联系电话": "1380000"}, "家庭成员一联系电话", "11 位手机号"),
        ({"家庭成员一关系": "邻居"}, "家庭成员一关系", "可以填：父亲"),
        ({"是否留守儿童": "不清楚"}, "是否留守儿童", "可以填："),
    ],
)
def test_a_wrong_cell(cells: dict[str, Any], column: str, sentence: str) -> None:
    found = said(**cells)
    assert len(found) == 1, found
    assert found[0][0] == column
    assert sentence in found[0][1]


def test_a_formula_without_a_value_is_said_to_be_one() -> None:
    book = load_workbook(io.BytesIO(xlsx([child(1)])))
    book.active["A2"] = '="雨"&"一"'  # type: ignore[index]  # openpyxl writes no cached value
    out = io.BytesIO()
    book.save(out)
    assert [(p.cell, p.allowed) for p in read(out.getvalue()).problems] == [
        ("A2", "公式没有计算结果；请在 Excel 里打开并保存一次，或把公式换成值")
    ]


def test_duplicates_inside_the_file_name_the_first_row() -> None:
    twice = read(xlsx([child(1), child(2), child(1, 姓名="雨同")])).problems
    assert {(p.row, p.column) for p in twice} == {(4, "身份证件号"), (4, "学籍号")}
    assert "第 2 行" in twice[0].allowed


def test_two_of_one_name_without_numbers_cannot_be_told_apart() -> None:
    rows = [child(1, 身份证件号="", 学籍号=""), child(1, 身份证件号="", 学籍号="")]
    assert "分不清是谁" in read(xlsx(rows)).problems[0].allowed


def test_a_phone_in_two_families_is_a_note_and_no_error() -> None:
    roster = read(xlsx([child(1), child(2, 家庭成员一联系电话=child(1)["家庭成员一联系电话"])]))
    assert len(roster.rows) == 2
    assert "第 2 行的另一位家长相同" in roster.notes[0].text


@pytest.mark.parametrize(
    "written",
    ["2017-01-02", "2017/1/2", "20170102", "2017年1月2日", "2017.1.2", "２０１７－０１－０２", " 2017-01-02 ", 42737,
     date(2017, 1, 2), "2017-01-02 00:00:00", 20170102],
)  # fmt: skip
def test_a_date_in_any_usual_form(written: object) -> None:
    assert read(xlsx([child(1, 出生日期=written)])).rows[0].birth_date == date(2017, 1, 2)


@pytest.mark.parametrize(
    ("grade", "name", "found"),
    [
        ("三年级", "1班", 1), ("三年级", "01", 1), ("三", "(2)班", 2), ("3", "二班", 2), ("", "三年级2班", 2),
        ("", "三(2)班", 2), ("", "三２班", 2), ("", "302", 2), ("2024级", "2班", 2), ("", "2024级2班", 2),
        ("小学三年级", "2", 2), ("小三", "2班", 2), ("三年级", "三年级2班", 2),
    ],
)  # fmt: skip
def test_a_class_in_any_usual_form(grade: str, name: str, found: int) -> None:
    assert read(xlsx([child(1, 年级=grade, 班级=name)])).rows[0].class_id == found


@pytest.mark.parametrize(
    ("grade", "name", "label"),
    [("初一", "2班", "七年级2班"), ("", "初一(2)班", "七年级2班"), ("九年级", "十二班", "九年级12班"),
     ("高二", "3班", "高二3班"),
     ("七年级", "(1)班", "七年级1班"), ("", "高三1班", "高三1班")],
)  # fmt: skip
def test_classes_of_higher_stages(grade: str, name: str, label: str) -> None:
    book = ClassBook([], stages=(3, 4), year=2026, may_add=True)
    assert book.find(grade, name).name == label


def test_full_width_digits_and_trailing_spaces_do_no_harm() -> None:
    number = child(1)["身份证件号"]
    wide = number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    phone = " １００００００００２２ "
    row = read(xlsx([child(1, 身份证件号=wide + "  ", 家庭成员一联系电话=phone, 姓名=" 雨　一 ")])).rows[0]
    assert (row.id_no, row.members[0].phone, row.name) == (number, "10000000022", "雨一")


@pytest.mark.parametrize("written", ["100 0000 0022", "100-0000-0022", "+86 100 0000 0022", "10000000022 10000000023"])
def test_a_phone_number_with_gaps_is_one_number(written: str) -> None:
    assert read(xlsx([child(1, 家庭成员一联系电话=written)])).rows[0].members[0].phone == "10000000022"


def test_a_number_stored_as_a_number_keeps_its_digits_when_it_can() -> None:
    assert read(xlsx([child(1, 家庭成员一联系电话=10000000022)])).rows[0].members[0].phone == "10000000022"


@pytest.mark.parametrize(
    ("cells", "flags"),
    [
        ({"是否留守儿童": "单亲留守"}, ("A11",)), ({"是否留守儿童": "2"}, ("A12",)), ({"是否留守儿童": "0"}, ()),
        ({"是否进城务工人员随迁子女": "是"}, ("E11",)), ({"是否孤儿": "1"}, ("A31",)),
        ({"是否烈士或优抚子女": "是"}, ("F51",)),
        ({"随班就读": "听力残疾随班就读"}, ("C12",)), ({"残疾人类型": "肢体残疾"}, ("C11",)),
        ({"健康状况": "50"}, ("C11",)),
        ({"入学年月": "202609"}, ("F11",)), ({"入学年月": "2024年9月"}, ()), ({"是否享受一补": "是"}, ("B19",)),
    ],
)  # fmt: skip
def test_what_the_register_says_becomes_categories(cells: dict[str, Any], flags: tuple[str, ...]) -> None:
    rows = xlsx([child(1) | cells], [*HEADINGS, *(k for k in cells if k not in HEADINGS)])
    assert read(rows).rows[0].flags == flags


def test_it_needs_neither_site_nor_database(tmp_path: Path, run_alone: Callable[[str], str]) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(xlsx([child(1)]))
    assert (
        run_alone(
            "from django.conf import settings; settings.configure(USE_I18N=False)\n"
            "from datetime import date; from pathlib import Path\n"
            "from koumen.registry.services.roster import read_students\n"
            f"print(read_students(Path({str(path)!r}), today=date(2026, 9, 1)).rows[0].class_label)"
        )
        == "三年级1班"
    )


@pytest.fixture
def run_alone() -> Callable[[str], str]:
    """Run a few lines in a Python of their own, without this project's settings."""

    def run(code: str) -> str:
        root = Path(__file__).resolve().parents[2]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("KOUMEN_", "DJANGO_"))}
        done = subprocess.run(
            [sys.executable, "-c", code], env=clean | {"PYTHONPATH": str(root / "src")}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        return done.stdout.strip()

    return run
