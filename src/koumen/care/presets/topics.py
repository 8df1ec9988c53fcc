"""What an opinion is about: the rows of sheet 4 of the monthly table, their limits, and what goes above the school."""

from typing import NamedTuple

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


class Limit(NamedTuple):
    """How many school days an answer may take, and how many more one extension gives."""

    days: int
    extra_days: int


# A school's own rows (OpinionLimit) go before these.
USUAL = Limit(10, 5)
LIMITS = {Topic.SAFETY: Limit(3, 3), Topic.MEALS: Limit(5, 5), Topic.BUS: Limit(5, 5)}

# Integrity is never handled where it happened: this topic, and words that tell of it whatever the topic.
INTEGRITY = (Topic.ETHICS,)
ABOVE_WORDS = (
    "收礼", "送礼", "礼金", "礼品", "红包", "购物卡", "好处费", "回扣", "吃请", "请客吃饭", "收烟", "送烟", "条烟",
    "收酒", "送酒", "瓶酒", "收钱", "塞钱", "索要", "有偿补课", "收费补课", "补课费", "推销", "乱收费", "体罚",
    "打孩子", "打学生", "辱骂", "羞辱", "猥亵", "性骚扰",
)  # fmt: skip


def goes_above(topic: str, text: str) -> bool:
    """Whether an opinion is one of integrity, by its topic or by its words."""
    return topic in INTEGRITY or any(word in text for word in ABOVE_WORDS)
