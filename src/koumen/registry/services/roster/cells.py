"""From a cell to a value: plain functions that return the value or raise `Wrong` with what is allowed."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from unicodedata import normalize

from django.utils.translation import gettext as _
from stdnum.cn import ric

from koumen.registry.presets import codes
from koumen.registry.services.roster.problem import Wrong

Parse = Callable[[str], Any]

EXCEL_EPOCH = date(1899, 12, 30)
FORMULA_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"))
_SPACE = re.compile(r"\s+")
_STRANGE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2190-\u21ff\u2300-\u27bf"
    "\u2b00-\u2bff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\ufff0-\uffff\U0001f000-\U0001faff\U000e0000-\U000e0fff"
    "\U000f0000-\U0010ffff]"
)
_NAME = re.compile(r"[\u3400-\u9fff\u3007\U00020000-\U000323af]+(?:·[\u3400-\u9fff\u3007\U00020000-\U000323af]+)*")
_FOREIGN_NAME = re.compile(r"[A-Za-zÀ-ɏ\u3400-\u9fff\u3007\U00020000-\U000323af][A-Za-zÀ-ɏ\u3400-\u9fff\u3007"
                           r"\U00020000-\U000323af·.,'’ -]*")  # fmt: skip
_LATIN = re.compile(r"[A-Za-z]")
_DOTS = str.maketrans(dict.fromkeys("•・‧．∙●⋅", "·"))
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?)?月?(?:[ T]\d.*)?")
_RESIDENT = re.compile(r"\d{17}[\dX]")
_REGISTER = re.compile(r"[GJL]\d{17}[\dX]")
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}(?:-\d{1,6})?")
_POWER = re.compile(r"\d(?:\.\d+)?E\+\d+")


def text_of(raw: object) -> str:
    """A cell as text: half width, no spaces around; a whole number without its `.0`; a date as 2017-01-02."""
    if isinstance(raw, str):
        text = raw
        if text.startswith('="') and text.endswith('"'):
            text = text[2:-1]  # how exports keep leading zeros in a csv
        return text.strip() if text.isascii() else normalize("NFKC", text).strip()
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        if abs(raw) >= 1e15:
            return f"{raw:.5E}"
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    return "" if raw is None else str(raw)


def plain(text: str) -> str:
    """`text` as it may be kept. Raises Wrong for emoji, private characters and formula errors."""
    if text.isalnum():  # letters, digits and Chinese characters alone: nothing to find
        return text
    if text in FORMULA_ERRORS:
        raise Wrong(_("公式出错，没有结果；请把公式换成文字或数字"))
    if text and not text.isascii() and _STRANGE.search(text):
        raise Wrong(_("含有表情或无法识别的字符；请删去或改成通用汉字"))
    return text


def words(limit: int) -> Parse:
    """Free text up to `limit` characters, runs of spaces made one."""

    def parse(text: str) -> str:
        text = text if text.isalnum() else _SPACE.sub(" ", plain(text))
        if len(text) > limit:
            raise Wrong(_("不超过 %(n)d 个字") % {"n": limit})
        return text

    return parse


def person_name(text: str) -> str:
    """姓名: Chinese characters (with · between parts) or Latin letters, at most 50."""
    if len(text) <= 50 and _NAME.fullmatch(text):
        return text
    text = plain(text).translate(_DOTS)
    if not _LATIN.search(text):
        text = _SPACE.sub("", text)
    if len(text) > 50:
        raise Wrong(_("姓名不超过 50 个字"))
    if _NAME.fullmatch(text) or _FOREIGN_NAME.fullmatch(text):
        return text
    raise Wrong(_("姓名只用汉字、字母和间隔号“·”"))


def one_of(table: Mapping[str, Any], allowed: str = "") -> Parse:
    """A value of a code list, as word or code. `allowed` names the list when it is long."""

    def parse(text: str) -> Any:
        text = plain(text)
        found = table.get(text)
        if found is None:
            found = table.get(_SPACE.sub("", text).upper())
        if found is None:
            raise Wrong(_("可以填：%(list)s") % {"list": allowed or "、".join(w for w in table if not w.isascii())})
        return found

    return parse


def day(text: str) -> date:
    """A date written in any usual way. Raises Wrong when it is none."""
    found = _day(plain(text), first_of_month=False)
    if found is None:
        raise Wrong(_("日期请写成 2017-01-02、2017/1/2、20170102 或 2017年1月2日"))
    return found


def month(text: str) -> date:
    """入学年月: a date, or a month such as 201709 or 2017年9月, as its first day."""
    found = _day(plain(text), first_of_month=True)
    if found is None:
        raise Wrong(_("年月请写成 2017-09、201709 或 2017年9月"))
    return found


def _day(text: str, *, first_of_month: bool) -> date | None:
    try:
        if text.isdigit():
            if len(text) == 8:
                return date(int(text[:4]), int(text[4:6]), int(text[6:]))
            if len(text) == 6 and first_of_month:
                return date(int(text[:4]), int(text[4:]), 1)
            if len(text) == 5 and 20_000 <= int(text) <= 60_000:
                return EXCEL_EPOCH + timedelta(days=int(text))
            return None
        found = _DATE.fullmatch(text.replace(" ", "") if "年" in text else text)
        if found is None or (found[3] is None and not first_of_month):
            return None
        return date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None


def _number(text: str) -> str:
    """A long number as text. Raises Wrong when Excel made it a rounded number."""
    if text.isascii() and text.isdigit():
        return text
    text = plain(text).replace(" ", "").lstrip("'‘’").upper()
    if _POWER.fullmatch(text):
        raise Wrong(_("号码被 Excel 存成了数字，末几位已丢失；请把这一列设为“文本”后重新填写"))
    return text


def resident_id(text: str) -> str:
    """居民身份证号 (GB 11643): 17 digits and a check digit, with a possible date of birth in it."""
    text = _number(text)
    if not _RESIDENT.fullmatch(text):
        raise Wrong(_("身份证号是 18 位：17 位数字加 1 位数字或 X"))
    if birth_of(text) is None:
        raise Wrong(_("身份证号第 7–14 位不是有效的出生日期"))
    if ric.calc_check_digit(text) != text[17]:
        raise Wrong(_("身份证号校验码不对，请核对是否有数字抄错"))
    return text


def birth_of(resident: str) -> date | None:
    """The date of birth in an ID number, if it is one."""
    born = _day(resident[6:14], first_of_month=False)
    return born if born and born.year >= 1900 else None


def other_id(text: str) -> str:
    """A number of another document: up to 30 letters, digits and signs."""
    text = _number(text)
    if not text.isascii() or len(text) > 30:
        raise Wrong(_("证件号不超过 30 位，只用字母、数字和 -/()"))
    return text


def student_number(text: str) -> str:
    """学籍号: G, J or L with 18 characters; after a G stands an ID number, whose check digit is checked."""
    text = _number(text)
    if not _REGISTER.fullmatch(text):
        raise Wrong(_("学籍号以 G、J 或 L 开头，后接 17 位数字和 1 位数字或 X"))
    if text[0] == "G" and ric.calc_check_digit(text[1:]) != text[18]:
        raise Wrong(_("学籍号(G 后的身份证号)校验码不对，请核对是否有数字抄错"))
    return text


def phone(text: str) -> str:
    """联系电话: a mobile number of 11 digits, or a landline with area code. Several in a cell: the first."""
    if len(text) == 11 and text[0] == "1" and text.isascii() and text.isdigit():
        return text
    text = plain(text)
    for part in (text, re.split(r"[,、;/\s]+(?=[01+])", text)[0]):  # 138 0000 1111 is one number with gaps
        number = re.sub(r"[\s()]", "", part).removeprefix("+86").removeprefix("0086")
        if re.fullmatch(r"1[\d-]{11,13}", number):
            number = number.replace("-", "")
        if _PHONE.fullmatch(number):
            return number
    raise Wrong(_("电话是 11 位手机号，或带区号的固定电话(如 0871-1234567)"))


def longitude(text: str) -> float:
    """经度 (WGS-84 degrees) inside China."""
    return _degrees(text, 73.0, 136.0, _("经度是 73–136 之间的小数"))


def latitude(text: str) -> float:
    """纬度 (WGS-84 degrees) inside China."""
    return _degrees(text, 3.0, 54.0, _("纬度是 3–54 之间的小数"))


def _degrees(text: str, least: float, most: float, allowed: str) -> float:
    try:
        value = float(plain(text).rstrip("°"))
    except ValueError:
        raise Wrong(allowed) from None
    if not least <= value <= most:
        raise Wrong(allowed)
    return round(value, 6)


yes_or_no = one_of(codes.YES_WORDS)
