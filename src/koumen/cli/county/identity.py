"""Names, numbers and phones that look right and belong to nobody."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from stdnum.cn import ric

_FAMILY = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_BOYS = "浩宇轩泽睿博俊杰子航宇辰明哲思远嘉懿文昊天佑家豪志强伟诚建国永康鹏飞云翔凯瑞"
_GIRLS = "梓涵雨欣诗琪若曦佳怡思彤梦瑶雅婷语嫣欣妍可馨静怡晓燕美玲春兰秋月芷若安琪"
_MEN = "建国志强永明国平家兴德才文军长春光辉云山学文大伟金龙正海"
_WOMEN = "秀英桂兰玉梅春燕丽华小琴翠萍红霞美珍凤仙慧芳晓云月娥"


class Identities:
    """Gives out numbers, each once. `area` is the county's code, 99xxxx."""

    def __init__(self, rng: Random, area: str) -> None:
        assert area.startswith("99")
        self._rng, self._area = rng, area
        self._born: Counter[str] = Counter()
        self._phones = 0

    def resident(self, born: date, *, girl: bool) -> str:
        """An ID number: area, date of birth, order (odd for men), check digit. No two alike."""
        day = f"{born:%Y%m%d}"
        self._born[day] += 1
        block, order = divmod(self._born[day] * 2 - (2 if girl else 1), 1000)
        body = f"{int(self._area) + block:06d}{day}{order:03d}"
        return str(body + ric.calc_check_digit(body + "0"))

    def phone(self) -> str:
        """100 and eight digits: no network has such numbers."""
        self._phones += 1
        return f"100{(self._phones * 7_654_321) % 100_000_000:08d}"

    def surname(self) -> str:
        return self._rng.choice(_FAMILY)

    def child(self, surname: str, *, girl: bool) -> str:
        """One or two given characters."""
        return surname + self._given(_GIRLS if girl else _BOYS, 0.15)

    def adult(self, surname: str, *, woman: bool) -> str:
        return surname + self._given(_WOMEN if woman else _MEN, 0.2)

    def _given(self, signs: str, single: float) -> str:
        first = self._rng.choice(signs)
        return first if self._rng.random() < single else first + self._rng.choice(signs)

    def birthday(self, first: date, last: date) -> date:
        return first + timedelta(days=self._rng.randrange((last - first).days + 1))
