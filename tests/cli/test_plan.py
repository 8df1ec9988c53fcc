"""`koumen plan`: from a roster file to a schedule and a page of routes, with no database anywhere."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from tests.environment import ROOT
from tests.registry import sheets

HEADINGS = (*sheets.HEADINGS, "经度", "纬度")
STAFF = ("姓名", "手机", "班主任班级", "任教班级", "任教学科")


def _koumen(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run it where any database connection fails, and where no data folder can be made."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("KOUMEN_")}
    around = kept | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing",
        "KOUMEN_DATA": "/proc/nowhere",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
    }
    command = [sys.executable, "-W", "ignore", "-m", "koumen.cli.main", "plan", *words]
    return subprocess.run(command, env=around, cwd=ROOT, capture_output=True, text=True, check=False)


def _children() -> list[dict[str, Any]]:
    """Two classes of 8: 2 and 11 share a phone, 3 and 12 an address; 4 has no point; 5's address is no formula."""
    made = []
    for n in range(1, 17):
        school_class = "1班" if n <= 8 else "2班"
        place: dict[str, Any] = {"班级": school_class, "经度": 110.5 + n % 5 / 100, "纬度": 27.2 + n % 7 / 100}
        made.append(sheets.child(n, **place))
    made[10]["家庭成员一联系电话"] = made[1]["家庭成员一联系电话"]
    made[11]["现住址"] = made[2]["现住址"]
    made[3] |= {"经度": "", "纬度": ""}
    made[4]["现住址"] = "=1+2 <b>青山镇</b>"
    return made


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    folder = tmp_path_factory.mktemp("plan")
    (folder / "名单.csv").write_bytes(sheets.text(_children(), HEADINGS))
    ended = _koumen(str(folder / "名单.csv"), "--out", str(folder / "out"), "--school", "110.52,27.23")
    return folder, ended


def _stops(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """(sheet, row by heading) of the whole workbook."""
    found = []
    for page in load_workbook(path).worksheets:
        heading, *rows = page.iter_rows()
        for row in rows:
            assert all(cell.data_type != "f" for cell in row)
            found.append((page.title, {str(h.value): cell.value for h, cell in zip(heading, row, strict=True)}))
    return found


def test_every_family_is_visited_once_with_time_order_address_and_people(planned: Any) -> None:
    folder, ended = planned
    assert ended.returncode == 0, ended.stderr
    stops = _stops(folder / "out" / "家访日程.xlsx")
    assert {title for title, _row in stops} == {"三年级1班", "三年级2班"}
    named = [name for _t, row in stops for name in re.sub(r"\(.*?\)", "", row["学生"]).split("、")]
    assert sorted(named) == sorted(child["姓名"] for child in _children())
    assert len(stops) == 14
    for _title, row in stops:
        assert re.fullmatch(r"\d{2}:\d{2}–\d{2}:\d{2}", row["到访时间"])
        assert row["到访时间"][:5] >= row["出发—返校"][:5]
        assert row["住址"]
        assert len(row["家访老师"].split("、")) >= 2


def test_siblings_are_one_stop_and_the_other_s_class_is_said(planned: Any) -> None:
    folder, _ended = planned
    together = {row["学生"]: row for _t, row in _stops(folder / "out" / "家访日程.xlsx") if "、" in row["学生"]}
    pairs = sorted(re.sub(r"\(.*?\)", "", name) for name in together)
    children = _children()
    assert pairs == sorted(f"{children[a]['姓名']}、{children[b]['姓名']}" for a, b in ((1, 10), (2, 11)))
    assert all(name.count("(三年级") == 1 for name in together)


def test_the_order_of_an_outing_follows_the_clock(planned: Any) -> None:
    folder, _ended = planned
    outings: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for title, row in _stops(folder / "out" / "家访日程.xlsx"):
        outings.setdefault((title, row["日期"]), []).append((row["次序"], row["到访时间"]))
    for stops in outings.values():
        assert [order for order, _time in stops] == list(range(1, len(stops) + 1))
        assert [time for _order, time in stops] == sorted(time for _order, time in stops)


def test_the_page_needs_no_network_and_no_script(planned: Any) -> None:
    folder, _ended = planned
    text = (folder / "out" / "家访路线.html").read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|<img|https?://|src=|url\(|@import", text)
    assert "<b>青山镇" not in text
    maps = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.S)]
    assert len(maps) == 2
    drawn = sum(len(one.findall(".//circle")) for one in maps)
    assert drawn == 13  # 14 families, one of them without a point
    assert text.count("<li>") == 14
    assert text.count("无坐标") == 1


