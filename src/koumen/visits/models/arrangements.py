"""What families and staff have said, and what the office has arranged, before a campaign is planned."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgModel
from koumen.registry.models import Household, Place, SchoolClass, Staff
from koumen.visits.models.campaigns import Campaign, Slot


class FamilyAnswer(OrgModel):
    """家庭方便时段: a family has said when it can receive; its usual habit no longer counts in this campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="family_answers")
    household = models.ForeignKey(Household, models.CASCADE, related_name="+")
    noted_by = models.CharField(max_length=60)
    noted_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "household"], name="one_answer_per_family")
        ]


class FamilySlot(OrgModel):
    """A slot in which a family that answered can receive."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="free_families")
    household = models.ForeignKey(Household, models.CASCADE, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "slot", "household"], name="family_free_once")]


class GroupVisit(OrgModel):
    """集中家访: several families met together at one place. With a slot, they are told to come then."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="group_visits")
    name = models.CharField(_("集中点"), max_length=60)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("村组/社区"))
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+", verbose_name=_("负责班级"))
    minutes = models.PositiveSmallIntegerField(_("时长(分钟)"), default=60)
    slot = models.ForeignKey(Slot, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("时段"))

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class GroupVisitHome(OrgModel):
    """A family that comes to a group visit."""

    group_visit = models.ForeignKey(GroupVisit, models.CASCADE, related_name="homes")
    household = models.ForeignKey(Household, models.CASCADE, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "group_visit", "household"], name="comes_once")]


class ClassPair(OrgModel):
    """结对班级: two class teachers may go together in a campaign and see both classes' families."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="pairs")
    first = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+")
    second = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+")

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["first_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "campaign", "first"], name="first_of_one_pair"),
            models.UniqueConstraint(fields=["org", "campaign", "second"], name="second_of_one_pair"),
        ]


class Clearance(OrgModel):
    """家访资格: a member of staff has done the training, or signed the commitment."""

    class Kind(models.TextChoices):
        TRAINING = "training", _("家访培训")
        COMMITMENT = "commitment", _("家访承诺书")

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="clearances")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    noted_by = models.CharField(max_length=60)
    noted_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "staff", "kind"], name="cleared_once")]


class Exemption(OrgModel):
    """免任务: somebody has no task number in a campaign, and why."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="exemptions")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    reason = models.CharField(_("原因"), max_length=60)
    noted_by = models.CharField(max_length=60)
    noted_at = models.DateTimeField(auto_now=True)

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "campaign", "staff"], name="exempt_once")]
