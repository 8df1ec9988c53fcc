"""The files schools hand in: 学籍 exports, staff lists and places, as untidy as they come and yet correct."""

import csv
import io
from collections.abc import Iterator
from random import Random
from typing import Any

from koumen.cli.county.faculty import Teacher
from koumen.cli.county.families import Adult, Child, Settlement
from koumen.cli.county.shapes import SchoolShape
from koumen.cli.county.workbook import workbook

_NAMES = """
姓名 性别 出生日期 出生地 籍贯 民族 国籍/地区 身份证件类型 身份证件号 港澳台侨外 政治面貌 健康状况 姓名拼音 曾用名
身份证件有效期 户口所在地 户口性质 特长 学籍号 学籍辅号 班内学号 年级 班级 入学年月 入学方式 就读方式 学生来源
现住址 村组/社区 经度 纬度 通信地址 家庭地址 联系电话 邮政编码 电子信箱 主页地址
是否独生子女 是否受过学前教育 是否留守儿童
是否进城务工人员随迁子女 是否孤儿 是否烈士或优抚子女 随班就读 残疾人类型 是否由政府购买学位 是否需要申请资助
是否享受一补 上下学距离 上下学交通方式 是否需要乘坐校车
"""
_MEMBER = "姓名 关系 关系说明 民族 工作单位 现住址 户口所在地 联系电话 是否监护人 身份证件类型 身份证件号 职务"
HEAD = [*_NAMES.split(), *(f"家庭成员{n}{part}" for n in "一二" for part in _MEMBER.split())]
_ORDINALS = "零一二三四五六七八九"
_WORDS = {"父亲": ("父亲", "爸爸", "父"), "母亲": ("母亲", "妈妈", "母"), "祖父": ("祖父", "爷爷"),
          "祖母": ("祖母", "奶奶"), "外祖母": ("外祖母", "外婆")}  # fmt: skip
STAFF_HEAD = ("姓名", "性别", "工号", "手机", "学校标识码", "职务", "是否班主任", "班主任班级", "任教学科", "任教班级",
              "党员")  # fmt: skip


def files(town: Settlement, staff: dict[str, list[Teacher]]) -> dict[str, bytes]:
    """File name → content, for all schools."""
    made: dict[str, bytes] = {}
    for school in town.county.schools:
        title = "" if school.short == "qs" else f"{school.name}{town.year}年秋季学期学生信息"
        rows = Untidy(town, school).rows()
        made[f"{school.slug}-students.xlsx"] = workbook(HEAD, rows, sheet="学生信息", title=title)
        teachers = staff[school.slug]
        leaders = [_staff_row(school, one, of_classes=False) for one in teachers if one.post]
        everyone = [_staff_row(school, one, of_classes=True) for one in teachers]
        made[f"{school.slug}-leaders.xlsx"] = workbook(STAFF_HEAD, leaders, sheet="管理人员")
        made[f"{school.slug}-staff.xlsx"] = workbook(STAFF_HEAD, everyone, sheet="教职工")
        made[f"{school.slug}-places.csv"] = _places(town, school)
    return made


def class_name(school: SchoolShape, level: int, number: int) -> str:
    """三年级2班, 七年级1班."""
    return f"{_ORDINALS[level + (6 if school.stage == 3 else 0)]}年级{number}班"


