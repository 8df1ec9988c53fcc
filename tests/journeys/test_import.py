"""The office brings in a 学籍 file: seven planted errors, the marked Excel, the corrected file, the same file again."""

import random
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.site import Site
from tests.registry.sheets import HEADINGS, child, xlsx

pytestmark = [pytest.mark.journey, pytest.mark.rows("R2", "R45")]


def shuffled() -> list[str]:
    """The columns in another order, with stars, brackets and spaces as exports have them."""
    columns = list(HEADINGS)
    random.Random(7).shuffle(columns)
    return columns


def spelt(heading: str) -> str:
    return {"姓名": "姓 名*", "学籍号": "学籍号(必填)", "现住址": "现住址 ", "班级": "班级"}.get(heading, heading)


def planted() -> list[dict[str, Any]]:
    """Forty children, seven of them with one wrong cell each."""
    rows = [child(n, 班级=f"{1 + n % 2}班") for n in range(1, 41)]
    wrong: list[dict[str, Any]] = [
        {"身份证件号": rows[2]["身份证件号"][:17] + ("1" if rows[2]["身份证件号"][17] != "1" else "2")},  # check digit
        {"班级": "9班"},
        {"出生日期": "2017年13月40日"},
        {"家庭成员一联系电话": "1234"},
        {"姓名": "雨😀"},
        {"学籍号": rows[0]["学籍号"], "身份证件号": ""},
        {"性别": "女生"},
    ]  # fmt: skip
    for at, change in zip((2, 7, 11, 16, 21, 28, 35), wrong, strict=True):
        rows[at] |= change
    return rows


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    columns = shuffled()
    path.write_bytes(xlsx([{spelt(k): v for k, v in row.items()} for row in rows], [spelt(c) for c in columns]))
    return path


def upload(page: Page, site: Site, path: Path) -> None:
    page.goto(f"{site.address}/s/hill/imports/")
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("link", name="查看结果").click(timeout=30_000)


def test_it_works(own_site: Site, page_at: Callable[..., Page], tmp_path: Path) -> None:
    page, site = page_at(1280), own_site
    site.sign_in(page, "office")
    upload(page, site, write(tmp_path / "名单.xlsx", planted()))
    expect(page.get_by_text("有 7 行需要改正")).to_be_visible()
    rows = page.locator("#list tbody tr")
    expect(rows).to_have_count(7)
    for said in ("校验码不对", "没有这个班", "日期请写成", "11 位手机号", "表情", "学籍号重复", "可以填"):
        expect(rows.filter(has_text=said)).to_have_count(1)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载标注好的表格").click()
    marked = load_workbook(BytesIO(downloading.value.path().read_bytes()))
    assert marked["问题清单"].max_row == 8
    wrong = [cell for row in marked["学生"].iter_rows() for cell in row if cell.comment]
    assert sorted(int(cell.row or 0) for cell in wrong) == [4, 9, 13, 18, 23, 30, 37]
    assert all(cell.fill.fgColor.rgb.endswith("FFD9D2") for cell in wrong)
    assert site.ask("SELECT count(*) FROM registry_student")[0][0] == 7, "nothing is applied before it is confirmed"

    corrected = write(tmp_path / "改好.xlsx", [child(n, 班级=f"{1 + n % 2}班") for n in range(1, 41)])
    upload(page, site, corrected)
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("link", name="查看结果").click(timeout=30_000)
    expect(page.get_by_text("导入完成", exact=True)).to_be_visible()
    assert site.ask("SELECT count(*) FROM registry_student WHERE state = 'enrolled'")[0][0] == 47

    upload(page, site, corrected)
    stats = page.locator(".stats").inner_text()
    assert re.search(r"不变\s*40|40\s*不变", stats), stats
    assert re.search(r"新增\s*0|0\s*新增", stats), stats
    assert re.search(r"变更\s*0|0\s*变更", stats), stats
