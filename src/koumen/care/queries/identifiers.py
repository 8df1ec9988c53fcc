"""Whoever reads an extract must not find out whom it is about. Plain Python: a text and what is known → what was found.

A dictionary of the source's own names, places and numbers, written in every customary way, and patterns of classes,
days and numbers. It rather blocks too much of what is certain (names, places of the case) than too little; ordinary
words are let pass by asking what stands around them.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from koumen.care.presets import identifiers as words
from koumen.care.presets.identifiers import Kind
from koumen.registry.presets.codes import ETHNIC_GROUPS

HANZI = "\u4e00-\u9fff"
NUMERAL = "〇零一二三四五六七八九十两"
SEPARATORS = re.compile(r"[ \t\u00a0\u3000\u200b-\u200d\ufeff·•‧_\-—~]")


@dataclass(frozen=True)
class Known:
    """What is known of the case: everybody's names, addresses and places, the school, its classes, numbers."""

    names: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    school: str = ""
    classes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Found:
    """One thing that gives somebody away: where it stands in the text (from, to), its words and its kind."""

    start: int
    end: int
    words: str
    kind: Kind


def identifiers(text: str, known: Known) -> list[Found]:
    """Everything in the text that may tell who it is about, in its order; of what overlaps, the longest."""
    flat, at = _flat(text)
    spans = sorted(set(_spans(flat, known)), key=lambda s: (s[0], -s[1]))
    kept: list[tuple[int, int, Kind]] = []
    for start, end, kind in spans:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, kind))
        elif end > kept[-1][1]:
            kept[-1] = (kept[-1][0], end, kept[-1][2])
    return [Found(at[s], at[e - 1] + 1, text[at[s] : at[e - 1] + 1], kind) for s, e, kind in kept]


def _flat(text: str) -> tuple[str, list[int]]:
    """The text without what names and numbers are pulled apart with, in plain forms, and where each sign stood."""
    signs, at = [], []
    for i, sign in enumerate(text):
        if SEPARATORS.fullmatch(sign):
            continue
        for plain in unicodedata.normalize("NFKC", sign):
            signs.append(plain)
            at.append(i)
    return "".join(signs), at


def _spans(flat: str, known: Known) -> Iterator[tuple[int, int, Kind]]:
    for word in known.nicknames:
        yield from _all(flat, re.escape(_plain(word)), Kind.NICKNAME)
    for name in known.names:
        yield from _name(flat, _plain(name))
    for place in known.places:
        yield from _place(flat, _plain(place))
    yield from _school(flat, _plain(known.school))
    for name in known.classes:
        yield from _all(flat, re.escape(_plain(name)), Kind.CLASS)
    for number in known.numbers:
        yield from _all(flat, re.escape(_plain(number)), Kind.NUMBER)
    for pattern, kind in PATTERNS:
        yield from _all(flat, pattern, kind)
    yield from _unknown_places(flat)
    yield from _said_nicknames(flat)


def _plain(text: str) -> str:
    return _flat(text.strip())[0]


def _all(flat: str, pattern: str, kind: Kind) -> Iterator[tuple[int, int, Kind]]:
    if pattern:
        yield from ((m.start(), m.end(), kind) for m in re.finditer(pattern, flat) if m.end() > m.start())


def parts_of_name(name: str) -> tuple[str, str]:
    """Surname and given name: 欧阳小明 → 欧阳, 小明; 王明 → 王, 明."""
    size = 2 if name[:2] in words.COMPOUND_SURNAMES and len(name) > 2 else 1
    return name[:size], name[size:]


def _name(flat: str, name: str) -> Iterator[tuple[int, int, Kind]]:
    """The name, the given name, and what people make of either: 小明, 明明, 明仔, 王同学, 老王.

    Of a name that is a title (吴老师, 阿梅妈妈) the title itself says nothing.
    """
    if len(name) < 2:
        return
    yield from _all(flat, re.escape(name), Kind.NAME)
    title = next((t for t in words.AFTER_SURNAME if len(t) > 1 and name.endswith(t)), "")
    name = name.removesuffix(title)
    if not re.fullmatch(f"[{HANZI}]{{1,4}}", name):
        return
    surname, given = parts_of_name(name)
    yield from _beginning(flat, f"{surname}(?:{'|'.join(words.AFTER_SURNAME)})|[小老]{surname}")
    if given:
        yield from _given(flat, given)


def _given(flat: str, given: str) -> Iterator[tuple[int, int, Kind]]:
    if len(given) == 2:
        yield from _all(flat, given, Kind.NAME)
    last = given[-1]
    yield from _all(flat, f"[{words.BEFORE_GIVEN}]{last}|{last}{last}", Kind.NICKNAME)
    after = "|".join(words.AFTER_GIVEN)
    yield from _beginning(flat, f"{last}(?:{after})(?![{HANZI}])|{last}(?:仔|娃|崽|丫|伢|妞)")


def _beginning(flat: str, pattern: str) -> Iterator[tuple[int, int, Kind]]:
    """Only where a word can begin."""
    for match in re.finditer(pattern, flat):
        before = flat[match.start() - 1 : match.start()]
        if not re.match(f"[{HANZI}]", before) or before in words.MAY_PRECEDE:
            yield match.start(), match.end(), Kind.NICKNAME


def parts_of_place(address: str) -> set[str]:
    """青山镇柳树村1号 → 青山镇, 柳树村. Parts of one sign say nothing."""
    ends = "|".join(words.PLACE_ENDS)
    found = re.findall(f"[{HANZI}]+?(?:{ends})", re.sub(r"[0-9A-Za-z#号栋幢单元室楼层()]+", " ", address))
    return {part for part in found if len(part) > 1} | ({address} if len(address) > 1 else set())


