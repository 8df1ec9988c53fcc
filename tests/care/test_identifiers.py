"""Planted identifiers are found, each under its kind, however it is written; ordinary texts pass."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from koumen.care.presets.identifiers import Kind
from koumen.care.queries.identifiers import Known, identifiers, parts_of_name, parts_of_place

pytestmark = [pytest.mark.rows("R35", "R37")]
KNOWN = Known(
    names=("王小明", "王建国", "李桂芳", "欧阳雪", "吴老师", "阿梅妈妈", "赵敏"),
    nicknames=("豆豆",),
    places=("青山镇柳树村3组12号", "云上"),
    school="青山小学",
    classes=("三年级2班",),
    numbers=("10000000001", "99010020170101003X"),
)
# Ten texts with what is planted in each: (words, kind). Thirty in all.
PLANTED: list[tuple[str, list[tuple[str, Kind]]]] = [
    (
        "王小明最近常迟到。小明的父亲王建国在外打工，平时由奶奶照看，邻居都叫他豆豆。",
        [("王小明", Kind.NAME), ("小明", Kind.NAME), ("王建国", Kind.NAME), ("豆豆", Kind.NICKNAME)],
    ),
    (
        "家住青山镇柳树村，从云上走路要一个小时；柳树那边没有路灯。",
        [("青山镇", Kind.PLACE), ("柳树村", Kind.PLACE), ("云上", Kind.PLACE), ("柳树", Kind.PLACE)],
    ),
    (
        "电话１００ ０００ ００００１，身份证 990100 20170101 003X，也可打幺零零零零零零零零零二。",
        [
            ("１００ ０００ ００００１", Kind.NUMBER),
            ("990100 20170101 003X", Kind.NUMBER),
            ("幺零零零零零零零零零二", Kind.NUMBER),
        ],
    ),
    (
        "他在三(2)班，姐姐在302班，妹妹是二班的。",
        [("三(2)班", Kind.CLASS), ("302班", Kind.CLASS), ("二班", Kind.CLASS)],
    ),
    (
        "腊月二十三那天出的事，2026年3月5日复学，中秋节当天又走了。",
        [("腊月二十三", Kind.DATE), ("2026年3月5日", Kind.DATE), ("中秋节当天", Kind.DATE)],
    ),
    ("青小的老师去了三次，青山完小也派了人。", [("青小", Kind.SCHOOL), ("青山完小", Kind.SCHOOL)]),
    (
        "欧 阳 雪变得爱说话了，雪儿也肯写作业，欧阳同学的妈妈李桂芳很高兴，小雪现在很好。",
        [("欧 阳 雪", Kind.NAME), ("欧阳同学", Kind.NICKNAME), ("李桂芳", Kind.NAME), ("小雪", Kind.NICKNAME)],
    ),
    (
        "这对双胞胎里的弟弟是全县唯一坐轮椅上学的傣族孩子。",
        [("双胞胎", Kind.RARE), ("全县唯一", Kind.RARE), ("傣族", Kind.RARE)],
    ),
    ("他小名毛毛，王同学的成绩提高了。", [("毛毛", Kind.NICKNAME), ("王同学", Kind.NICKNAME)]),
    ("一家人从桃源镇搬来，原来在河口小学读书。", [("桃源镇", Kind.PLACE), ("河口小学", Kind.SCHOOL)]),
]
ORDINARY = [
    "该生父母长期在外务工，由祖辈照看，放学后缺少陪伴，作业常常完不成。",
    "班主任和语文老师商量后，每周二下午放学留下半小时，帮他补上落下的内容。",
    "我们先肯定他的优点，再和家长一起定了三条约定：早睡、按时到校、每天说一件高兴的事。",
    "两个月后，孩子上课能主动举手，作业能按时交，家长也说他在家里爱说话了。",
    "乡村学校的孩子住得远，很多家庭在农村，路上要走很久，老师在村里召集家长座谈。",
    "提高家长的陪伴质量，比多给零花钱更要紧。小组里的同学都愿意帮他。",
    "路边有一棵大柳树，孩子们常在下面写作业。全班同学都参加了，有三年级的，也有五年级的。",
    "老师上班路上常绕过去看一眼，下班再陪他走一段。父亲做工是三班倒，很少在家。",
    "第一学期期末，他的数学从不及格到七十多分，进步明显，老师给家长发了喜报。",
    "小学阶段的孩子更需要鼓励，学校、家庭一起使劲，慢慢就好了。",
]


def test_thirty_are_planted() -> None:
    assert len(PLANTED) == 10
    assert sum(len(planted) for _text, planted in PLANTED) >= 30


@pytest.mark.parametrize(("text", "planted"), PLANTED)
def test_every_planted_identifier_is_found_under_its_kind(text: str, planted: list[tuple[str, Kind]]) -> None:
    found = {(f.words, f.kind) for f in identifiers(text, KNOWN)}
    covered = {w for w, kind in planted if any(w in words and k == kind for words, k in found)}
    assert covered == {w for w, _kind in planted}, found


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_text_passes(text: str) -> None:
    assert identifiers(text, KNOWN) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("王 小 明", "王 小 明"),
        ("王\u200b小明", "王\u200b小明"),
        ("王·小明", "王·小明"),
        ("三年级 2 班", "三年级 2 班"),
        ("三年二班", "三年二班"),
        ("3.2班", "3.2班"),
        ("初一3班", "初一3班"),
        ("100-0000-0001", "100-0000-0001"),
        ("十一月三日", "十一月三日"),
        ("2026-11-3", "2026-11-3"),
        ("2026.11.03", "2026.11.03"),
        ("微信号abc_2017", "微信号abc_2017"),
        ("明明说", "明明"),
        ("明仔说", "明仔"),
        ("和老王谈过", "老王"),
        ("和赵老师谈过", "赵老师"),
    ],
)
def test_it_is_found_in_every_way_it_is_written(text: str, words: str) -> None:
    assert words in {f.words for f in identifiers(text, KNOWN)}


def test_names_and_places_come_apart_the_customary_way() -> None:
    assert parts_of_name("欧阳小明") == ("欧阳", "小明")
    assert parts_of_name("王明") == ("王", "明")
    assert {"青山镇", "柳树村"} <= parts_of_place("青山镇柳树村3组12号")


@given(st.sampled_from(ORDINARY), st.sampled_from(KNOWN.names), st.data())
def test_a_full_name_is_found_wherever_it_stands(text: str, name: str, data: st.DataObject) -> None:
    """Put into any ordinary text at any place, every sign of it is covered by what is found."""
    at = data.draw(st.integers(0, len(text)))
    found = identifiers(text[:at] + name + text[at:], KNOWN)
    assert any(f.start <= at and f.end >= at + len(name) for f in found)


@given(st.text(max_size=300))
def test_any_text_is_read_to_its_end_and_what_is_found_stands_there(text: str) -> None:
    """Places are inside the text, in order, and do not overlap."""
    end = 0
    for f in identifiers(text, KNOWN):
        assert end <= f.start < f.end <= len(text)
        assert text[f.start : f.end] == f.words
        end = f.end


def test_a_long_text_is_read_quickly() -> None:
    """8,000 signs, as long as an extract may be, well under a second: no pattern runs away."""
    text = ("该生" + "在" * 50 + "一二三四五六" + "村" * 40) * 80
    assert len(re.sub(r"\s", "", text)) >= 7000
    assert isinstance(identifiers(text, KNOWN), list)
