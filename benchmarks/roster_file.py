"""A large 学籍 export, the same for the same number: every column of the register, brothers and sisters, all correct.

Written as Excel writes it (shared strings, deflate), by hand because openpyxl needs minutes for three million cells.
No identity in it can be real: area code 99, phones 100….
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter
from stdnum.cn import ric

_NAMES = """
姓名 性别 出生日期 出生地 籍贯 民族 国籍/地区 身份证件类型 身份证件号 港澳台侨外 政治面貌 健康状况 姓名拼音 曾用名
身份证件有效期 户口所在地 户口性质 特长 学籍号 学籍辅号 班内学号 年级 班级 入学年月 入学方式 就读方式 学生来源
现住址 通信地址 家庭地址 联系电话 邮政编码 电子信箱 主页地址 是否独生子女 是否受过学前教育 是否留守儿童
是否进城务工人员随迁子女 是否孤儿 是否烈士或优抚子女 随班就读 残疾人类型 是否由政府购买学位 是否需要申请资助
是否享受一补 上下学距离 上下学交通方式 是否需要乘坐校车
"""
_MEMBER = "姓名 关系 关系说明 民族 工作单位 现住址 户口所在地 联系电话 是否监护人 身份证件类型 身份证件号 职务"
COLUMNS = [*_NAMES.split(), *(f"家庭成员{n}{part}" for n in "一二" for part in _MEMBER.split())]
GRADES = (
    "一年级",
    "二年级",
    "三年级",
    "四年级",
    "五年级",
    "六年级",
    "七年级",
    "八年级",
    "九年级",
    "高一",
    "高二",
    "高三",
)
_FIRST = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "子涵雨泽欣怡浩然梓萱宇轩诗琪俊杰思源佳宁明轩晓彤若曦文博嘉懿"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _identity(born: date, n: int, girl: bool) -> str:
    """Area 99 and four digits, date of birth, three digits of which the last tells the sex: no two alike."""
    body = f"99{n // 500:04d}{born:%Y%m%d}{n % 500 * 2 + (0 if girl else 1):03d}"
    return body + ric.calc_check_digit(body + "0")


def _person(rng: random.Random) -> str:
    return rng.choice(_FIRST) + rng.choice(_GIVEN) + rng.choice(_GIVEN)


def children(count: int, *, year: int = 2026) -> Iterator[list[str]]:
    """Rows of cells, `COLUMNS` first."""
    yield COLUMNS
    rng = random.Random(count)
    home: tuple[str, str, str, str, str, str] | None = None
    for n in range(count):
        if home is None or rng.random() > 0.12:  # one in eight is a brother or sister of the child before
            village = f"青山镇{'柳桃杏桂梅松竹榆'[n % 8]}{'树园溪山坪坝湾'[n // 8 % 7]}村"
            home = (f"{village}{rng.randrange(1, 20)}组{rng.randrange(1, 400)}号", village, _person(rng),
                    f"100{2 * n:08d}", _person(rng), f"100{2 * n + 1:08d}")  # fmt: skip
        row = _row(n, rng, home, year)
        yield [row.get(column, "") for column in COLUMNS]


def _row(n: int, rng: random.Random, home: tuple[str, ...], year: int) -> dict[str, str]:
    grade = n % len(GRADES)
    born = date(year - 6 - grade, 1, 1) + timedelta(days=rng.randrange(240))
    girl, address = rng.random() < 0.48, home[0]
    number = _identity(born, n, girl)
    row = {
        "姓名": _person(rng), "性别": "女" if girl else "男", "出生日期": f"{born:%Y-%m-%d}", "出生地": "青山镇",
        "籍贯": "云岭县", "民族": rng.choice(("汉族", "汉族", "汉族", "彝族", "回族")), "国籍/地区": "中国",
        "身份证件类型": "居民身份证", "身份证件号": number, "港澳台侨外": "否", "政治面貌": "群众",
        "健康状况": "健康或良好", "户口所在地": address, "户口性质": "农业", "学籍号": "G" + number,
        "学籍辅号": f"{n:010d}", "班内学号": str(n // 1080 + 1), "年级": GRADES[grade],
        "班级": f"{n // 12 % 90 + 1}班", "入学年月": f"{year - grade % 6}09", "入学方式": "就近入学",
        "就读方式": "走读", "学生来源": "正常入学", "现住址": address, "通信地址": address, "家庭地址": address,
        "联系电话": home[3],
        "邮政编码": "990000", "是否独生子女": "否", "是否受过学前教育": "是",
        "是否留守儿童": "双亲留守" if rng.random() < 0.06 else "单亲留守" if rng.random() < 0.06 else "非留守儿童",
        "是否进城务工人员随迁子女": "是" if rng.random() < 0.1 else "否", "是否孤儿": "否", "是否烈士或优抚子女": "否",
        "随班就读": "非随班就读", "残疾人类型": "无", "是否由政府购买学位": "否", "是否需要申请资助": "否",
        "是否享受一补": "是" if rng.random() < 0.08 else "否", "上下学距离": f"{rng.random() * 8:.1f}",
        "上下学交通方式": rng.choice(("步行", "家长接送", "公共交通")), "是否需要乘坐校车": "否",
    }  # fmt: skip
    for at, (name, phone, relation) in enumerate(((home[2], home[3], "父亲"), (home[4], home[5], "母亲"))):
        label = f"家庭成员{'一二'[at]}"
        row |= {
            f"{label}姓名": name, f"{label}关系": relation, f"{label}民族": "汉族", f"{label}工作单位": "务工",
            f"{label}现住址": address, f"{label}户口所在地": address, f"{label}联系电话": phone,
            f"{label}是否监护人": "是", f"{label}身份证件类型": "居民身份证",
        }  # fmt: skip
    return row


def write(path: Path, count: int) -> Path:
    """The file, made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        with ZipFile(half, "w", ZIP_DEFLATED, compresslevel=6) as book:
            strings: dict[str, int] = {}
            _sheet(book, children(count), strings)
            _strings(book, strings)
            _frame(book)
        half.rename(path)
    return path