def _places(town: Settlement, school: SchoolShape) -> bytes:
    """Places of the school's families, in the encoding Excel in China saves csv in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("村组/社区", "经度", "纬度", "是否偏远"))
    regions = {region for region, _weight in school.catchments}
    for spot in town.spots:
        if spot.region in regions:
            writer.writerow((spot.name, spot.lng, spot.lat, "是" if spot.is_remote else "否"))
    return out.getvalue().encode("gb18030")


def _staff_row(school: SchoolShape, one: Teacher, *, of_classes: bool) -> tuple[str, ...]:
    led = class_name(school, *one.leads) if one.leads and of_classes else ""
    taught = "、".join(class_name(school, *unit) for unit in one.teaches) if of_classes else ""
    return (
        one.name, "女" if one.woman else "男", one.number, one.phone, school.code, one.post, "是" if led else "否", led,
        one.subject if taught else "", taught, "是" if one.is_party_member else "否",
    )  # fmt: skip


class Untidy:
    """The rows of one school's export. People filled it in: spellings of the same thing differ from row to row."""

    def __init__(self, town: Settlement, school: SchoolShape) -> None:
        self.town, self.school = town, school
        self.rng = Random(f"{school.slug} {town.rng.random()}")  # noqa: S311

    def rows(self) -> Iterator[list[Any]]:
        """Cells in the order of `HEAD`."""
        for child in self.town.children[self.school.slug]:
            row = self._child(child) | self._home(child) | self._said(child)
            for n, adult in zip("一二", child.family.adults, strict=False):
                row |= self._adult(n, adult, child)
            yield [row.get(label, "") for label in HEAD]

    def _any(self, *spellings: Any) -> Any:
        """One of several spellings; the first is the usual one."""
        return spellings[0] if self.rng.random() < 0.8 else self.rng.choice(spellings)

    def _child(self, child: Child) -> dict[str, Any]:
        born, ordinal = child.born, _ORDINALS[child.level + (6 if self.school.stage == 3 else 0)]
        entered = self.town.year - child.level + 1
        boards = self.school.stage == 3 and not child.family.spot.is_urban
        return {
            "姓名": self._any(child.name, f" {child.name}", f"{child.name[0]} {child.name[1:]}"),
            "性别": self._any("女" if child.girl else "男", "2" if child.girl else "1"),
            "出生日期": self._any(f"{born:%Y-%m-%d}", born, f"{born:%Y%m%d}", f"{born:%Y/%m/%d}"),
            "出生地": "云岭县", "籍贯": "云岭县", "国籍/地区": "中国", "港澳台侨外": "否", "政治面貌": "群众",
            "民族": self.rng.choices(("汉族", "汉", "彝族", "回族", "01"), (70, 10, 12, 5, 3))[0],
            "身份证件类型": self._any("居民身份证", "1"), "身份证件号": child.id_no,
            "健康状况": "有慢性病" if child.is_ill else self._any("健康或良好", "一般或较弱", "10"),
            "户口性质": "农业" if not child.family.spot.is_urban else "非农业", "学籍号": "G" + child.id_no,
            "学籍辅号": f"{self.school.code}{child.level}{child.number:02d}{child.class_no:02d}",
            "班内学号": str(child.class_no), "年级": f"{ordinal}年级",
            "班级": self._any(f"{child.number}班", f"({child.number})班", f"{ordinal}({child.number})班"),
            "入学年月": self._any(f"{entered}09", f"{entered}年9月"), "入学方式": "就近入学", "学生来源": "正常入学",
            "就读方式": "住校" if boards else self._any("走读", "1"),
        }  # fmt: skip

    def _home(self, child: Child) -> dict[str, Any]:
        home = child.family
        measured = self.rng.random() < 0.5  # the others get the point of their village
        return {
            "户口所在地": home.address, "现住址": home.address, "通信地址": home.address,
            "家庭地址": home.address, "村组/社区": "" if self.rng.random() < 0.3 else home.spot.name,
            "经度": home.lng if measured else "", "纬度": home.lat if measured else "",
            "联系电话": home.adults[0].phone, "邮政编码": "990000",
            "上下学距离": f"{self.rng.uniform(0.3, 3 if home.spot.is_urban else 9):.1f}",
            "上下学交通方式": self.rng.choice(("步行", "家长接送") if home.spot.is_urban else
                                       ("步行", "公共交通", "家长自行接送", "电动车")),
            "是否需要乘坐校车": "否",
        }  # fmt: skip

    def _said(self, child: Child) -> dict[str, Any]:
        home, yes = child.family, {True: "是", False: "否"}
        return {
            "是否独生子女": yes[len(home.children) == 1], "是否受过学前教育": "是",
            "是否留守儿童": ("非留守儿童", "单亲留守儿童", "双亲留守儿童")[home.away],
            "是否进城务工人员随迁子女": yes[home.is_migrant], "是否孤儿": yes[child.is_orphan],
            "是否烈士或优抚子女": yes[self.rng.random() < 0.001], "残疾人类型": child.disability,
            "随班就读": "智力残疾随班就读" if child.disability == "智力" else "非随班就读",
            "是否由政府购买学位": "否", "是否需要申请资助": yes[home.is_poor],
            "是否享受一补": yes[home.is_poor and self.rng.random() < 0.8],
        }  # fmt: skip

    def _adult(self, n: str, adult: Adult, child: Child) -> dict[str, Any]:
        spaced = f"{adult.phone[:3]} {adult.phone[3:7]} {adult.phone[7:]}"
        row = {
            "姓名": adult.name, "关系": self._any(adult.relation, *_WORDS[adult.relation]), "民族": "汉族",
            "工作单位": self.rng.choice(("务农", "个体", "某厂", "外出务工", "")), "现住址": child.family.address,
            "户口所在地": child.family.address, "联系电话": self._any(adult.phone, spaced), "是否监护人": "是",
            "身份证件类型": "居民身份证", "身份证件号": adult.id_no,
        }  # fmt: skip
        return {f"家庭成员{n}{part}": value for part, value in row.items()}
