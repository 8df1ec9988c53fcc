"""What a visit is about, and what it is for: one tap each."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Topic(TextChoices):
    """交流内容."""

    STUDY = "study", _("学习情况")
    CONDUCT = "conduct", _("行为习惯")
    MOOD = "mood", _("心理与情绪")
    HOME = "home", _("家庭情况")
    SAFETY = "safety", _("安全提醒")
    HEALTH = "health", _("身体健康")
    SCREENS = "screens", _("手机与网络")
    PARENTING = "parenting", _("家庭教育方法")
    PRAISE = "praise", _("进步与优点")
    POLICY = "policy", _("政策宣讲")
    FUTURE = "future", _("升学与志向")
    OTHER = "other", _("其他")


class Purpose(TextChoices):
    """家访目的."""

    KNOW = "know", _("了解家庭与成长环境")
    TELL = "tell", _("反馈在校表现")
    LISTEN = "listen", _("听取意见建议")
    AGREE = "agree", _("商定共育办法")
    CARE = "care", _("关心慰问")
    EXPLAIN = "explain", _("宣讲政策")
    RETURN = "return", _("劝返复学")
    FOLLOW = "follow", _("随访回看")
