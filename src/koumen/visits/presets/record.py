"""The other choices of a visit's record."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Material(TextChoices):
    """What was left with the family."""

    LETTER = "letter", _("致家长的一封信")
    AID = "aid", _("资助政策")
    SAFETY = "safety", _("安全手册")
    PARENTING = "parenting", _("家庭教育资料")
    CARD = "card", _("联系卡")
    OTHER = "other", _("其他")


class Fallback(TextChoices):
    """Why a visit was not made at the door."""

    WISH = "wish", _("家长希望用别的方式")
    AWAY = "away", _("家长外出")
    FAR = "far", _("住址偏远")
    WEATHER = "weather", _("天气原因")
    TIME = "time", _("时间合不上")
    OTHER = "other", _("其他")


class Satisfaction(IntegerChoices):
    """家长满意度, asked face to face. From CONTENT_FROM upwards a family counts as content."""

    VERY = 5, _("很满意")
    CONTENT = 4, _("满意")
    BASICALLY = 3, _("基本满意")
    LITTLE = 2, _("不太满意")
    NOT = 1, _("不满意")


CONTENT_FROM = int(Satisfaction.BASICALLY)
