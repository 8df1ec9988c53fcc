"""Flags: a student has a category, with a reason and an end."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models.people import Staff, Student

AHEAD, LAPSED_SHOWN = timedelta(days=14), timedelta(days=60)


class FlagQuerySet(OrgQuerySet["Flag"]):
    def current(self, on: date) -> "FlagQuerySet":
        return self.filter(models.Q(valid_until=None) | models.Q(valid_until__gte=on), starts__lte=on)

    def in_lists(self) -> "FlagQuerySet":
        """Sensitivity 3 never stands in a list, an export or a notification."""
        return self.filter(sensitivity__lt=3)

    def to_renew(self, on: date) -> "FlagQuerySet":
        """Those that lapse within two weeks or lapsed in the last two months, unless somebody ended them."""
        return self.filter(valid_until__range=(on - LAPSED_SHOWN, on + AHEAD), ended_at=None)


FlagManager = OrgManager.from_queryset(FlagQuerySet)


class Flag(OrgModel):
    """标记. `category` is a code of `registry.presets.categories`; `sensitivity` is copied from it."""

    class Source(models.TextChoices):
        IMPORT = "import", _("学籍导入")
        TEACHER = "teacher", _("教师")
        VISIT = "visit", _("家访")

    student = models.ForeignKey(Student, models.CASCADE, related_name="flags")
    category = models.CharField(_("重点类别"), max_length=3)
    sensitivity = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.TEACHER)
    reason = models.CharField(_("依据"), max_length=200, blank=True)
    confirmed_by = models.CharField(_("确认人"), max_length=60, blank=True)
    starts = models.DateField(_("开始"))
    valid_until = models.DateField(_("有效至"), null=True, blank=True)
    renewed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # somebody said that it holds no more; `valid_until` lies before then
    objects: ClassVar[Any] = FlagManager()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "student", "category"], name="one_flag_per_category")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "category"], name="flag_category")]


class FlagTurn(OrgModel):
    """标记经过: what was done with a flag, by whom and why; only ever added to."""

    class Kind(models.TextChoices):
        SET = "set", _("标记")
        RENEWED = "renewed", _("续期")
        ENDED = "ended", _("结束")

    flag = models.ForeignKey(Flag, models.CASCADE, related_name="turns")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = models.CharField(max_length=60)
    at = models.DateTimeField()
    reason = models.CharField(_("依据"), max_length=200, blank=True)

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["org", "flag"], name="turn_flag")]


class ReaderQuerySet(OrgQuerySet["FlagReader"]):
    def live(self, on: date) -> "ReaderQuerySet":
        return self.filter(ends__gte=on)


ReaderManager = OrgManager.from_queryset(ReaderQuerySet)


class FlagReader(OrgModel):
    """知情人: somebody who may read a child's categories of sensitivity 3, until the term ends."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="flag_readers")
    staff = models.ForeignKey(Staff, models.CASCADE, related_name="+")
    ends = models.DateField(_("有效至"))
    named_by = models.CharField(max_length=60)
    because = models.CharField(_("原因"), max_length=200)
    objects: ClassVar[Any] = ReaderManager()

    class Meta(OrgModel.Meta):
        abstract = False
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["org", "student", "staff"], name="reader_once")]