def _sheet(book: ZipFile, rows: Iterator[list[str]], strings: dict[str, int]) -> None:
    letters = [get_column_letter(at) for at in range(1, len(COLUMNS) + 1)]
    with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as out:
        out.write(f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        for number, cells in enumerate(rows, 1):
            parts = [
                f'<c r="{letter}{number}" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'
                for letter, cell in zip(letters, cells, strict=True)
                if cell
            ]
            out.write(f'<row r="{number}">{"".join(parts)}</row>'.encode())
        out.write(b"</sheetData></worksheet>")


def _strings(book: ZipFile, strings: dict[str, int]) -> None:
    with book.open("xl/sharedStrings.xml", "w") as out:
        out.write(f'<?xml version="1.0" encoding="UTF-8"?><sst xmlns="{_MAIN}">'.encode())
        for text in strings:
            out.write(f"<si><t>{escape(text)}</t></si>".encode())
        out.write(b"</sst>")


def _frame(book: ZipFile) -> None:
    xml = '<?xml version="1.0" encoding="UTF-8"?>'
    kinds = (
        ("workbook.xml", "sheet.main"),
        ("worksheets/sheet1.xml", "worksheet"),
        ("sharedStrings.xml", "sharedStrings"),
    )
    parts = "".join(f'<Override PartName="/xl/{p}" ContentType="{_TYPES}.{k}+xml"/>' for p, k in kinds)
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    book.writestr(
        "[Content_Types].xml",
        f'{xml}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{rels}"/>{parts}</Types>',
    )
    head = f'{xml}<Relationships xmlns="{_PACKAGE}/relationships">'
    link = '<Relationship Id="{}" Type="' + _LINKS + '/{}" Target="{}"/>'
    book.writestr("_rels/.rels", head + link.format("r1", "officeDocument", "xl/workbook.xml") + "</Relationships>")
    book.writestr(
        "xl/_rels/workbook.xml.rels",
        head + link.format("r1", "worksheet", "worksheets/sheet1.xml")
        + link.format("r2", "sharedStrings", "sharedStrings.xml") + "</Relationships>",
    )  # fmt: skip
    book.writestr(
        "xl/workbook.xml",
        f'{xml}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        '<sheet name="学生" sheetId="1" r:id="r1"/></sheets></workbook>',
    )
