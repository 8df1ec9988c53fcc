"""What map services and their troubles are called."""

from django.utils.translation import gettext_lazy as _

SOURCES = {
    "osrm": _("OSRM 路网"),
    "amap": _("高德地图"),
    "tencent": _("腾讯地图"),
    "tianditu": _("天地图"),
    "estimate": _("估算"),
}

TROUBLES = {
    "offline": _("连不上地图服务。"),
    "slow": _("地图服务没有按时回答。"),
    "busy": _("地图服务忙，或询问太快。"),
    "garbage": _("地图服务的回答看不懂。"),
    "refused": _("地图服务拒绝了这次询问。"),
    "key": _("地图服务的密钥无效，或没有开通这项功能，请联系管理员。"),
    "quota": _("地图服务今天的额度用完了。"),
    "address": _("地图服务的地址写得不对，请联系管理员。"),
    "limit": _("这次排程询问的次数或时间到了上限，下次排程会接着问。"),
    "": _("地图服务不知道这条路。"),
}
