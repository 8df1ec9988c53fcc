"""控辍保学: why children stay away, how it is verified, ways of meeting a family. Neutral words, no illness."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

CATEGORY = "D31"  # 厌学/疑似辍学, the reason of the case that is opened


class Reason(TextChoices):
    """辍学原因. What touches health or the law is never a code: it is written into the sealed words."""

    STUDY = "study", _("厌学或学习困难")
    HARDSHIP = "hardship", _("家庭经济困难")
    WORK = "work", _("外出务工")
    FOLLOW = "follow", _("随父母外出")
    FAMILY = "family", _("家庭变故或无人照看")
    FAR = "far", _("上学路远")
    PEERS = "peers", _("在校关系")
    EARLY = "early", _("早婚早恋")
    UNKNOWN = "unknown", _("原因待了解")
    OTHER = "other", _("其他")


class Verified(TextChoices):
    """核实方式."""

    AT_SCHOOL = "school", _("到班级看到学生")
    HOME = "home", _("入户看到学生")
    PHONE = "phone", _("电话与学生本人通话")
    ROLL = "roll", _("学籍系统核对")
    NEW_SCHOOL = "new", _("转入学校证明")
    LEAVE = "leave", _("休学批准材料")
    VILLAGE = "village", _("村(社区)证明")


class Way(TextChoices):
    """Ways of meeting a family, with the codes of home visits."""

    DOOR = "01", _("入户")
    AT_SCHOOL = "02", _("到校面谈")
    PHONE = "03", _("电话")
    VIDEO = "04", _("视频")
    CHAT = "05", _("网络沟通")
    OTHER = "99", _("其他")


class Outcome(TextChoices):
    """What a verification found."""

    CLEARED = "cleared", _("没有辍学(在校、已转学或休学)")
    DROPPED = "dropped", _("确实辍学")
    RETURNED = "returned", _("已经复学，人在班里")


class Sign(TextChoices):
    """疑似辍学的迹象, ticked in the survey at the door."""

    ABSENT = "absent", _("连续三天以上没有到校")
    UNWILLING = "unwilling", _("孩子说不想读了")
    WORKING = "working", _("在家干活或外出打工")
    LEAVING = "leaving", _("家里打算带走，没有办转学")
    LOST = "lost", _("家里联系不上")
    OTHER = "other", _("其他迹象")
