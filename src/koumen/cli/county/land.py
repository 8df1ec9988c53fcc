"""Communities and villages, some within walking distance, some 25 km away; points in WGS-84."""

import math
from dataclasses import dataclass
from random import Random

from koumen.cli.county.shapes import HILLS, TOWN

KM_PER_DEGREE = 111.195
FAR_KM = 15.0  # beyond: marked as remote
MIDDLE = {TOWN: (102.700, 25.030), HILLS: (102.862, 25.121)}


@dataclass(frozen=True)
class Spot:
    """One community or village. `share` weighs how many families live there; `is_urban`: not farmers' villages."""

    name: str
    region: str
    lng: float
    lat: float
    share: float
    is_urban: bool
    is_remote: bool


# region, name, kilometres from the middle
_PLACES = (
    *((TOWN, name, 0.3, 2.4, 2.6) for name in (
        "城东社区", "城西社区", "河滨社区", "文昌社区", "站前社区", "新华社区", "桥头社区", "东湖花园")),
    *((TOWN, name, 3.0, 9.0, 0.9) for name in (
        "柳树村", "桃园村", "梨花村", "大坝村", "小河口村", "松林村", "黄泥塘村", "石板沟村", "莲花村", "杨家湾村")),
    *((TOWN, name, 10.0, 25.0, 0.35) for name in (
        "高岩村", "云盘村", "羊角坡村", "野竹箐村", "大水井村", "月亮湾村")),
    *((HILLS, name, 0.3, 3.0, 1.5) for name in ("云上村上寨组", "云上村下寨组", "云上村中寨组", "云上村新房子组")),
    *((HILLS, name, 3.0, 12.0, 0.7) for name in (
        "石桥村", "老鹰岩村", "半坡村", "凉水井村", "青杠林村", "麦地冲村", "马鞍山村")),
)  # fmt: skip


def spots(rng: Random) -> list[Spot]:
    """The county's places."""
    found = []
    for region, name, low, high, share in _PLACES:
        away, angle = rng.uniform(low, high), rng.uniform(0, 2 * math.pi)
        lng, lat = moved(*MIDDLE[region], away * math.cos(angle), away * math.sin(angle))
        urban = region == TOWN and high < 3
        found.append(Spot(name, region, lng, lat, share, urban, away > FAR_KM))
    return found


def moved(lng: float, lat: float, east_km: float, north_km: float) -> tuple[float, float]:
    """The point so many kilometres to the east and north."""
    east = east_km / (KM_PER_DEGREE * math.cos(math.radians(lat)))
    return round(lng + east, 6), round(lat + north_km / KM_PER_DEGREE, 6)