def test_it_tells_the_figures_and_who_has_no_point(planned: Any) -> None:
    _folder, ended = planned
    assert "16 名学生，合为 14 户，2 个班" in ended.stdout
    assert re.search(r"安排户数\s+14\s+14", ended.stdout)
    assert "就近排" in ended.stdout
    assert f"三年级1班 {_children()[3]['姓名']}" in ended.stdout.split("1 户没有坐标")[1]


def test_people_of_a_staff_file_go_and_wrong_rows_are_named(tmp_path: Path) -> None:
    rows = [*_children(), sheets.child(17, 性别="不明白")]
    (tmp_path / "名单.csv").write_bytes(sheets.text(rows, HEADINGS, encoding="gb18030"))
    staff = [
        {"姓名": "陈一", "手机": "10000000001", "班主任班级": "三年级1班", "任教班级": "三年级1班", "任教学科": "语文"},
        {"姓名": "陈二", "手机": "10000000002", "班主任班级": "三年级2班", "任教班级": "三年级2班", "任教学科": "语文"},
        {"姓名": "陈三", "手机": "10000000003", "任教班级": "三年级1班、三年级2班", "任教学科": "数学"},
    ]
    (tmp_path / "老师.xlsx").write_bytes(sheets.xlsx(staff, STAFF))
    ended = _koumen(
        str(tmp_path / "名单.csv"), "--out", str(tmp_path), "--staff", str(tmp_path / "老师.xlsx"), "--weeks", "6"
    )
    assert ended.returncode == 0, ended.stderr
    assert "1 行有误" in ended.stdout
    assert "不明白" in ended.stderr
    for title, row in _stops(tmp_path / "家访日程.xlsx"):
        leads = {"三年级1班": "陈一", "三年级2班": "陈二"}[title]
        assert row["家访老师"].startswith(leads)
        assert set(row["家访老师"].split("、")) <= {"陈一", "陈二", "陈三"}


def test_a_short_time_leaves_families_out_with_the_reason(tmp_path: Path) -> None:
    children = _children()
    far = [child | {"经度": 120.0, "纬度": 40.0} for child in children[5:7]]
    (tmp_path / "名单.xlsx").write_bytes(sheets.xlsx([*children[:4], *far], HEADINGS))
    ended = _koumen(str(tmp_path / "名单.xlsx"), "--out", str(tmp_path), "--school", "110.52,27.23", "--weeks", "2")
    assert ended.returncode == 0, ended.stderr
    left = [row for title, row in _stops(tmp_path / "家访日程.xlsx") if title == "未安排"]
    assert {row["学生"] for row in left} == {child["姓名"] for child in far}
    assert all("路程" in row["原因"] for row in left)
    assert "2 户没有排上" in ended.stdout


@pytest.mark.parametrize(
    ("content", "words", "sentence"),
    [
        (b"%PDF-1.7", (), "PDF"),
        (b"", (), "空的"),
        (sheets.xlsx([{"姓名": ""}], ("姓名", "班级", "性别")), (), "没有"),
        (sheets.xlsx([sheets.child(1, 性别="x")]), (), "没有一行可以用"),
        (sheets.xlsx([sheets.child(1)]), ("--school", "北京"), "经度,纬度"),
        (sheets.xlsx([sheets.child(1)]), ("--school", "27.2,110.5"), "写反了"),
        (sheets.xlsx([sheets.child(1)]), ("--weeks", "0"), "--weeks"),
        (sheets.xlsx([sheets.child(1)]), ("--staff", "没有这个文件"), "找不到"),
    ],
)
def test_a_fault_is_one_clear_sentence_and_leaves_nothing(
    tmp_path: Path, content: bytes, words: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "名单.xlsx").write_bytes(content)
    ended = _koumen(str(tmp_path / "名单.xlsx"), "--out", str(tmp_path / "out"), *words)
    assert ended.returncode == 1
    assert sentence in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()
