"""Small roster files as people make them, for the tests of the import. No identity in them can be real (area 99)."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from stdnum.cn import ric

_NAMES = """
姓名 性别 出生日期 民族 身份证件类型 身份证件号 学籍号 班内学号 年级 班级 现住址 是否留守儿童 是否进城务工人员随迁子女
家庭成员一姓名 家庭成员一关系 家庭成员一联系电话 家庭成员一工作单位 籍贯
"""
HEADINGS = tuple(_NAMES.split())


def id_number(n: int, born: str = "20170102", girl: bool = True) -> str:
    """A well-formed ID number of an area that does not exist."""
    body = f"990100{born}{n % 100:02d}{2 if girl else 1}"
    return body + ric.calc_check_digit(body + "0")


def child(n: int, **changes: Any) -> dict[str, Any]:
    """One child as a row of the 学籍 export; `n` makes it another child."""
    number = id_number(n)
    row: dict[str, Any] = {
        "姓名": "雨" + "一二三四五六七八九十"[n % 10] + "甲乙丙丁戊己庚辛壬癸"[n // 10 % 10], "性别": "女",
        "出生日期": "2017-01-02", "民族": "汉族", "身份证件类型": "居民身份证", "身份证件号": number,
        "学籍号": "G" + number, "班内学号": str(n), "年级": "三年级", "班级": "1班", "现住址": f"青山镇梨花村{n}号",
        "是否留守儿童": "非留守儿童", "是否进城务工人员随迁子女": "否",
        "家庭成员一姓名": f"雨大{'一二三四五六七八九十'[n % 10]}",
        "家庭成员一关系": "父亲", "家庭成员一联系电话": f"1005{n:07d}", "家庭成员一工作单位": "某厂", "籍贯": "某地",
    }  # fmt: skip
    return row | changes


def xlsx(rows: Iterable[dict[str, Any]], headings: Sequence[str] = HEADINGS, *, sheet: str = "学生") -> bytes:
    """Rows under one line of headings, as an Excel file."""
    return grid([list(headings), *([row.get(h, "") for h in headings] for row in rows)], sheet=sheet)


def grid(rows: Iterable[Sequence[Any]], *, sheet: str = "学生", merges: Sequence[str] = ()) -> bytes:
    """Cells as they are given, as an Excel file."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for cells in rows:
        page.append(list(cells))
    for area in merges:
        page.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def text(rows: Iterable[dict[str, Any]], headings: Sequence[str] = HEADINGS, *, encoding: str = "utf-8") -> bytes:
    """Rows as a csv file."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([row.get(h, "") for h in headings] for row in rows)
    return out.getvalue().encode(encoding)
