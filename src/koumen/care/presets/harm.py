"""强制报告: the situations that must be reported, and what is to be done, by when.

Sources: 未成年人保护法 第十一条; 关于建立侵害未成年人案件强制报告制度的意见(试行) 第四条 (the situations), 第七条 (at
once to the police), 第十二条 (what was told is kept secret). Hours count from the first report.
"""

from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Situation(TextChoices):
    """What is suspected."""

    INJURY = "injury", _("身上有伤、疑似被打骂虐待")
    SEXUAL = "sexual", _("疑似遭受性侵害")
    BULLY = "bully", _("疑似遭受欺凌")
    SELF = "self", _("自伤、中毒等非正常伤害")
    LEFT = "left", _("被遗弃或长期无人照料")
    LOST = "lost", _("失踪、来源不明、疑似被拐卖")
    BEGGING = "begging", _("被组织乞讨")
    OTHER = "other", _("其他严重侵害身心健康的情形")


class Step(NamedTuple):
    """One line of the checklist; `hours` after the first report, 0 for at once, None where no hour is set."""

    code: str
    label: Promise
    help: Promise
    hours: int | None
    must: bool = False


CHECKLIST = (
    Step("safe", _("孩子现在安全"), _("需要时先送医；不让孩子单独与涉嫌的人在一起。"), 0),
    Step("head", _("已报告校长"), _("校长涉及其中时，直接报告教育局。"), 2, must=True),
    Step("police", _("已向公安机关报案"), _("拨打 110，记下接警人和时间。"), 24, must=True),
    Step("bureau", _("已报告教育局"), _("按上级要求的渠道报告，不在群里说。"), 24, must=True),
    Step("civil", _("需要监护保护的，已告知民政"), _("监护人涉嫌侵害、无人照料时。"), 24),
    Step("heard", _("由一人倾听，记下原话"), _("不反复询问、不诱导；要问的留给公安，孩子只说一次。"), None),
    Step("kept", _("材料原样保管"), _("照片、衣物、聊天记录不外传，不自行取证。"), None),
    Step("family", _("与家长沟通"), _("监护人涉嫌侵害的，先听公安的意见。"), None),
    Step("counsel", _("已安排心理支持"), _("由孩子信任的人陪伴。"), None),
    Step("answer", _("公安、民政已反馈"), _("写下处理结果和下一步。"), None),
)
STEPS = {step.code: step for step in CHECKLIST}
MUST = tuple(step.code for step in CHECKLIST if step.must)
