"""Campaigns: what is asked of a school, and when people can go."""

from datetime import datetime, time
from typing import Any, ClassVar

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from koumen.core.actor import Actor
from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models import SchoolClass, Staff, Student

# Posts that go on visits; the administrators of the system are no teachers.
TEACHING = (
    "principal", "vice_principal", "middle_leader", "moral_office",
    "grade_head", "class_teacher", "subject_teacher", "counsellor",
)  # fmt: skip


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


class CampaignQuerySet(OrgQuerySet["Campaign"]):
    def visible_to(self, actor: Actor) -> "CampaignQuerySet":
        """Everybody who goes on visits knows the school's campaigns; others do not."""
        return self if actor.holds(*TEACHING) else self.none()

    def open(self) -> "CampaignQuerySet":
        return self.filter(state=Campaign.State.OPEN)


CampaignManager = OrgManager.from_queryset(CampaignQuerySet)


class Campaign(OrgModel):
    """家访活动. The times of day say when a team may be at a family's door; `way_minutes` is added on both sides."""

    class State(models.TextChoices):
        DRAFT = "draft", _("准备中")
        OPEN = "open", _("进行中")
        CLOSED = "closed", _("已结束")

    class Weekend(models.TextChoices):
        NONE = "none", _("周末不安排")
        PARTS = "parts", _("上午、下午分开安排")
        WHOLE = "whole", _("全天一次外出")

    name = models.CharField(_("活动名称"), max_length=80)
    theme = models.CharField(_("主题"), max_length=200, blank=True)
    starts = models.DateField(_("开始"))
    ends = models.DateField(_("结束"))
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    modes = models.JSONField(_("家访方式"), default=list)  # codes of Mode
    must_visit = models.JSONField(_("必访类别"), default=list)  # category codes
    door_only = models.JSONField(_("须入户类别"), default=list)  # category codes
    minutes = models.PositiveSmallIntegerField(_("每户时长(分钟)"), default=40)
    sibling_minutes = models.PositiveSmallIntegerField(_("多一个孩子加时(分钟)"), default=10)
    seed = models.PositiveIntegerField(_("排程种子"), default=1)
    evenings_per_week = models.PositiveSmallIntegerField(_("班主任每周晚上次数"), default=2)
    weekend_days_per_week = models.PositiveSmallIntegerField(_("班主任每周周末次数"), default=1)
    others_evenings_per_week = models.PositiveSmallIntegerField(_("其他老师每周晚上次数"), default=3)
    uses_evenings = models.BooleanField(_("安排平日晚上"), default=True)
    evening_starts = models.TimeField(_("晚上从"), default=time(18, 30))
    evening_ends = models.TimeField(_("晚上到"), default=time(20, 30))
    weekend = models.CharField(_("周末"), max_length=6, choices=Weekend.choices, default=Weekend.PARTS)
    morning_starts = models.TimeField(_("上午从"), default=time(9, 0))
    morning_ends = models.TimeField(_("上午到"), default=time(11, 0))
    afternoon_starts = models.TimeField(_("下午从"), default=time(15, 0))
    afternoon_ends = models.TimeField(_("下午到"), default=time(18, 0))
    needs_training = models.BooleanField(_("须完成家访培训"), default=False)
    needs_commitment = models.BooleanField(_("须签家访承诺书"), default=False)
    way_minutes = models.PositiveSmallIntegerField(_("路上预留(分钟)"), default=30)
    objects: ClassVar[Any] = CampaignManager()

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
    scope = models.CharField(max_length=20)  # staff:<post> | class | student | category:<code> | key | new
    indicator = models.CharField(max_length=30)  # students_visited | all_mode_rate | own_door_rate | door_visits
    threshold = models.DecimalField(max_digits=7, decimal_places=2)
    period = models.CharField(max_length=8, default="campaign")  # campaign | term | year

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "scope", "indicator"], name="one_quota_per_rule")
        ]


WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
PARTS_OF_DAY = {"evening": _("晚上"), "morning": _("上午"), "afternoon": _("下午"), "day": _("白天")}


class SlotQuerySet(OrgQuerySet["Slot"]):
    def open(self) -> "SlotQuerySet":
        return self.filter(is_open=True)

    def from_on(self, moment: datetime) -> "SlotQuerySet":
        """Slots whose teams leave at `moment` or later."""
        return self.filter(starts_at__gte=moment)


SlotManager = OrgManager.from_queryset(SlotQuerySet)


class Slot(OrgModel):
    """A day's part: the team is on its way from `starts_at` to `ends_at`, at doors from `opens_at` to `closes_at`."""

    class Kind(models.TextChoices):
        EVENING = "evening", _("平日晚上")
        MORNING = "morning", _("周末上午")
        AFTERNOON = "afternoon", _("周末下午")
        DAY = "day", _("周末白天")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="slots")
    date = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    is_open = models.BooleanField(_("安排家访"), default=True)
    objects: ClassVar[Any] = SlotManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "date", "kind"], name="one_slot_per_day_part")
        ]

    @property
    def label(self) -> str:
        """9月12日 周六 上午."""
        day = date_format(self.date, gettext("n月j日"))
        return f"{day} {WEEKDAYS[self.date.weekday()]} {PARTS_OF_DAY[self.kind]}"


class StaffSlot(OrgModel):
    """A slot a member of staff is free for."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="free_staff")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="free_slots")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "slot", "staff"], name="free_once")]


class Availability(OrgModel):
    """Somebody's free slots were ticked by a person: the default pattern no longer touches them."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="availabilities")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="availabilities")
    ticked_by = models.CharField(max_length=60)
    ticked_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "staff"], name="one_availability_per_campaign")
        ]


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
