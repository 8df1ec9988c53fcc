"""What can go wrong with a map service, by codes that pages translate."""

from typing import Final

# code -> what happened. `AGAIN`: the same request may work a moment later. `FOR_GOOD`: no other request will work.
TROUBLES: Final = {
    "offline": "连不上地图服务。",
    "slow": "地图服务没有按时回答。",
    "busy": "地图服务忙，或询问太快。",
    "garbage": "地图服务的回答看不懂。",
    "refused": "地图服务拒绝了这次询问。",
    "key": "地图服务的密钥无效，或没有开通这项功能。",
    "quota": "地图服务今天的额度用完了。",
    "address": "地图服务的地址写得不对。",
    "limit": "这次排程询问的次数或时间到了上限。",
}
AGAIN: Final = frozenset({"busy", "offline"})
FOR_GOOD: Final = frozenset({"key", "quota", "address", "limit"})


class Trouble(Exception):
    """A request without a usable answer; `code` is a key of `TROUBLES`, `str()` its sentence."""

    def __init__(self, code: str) -> None:
        super().__init__(TROUBLES[code])
        self.code = code
