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


# What follows a name where somebody on the staff is meant.
TITLES = ("老师", "主任", "校长", "班主任")

# A teacher writes an opinion down without a topic; these words suggest one, the first that fits. The office decides.
SUGGESTS = (
    (Topic.BUS, ("校车", "接送车")),
    (Topic.MEALS, ("食堂", "饭菜", "的菜", "营养餐", "早餐", "午餐", "牛奶", "饮水")),
    (Topic.FEES, ("收费", "费用", "交费")),
    (Topic.SAFETY, ("安全", "校门口", "路灯", "欺负", "打架", "护学")),
    (Topic.PARENTING, ("家庭教育", "家长课堂", "家长学校", "怎么教孩子")),
    (Topic.TEACHING, ("作业", "上课", "听课", "考试", "成绩", "阅读", "体育活动", "课后服务")),
    (Topic.MANAGEMENT, ("群消息", "家长群", "通知", "宿舍", "住校", "体检", "管理")),
)  # fmt: skip


def suggested(text: str) -> Topic:
    """The topic an opinion's words suggest; 其他 when none does."""
    return next((topic for topic, words in SUGGESTS if any(word in text for word in words)), Topic.OTHER)
