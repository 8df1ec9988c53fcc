"""Plans: outings with their teams and ordered stops."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.models import Job
from koumen.core.wall import OrgModel
from koumen.registry.models import Household, SchoolClass, Staff
from koumen.visits.models.campaigns import Campaign, Slot


class Plan(OrgModel):
    """One computed plan of a campaign. At most one plan of a campaign is adopted."""

    class State(models.TextChoices):
        COMPUTING = "computing", _("正在排程")
        DRAFT = "draft", _("草案")
        ADOPTED = "adopted", _("已采用")
        REPLACED = "replaced", _("已被替换")
        FAILED = "failed", _("没有排成")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="plans")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMPUTING)
    seed = models.PositiveIntegerField()
    figures = models.JSONField(default=dict)
    unplanned = models.JSONField(default=list)
    shortfalls = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["org", "campaign"], condition=models.Q(state="adopted"), name="one_adopted_plan"
            )
        ]


class Outing(OrgModel):
    """外出: one team on one slot."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="outings")
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="outings")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="outings")
    leaves_at = models.DateTimeField(_("出发"))
    back_at = models.DateTimeField(_("返回"))
    travel_seconds = models.PositiveIntegerField(default=0)
    travel_metres = models.PositiveIntegerField(default=0)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["leaves_at", "id"]
        indexes: ClassVar = [models.Index(fields=["org", "plan", "leaves_at"], name="outing_by_day")]


class OutingStaff(OrgModel):
    """Somebody on an outing. While `is_live`, the database lets nobody be in two places at once."""

    outing = models.ForeignKey(Outing, models.CASCADE, related_name="team")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="outings")
    leads = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    is_live = models.BooleanField(default=False)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-leads", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "outing", "staff"], name="once_in_a_team")]


class Stop(OrgModel):
    """站点: one household on an outing."""

    outing = models.ForeignKey(Outing, models.CASCADE, related_name="stops")
    household = models.ForeignKey(Household, models.PROTECT, related_name="stops")
    order = models.PositiveSmallIntegerField()
    arrives_at = models.DateTimeField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    travel_seconds = models.PositiveIntegerField(default=0)
    travel_metres = models.PositiveIntegerField(default=0)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["outing_id", "order"]
        indexes: ClassVar = [models.Index(fields=["org", "household"], name="stop_household")]
