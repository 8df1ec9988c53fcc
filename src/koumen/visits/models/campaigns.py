"""Campaigns: what is asked of a school, and when people can go."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgModel
from koumen.registry.models import SchoolClass, Staff, Student


class Mode(models.TextChoices):
    """家访方式."""

    DOOR = "01", _("入户家访")
    AT_SCHOOL = "02", _("到校面谈")
    PHONE = "03", _("电话家访")
    VIDEO = "04", _("视频家访")
    ONLINE = "05", _("网络沟通")
    GROUP = "06", _("小组/社区集中家访")
    LETTER = "07", _("书信/短信")
    OTHER = "99", _("其他")


class Campaign(OrgModel):
    """家访活动."""

    class State(models.TextChoices):
        DRAFT = "draft", _("准备中")
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已结束")

    name = models.CharField(_("活动名称"), max_length=80)
    theme = models.CharField(_("主题"), max_length=200, blank=True)
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    modes = models.JSONField(_("家访方式"), default=list)  # codes of Mode
    must_visit = models.JSONField(_("必访类别"), default=list)  # category codes
    minutes = models.PositiveSmallIntegerField(_("每户时长(分钟)"), default=40)
    seed = models.PositiveIntegerField(_("排程种子"), default=1)
    evenings_per_week = models.PositiveSmallIntegerField(_("班主任每周晚上次数"), default=2)
    weekend_days_per_week = models.PositiveSmallIntegerField(_("班主任每周周末次数"), default=1)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-starts", "-id"]

    def __str__(self) -> str:
        return self.name


class CampaignClass(OrgModel):
    """Scope of a campaign: a class that takes part."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="scope")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "school_class"], name="class_once_in_scope")
        ]


class Quota(OrgModel):
    """任务数: indicator × threshold for a post, a class or a category, as data."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="quotas")
    scope = models.CharField(max_length=20)  # staff:<post> | class | category:<code> | new
    indicator = models.CharField(max_length=30)  # students_visited | all_mode_rate | own_door_rate | door_visits
    threshold = models.DecimalField(max_digits=7, decimal_places=2)
    period = models.CharField(max_length=8, default="campaign")  # campaign | term | year

    class Meta(OrgModel.Meta):
        abstract = False


class Slot(OrgModel):
    """A day's part in which visits can be made."""

    class Kind(models.TextChoices):
        EVENING = "evening", _("平日晚上")
        DAY = "day", _("周末白天")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="slots")
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "date", "kind"], name="one_slot_per_day_part")
        ]


class StaffSlot(OrgModel):
    """A slot a member of staff is free for."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="free_staff")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="free_slots")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "slot", "staff"], name="free_once")]


class Target(OrgModel):
    """目标: a student whom a campaign means to visit."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    student = models.ForeignKey(Student, models.CASCADE, related_name="targets")
    is_key = models.BooleanField(_("重点"), default=False)
    door_only = models.BooleanField(_("须入户"), default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "student"], name="one_target_per_student")
        ]
