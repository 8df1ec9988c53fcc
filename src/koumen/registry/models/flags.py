"""Flags: a student has a category, with a reason and an end."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgManager, OrgModel, OrgQuerySet
from koumen.registry.models.people import Student


class FlagQuerySet(OrgQuerySet["Flag"]):
    def current(self, on: date) -> "FlagQuerySet":
        return self.filter(models.Q(valid_until=None) | models.Q(valid_until__gte=on), starts__lte=on)

    def in_lists(self) -> "FlagQuerySet":
        """Sensitivity 3 never stands in a list, an export or a notification."""
        return self.filter(sensitivity__lt=3)


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
    objects: ClassVar[Any] = FlagManager()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "student", "category"], name="one_flag_per_category")
        ]
        indexes: ClassVar = [models.Index(fields=["org", "category"], name="flag_category")]
