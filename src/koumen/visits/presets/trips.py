"""How people travel, what may go wrong, and what to do then. Minutes until somebody is alarmed."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Transport(TextChoices):
    """交通工具."""

    WALK = "walk", _("步行")
    BICYCLE = "bicycle", _("自行车")
    MOTORBIKE = "motorbike", _("摩托车或电动车")
    CAR = "car", _("自驾车")
    SCHOOL_CAR = "school_car", _("学校用车")
    BUS = "bus", _("公交或班车")
    OTHER = "other", _("其他")


class Risk(TextChoices):
    """路上要留心的事."""

    REMOTE = "remote", _("路远偏僻")
    DARK = "dark", _("天黑后返回")
    RAIN = "rain", _("雨雪或大风")
    ROAD = "road", _("山路或施工")
    WATER = "water", _("涉水或过桥")
    SIGNAL = "signal", _("没有信号")
    DOGS = "dogs", _("有犬只")
    OTHER = "other", _("其他")


class Why(TextChoices):
    """Why an outing is called off."""

    WEATHER = "weather", _("天气")
    RISK = "risk", _("安全")
    ILL = "ill", _("老师身体不适")
    OTHER = "other", _("其他")


BUDDY_AFTER = timedelta(minutes=30)
LEADER_AFTER = timedelta(minutes=60)
AGAIN_AFTER = timedelta(minutes=15)  # until somebody has acknowledged
KEPT = timedelta(days=90)

CALLS = (("110", _("报警求助")), ("120", _("急救")), ("119", _("火警和救援")))

STEPS = (
    _("先保证人身安全：离开危险的地方，不涉水、不进山、不逞强。"),
    _("有人受伤先打 120；遇险、被扣留或被威胁打 110；火灾、被困、落水打 119。"),
    _("打电话给值班领导，说清在哪里、几个人、出了什么事。"),
    _("原地等待，同行的人不要分开；手机留电，每半小时报一次平安。"),
    _("遇到不愿意见面或情绪激动的家长，马上结束谈话离开，不争执。"),
    _("不单独处理、不私下承诺；回校后把经过告诉值班领导。"),
)