def _place(flat: str, address: str) -> Iterator[tuple[int, int, Kind]]:
    """The place with its ending; without it only where a place is spoken of: 在柳树, 柳树那边, but not 一棵柳树."""
    after = "|".join(words.AFTER_PLACE)
    for part in parts_of_place(address):
        yield from _all(flat, re.escape(part), Kind.PLACE)
        stem = re.sub(f"(?:{'|'.join(words.PLACE_ENDS)})$", "", part)
        if len(stem) > 1:
            spoken_of = f"(?<=[{words.BEFORE_PLACE}]){re.escape(stem)}(?![{HANZI}]?下)|{re.escape(stem)}(?={after})"
            yield from _all(flat, spoken_of, Kind.PLACE)


def _school(flat: str, name: str) -> Iterator[tuple[int, int, Kind]]:
    """The school by its name, without its ending, and shortened: 青山小学, 青山完小, 青小."""
    yield from _all(flat, re.escape(name), Kind.SCHOOL)
    stem = re.sub("(?:中心)?(?:小学|中学|学校|幼儿园|完小|教学点)$", "", name)
    if len(stem) > 1 and stem != name:
        ends = "小学|中学|学校|完小|中心校|初中|高中|幼儿园|教学点|校"
        yield from _all(flat, f"{re.escape(stem)}(?:{ends})", Kind.SCHOOL)
        stage = "小" if "小学" in name else "中"
        yield from _all(flat, f"{re.escape(stem[0])}{stage}(?![{HANZI}]?[学班组孩])", Kind.SCHOOL)


def _unknown_places(flat: str) -> Iterator[tuple[int, int, Kind]]:
    """Villages, towns and schools that are not in the case's file: whatever stands before the ending names it."""
    for ends, any_of, kind in (
        ("村|镇|乡|寨|屯|社区|小区|街道", words.ANY_PLACE, Kind.PLACE),
        ("小学|中学|完小|中心校", words.ANY_SCHOOL, Kind.SCHOOL),
    ):
        for match in re.finditer(f"([{HANZI}]{{2}})(?:{ends})(?![{HANZI}]?[委民长干里官组口级]|[生毕])", flat):
            if not match[1].endswith(any_of):
                yield match.start(), match.end(), kind


def _said_nicknames(flat: str) -> Iterator[tuple[int, int, Kind]]:
    """What the text itself calls a nickname: 小名毛毛, 外号“大力”, 都叫她燕子."""
    said = (
        f"(?:小名|乳名|昵称|绰号|外号|网名|人称|都叫[他她]|喊[他她])(?:是|叫|为)?[“\"'「『]?([{HANZI}A-Za-z0-9]{{1,4}})"
    )
    yield from ((m.start(1), m.end(1), Kind.NICKNAME) for m in re.finditer(said, flat))


NUMBERED = f"[0-9{NUMERAL}]"
DAY = f"(?:初{NUMBERED}{{1,2}}|廿{NUMBERED}?|{NUMBERED}{{1,3}}[日号])"
PATTERNS: tuple[tuple[str, Kind], ...] = (
    # classes: 三(2)班, 3.2班, 三年级二班, 302班, 初一3班, 二班
    (f"(?:[初高]?{NUMBERED}{{1,3}}年?级?[.(]?{NUMBERED}{{1,2}}\\)?|{NUMBERED}{{1,3}})班(?![人车岗次倒])", Kind.CLASS),
    # telephones, ID numbers and accounts, in figures or in signs
    (r"[0-9]{7,}[Xx]?", Kind.NUMBER),
    ("[〇零一二三四五六七八九幺]{7,}", Kind.NUMBER),
    (r"(?i)(?:微信号?|QQ|邮箱)[是为:]*[a-z0-9_.@]{4,}|[a-z0-9_.]+@[a-z0-9.]+|https?://\S+", Kind.NUMBER),
    ("[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}", Kind.NUMBER),
    # days: 2026年3月5日, 3月5号, 2026.3.5, 十一月三日, 腊月二十三, 2026年3月
    (f"(?:[0-9]{{2,4}}年)?(?:农历)?{NUMBERED}{{1,3}}月{DAY}", Kind.DATE),
    (f"(?:正月|冬月|腊月)(?:初|廿|{NUMBERED}){NUMBERED}{{0,2}}", Kind.DATE),
    (r"(?:19|20)[0-9]{4,6}", Kind.DATE),
    (r"(?:19|20)[0-9]{2}[./年][0-9]{1,2}(?:[./月][0-9]{1,2}[日号]?|月)?", Kind.DATE),
    (f"[〇零一二三四五六七八九]{{4}}年{NUMBERED}{{1,2}}月", Kind.DATE),
    (f"(?:{'|'.join(words.FESTIVALS)})节?(?:的)?(?:{'|'.join(words.A_CERTAIN_DAY)})", Kind.DATE),
    (r"[0-9]{1,2}岁零?[0-9]{1,2}个月", Kind.DATE),
    # what few children are
    ("|".join(words.RARE), Kind.RARE),
    ("全[校县市镇乡村班区](?:唯一|仅有|第[一二三1-3]|最[高矮小大胖瘦])|唯一(?:的|一)[名个位]", Kind.RARE),
    ("|".join(f"{name}族" for code, name in ETHNIC_GROUPS.items() if code not in ("01", "97")), Kind.RARE),
)  # fmt: skip
