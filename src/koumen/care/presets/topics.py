"""What an opinion is about: the rows of sheet 4 of the monthly table."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Topic(TextChoices):
    """意见类别."""

    MANAGEMENT = "management", _("学校管理")
    TEACHING = "teaching", _("教学")
    ETHICS = "ethics", _("师德")
    MEALS = "meals", _("餐饮")
    SAFETY = "safety", _("安全")
    FEES = "fees", _("收费")
    BUS = "bus", _("校车")
    PARENTING = "parenting", _("家庭教育")
    OTHER = "other", _("其他")
