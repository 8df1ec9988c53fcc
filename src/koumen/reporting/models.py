"""Figures delivered from a school to its bureau: numbers only, a copy for each of the two."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from koumen.core.wall import OrgModel


class SchoolFigures(OrgModel):
    """One school's numbers for one month. `org` is the bureau that received them, or the school that keeps its copy."""

    school = models.ForeignKey("registry.Org", models.CASCADE, related_name="+")
    month = models.DateField(_("月份"))  # first day
    figures = models.JSONField(default=dict)  # column key -> number
    is_final = models.BooleanField(_("已报送"), default=False)
    delivered_at = models.DateTimeField()

    class Meta(OrgModel.Meta):
        abstract = False
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["org", "school", "month"], name="one_delivery_per_month")
        ]
